"""The master dies while messages go out: another takes over, and each message is told of once."""

import asyncio
import contextlib
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from bot.storage.connection import check, close, connect
from scheduler.clocks import SystemClock
from scheduler.ports import StoreAway
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from tests.integration.school import Platform, relay, reply
from tests.integration.waiting import wait_until
from tests.servers import Watched

BEFORE, AFTERWARDS = 30, 10


async def test_sending_goes_on_with_the_next_master_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with watched.running():
        database, platform, clock = connect(watched.url, "t"), Platform(), SystemClock()
        await check(database, embedded=False)
        outbox = RedisOutbox(database)
        sending = asyncio.create_task(relay(database, platform, clock).run())
        for number in range(BEFORE):
            assert await outbox.queue(reply(f"{number}", f"chat{number}"), clock.now())
        await wait_until(lambda: len(platform.taken) == BEFORE, "everything is sent")
        await wait_until(lambda: _settled(outbox, BEFORE), "and written down")
        await database.call("WAIT", 1, 1_000)

        watched.master.kill()
        await wait_until(lambda: _writable(database), "the replica has taken over")

        for number in range(BEFORE, BEFORE + AFTERWARDS):
            assert await outbox.queue(reply(f"{number}", f"chat{number}"), clock.now())
        assert not await outbox.queue(reply("0", "chat0"), clock.now()), "what was queued before is known"
        await wait_until(lambda: len(platform.taken) == BEFORE + AFTERWARDS, "the rest is sent")
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await close(database)
    assert Counter(text for _, text in platform.taken) == {str(number): 1 for number in range(BEFORE + AFTERWARDS)}


async def test_with_wait_nothing_counts_that_no_replica_has(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with watched.running():
        database = connect(watched.url, "t", replicas=1)
        outbox, now = RedisOutbox(database), SystemClock().now()
        assert await outbox.queue(reply("kept", "alice"), now)
        watched.replica.kill()
        with pytest.raises(StoreAway, match="no replica"):
            await outbox.queue(reply("in doubt", "alice"), now)
        watched.replica.start()
        await wait_until(lambda: _again(outbox, now), "the replica is back")
        assert await outbox.parked() == (), "what can be read is read meanwhile"
        await close(database)


async def _again(outbox: RedisOutbox, now: datetime) -> bool:
    with contextlib.suppress(StoreAway):
        await outbox.queue(reply("in doubt", "alice"), now)
        return True
    return False


async def _settled(outbox: RedisOutbox, number: int) -> bool:
    return len([one for one in await outbox.ledger() if one.outcome is not None]) == number


async def _writable(database: Database) -> bool:
    with contextlib.suppress(StoreAway):
        return bool(await database.call("SET", "probe", "1"))
    return False
