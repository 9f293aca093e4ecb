"""Staff comes and stands in by a code that is good once: shown by a link, typed, or given to a colleague."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta

from bot.dialogue.commands import Called
from bot.dialogue.switching import read_day
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.calendar import ZONE
from scheduler.letters import day_words, last_day_words
from scheduler.messages import Action, Choice, Phrase, Purpose, Verb
from scheduler.ports import RosterStore, StaffStore
from scheduler.staffing import Invitation, StaffMember, StaffRole

INVITATION_LASTS = timedelta(days=3)
"""How long a code waits, unless it was said otherwise."""


class Joining:
    """Takes invitations, and gives out those for deputies."""

    def __init__(
        self, staff: StaffStore, rosters: RosterStore, wording: ContentWording, new_code: Callable[[], str]
    ) -> None:
        self._staff = staff
        self._rosters = rosters
        self._wording = wording
        self._new_code = new_code

    async def accept(self, turn: Turn, code: str, *, sure: bool = False) -> Reply | None:
        """The reply to somebody who shows a code of staff; None if it is none. Who is staff already first hears what
        it adds, unless they are sure."""
        account = turn.message.account
        own = _serving(await self._staff.of_account(account), turn.now)
        offered = None if sure else await self._staff.invited(code, account, turn.now)
        if own and offered is not None and not offered.stands_in_for:
            return await self._ask_first(turn, code, own, offered)
        held = await self._staff.accept(code, account, turn.message.private_address, turn.now)
        if not held:
            return None
        if held[0].account != account:
            until = next((deputy.until for deputy in held[0].deputies if deputy.account == account), None)
            where = self._wording.label("list.comma").join([await self._where(one) for one in _serving(held, turn.now)])
            said = turn.phrase("staff.deputy", where=where, until=_end(until))
        else:
            said = turn.phrase("staff.joined", roles=await self._roles(held))
        return turn.reply(said, purpose=Purpose.RECEIPT)

    async def _ask_first(self, turn: Turn, code: str, own: Sequence[StaffMember], offered: Invitation) -> Reply:
        """What somebody is, and what they would be beside it."""
        new = StaffMember(
            account=turn.message.account,
            role=offered.role,
            private=turn.message.private_address,
            classes=offered.classes,
            colleges=offered.colleges,
            until=offered.until,
        )
        said = turn.phrase("staff.would-join", own=await self._roles(own), new=await self._roles([new]))
        label = self._wording.label("button.join")
        return turn.reply(said, [Choice(label=label, action=Action(verb=Verb.JOIN, subject=code, detail="yes"))])

    async def stand_in(self, turn: Turn, called: Called) -> Reply:
        """The reply to staff that names the days a colleague stands in for them: a code for the colleague."""
        serving = _serving(await self._staff.of_account(turn.message.account), turn.now)
        own = next((one for one in serving if one.role is not StaffRole.MONITOR), None)
        if own is None:
            return turn.reply("staff.not-staff")
        today = turn.now.astimezone(ZONE).date()
        days = [read_day(word, today) for word in called.rest]
        if len(days) != 2 or days[0] is None or days[1] is None or days[1] < days[0]:  # noqa: PLR2004 - from and till
            return turn.reply("staff.deputy-usage")
        since, last = (datetime.combine(day, time(), ZONE).astimezone(UTC) for day in (days[0], days[1]))
        invitation = Invitation(
            role=own.role,
            expires=turn.now + INVITATION_LASTS,
            since=since,
            until=last + timedelta(days=1),
            stands_in_for=own.account,
        )
        code = self._new_code()
        await self._staff.invite(code, invitation, turn.now)
        said = turn.phrase("staff.deputy-code", code=code, since=day_words(days[0]), until=day_words(days[1]))
        return turn.reply(said, purpose=Purpose.RECEIPT)

    async def _roles(self, held: Sequence[StaffMember]) -> str:
        """Each role with where and until when it holds."""
        said = [
            Phrase(
                key="staff.role-held",
                values={
                    "role": Phrase(key=f"staff.role.{one.role}"),
                    "where": await self._where(one),
                    "until": _end(one.until),
                },
            )
            for one in held
        ]
        return self._wording.label("list.semicolon").join(map(self._wording.render, said))

    async def _where(self, member: StaffMember) -> str:
        """The classes and colleges of a role, as people call them."""
        if member.role is StaffRole.REGISTRAR:
            return self._wording.label("staff.everywhere")
        classes = [await self._rosters.school_class(class_id) for class_id in member.classes]
        names = [*(found.name for found in classes if found), *member.colleges]
        return self._wording.label("list.comma").join(names)


def _serving(held: Iterable[StaffMember], now: datetime) -> tuple[StaffMember, ...]:
    return tuple(one for one in held if one.serves(now))


def _end(until: datetime | None) -> Phrase:
    return last_day_words(until) if until else Phrase(key="staff.for-good")
