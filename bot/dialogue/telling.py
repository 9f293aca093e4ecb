"""Somebody other than the asker has to hear of it: one message to their private chat, told once."""

from collections.abc import Sequence
from datetime import datetime

from scheduler.claims import Decision
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Address, Choice, OutboundMessage, Phrase, Purpose
from scheduler.ports import Outbox


class Telling:
    """Queues what concerns another person than the one who asked."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def tell(self, to: Address, said: Phrase, key: str, now: datetime, choices: Sequence[Choice] = ()) -> bool:
        """Queue it for that chat; False if it was told there under this key before."""
        message = OutboundMessage(to=to, body=said, purpose=Purpose.RECEIPT, choices=tuple(choices))
        return await self._outbox.queue(Delivery(id=f"told:{key}@{to}", kind=Kind.NOTE, message=message), now)

    async def tell_of_proof(self, decision: Decision, key: str, now: datetime) -> None:
        """The student's other accounts hear that one more has proved to be theirs: a slip may have been somebody's who
        took it."""
        for other in decision.displaced:
            await self.tell(other.private, Phrase(key="binding.displaced"), key, now)
        for other in decision.alerted:
            await self.tell(other.private, Phrase(key="binding.proved-elsewhere"), key, now)
