"""From the outbox to the platform: worded when it is sent, at the platform's pace, its outcome written down."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from scheduler.deliveries import Cleared, Delivery, Kind, LaneState, Settled, Stream, Ticket, ailment
from scheduler.lane_ports import Lanes
from scheduler.messages import (
    Accepted,
    Address,
    OutboundMessage,
    Outcome,
    Refused,
    RefusedWhy,
    RetryLater,
    Unknown,
)
from scheduler.pacing import Budget, Rhythm
from scheduler.ports import Clock, Messenger, StoreAway
from scheduler.scribe import Scribe, Worded

_log = structlog.get_logger(__name__)

DEAD_AFTER = 30.0
"""Seconds without a sign of life after which what a relay left is taken over."""

_AT_ONCE = 32
"""Sends of one stream of a lane on their way at the same time, never two to one chat of it."""

_TAKEN_AT_ONCE = 32
_LISTEN_SECONDS = 1.0
_AWAY_SECONDS = 0.5
_GRACE_SECONDS = 2.0
_OTHERS_SECONDS = 2.0
"""What other relays get to tell a store that is back what it may not know."""

_REMEMBERED = timedelta(minutes=2)
"""How long a relay remembers a yes: longer than a server takes to take another one's place, less than anything is said
a second time on purpose."""


Recall = Callable[[Address, str], Awaitable[Outcome]]
"""Takes a message back, by the platform's own id; a yes is `Accepted`, also where it is gone already."""


@dataclass(slots=True, kw_only=True)
class LaneHealth:
    """How a lane is: when it was last looked after (UTC), and what is wrong now (empty: nothing)."""

    seen_at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What came of a send, the words that were handed to the platform, and what of the delivery they left out."""

    outcome: Outcome
    words: str = ""
    unsaid: tuple[int, ...] = ()


class _Yeses:
    """What was accepted lately. A server that took another one's place may not know of it, and hands it out anew."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[_Tried, datetime, Ticket]] = {}

    def all(self) -> list[tuple[Ticket, _Tried]]:
        """Every yes, and what it was said to."""
        return [(ticket, tried) for tried, _, ticket in self._known.values()]

    def of(self, delivery: Delivery) -> _Tried | None:
        """The yes to a delivery."""
        known = self._known.get(delivery.id)
        return known[0] if known else None

    def keep(self, ticket: Ticket, tried: _Tried, now: datetime) -> None:
        """Remember it if it was a yes, and forget what is old."""
        for name in [name for name, (_, at, _) in self._known.items() if at < now - _REMEMBERED]:
            del self._known[name]
        if isinstance(tried.outcome, Accepted):
            self._known[ticket.delivery] = (tried, now, ticket)


Tell = Callable[[str, str], Awaitable[None]]
"""Tells staff that a lane pauses by itself, and why."""


async def tell_nobody(lane: str, why: str) -> None:
    """For where nobody has to be told."""


