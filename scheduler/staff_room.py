"""The office's own chat: what staff has to know without having asked, told once."""

from collections.abc import Sequence
from datetime import timedelta

from scheduler.deliveries import Delivery, Kind
from scheduler.ladder import holders
from scheduler.messages import Address, Attachment, OutboundMessage, Phrase, Purpose
from scheduler.ports import Clock, Outbox, StaffStore
from scheduler.staffing import StaffRole

_IN_PLACE_OF_A_CHAT = (
    frozenset({StaffRole.REGISTRAR}),
    frozenset({StaffRole.COLLEGE, StaffRole.COUNSELLOR, StaffRole.TEACHER}),
)
"""Who hears it in private where the office has no chat: the registrar, and where there is none, who looks after
classes."""

_LASTS = timedelta(days=1)
"""How long an alarm is still worth hearing; of older ones the number is said."""


class StaffChats:
    """`scheduler.ports.StaffRoom` over the outbox: each of the office's chats hears everything."""

    def __init__(self, chats: Sequence[Address], staff: StaffStore, outbox: Outbox, clock: Clock) -> None:
        self.chats = tuple(chats)
        self._staff = staff
        self._outbox = outbox
        self._clock = clock

    async def tell(self, said: Phrase, key: str, *, file: Attachment | None = None) -> bool:
        """Queue it for all who have not heard it; False if none had to be told. A file is for the chats alone."""
        now = self._clock.now()
        ears = self.chats or (await self._people() if file is None else ())
        queued = [
            await self._outbox.queue(
                Delivery(
                    id=f"office:{key}@{to}",
                    kind=Kind.NOTE,
                    message=OutboundMessage(
                        to=to, body=said, purpose=Purpose.ALARM, files=(file,) if file else (), expires_at=now + _LASTS
                    ),
                ),
                now,
            )
            for to in ears
        ]
        return any(queued)

    async def _people(self) -> list[Address]:
        """Where those are written to who hear it in place of a chat; a deputy instead of whom they stand in for."""
        now, everybody = self._clock.now(), await self._staff.all()
        for roles in _IN_PLACE_OF_A_CHAT:
            found = {one.private for member in everybody if member.role in roles for one in holders(member, now)}
            if found:
                return sorted(found, key=str)
        return []
