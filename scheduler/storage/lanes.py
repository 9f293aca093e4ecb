"""The relay's side of the outbox in Redis: two streams a lane, one worker of their consumer group."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from redis.exceptions import ResponseError

from scheduler.deliveries import Delivery, Ticket
from scheduler.messages import Accepted, Address, Outcome, Refused, RefusedWhy, RetryLater, Unknown
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Arg, Database
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.keys import OutboxKeys
from scheduler.storage.records import from_json, to_json

_PROMOTE = scripting.load(__package__, "promote", uses=("witness", "outbox"))
_GATE = scripting.load(__package__, "gate", uses=("witness", "outbox", "gcra"))
_SETTLE = scripting.load(__package__, "settle", uses=("witness", "outbox"))
_TAKEOVER = scripting.load(__package__, "takeover", uses=("witness", "outbox"))

_GROUP = "relays"
_STREAMS = ("now", "bulk")

_EXPIRED = to_json(Refused(why=RefusedWhy.EXPIRED), Outcome)
_NOT_OWED = to_json(Refused(why=RefusedWhy.NOT_OWED), Outcome)
_WORKER_DIED = to_json(Unknown(why="worker-died"), Outcome)

_WORDS = {Accepted: "accepted", Refused: "refused", RetryLater: "later", Unknown: "unknown"}


class RedisLanes:
    """`scheduler.ports.Lanes`, for one relay; `worker` names it and is never used by a second process."""

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._keys = OutboxKeys(database.prefix)
        self._worker = worker

    async def take(
        self, lane: str, now: datetime, *, count: int, wait: float, replies_only: bool = False
    ) -> tuple[Ticket, ...]:
        """What may be looked at now, replies before the rest; waits at most `wait` seconds for something."""
        next_due = await self._database.run(_PROMOTE, self._keys.shared, (lane, to_ms(now), BATCH))
        wait_ms = int(wait * 1_000)
        if next_due is not None:
            wait_ms = min(wait_ms, max(0, int(float(next_due)) - to_ms(now)))
        block: tuple[Arg, ...] = ("BLOCK", wait_ms) if wait_ms > 0 else ()
        streams = _STREAMS[:1] if replies_only else _STREAMS
        return await self._read(lane, streams, ("COUNT", count, *block), ">")

    async def unfinished(self, lane: str, *, dead_after: float) -> tuple[Ticket, ...]:
        """What this relay took before and never settled, and what relays left that gave no sign of life for
        `dead_after` seconds."""
        own = await self._read(lane, _STREAMS, ("COUNT", BATCH), "0")
        taken = [await self._take_over(lane, stream, dead_after) for stream in _STREAMS]
        return (*own, *(ticket for some in taken for ticket in some))

    async def clear(self, ticket: Ticket, intervals: Mapping[str, float], now: datetime) -> Delivery | datetime | None:
        """The delivery to send now, the moment until which the lane has to wait, or None: see the port."""
        args: list[Arg] = [self._stream(ticket), ticket.entry, ticket.delivery, self._worker, to_ms(now)]
        args += [_EXPIRED, _NOT_OWED, _WORKER_DIED]
        for key, seconds in intervals.items():
            args += [key, repr(seconds)]
        answer, *rest = await self._database.run(_GATE, self._keys.shared, args)
        if answer == "go":
            return _delivery(rest[0])
        return from_ms(rest[0]) if answer == "wait" else None

    async def settle(self, ticket: Ticket, outcome: Outcome, now: datetime, *, words: str = "") -> bool:
        """Write what came of it, and into the evidence by a digest which words were sent; False if that was known."""
        later = to_ms(outcome.at) if isinstance(outcome, RetryLater) else 0
        args: list[Arg] = [self._stream(ticket), ticket.entry, ticket.delivery, self._worker, to_ms(now)]
        args += [_WORDS[type(outcome)], to_json(outcome, Outcome), later]
        args += [hashlib.sha256(words.encode(errors="replace")).hexdigest() if words else ""]
        return bool(await self._database.run(_SETTLE, self._keys.shared, args))

    async def told(self, campaign_id: str, sid: str) -> int:
        """How many private reminders of a campaign a student has got."""
        return int(await self._database.call("HGET", self._keys.told + campaign_id, sid) or 0)

    async def pause(self, lane: str, why: str) -> None:
        """Send nothing more on a lane; what is on its way waits."""
        await self._database.call("HSET", self._keys.paused, lane, why)

    async def resume(self, lane: str) -> None:
        """Let a paused lane go on."""
        await self._database.call("HDEL", self._keys.paused, lane)

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
        args = (key, self._worker, int(dead_after * 1_000))
        flat: list[Any] = await self._database.run(_TAKEOVER, self._keys.shared, args)
        return [_ticket(key, *found) for found in zip(flat[::3], flat[1::3], flat[2::3], strict=True)]

    def _stream(self, ticket: Ticket) -> str:
        return self._keys.lane(ticket.to.platform, ticket.stream)


def _ticket(key: str, entry: str, delivery: str, to: str) -> Ticket:
    return Ticket(to=Address.parse(to), stream=key.rpartition(":")[2], entry=entry, delivery=delivery)


def _delivery(envelope: str) -> Delivery:
    """The delivery as it is to be sent: the classes that were claimed, and whether it is a repeat."""
    read = json.loads(envelope)
    delivery = from_json(Delivery, read["body"])
    return replace(delivery, classes=tuple(read["classes"].split()), repeat=bool(read["repeat"]))