class Relay:
    """Sends what is due on one lane. Any number of them may share it, here or in other processes.

    Answers and the rest are looked after side by side, each with room of its own: nobody who asked waits behind a
    broadcast.
    """

    def __init__(
        self,
        lane: str,
        *,
        lanes: Lanes,
        messenger: Messenger,
        scribe: Scribe,
        clock: Clock,
        budgets: Callable[[Address], Sequence[Budget]],
        recall: Recall | None = None,
        tell: Tell = tell_nobody,
        dead_after: float = DEAD_AFTER,
    ) -> None:
        self.lane = lane
        self.health = LaneHealth()
        self._lanes = lanes
        self._messenger = messenger
        self._scribe = scribe
        self._clock = clock
        self._budgets = budgets
        self._recall = recall
        self._tell = tell
        self._dead_after = dead_after
        self._yeses = _Yeses()
        self._asking: set[asyncio.Task[datetime | None]] = set()
        self._sending: dict[Ticket, asyncio.Task[None]] = {}
        self._room = {stream: asyncio.Semaphore(_AT_ONCE) for stream in Stream}

    async def run(self) -> None:
        """Send until cancelled; then what is in flight is given a moment to learn its outcome."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._show_life())
                for stream in Stream:
                    group.create_task(self._serve(stream))
        finally:
            await self._come_to_rest()

    async def run_until_idle(self) -> None:
        """Send everything that may go at this instant; StoreAway ends it."""
        while True:
            left = await self._lanes.unfinished(self.lane, dead_after=self._dead_after)
            fresh = await self._lanes.take(self.lane, self._clock.now(), count=_TAKEN_AT_ONCE, wait=0)
            waits = await asyncio.gather(*(self._begin(ticket) for ticket in (*left, *fresh)))
            await asyncio.gather(*self._sending.values())
            if all(waits):
                return

    async def _show_life(self) -> None:
        """Whoever waits for a lane that is paused takes nothing, and is not dead."""
        while True:
            with contextlib.suppress(StoreAway):
                await self._lanes.show_life(self.lane)
            await asyncio.sleep(self._dead_after / 3 or _LISTEN_SECONDS)

    async def _serve(self, stream: Stream) -> None:
        while True:
            try:
                await self._work_a_while(stream)
            except StoreAway as away:
                self.health.trouble = str(away)
                await self._come_back()

    async def _come_back(self) -> None:
        """Wait for the store; another server may have taken its place, so it is told again what it may not know.

        Every relay that had a connection does so before it takes anything new.
        """
        await asyncio.sleep(_AWAY_SECONDS)
        with contextlib.suppress(StoreAway):  # it is still away
            await asyncio.gather(
                self._lanes.show_life(self.lane),
                *(self._settle(ticket, tried) for ticket, tried in self._yeses.all()),
            )
            await asyncio.sleep(_OTHERS_SECONDS)

    async def _work_a_while(self, stream: Stream) -> None:
        """Look after what was left behind, then take fresh deliveries until it is time to look again."""
        loop = asyncio.get_running_loop()
        streams = (stream,)
        await self._work(await self._lanes.unfinished(self.lane, dead_after=self._dead_after, streams=streams))
        look_again = loop.time() + max(self._dead_after / 3, _LISTEN_SECONDS)
        while loop.time() < look_again:
            now = self._clock.now()
            if stream is Stream.NOW:
                self.health.seen_at, self.health.trouble = now, _trouble(await self._lanes.state(self.lane))
            tickets = await self._lanes.take(
                self.lane, now, count=_TAKEN_AT_ONCE, wait=_LISTEN_SECONDS, streams=streams
            )
            await self._work(tickets)

    async def _work(self, tickets: Sequence[Ticket]) -> None:
        if any(isinstance(budget, Rhythm) for ticket in tickets for budget in self._budgets(ticket.to)):
            for ticket in tickets:
                await self._begin_when_allowed(ticket)
        else:  # nothing but the chats' own budgets: one answer of the store for all of them
            await asyncio.gather(*(self._begin_when_allowed(ticket) for ticket in tickets))

    async def _begin_when_allowed(self, ticket: Ticket) -> None:
        while (until := await self._begin(ticket)) is not None:
            away = (until - self._clock.now()).total_seconds()
            await asyncio.sleep(min(max(away, 0), _LISTEN_SECONDS))

    async def _begin(self, ticket: Ticket) -> datetime | None:
        """Begin to send, if it may be sent; the moment until which the lane has to wait first, or None."""
        if ticket in self._sending:
            return None
        room = self._room[ticket.stream]
        await room.acquire()
        asking = asyncio.create_task(self._ask(ticket, room))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        return await asyncio.shield(asking)  # who is told to stop meanwhile may have an attempt on record already

    async def _ask(self, ticket: Ticket, room: asyncio.Semaphore) -> datetime | None:
        asked = asyncio.get_running_loop().time()
        try:
            cleared = await self._lanes.clear(ticket, self._budgets(ticket.to), self._clock.now())
        except BaseException:
            room.release()
            raise
        if not isinstance(cleared, Cleared):
            room.release()
            return cleared
        self._sending[ticket] = asyncio.create_task(self._send(ticket, cleared, asked))
        return None

    async def _send(self, ticket: Ticket, cleared: Cleared, asked: float) -> None:
        delivery = cleared.delivery
        try:
            tried = self._yeses.of(delivery) or await self._tried(delivery, cleared.at, asked)
            self._yeses.keep(ticket, tried, self._clock.now())
            _log.info("sent", lane=self.lane, delivery_kind=delivery.kind, outcome=type(tried.outcome).__name__)
            while True:
                try:
                    settled = await self._settle(ticket, tried)
                except StoreAway:  # the platform has answered: that must not be forgotten
                    await asyncio.sleep(_AWAY_SECONDS)
                else:
                    break
            if settled is Settled.LANE_PAUSED:
                await self._say_paused(ailment(tried.outcome) or "")
        finally:
            del self._sending[ticket]
            self._room[ticket.stream].release()

    async def _settle(self, ticket: Ticket, tried: _Tried) -> Settled:
        now = self._clock.now()
        return await self._lanes.settle(ticket, tried.outcome, now, words=tried.words, unsaid=tried.unsaid)

    async def _say_paused(self, why: str) -> None:
        _log.error("lane paused: it keeps failing and is tried again ever more seldom", lane=self.lane, why=why)
        with contextlib.suppress(StoreAway):  # the log and the health page have it
            await self._tell(self.lane, why)

    async def _tried(self, delivery: Delivery, at: datetime, asked: float) -> _Tried:
        """Send it at that moment. `asked`: when leave to send was asked for, by the loop's time."""
        now = self._clock.now()
        try:
            worded = await self._scribe.word(delivery, now)
        except StoreAway:
            return _Tried(outcome=RetryLater(at=now, why="store-away"))
        except KeyError as missing:
            _log.error("phrase cannot be said", phrase=str(missing))
            return _Tried(outcome=Refused(why=RefusedWhy.BAD_CONTENT))
        if worded is None:
            return _Tried(outcome=Refused(why=RefusedWhy.NOT_OWED))
        wait = min(max((at - self._clock.now()).total_seconds(), 0), _LISTEN_SECONDS)
        await asyncio.sleep(wait)
        if self._was_stopped(asked + wait):
            return _Tried(outcome=RetryLater(at=self._clock.now(), why="stopped"))
        outcome = await self._handed_over(delivery, worded)
        return _Tried(outcome=outcome, words=worded.words, unsaid=worded.unsaid)

    async def _handed_over(self, delivery: Delivery, worded: Worded) -> Outcome:
        try:
            if delivery.kind is Kind.RECALL:
                return await self._take_back(worded.message)
            return await self._messenger.send(worded.message, worded.words)
        except Exception as error:  # noqa: BLE001 - whatever it was, the message may have arrived
            _log.exception("messenger failed", lane=self.lane)
            return Unknown(why=type(error).__name__)

    def _was_stopped(self, since: float) -> bool:
        """Whether this process stood still for so long that another may have been given what it was about to send."""
        stood = asyncio.get_running_loop().time() - since
        return self._dead_after > 0 and stood > self._dead_after / 2

    async def _take_back(self, message: OutboundMessage) -> Outcome:
        if self._recall is None or message.replaces is None:
            return Refused(why=RefusedWhy.NO_RIGHT)
        return await self._recall(message.to, message.replaces)

    async def _come_to_rest(self) -> None:
        await asyncio.gather(*self._asking, return_exceptions=True)
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=_GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with contextlib.suppress(StoreAway):  # then it is found out
            await self._lanes.show_life(self.lane, leaves=True)


def _trouble(state: LaneState) -> str:
    if state.paused is not None:
        return f"paused by staff: {state.paused}"
    if state.ails:
        return f"paused, it keeps failing since {state.since:%Y-%m-%d %H:%M} UTC: {state.ails}; it is tried again"
    return ""
