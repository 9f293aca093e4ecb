"""Updates in Redis between a platform and their handling: kept before they are acknowledged, gone when handled.

Chats are spread over partitions, each of which one process holds at a time. Inside a partition every chat
is a chain: the next update of a chat begins when the one before has ended, other chats go on meanwhile.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.ports import Handle, RawUpdate, StoreAway, TakenUpdate
from bot.storage import keys
from scheduler.storage import scripting
from scheduler.storage.database import Arg, Database
from scheduler.storage.instants import from_ms, to_ms

_log = structlog.get_logger(__name__)

_STORE = scripting.load(__package__, "store")
_LEASE = scripting.load(__package__, "lease")
_RELEASE = scripting.load(__package__, "release")
_HAND_OUT = scripting.load(__package__, "hand_out")
_FINISH = scripting.load(__package__, "finish")

PARTITIONS = 16

_LEASE_MS = 10_000
_SEEN_MS = 3 * 24 * 3_600_000
"""How long a repeat is known: Telegram repeats an update for at most a day."""

_STORED_AT_ONCE = 200
_HANDED_AT_ONCE = 64
_IN_HAND = 256
"""Most updates of a partition that are being handled or wait in a chain."""

_MOST_TRIES = 3
"""An update whose handler's process died that often is set aside."""

_LISTEN_MS = 1_000
_AWAY_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class _Partition:
    """What this process knows of a partition: under which fence it is held, and where reading goes on.

    `in_hand` are the updates being handled or waiting for the one before in their chat, by entry; `last_of`
    is the end of each chat's chain.
    """

    keys: keys.IntakeKeys
    fence: str = ""
    last: str = "0-0"
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_IN_HAND))
    in_hand: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    last_of: dict[str, asyncio.Task[None]] = field(default_factory=dict)


