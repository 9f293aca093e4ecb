"""Who has answered a notice and who has not, by name: class by class, asked for, by right, and on record."""

from collections.abc import Sequence

from bot.dialogue.rights import Right, classes_with
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.announcing import Announcing
from scheduler.messages import Action, Choice, Phrase, Verb, joined
from scheduler.notices import Notice
from scheduler.ports import LookStore, RosterStore
from scheduler.roster import Roster, SchoolClass, Student

_MOST_OFFERED = 12
"""Classes that are offered; of more, those first in which most have not answered."""


class NoticeNames:
    """Opens the names of one class at a time."""

    def __init__(self, announcing: Announcing, rosters: RosterStore, looks: LookStore, wording: ContentWording) -> None:
        self._announcing = announcing
        self._rosters = rosters
        self._looks = looks
        self._wording = wording

    async def opened(self, turn: Turn, notice: Notice, class_id: str) -> Reply:
        """The names of a class, after the look was put down; without a class, or with another's, which it is."""
        missing, answered = await self._students(notice)
        roster = await self._rosters.current()
        classes = _own_classes(turn, roster, [*missing, *answered])
        chosen = next((one for one in classes if one.id == class_id or len(classes) == 1), None)
        if not classes or not turn.in_private:
            return turn.reply("notice.names.nobody")
        if chosen is None:
            return self._which(turn, notice, classes, missing)
        press = f"{turn.message.address.platform}:{turn.message.id}"
        await self._looks.remember(f"notice-{notice.number}", chosen.id, turn.message.account, turn.now, press=press)
        both = {"missing": missing, "answered": answered}
        own = {key: [one for one in students if one.class_id == chosen.id] for key, students in both.items()}
        columns = joined("names.line", [_column(key, students) for key, students in own.items() if students])
        said = turn.phrase("notice.names.list", number=notice.number, class_name=chosen.name, columns=columns)
        return turn.reply(said)

    async def _students(self, notice: Notice) -> tuple[list[Student], list[Student]]:
        """Who was meant and has not answered all of it, and who has; by student number."""
        standing = await self._announcing.standing(notice.number)
        students = (await self._rosters.current()).students
        whole = [sid for sid, reading in standing.readings.items() if reading.is_whole(notice)]
        missing, answered = (
            sorted((students[sid] for sid in sids if sid in students), key=lambda one: one.number)
            for sids in ([one.sid for one in standing.unread], whole)
        )
        return missing, answered

    def _which(self, turn: Turn, notice: Notice, classes: Sequence[SchoolClass], missing: Sequence[Student]) -> Reply:
        counts = {found.id: sum(one.class_id == found.id for one in missing) for found in classes}
        first = sorted(classes, key=lambda one: (-counts[one.id], one.order))[:_MOST_OFFERED]
        choices = [
            Choice(
                label=self._wording.label("button.notice-names-of", class_name=found.name, count=counts[found.id]),
                action=Action(verb=Verb.NOTICE, subject=str(notice.number), detail=f"names.{found.id}"),
            )
            for found in first
        ]
        return turn.reply(turn.phrase("notice.names.which", number=notice.number), choices)


def _own_classes(turn: Turn, roster: Roster, students: Sequence[Student]) -> list[SchoolClass]:
    """Their classes in which the asker may see names."""
    concerned = {one.class_id for one in students}
    own = (roster.classes.get(one) for one in classes_with(turn.asker, Right.SEE_NAMES) if one in concerned)
    return sorted((found for found in own if found is not None), key=lambda one: one.order)


def _column(key: str, students: Sequence[Student]) -> Phrase:
    names = [Phrase(key="names.one", values={"name": one.name}) for one in students]
    return Phrase(key=f"notice.names.{key}", values={"count": len(names), "names": joined("names.pair", names)})
