"""What happens around every send, whoever asks for it and on whatever platform."""

import contextlib
from dataclasses import dataclass, replace

from bot.metrics import Metrics
from bot.platforms.whereabouts import Whereabouts
from bot.ports import StoreAway
from scheduler.messages import Address, OutboundMessage, Outcome, Refused, RefusedWhy, beside
from scheduler.ports import Messenger


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """A messenger that follows a group to its new id, notes who cannot be reached, and counts what came of it.

    `links`: it shows links as buttons; elsewhere they are lines of the text.
    """

    name: str
    messenger: Messenger
    whereabouts: Whereabouts
    metrics: Metrics
    links: bool = False

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Send it, and once more where the platform says that the group has moved."""
        if message.links and not self.links:
            message, text = replace(message, links=()), beside(text, message.links)
        outcome = await self.messenger.send(message, text)
        if isinstance(outcome, Refused) and outcome.moved_to is not None:
            outcome = await self._follow(message, text, outcome.moved_to)
        elif isinstance(outcome, Refused) and outcome.why is RefusedWhy.UNREACHABLE:
            await self.whereabouts.lost(message.to)
        self.metrics.deliveries.labels(self.name, type(outcome).__name__.lower()).inc()
        return outcome

    async def _follow(self, message: OutboundMessage, text: str, moved_to: str) -> Outcome:
        new = Address(platform=message.to.platform, chat=moved_to)
        with contextlib.suppress(StoreAway):  # the next message to the old id says it again
            await self.whereabouts.moved(message.to, new)
        return await self.messenger.send(replace(message, to=new), text)
