"""Answers that are sent at once keep to the platform's pace, too: they share its budgets with the relays."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scheduler.lane_ports import Pace
from scheduler.messages import Address, OutboundMessage, Outcome, RetryLater
from scheduler.pacing import Budget
from scheduler.ports import Clock, Messenger, StoreAway


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """A messenger that takes a place before it sends; what has none within a second is left to the outbox."""

    messenger: Messenger
    pace: Pace
    budgets: Callable[[Address], Sequence[Budget]]
    clock: Clock

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Send it in its turn. While the store is away nobody else sends, so that it goes at once."""
        budgets = self.budgets(message.to)
        try:
            reserved = await self.pace.reserve(message, budgets, self.clock.now()) if budgets else None
        except StoreAway:
            reserved = None
        if reserved is not None:
            if not reserved.taken:
                return RetryLater(at=reserved.at, why="pace")
            await asyncio.sleep(max((reserved.at - self.clock.now()).total_seconds(), 0))
        return await self.messenger.send(message, text)