class RedisIntake:
    """`bot.ports.Intake`. `alone`: no other process serves this data, so that what a dead one left is free at once."""

    def __init__(self, database: Database, *, alone: bool = False) -> None:
        self._database = database
        self._alone = alone
        self._partitions = [_Partition(keys=keys.IntakeKeys(database.prefix, number)) for number in range(PARTITIONS)]

    async def store(self, updates: Sequence[RawUpdate]) -> int:
        """Keep them durably; how many were new (a key seen before is dropped). StoreAway if not all were kept."""
        new = 0
        spread: dict[int, list[RawUpdate]] = {}
        for update in updates:
            spread.setdefault(keys.partition(update.chat, PARTITIONS), []).append(update)
        for number, own in spread.items():
            for start in range(0, len(own), _STORED_AT_ONCE):
                new += await self._store(self._partitions[number], own[start : start + _STORED_AT_ONCE])
        return new

    async def run(self, handle: Handle) -> None:
        """Hand out updates until cancelled; see the port. What is in hand then is handed out again later."""
        try:
            with contextlib.suppress(StoreAway):
                await self._renew()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hold_leases())
                for partition in self._partitions:
                    group.create_task(self._serve(partition, handle))
        finally:
            await self._let_go()

    async def run_until_idle(self, handle: Handle) -> int:
        """Handle what is stored now and what comes of it; how many there were. StoreAway ends it."""
        handled = 0
        await self._renew()
        while True:
            handed = sum(await asyncio.gather(*(self._hand_out(partition, handle) for partition in self._partitions)))
            waiting = self._in_hand()
            if not handed and not waiting:
                return handled
            handled += handed
            await asyncio.gather(*waiting)

    async def waiting(self) -> int:
        """How many updates are stored and not handled yet."""
        return sum([int(await self._database.call("XLEN", one.keys.updates)) for one in self._partitions])

    async def set_aside(self) -> int:
        """How many updates could not be handled, ever."""
        counted = [await self._database.call("HVALS", one.keys.aside) for one in self._partitions]
        return sum(int(number) for numbers in counted for number in numbers)

    async def _store(self, partition: _Partition, updates: Sequence[RawUpdate]) -> int:
        newest = max(to_ms(update.received_at) for update in updates)
        args: list[Arg] = [newest - _SEEN_MS]
        for update in updates:
            body = update.body.decode(errors="surrogateescape")
            args += [update.platform, update.key, update.chat, body, to_ms(update.received_at)]
        return int(await self._database.run(_STORE, [partition.keys.updates, partition.keys.seen], args))

    async def _hold_leases(self) -> None:
        while True:
            await asyncio.sleep(_LEASE_MS / 3_000)
            with contextlib.suppress(StoreAway):
                await self._renew()

    async def _renew(self) -> None:
        await asyncio.gather(*(self._hold(partition) for partition in self._partitions))

    async def _hold(self, partition: _Partition) -> None:
        args = (partition.fence, _LEASE_MS, "alone" if self._alone and not partition.fence else "")
        fence = await self._database.run(_LEASE, [partition.keys.lease, partition.keys.fence], args) or ""
        if fence != partition.fence:
            partition.fence, partition.last = fence, "0-0"

    async def _serve(self, partition: _Partition, handle: Handle) -> None:
        while True:
            try:
                if partition.fence and await self._hand_out(partition, handle):
                    continue
                await self._listen(partition)
            except StoreAway:
                await asyncio.sleep(_AWAY_SECONDS)

    async def _listen(self, partition: _Partition) -> None:
        """Return when something may have come."""
        if not partition.fence:
            await asyncio.sleep(_LISTEN_MS / 1_000)
            return
        where = ("STREAMS", partition.keys.updates, partition.last)
        await self._database.call("XREAD", "COUNT", 1, "BLOCK", _LISTEN_MS, *where)

    async def _hand_out(self, partition: _Partition, handle: Handle) -> int:
        """Put the next updates behind what their chats are doing; how many."""
        names = [partition.keys.lease, partition.keys.updates, partition.keys.tries]
        handed = await self._database.run(_HAND_OUT, names, (partition.fence, partition.last, _HANDED_AT_ONCE))
        if handed is None:
            partition.fence = ""
            return 0
        for entry, fields, tries in handed:
            partition.last = entry
            if entry in partition.in_hand:  # the lease was lost for a while, the update was not
                continue
            await partition.room.acquire()
            taken = _taken(entry, fields, redelivered=tries > 0)
            before = partition.last_of.get(taken.update.chat)
            handling = self._handle(partition, taken, before, None if tries >= _MOST_TRIES else handle)
            task = asyncio.create_task(handling)
            partition.in_hand[entry] = partition.last_of[taken.update.chat] = task
        return len(handed)

    async def _handle(
        self, partition: _Partition, taken: TakenUpdate, before: asyncio.Task[None] | None, handle: Handle | None
    ) -> None:
        """Handle it after the one before in its chat; without `handle` it was tried too often already."""
        try:
            if before is not None:
                await asyncio.wait([before])
            await self._finish(partition, taken, await self._outcome(partition, taken, handle) if handle else "poison")
        finally:
            partition.room.release()
            del partition.in_hand[taken.ticket]
            if partition.last_of[taken.update.chat] is asyncio.current_task():
                del partition.last_of[taken.update.chat]

    async def _outcome(self, partition: _Partition, taken: TakenUpdate, handle: Handle) -> str:
        """Handle it, again when the store was away; why it has to be set aside, empty if it was handled.

        That handling began is counted first: what only waited beside a killer update is not tried.
        """
        begun = False
        while True:
            try:
                if not begun:
                    await self._database.call("HINCRBY", partition.keys.tries, taken.ticket, 1)
                    begun = True
                await handle(taken)
            except StoreAway:
                await asyncio.sleep(_AWAY_SECONDS)
            except Exception as error:  # noqa: BLE001 - one bad update must not hold up the others
                _log.error("update set aside", platform=taken.update.platform, why=type(error).__name__)
                return type(error).__name__
            else:
                return ""

    async def _finish(self, partition: _Partition, taken: TakenUpdate, why: str) -> None:
        names = [partition.keys.updates, partition.keys.tries, partition.keys.aside]
        while True:
            try:
                await self._database.run(_FINISH, names, (taken.ticket, why))
            except StoreAway:
                await asyncio.sleep(_AWAY_SECONDS)
            else:
                return

    def _in_hand(self) -> list[asyncio.Task[None]]:
        return [task for partition in self._partitions for task in partition.in_hand.values()]

    async def _let_go(self) -> None:
        """End what is in hand and free the partitions, for the next process to go on at once."""
        in_hand = self._in_hand()
        for task in in_hand:
            task.cancel()
        await asyncio.gather(*in_hand, return_exceptions=True)
        await asyncio.gather(*(self._release(partition) for partition in self._partitions))

    async def _release(self, partition: _Partition) -> None:
        with contextlib.suppress(StoreAway):
            await self._database.run(_RELEASE, [partition.keys.lease], (partition.fence,))
        partition.fence = ""


def _taken(entry: str, fields: Any, *, redelivered: bool) -> TakenUpdate:
    row = dict(zip(fields[::2], fields[1::2], strict=True))
    update = RawUpdate(
        platform=row["p"],
        key=row["k"],
        chat=row["c"],
        body=row["b"].encode(errors="surrogateescape"),
        received_at=from_ms(row["t"]),
    )
    return TakenUpdate(ticket=entry, update=update, redelivered=redelivered)
