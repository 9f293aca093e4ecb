"""What every route of WeCom can do for the lane; `docs/decisions/0008-wecom-routes.md` says which one speaks when."""

from collections.abc import Sequence
from typing import Protocol

from scheduler.messages import Address, OutboundMessage, Outcome, Phrase


class Route(Protocol):
    """One way to reach people: the robot's long connection or URL, the application, the webhooks."""

    def reaches(self, to: Address) -> bool:
        """Whether it may speak there unasked, as far as an address shows."""

    async def answer(self, message: OutboundMessage, text: str) -> Outcome | None:
        """Send it back the way came what it answers; None where this route knows of no way that is left.

        `text` is the message's body in words. Expected failures are outcomes.
        """

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Send it unasked, to an address that it `reaches`."""

    def troubles(self) -> Sequence[Phrase]:
        """What keeps this route from working now and who mends it, in words of the content; empty: nothing."""
