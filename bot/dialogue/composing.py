"""A member of the staff writes a notice in private: for which classes, its words, what is wanted of readers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.conversations import Wanted, Writing
from bot.dialogue.rights import Right, classes_with
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.announcing import Announcing
from scheduler.audiences import meant_classes
from scheduler.messages import Action, Choice, Phrase, Verb
from scheduler.notice_drafts import Fault
from scheduler.notices import Audience, Form, NotAllowed, Notice, Question, ReadLevel
from scheduler.ports import RosterStore
from scheduler.roster import Roster

LASTS = timedelta(hours=1)
"""After this long what was begun is forgotten: a text is a question again."""

_NO_COMMANDS = frozenset({Wanted.CLASSES, Wanted.WORDS, Wanted.REWRITE})
"""What is asked for that no command is, on a line of its own."""

_MOST_OFFERED = 12
_ALL = "all"
_BRACKETED = re.compile(r"【([^】\n]+)】\s*(.+)", re.DOTALL)


class Composing:
    """Asks for one thing after the other, and keeps the draft when it has all."""

    def __init__(self, announcing: Announcing, rosters: RosterStore, wording: ContentWording) -> None:
        self._announcing = announcing
        self._rosters = rosters
        self._wording = wording
        self._everybody = wording.words("words.notice-everybody")

    async def begin(self, turn: Turn) -> Reply:
        """Ask for which classes it is; with one class there is nothing to ask."""
        own = classes_with(turn.asker, Right.NOTICE)
        if len(own) == 1:
            return self._ask(turn, Writing(wanted=Wanted.WORDS, until=turn.now + LASTS, classes=own))
        classes = await self._rosters.classes()
        few = [classes[one] for one in own if one in classes] if len(own) <= _MOST_OFFERED else []
        choices = [self._choice(one.name, f"class:{one.id}") for one in sorted(few, key=lambda one: one.order)]
        choices.append(self._choice(self._wording.label("button.notice-all", count=len(own)), _ALL))
        return self._ask(turn, Writing(wanted=Wanted.CLASSES, until=turn.now + LASTS), choices)

    def correct(self, turn: Turn, number: int) -> Reply:
        """Ask what was wrong in a notice that went out."""
        return self._ask(turn, Writing(wanted=Wanted.CORRECTION, until=turn.now + LASTS, about=number))

    def rewrite(self, turn: Turn, notice: Notice) -> Reply:
        """Ask for the words of a draft anew."""
        wanted = Wanted.CORRECTION if notice.form is Form.CORRECTION else Wanted.REWRITE
        until = turn.now + LASTS
        writing = Writing(wanted=wanted, until=until, draft=notice.number, revision=notice.revision, about=notice.about)
        return self._ask(turn, writing)

    async def press(self, turn: Turn, detail: str) -> Reply | Notice:
        """The reply to a class or a level that was picked; the notice, once it is a draft."""
        writing = self.going_on(turn)
        if writing is None:
            return turn.reply("notice.write.over")
        own = classes_with(turn.asker, Right.NOTICE)
        kind, _, what = detail.partition(":")
        match kind:
            case "all":
                return self._ask(turn, replace(writing, wanted=Wanted.WORDS, classes=own))
            case "class" if what in own:
                return self._ask(turn, replace(writing, wanted=Wanted.WORDS, classes=(what,)))
            case ReadLevel.ANSWER:
                return self._ask(turn, replace(writing, wanted=Wanted.QUESTIONS))
            case ReadLevel.TELL | ReadLevel.CLICK:
                return await self._keep(turn, writing, ReadLevel(kind))
            case _:
                return turn.reply("button.not-yours")

    async def take(self, turn: Turn, writing: Writing) -> Reply | Notice | None:
        """What a text says of it; None where a button is waited for."""
        text = turn.message.text or ""
        match writing.wanted:
            case Wanted.CLASSES:
                return await self._take_classes(turn, writing, text)
            case Wanted.WORDS | Wanted.REWRITE:
                title, body = _two_parts(text)
                if not body:
                    return self._again(turn, writing, [Phrase(key="notice.write.two-parts")])
                if writing.draft:
                    return await self._rewritten(turn, writing, {"title": title.strip(), "text": body})
                return self._ask(turn, replace(writing, wanted=Wanted.LEVEL, title=title, text=body), self._levels())
            case Wanted.QUESTIONS:
                questions = tuple(_question(line) for line in text.splitlines() if line.strip())
                return await self._keep(turn, writing, ReadLevel.ANSWER, questions)
            case Wanted.CORRECTION if writing.draft:
                return await self._rewritten(turn, writing, {"text": text.strip()})
            case Wanted.CORRECTION:
                kept = await self._announcing.correct(writing.about, turn.message.account, text.strip())
                return kept if isinstance(kept, Notice) else self._faulty(turn, writing, kept)
            case Wanted.LEVEL:
                return None

    @staticmethod
    def going_on(turn: Turn) -> Writing | None:
        """The notice that is being written, unless that was too long ago."""
        return turn.conversation.writing if turn.conversation.is_writing(turn.now) and turn.message.private else None

    @staticmethod
    def takes_line(writing: Writing, text: str) -> bool:
        """Whether a text that could be a command may be what is asked for: title and words are never one plain line."""
        return writing.wanted not in _NO_COMMANDS or "\n" in text.strip()

    async def _take_classes(self, turn: Turn, writing: Writing, text: str) -> Reply:
        own = classes_with(turn.asker, Right.NOTICE)
        if text.strip() in self._everybody:
            return self._ask(turn, replace(writing, wanted=Wanted.WORDS, classes=own))
        classes = await self._rosters.classes()
        mine = {one: classes[one] for one in own if one in classes}
        found, unknown = meant_classes(text.split(), Roster(version=0, students={}, classes=mine))
        if unknown or not found:
            said = Phrase(key="notice.write.which-class", values={"names": " ".join(unknown)})
            return self._again(turn, writing, [said])
        return self._ask(turn, replace(writing, wanted=Wanted.WORDS, classes=found))

    async def _keep(
        self, turn: Turn, writing: Writing, level: ReadLevel, questions: tuple[Question, ...] = ()
    ) -> Reply | Notice:
        wanted = Notice(
            number=0,
            title=writing.title.strip(),
            text=writing.text.strip(),
            author=turn.message.account,
            audience=Audience(classes=writing.classes),
            created_at=turn.now,
            level=level,
            questions=questions,
        )
        kept = await self._announcing.draft(wanted)
        if isinstance(kept, Notice):
            return kept
        again = Wanted.QUESTIONS if level is ReadLevel.ANSWER else Wanted.WORDS
        return self._faulty(turn, replace(writing, wanted=again), kept)

    async def _rewritten(self, turn: Turn, writing: Writing, said: Mapping[str, str]) -> Reply | Notice:
        by = turn.message.account
        kept = await self._announcing.edit(writing.draft, by, said, revision=writing.revision)
        if isinstance(kept, NotAllowed):
            refused = turn.reply(turn.phrase(f"notice.not-allowed.{kept}"))
            return replace(refused, conversation=replace(refused.conversation, writing=None))
        return kept if isinstance(kept, Notice) else self._faulty(turn, writing, kept)

    def _faulty(self, turn: Turn, writing: Writing, faults: Sequence[Fault]) -> Reply:
        return self._again(turn, writing, [Phrase(key=f"notice.fault.{fault}") for fault in faults])

    def _ask(self, turn: Turn, writing: Writing, choices: Sequence[Choice] = ()) -> Reply:
        reply = turn.reply(turn.phrase(f"notice.write.{writing.wanted}"), choices)
        return replace(reply, conversation=replace(reply.conversation, writing=writing))

    def _again(self, turn: Turn, writing: Writing, faults: Sequence[Phrase]) -> Reply:
        said = "\n".join(self._wording.render(fault) for fault in faults)
        asked = turn.phrase(f"notice.write.{writing.wanted}")
        reply = turn.reply(turn.phrase("notice.write.again", faults=said, asked=asked), turn.conversation.offered)
        return replace(reply, conversation=replace(reply.conversation, writing=writing))

    def _levels(self) -> list[Choice]:
        return [self._choice(self._wording.render(Phrase(key=f"notice.choice.{level}")), level) for level in ReadLevel]

    @staticmethod
    def _choice(label: str, detail: str) -> Choice:
        return Choice(label=label, action=Action(verb=Verb.NOTICE, detail=detail))


def _two_parts(text: str) -> tuple[str, str]:
    """Title and words: the first line and the others, or the title in brackets and what follows it."""
    bracketed = _BRACKETED.fullmatch(text.strip())
    title, _, body = text.strip().partition("\n")
    return (bracketed[1], bracketed[2].strip()) if bracketed else (title, body.strip())


def _question(line: str) -> Question:
    """`Coming? yes/no`: what stands before the last space is asked, the rest are the answers."""
    asked, _, options = line.strip().rpartition(" ")
    parts = options.replace("\uff0f", "/").split("/")
    return Question(text=asked.strip(), options=tuple(part.strip() for part in parts))
