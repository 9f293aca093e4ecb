"""The master dies while messages go out: another takes over, and each message is told of once."""

import asyncio
import contextlib
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.storage.connection import check, close, connect
from scheduler.clocks import SystemClock, VirtualClock
from scheduler.planner import plan
from scheduler.ports import StoreAway
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from tests.conftest import START
from tests.integration.school import Platform, campaign, group, relay, reminders, reply
from tests.integration.test_faults import prepare
from tests.integration.waiting import wait_until
from tests.servers import Watched

BEFORE, AFTERWARDS = 30, 10

FIRST = plan(campaign(), START).coming[0].at


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


async def test_a_wave_whose_claim_the_next_master_never_heard_of_is_in_doubt_and_not_free(tmp_path: Path) -> None:
    """What goes to a group waits for a person, what goes to one student says that it may be a repeat."""
    watched = Watched(tmp_path)
    with watched.running():
        database, platform, clock = connect(watched.url, "t"), Platform(), VirtualClock(START)
        await prepare(database)
        await reminders(database, clock).fire()
        await database.call("WAIT", 1, 1_000)
        watched.cut_off()
        clock.advance_to(FIRST)
        await reminders(database, clock).fire()
        surviving = relay(database, platform, clock, worker="surviving")
        await surviving.run_until_idle()
        assert sorted(chat for chat, _ in platform.taken) == ["group", "s1"]

        watched.master.kill()
        await wait_until(lambda: _writable(database), "the replica has taken over")
        clock.advance_to(FIRST + timedelta(seconds=10))
        assert await RedisOutbox(database).claimed("check-2019") == {}, "it never heard of the claim"
        await reminders(database, clock).fire()
        assert [one.address for one in await RedisOutbox(database).undecided()] == [str(group("group"))]
        platform.taken.clear()
        await surviving.run_until_idle()
        assert platform.taken == [("office", "wave.dropped.failover")], "it remembers what it was told yes for"
        await close(database)


async def test_a_relay_that_knows_nothing_of_it_marks_what_may_be_a_repeat_and_leaves_the_group_alone(
    tmp_path: Path,
) -> None:
    watched = Watched(tmp_path)
    with watched.running():
        database, platform, clock = connect(watched.url, "t"), Platform(), VirtualClock(START)
        await prepare(database)
        await reminders(database, clock).fire()
        await database.call("WAIT", 1, 1_000)
        watched.cut_off()
        clock.advance_to(FIRST)
        await reminders(database, clock).fire()
        watched.master.kill()
        await wait_until(lambda: _writable(database), "the replica has taken over")
        clock.advance_to(FIRST + timedelta(seconds=10))
        await reminders(database, clock).fire()
        await relay(database, platform, clock, worker="another").run_until_idle()
        (said,) = (said for chat, said in platform.taken if chat == "s1")
        assert said.startswith("delivery.repeat")
        assert "group" not in [chat for chat, _ in platform.taken]
        await close(database)
