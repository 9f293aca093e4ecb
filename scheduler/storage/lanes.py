"""The relay's side of the outbox in Redis: two streams a lane, one worker of their consumer group."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from redis.exceptions import ResponseError

from scheduler.deliveries import Cleared, LaneState, Reserved, Settled, Stream, Ticket, ailment
from scheduler.messages import (
    Accepted,
    Address,
    Holds,
    OutboundMessage,
    Outcome,
    Refused,
    RefusedWhy,
    RetryLater,
    Unknown,
)
from scheduler.pacing import Budget, Rhythm
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Arg, Database
from scheduler.storage.envelopes import RANKS, opened, sized
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.keys import OutboxKeys
from scheduler.storage.records import to_json

_PROMOTE = scripting.load(__package__, "promote", uses=("witness", "outbox"))
_GATE = scripting.load(__package__, "gate", uses=("witness", "outbox", "pacing", "health"))
_SETTLE = scripting.load(__package__, "settle", uses=("witness", "outbox", "pacing", "health"))
_RESERVE = scripting.load(__package__, "reserve", uses=("witness", "outbox", "pacing"))
_TAKEOVER = scripting.load(__package__, "takeover", uses=("witness", "outbox", "relays"))
_SHOW_LIFE = scripting.load(__package__, "show_life", uses=("witness", "outbox", "relays"))
_UNATTENDED = scripting.load(__package__, "unattended", uses=("witness", "outbox", "relays"))

_log = structlog.get_logger(__name__)

_GROUP = "relays"
_MS = timedelta(milliseconds=1)
_LEFT_FOR = timedelta(minutes=1)

_NOTHING_SAID = "-"
"""For a settlement that says nothing of how the lane is."""
_SETTLED = (Settled.BEFORE, Settled.NOW, Settled.LANE_PAUSED)

_AHEAD = {Stream.NOW: timedelta(seconds=1), Stream.BULK: timedelta(milliseconds=50)}
"""How far ahead a place in the lane's rhythm may be booked: so little by a broadcast that who asked comes soon."""

_EXPIRED = to_json(Refused(why=RefusedWhy.EXPIRED), Outcome)
_NOT_OWED = to_json(Refused(why=RefusedWhy.NOT_OWED), Outcome)
_WORKER_DIED = to_json(Unknown(why="worker-died"), Outcome)

_WORDS = {Accepted: "accepted", Refused: "refused", RetryLater: "later", Unknown: "unknown"}


