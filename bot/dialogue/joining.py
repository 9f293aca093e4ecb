"""Staff comes and stands in by a code that is good once: shown by a link, typed, or given to a colleague."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from bot.dialogue.commands import Called
from bot.dialogue.switching import read_day
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.calendar import ZONE
from scheduler.letters import moment_words
from scheduler.messages import Phrase, Purpose
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

    async def accept(self, turn: Turn, code: str) -> Reply | None:
        """The reply to somebody who shows a code of staff; None if it is none."""
        account = turn.message.account
        member = await self._staff.accept(code, account, turn.message.private_address, turn.now)
        if member is None:
            return None
        if member.account != account:
            own = next((one for one in member.deputies if one.account == account), None)
            return turn.reply(
                turn.phrase("staff.deputy", where=await self._where(member), until=_end(own.until if own else None)),
                purpose=Purpose.RECEIPT,
            )
        joined = turn.phrase(
            "staff.joined",
            role=Phrase(key=f"staff.role.{member.role}"),
            where=await self._where(member),
            until=_end(member.until),
        )
        return turn.reply(joined, purpose=Purpose.RECEIPT)

    async def stand_in(self, turn: Turn, called: Called) -> Reply:
        """The reply to staff that names the days a colleague stands in for them: a code for the colleague."""
        own = await self._staff.of_account(turn.message.account)
        if own is None or not own.serves(turn.now) or own.role is StaffRole.MONITOR:
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
        said = turn.phrase(
            "staff.deputy-code", code=code, since=moment_words(since), until=moment_words(invitation.until)
        )
        return turn.reply(said, purpose=Purpose.RECEIPT)

    async def _where(self, member: StaffMember) -> str:
        """The classes and colleges of a role, as people call them."""
        if member.role is StaffRole.REGISTRAR:
            return self._wording.label("staff.everywhere")
        classes = [await self._rosters.school_class(class_id) for class_id in member.classes]
        names = [*(found.name for found in classes if found), *member.colleges]
        return self._wording.label("list.comma").join(names)


def _end(until: datetime | None) -> Phrase:
    return moment_words(until) if until else Phrase(key="staff.for-good")
