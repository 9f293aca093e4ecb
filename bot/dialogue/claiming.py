"""Whose account is it? Staff who know the person say so, where a number and a name do not decide it."""

from collections.abc import Iterable, Sequence

from bot.dialogue.commands import Called
from bot.dialogue.naming import plain_name, variants_of
from bot.dialogue.rights import Right, classes_with, may
from bot.dialogue.telling import Telling
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.typed import one_line
from bot.dialogue.wording import ContentWording
from scheduler.claims import Verdict, Waiting
from scheduler.letters import moment_words
from scheduler.messages import Action, Choice, Phrase, Purpose, Verb
from scheduler.ports import BindingStore, RosterStore
from scheduler.roster import Binding, BindingStrength, SchoolClass, Student

_SHOWN = 5
"""How many waiting accounts, or students to choose from, one message offers."""

_MOST_CLASSES = 40
"""For more classes than this the number of provisional bindings is no matter of one person any more."""

_LONGEST_NAME = 20
"""Characters of what somebody who waits calls themselves; longer names than this are found by their beginning."""

NOBODY = "no"


class Claiming:
    """Keeps accounts waiting for staff, and takes what staff says of them."""

    def __init__(self, rosters: RosterStore, bindings: BindingStore, telling: Telling, wording: ContentWording) -> None:
        self._rosters = rosters
        self._bindings = bindings
        self._telling = telling
        self._wording = wording
        self._variants = variants_of(wording.words("words.name-variants"))

    async def order(self, turn: Turn, called: Called) -> Reply:
        """The command: for staff how many wait; from anybody else, with a class and a name, that they wait."""
        classes = classes_with(turn.asker, Right.CLAIM)
        if classes and not called.rest:
            return await self._list(turn, classes)
        if not called.rest:
            return turn.reply("claim.usage")
        class_name, *words = called.rest
        name = one_line("".join(words), _LONGEST_NAME)
        found = [one for one in (await self._rosters.classes()).values() if _fits(one, class_name)]
        if len(found) != 1 or not name:
            return turn.reply("claim.usage")
        return await self._wait(turn, found[0].id, name=name)

    async def ask(self, turn: Turn, action: Action) -> Reply:
        """Somebody pressed that staff of the class should say who they are."""
        student = await self._rosters.student(action.detail)
        if student is None or student.class_id != action.subject:
            return turn.reply("claim.usage")
        return await self._wait(turn, student.class_id, sid=student.sid)

    async def press(self, turn: Turn, action: Action) -> Reply:
        """Staff looks at a waiting account, or says whose it is."""
        waiting = await self._bindings.waiting(action.subject)
        if waiting is None:
            return turn.reply("claim.over")
        if not may(turn.asker, Right.CLAIM, waiting.class_id):
            return turn.reply("button.not-yours")
        if not action.detail:
            return await self._show(turn, waiting)
        if action.detail == NOBODY:
            return await self._refuse(turn, waiting)
        student = await self._rosters.student(action.detail)
        if student is None or not may(turn.asker, Right.CLAIM, student.class_id):
            return turn.reply("button.not-yours")
        return await self._settle(turn, waiting, student)

    async def _wait(self, turn: Turn, class_id: str, *, sid: str = "", name: str = "") -> Reply:
        waiting = Waiting(
            account=turn.message.account,
            private=turn.message.private_address,
            class_id=class_id,
            sid=sid,
            name=name,
            at=turn.now,
        )
        await self._bindings.wait(waiting)
        return turn.reply("claim.waiting", purpose=Purpose.RECEIPT)

    async def _list(self, turn: Turn, classes: Sequence[str]) -> Reply:
        waiting = await self._bindings.waiting_in(classes)
        choices = [
            Choice(
                label=self._wording.label("button.claim", number=number, at=self._wording.render(moment_words(one.at))),
                action=Action(verb=Verb.CLAIM, subject=one.id),
            )
            for number, one in enumerate(waiting[:_SHOWN], start=1)
        ]
        key = "claim.list" if waiting else "claim.none"
        counted = {"count": len(waiting)} if waiting else {}
        return turn.reply(turn.phrase(key, unsure=await self._unsure(classes), **counted), choices)

    async def _unsure(self, classes: Sequence[str]) -> Phrase | str:
        """How many students are bound by number and name only, as a part of a sentence; empty for none."""
        if len(classes) > _MOST_CLASSES:
            return Phrase(key="claim.unsure-elsewhere")
        members = [student for class_id in classes for student in await self._rosters.members(class_id)]
        bindings = await self._bindings.of_students([student.sid for student in members])
        unsure = sum(all(one.strength is BindingStrength.PROVISIONAL for one in own) for own in bindings.values())
        return Phrase(key="claim.unsure", values={"count": unsure}) if unsure else ""

    async def _show(self, turn: Turn, waiting: Waiting) -> Reply:
        """Whom it can be, to the one who may know."""
        members = await self._rosters.members(waiting.class_id)
        fits = self._likely(waiting, members)
        found = await self._rosters.school_class(waiting.class_id)
        said = waiting.name or next((one.name for one in members if one.sid == waiting.sid), "")
        choices = [
            Choice(
                label=self._wording.label("button.claim-student", name=student.name, tail=student.number[-4:]),
                action=Action(verb=Verb.CLAIM, subject=waiting.id, detail=student.sid),
            )
            for student in fits
        ]
        nobody = Choice(
            label=self._wording.label("button.claim-nobody"),
            action=Action(verb=Verb.CLAIM, subject=waiting.id, detail=NOBODY),
        )
        body = turn.phrase(
            "claim.contested" if waiting.sid else "claim.unknown",
            name=said,
            class_name=found.name if found else "",
            at=moment_words(waiting.at),
        )
        return turn.reply(body, [*choices, nobody])

    def _likely(self, waiting: Waiting, members: Iterable[Student]) -> list[Student]:
        """The one that was claimed, or those whose name has most in common with what was said."""
        said = set(self._plain(waiting.name))
        if waiting.sid:
            return [student for student in members if student.sid == waiting.sid]
        common = {student.sid: len(said & set(self._plain(student.name))) for student in members}
        near = [student for student in members if common[student.sid]]
        return sorted(near, key=lambda student: (-common[student.sid], student.number))[:_SHOWN]

    async def _settle(self, turn: Turn, waiting: Waiting, student: Student) -> Reply:
        own = await self._bindings.of_account(waiting.account)
        bound = [await self._rosters.student(one.sid) for one in own]
        same = [one.sid for one in bound if one is not None and self._plain(one.name) == self._plain(student.name)]
        claim = Binding(
            account=waiting.account,
            sid=student.sid,
            strength=BindingStrength.STRONG,
            private=waiting.private,
            at=turn.now,
        )
        decision = await self._bindings.claim(claim, same_person=same, settles=waiting.id)
        match decision.verdict:
            case Verdict.BOUND:
                key = f"claimed:{waiting.id}:{turn.now:%Y%m%dT%H%M}"
                await self._telling.tell(waiting.private, turn.phrase("binding.vouched"), key, turn.now)
                await self._telling.tell_of_proof(decision, key, turn.now)
                return turn.reply(turn.phrase("claim.settled", name=student.name), purpose=Purpose.RECEIPT)
            case Verdict.ANOTHERS:
                return turn.reply("claim.anothers")
            case _:
                return turn.reply("claim.over")

    async def _refuse(self, turn: Turn, waiting: Waiting) -> Reply:
        if not await self._bindings.unwait(waiting.id):
            return turn.reply("claim.over")
        key = f"unclaimed:{waiting.id}:{turn.now:%Y%m%dT%H%M}"
        await self._telling.tell(waiting.private, turn.phrase("binding.not-vouched"), key, turn.now)
        return turn.reply("claim.refused", purpose=Purpose.RECEIPT)

    def _plain(self, name: str) -> str:
        return plain_name(name, self._variants)


def _fits(found: SchoolClass, name: str) -> bool:
    return plain_name(found.name, {}) == plain_name(name, {})