class RedisLanes:
    """`scheduler.lane_ports.Lanes`, for one relay; `worker` names it and is never used by a second process."""

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._keys = OutboxKeys(database.prefix)
        self._worker = worker

    async def take(
        self, lane: str, now: datetime, *, count: int, wait: float, streams: Sequence[Stream] = tuple(Stream)
    ) -> tuple[Ticket, ...]:
        """What may be looked at now, in the order of the streams; waits at most `wait` seconds for something."""
        next_due = await self._database.run(_PROMOTE, self._keys.shared, (lane, to_ms(now), BATCH))
        wait_ms = int(wait * 1_000)
        if next_due is not None:
            wait_ms = min(wait_ms, max(0, int(float(next_due)) - to_ms(now)))
        block: tuple[Arg, ...] = ("BLOCK", wait_ms) if wait_ms > 0 else ()
        return await self._read(lane, streams, ("COUNT", count, *block), ">")

    async def unfinished(
        self, lane: str, *, dead_after: float, streams: Sequence[Stream] = tuple(Stream)
    ) -> tuple[Ticket, ...]:
        """What this relay took before and never settled, and what relays left that gave no sign of life for
        `dead_after` seconds."""
        own = await self._read(lane, streams, ("COUNT", BATCH), "0")
        taken = [await self._take_over(lane, stream, dead_after) for stream in streams]
        return (*own, *(ticket for some in taken for ticket in some))

    async def show_life(self, lane: str, *, leaves: bool = False) -> None:
        """This relay lives, whether or not it has anything to take; if it `leaves`, others may have what it took."""
        if leaves:
            await self._database.call("ZREM", self._keys.relays, f"{lane} {self._worker}")
            return
        await self._database.run(_SHOW_LIFE, self._keys.shared, (lane, self._worker))

    async def unattended(self, lanes: Sequence[str], *, dead_after: float) -> tuple[str, ...]:
        """Of these lanes those for which no relay gave a sign of life for `dead_after` seconds."""
        args: list[Arg] = [int(dead_after * 1_000), *lanes]
        return tuple(await self._database.run(_UNATTENDED, self._keys.shared, args))

    async def clear(self, ticket: Ticket, budgets: Sequence[Budget], now: datetime) -> Cleared | datetime | None:
        """The delivery to send, the moment until which the lane has to wait, or None: see the port."""
        args: list[Arg] = [self._stream(ticket), ticket.entry, ticket.delivery, self._worker, to_ms(now)]
        args += [_EXPIRED, _NOT_OWED, _WORKER_DIED, _AHEAD[ticket.stream] // _MS]
        args += [_budgets(budgets, for_replies=False)]
        answer, *rest = await self._database.run(_GATE, self._keys.shared, args)
        if answer != "go":
            return from_ms(rest[0]) if answer == "wait" else None
        try:
            return Cleared(delivery=opened(ticket.delivery, rest[0]), at=from_ms(rest[1]))
        except (KeyError, TypeError, ValueError) as error:  # a newer version's: a relay of that version sends it
            _log.error("delivery cannot be read, left to a newer version", lane=ticket.lane, why=type(error).__name__)
            await self.settle(ticket, RetryLater(at=now + _LEFT_FOR, why="unreadable"), now)
            return None

    async def settle(
        self, ticket: Ticket, outcome: Outcome, now: datetime, *, words: str = "", unsaid: Sequence[int] = ()
    ) -> Settled:
        """Write what came of it, and into the evidence by a digest which words were sent: see the port."""
        later = to_ms(outcome.at) if isinstance(outcome, RetryLater) else 0
        holds = outcome.holds if isinstance(outcome, RetryLater) else Holds.MESSAGE
        args: list[Arg] = [self._stream(ticket), ticket.entry, ticket.delivery, self._worker, to_ms(now)]
        args += [_WORDS[type(outcome)], to_json(outcome, Outcome), later]
        args += [hashlib.sha256(words.encode(errors="replace")).hexdigest() if words else ""]
        args += [holds, _NOTHING_SAID if (ails := ailment(outcome)) is None else ails]
        args += [" ".join(map(str, unsaid)), _NOT_OWED]
        return _SETTLED[await self._database.run(_SETTLE, self._keys.shared, args)]

    async def reserve(self, message: OutboundMessage, budgets: Sequence[Budget], now: datetime) -> Reserved:
        """A place for an answer that is sent at once: see `scheduler.lane_ports.Pace`."""
        size = sized(message)
        place = {"to": str(message.to), "lane": message.to.lane, "rank": RANKS[message.purpose], **size}
        args = (to_ms(now), _AHEAD[Stream.NOW] // _MS, json.dumps(place), _budgets(budgets, for_replies=True))
        taken, at = await self._database.run(_RESERVE, self._keys.shared, args)
        return Reserved(taken=bool(taken), at=from_ms(at))

    async def state(self, lane: str) -> LaneState:
        """How the lane is now."""
        paused = await self._database.call("HGET", self._keys.paused, lane)
        health = await self._database.call("HGETALL", self._keys.lane(lane, "health"))
        asked = await self._database.call("HGET", self._keys.holds, lane)
        waiting = [int(await self._database.call("XLEN", self._keys.lane(lane, stream))) for stream in Stream]
        later = int(await self._database.call("ZCARD", self._keys.lane(lane, "later")))
        return LaneState(
            paused=paused,
            ails=health["why"] if "until" in health else "",
            since=from_ms(health["since"]) if "until" in health else None,
            asked_until=from_ms(asked) if asked else None,
            waiting=(waiting[0], waiting[1], later),
        )

    async def told(self, campaign_id: str, who: str) -> int:
        """How many reminders of a campaign a student (by sid) or a group (by address) has got."""
        return int(await self._database.call("HGET", self._keys.told + campaign_id, who) or 0)

    async def pause(self, lane: str, why: str) -> None:
        """Send nothing more on a lane; what is on its way waits."""
        await self._database.call("HSET", self._keys.paused, lane, why)

    async def resume(self, lane: str) -> None:
        """Let a paused lane go on, also one that paused because it kept failing."""
        await self._database.call("HDEL", self._keys.paused, lane)
        await self._database.call("DEL", self._keys.lane(lane, "health"))

    async def _read(self, lane: str, names: Sequence[str], options: Sequence[Arg], after: str) -> tuple[Ticket, ...]:
        streams = [self._keys.lane(lane, name) for name in names]
        ids = [after] * len(streams)
        command = ("XREADGROUP", "GROUP", _GROUP, self._worker, *options, "STREAMS", *streams, *ids)
        try:
            found = await self._database.call(*command)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            await self._open(streams)
            found = await self._database.call(*command)
        return tuple(
            _ticket(stream, entry, fields["d"], fields["to"])
            for stream, entries in found or ()
            for entry, fields in entries
            if fields
        )

    async def _open(self, streams: Sequence[str]) -> None:
        for stream in streams:
            try:
                await self._database.call("XGROUP", "CREATE", stream, _GROUP, "0", "MKSTREAM")
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    async def _take_over(self, lane: str, stream: str, dead_after: float) -> list[Ticket]:
        key = self._keys.lane(lane, stream)
        args = (lane, key, self._worker, int(dead_after * 1_000))
        flat: list[Any] = await self._database.run(_TAKEOVER, self._keys.shared, args)
        return [_ticket(key, *found) for found in zip(flat[::3], flat[1::3], flat[2::3], strict=True)]

    def _stream(self, ticket: Ticket) -> str:
        return self._keys.lane(ticket.lane, ticket.stream)


def _ticket(key: str, entry: str, delivery: str, to: str) -> Ticket:
    lane, stream = key.split(":")[-2:]
    return Ticket(to=Address.parse(to), lane=lane, stream=Stream(stream), entry=entry, delivery=delivery)


@lru_cache(maxsize=4_096)
def _budgets(budgets: Sequence[Budget], *, for_replies: bool) -> str:
    """The budgets as `pacing.lua` reads them: milliseconds, and one set of windows a room."""
    told: list[dict[str, Any]] = []
    for budget in budgets:
        if isinstance(budget, Rhythm):
            told.append({"interval": budget.interval * 1_000})
        else:
            windows = (budget.for_replies if for_replies else ()) or budget.windows
            spans = [[window.most, window.span] for window in windows]
            told.append({"key": budget.key, "windows": spans, "card": budget.card, "picture": budget.picture})
    return json.dumps(told)
