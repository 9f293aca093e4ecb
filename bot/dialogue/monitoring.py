"""A class's monitor is made by somebody who knows the class, and hands it on in one message."""

from bot.dialogue.commands import Called
from bot.dialogue.naming import plain_name
from bot.dialogue.rights import TABLE, Right, may
from bot.dialogue.telling import Telling
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.messages import Action, Choice, Phrase, Purpose, Verb
from scheduler.ports import BindingStore, RosterStore, StaffStore
from scheduler.roster import BindingStrength, Student
from scheduler.staffing import MonitorWord, StaffMember, StaffRole, end_of_term, named_monitors

_NOT_SO = "no"


class Monitoring:
    """Makes monitors and lets them go."""

    def __init__(
        self,
        rosters: RosterStore,
        bindings: BindingStore,
        staff: StaffStore,
        telling: Telling,
        wording: ContentWording,
    ) -> None:
        self._rosters = rosters
        self._bindings = bindings
        self._staff = staff
        self._telling = telling
        self._wording = wording

    async def ask(self, turn: Turn) -> Reply:
        """Somebody says that they are the monitor: staff of the class decides."""
        student = turn.asker.student
        if student is None or turn.asker.binding is None:
            return turn.reply("binding.wanted")
        if turn.asker.binding.strength is not BindingStrength.STRONG:
            return turn.reply("monitor.prove-first")
        if any(member.role is StaffRole.MONITOR for member in turn.asker.staff):
            return turn.reply("monitor.already")
        knowing = await self._knowing(turn, student)
        if not knowing:
            return turn.reply("monitor.nobody-to-ask")
        said = turn.phrase("monitor.asks", name=student.name, class_name=await self._class_name(student))
        choices = [
            Choice(
                label=self._wording.label(key),
                action=Action(verb=Verb.MONITOR, subject=student.sid, detail=detail),
            )
            for key, detail in (("button.monitor-yes", ""), ("button.monitor-no", _NOT_SO))
        ]
        for member in knowing:
            key = f"monitor-asks:{student.sid}:{turn.now:%Y%m%d}"
            await self._telling.tell(member.private, said, key, turn.now, choices)
        return turn.reply("monitor.asked", purpose=Purpose.RECEIPT)

    async def decide(self, turn: Turn, action: Action) -> Reply:
        """Staff of the class says whether somebody is its monitor."""
        student = await self._rosters.student(action.subject)
        if student is None or not may(turn.asker, Right.INVITE, student.class_id):
            return turn.reply("button.not-yours")
        is_monitor = action.detail != _NOT_SO
        await self._staff.say_monitors([await self._word(turn, student, is_monitor=is_monitor)])
        answer = "made" if is_monitor else "declined"
        await self._tell(turn, student, turn.phrase(f"monitor.{answer}"))
        return turn.reply(turn.phrase(f"monitor.{answer}-receipt", name=student.name), purpose=Purpose.RECEIPT)

    async def hand_over(self, turn: Turn, called: Called) -> Reply:
        """A monitor names the one who follows, by number or name: from now on that one is it."""
        own = self._own_class(turn)
        if own is None:
            return turn.reply("monitor.not-one")
        if not called.rest:
            return turn.reply("monitor.hand-over-usage")
        named = plain_name("".join(called.rest), {})
        members = await self._rosters.members(own.class_id)
        found = [one for one in members if named in (plain_name(one.name, {}), one.number) and one.sid != own.sid]
        if len(found) != 1:
            return turn.reply("monitor.hand-over-usage")
        (successor,) = found
        bindings = (await self._bindings.of_students([successor.sid])).get(successor.sid, ())
        if not any(one.strength is BindingStrength.STRONG for one in bindings):
            return turn.reply(turn.phrase("monitor.successor-unproved", name=successor.name))
        await self._staff.say_monitors(
            [
                await self._word(turn, own, is_monitor=False),
                await self._word(turn, successor, is_monitor=True),
            ]
        )
        await self._tell(turn, successor, turn.phrase("monitor.handed-to-you"))
        return turn.reply(turn.phrase("monitor.handed-over", name=successor.name), purpose=Purpose.RECEIPT)

    def _own_class(self, turn: Turn) -> Student | None:
        """The asker's own record in the class whose monitor they are."""
        classes = {
            class_id for member in turn.asker.staff if member.role is StaffRole.MONITOR for class_id in member.classes
        }
        own = (record.student for record in turn.asker.records if record.student.class_id in classes)
        return next(own, None)

    async def _knowing(self, turn: Turn, student: Student) -> list[StaffMember]:
        """Who is asked: counsellors and teachers of the class, or whoever else may decide."""
        found = await self._rosters.school_class(student.class_id)
        serving = [one for one in await self._staff.all() if one.serves(turn.now) and Right.INVITE in TABLE[one.role]]
        may_decide = [one for one in serving if found is not None and one.covers(found)]
        near = [one for one in may_decide if one.role in (StaffRole.COUNSELLOR, StaffRole.TEACHER)]
        return near or may_decide

    async def _word(self, turn: Turn, student: Student, *, is_monitor: bool) -> MonitorWord:
        return MonitorWord(
            sid=student.sid,
            class_id=student.class_id,
            is_monitor=is_monitor,
            named=named_monitors(await self._rosters.members(student.class_id)),
            until=end_of_term(turn.now),
            by=turn.message.account,
        )

    async def _tell(self, turn: Turn, student: Student, said: Phrase) -> None:
        bindings = (await self._bindings.of_students([student.sid])).get(student.sid, ())
        for to in {one.private for one in bindings if one.strength is BindingStrength.STRONG}:
            await self._telling.tell(to, said, f"monitor:{student.sid}:{turn.message.id}", turn.now)

    async def _class_name(self, student: Student) -> str:
        found = await self._rosters.school_class(student.class_id)
        return found.name if found else ""
