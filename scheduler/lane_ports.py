"""What sending asks of the outside: the lanes of the outbox, and the budgets they share with answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from scheduler.deliveries import Cleared, LaneState, Reserved, Settled, Stream, Ticket
from scheduler.messages import OutboundMessage, Outcome
from scheduler.pacing import Budget


class Lanes(Protocol):
    """The relay's side of the outbox: what is due is taken, cleared, sent and settled, each once."""

    async def take(
        self, lane: str, now: datetime, *, count: int, wait: float, streams: Sequence[Stream] = ...
    ) -> tuple[Ticket, ...]:
        """What may be looked at now, in the order of the streams; waits at most `wait` seconds for something."""

    async def unfinished(self, lane: str, *, dead_after: float, streams: Sequence[Stream] = ...) -> tuple[Ticket, ...]:
        """What this relay took before and never settled, and what relays left that gave no sign of life for
        `dead_after` seconds."""

    async def show_life(self, lane: str, *, leaves: bool = False) -> None:
        """This relay lives, whether or not it has anything to take; if it `leaves`, others may have what it took."""

    async def clear(self, ticket: Ticket, budgets: Sequence[Budget], now: datetime) -> Cleared | datetime | None:
        """The delivery, to be sent at its moment: its attempt is on record and the budgets are charged.

        A moment: the whole lane has to wait till then, ask again. None: it is nothing of this relay's any
        more (settled, refused, expired, put off for its chat's sake, or begun by a relay that died).
        """

    async def settle(
        self, ticket: Ticket, outcome: Outcome, now: datetime, *, words: str = "", unsaid: Sequence[int] = ()
    ) -> Settled:
        """Write what came of it, and into the evidence by a digest which words were sent.

        `unsaid` are the places of the sections of which these words said nothing: there it goes down as not owed.
        """

    async def state(self, lane: str) -> LaneState:
        """How the lane is now."""

    async def told(self, campaign_id: str, who: str) -> int:
        """How many reminders of a campaign a student (by sid) or a group (by address) has got."""


class Pace(Protocol):
    """Budgets that answers share with what the relays send."""

    async def reserve(self, message: OutboundMessage, budgets: Sequence[Budget], now: datetime) -> Reserved:
        """Take from the budgets of an answer that is sent at once; it has a place within a second, or none."""
