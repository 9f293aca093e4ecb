"""The office's own chat: what staff has to know without having asked, told once."""

from collections.abc import Sequence

from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Address, Attachment, OutboundMessage, Phrase, Purpose
from scheduler.ports import Clock, Outbox


class StaffChats:
    """`scheduler.ports.StaffRoom` over the outbox: each of the office's chats hears everything."""

    def __init__(self, chats: Sequence[Address], outbox: Outbox, clock: Clock) -> None:
        self.chats = tuple(chats)
        self._outbox = outbox
        self._clock = clock

    async def tell(self, said: Phrase, key: str, *, file: Attachment | None = None) -> bool:
        """Queue it for every chat that has not heard it; False if none had to be told."""
        queued = [
            await self._outbox.queue(
                Delivery(
                    id=f"office:{key}@{chat}",
                    kind=Kind.NOTE,
                    message=OutboundMessage(to=chat, body=said, purpose=Purpose.ALARM, file=file),
                ),
                self._clock.now(),
            )
            for chat in self.chats
        ]
        return any(queued)
