"""Which of their student records somebody means, asked only where it matters."""

from dataclasses import replace

from bot.dialogue.turns import Record, Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.messages import Action, Choice, Verb


class Records:
    """Asks which record is meant, and keeps what was to be done with it."""

    def __init__(self, wording: ContentWording) -> None:
        self._wording = wording

    def ask(self, turn: Turn, action: Action | None) -> Reply | None:
        """The question, where the campaign is about several of the asker's records; None where it is clear."""
        if turn.conversation.meaning(turn.now) or not turn.asker.concerned[1:]:
            return None
        waiting = replace(turn, conversation=replace(turn.conversation, pending=action))
        return waiting.reply("record.which", [self._choice(record) for record in turn.asker.concerned])

    def choose(self, turn: Turn, sid: str) -> Turn:
        """The turn of somebody who means that record from now on; what waited for it waits no more."""
        meant = replace(turn.conversation, record=sid, record_at=turn.now, pending=None)
        return replace(turn, asker=turn.asker.meaning(sid), conversation=meant)

    def _choice(self, record: Record) -> Choice:
        student = record.student
        label = self._wording.label(
            "record.label", what=student.level or student.major or student.cohort, tail=student.number[-4:]
        )
        return Choice(label=label, action=Action(verb=Verb.RECORD, subject=student.sid))
