"""The master dies while messages go out: another takes over, and each message is told of once."""

import asyncio
import contextlib
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.storage.connection import check, close, connect
from scheduler.clocks import SystemClock, VirtualClock
from scheduler.notices import Arrival
from scheduler.planner import plan
from scheduler.ports import StoreAway
from scheduler.roster import Group
from scheduler.storage.database import Database
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.notice_board import Board
from tests.integration.school import (
    LANE,
    Platform,
    campaign,
    group,
    import_students,
    relay,
    reminders,
    reply,
    student,
)
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
        with pytest.raises(StoreAway, match="too few replicas"):
            await outbox.queue(reply("in doubt", "alice"), now)
        with pytest.raises(StoreAway, match="XUEJI_REDIS_WAIT: too few replicas"):
            await check(database, embedded=False)
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


async def test_a_notice_the_next_master_only_half_knows_of_waits_for_a_person_where_it_may_have_arrived(
    tmp_path: Path,
) -> None:
    watched = Watched(tmp_path)
    with watched.running():
        database, platform, clock = connect(watched.url, "t"), Platform(), VirtualClock(START)
        board = Board(database=database, clock=clock, platform=platform)
        await RedisBindingStore(database).bind_group(Group(address=group("g"), classes=("c0",)))
        await import_students(RedisRosterStore(database), student("s0", "c0"))
        await board.step()  # it looks which server this is
        notice = await board.send()
        await database.call("WAIT", 1, 1_000)
        watched.cut_off()
        await board.deliver()
        assert [chat for chat, _ in platform.taken] == ["g"]

        watched.master.kill()
        await wait_until(lambda: _writable(database), "the replica has taken over")
        assert await board.results.counts(notice.number) == {}, "it never heard of the delivery"
        with capture_logs() as said:
            for _ in range(2):
                await board.step()
        assert [line["log_level"] for line in said if "server" in line["event"]] == ["error"], "it is said once"
        assert [line["sends"] for line in said if "before a failover" in line["event"]] == [1]
        await relay(database, platform, clock, worker="another").run_until_idle()
        assert [chat for chat, _ in platform.taken] == ["g"]
        assert await board.results.counts(notice.number) == {Arrival.UNKNOWN: 1}
        assert [one.address for one in await RedisOutbox(database).undecided()] == [str(group("g"))]

        clock.advance_to(START + timedelta(seconds=1))
        later = await board.send()
        await board.deliver()
        assert await board.results.counts(later.number) == {Arrival.ACCEPTED: 1}, "what comes after it is in no doubt"
        await close(database)


async def test_no_relay_sends_what_another_one_sent_just_before_the_next_master_took_over(tmp_path: Path) -> None:
    """The next master has the deliveries, and lacks that they were tried: each relay tells it before anything goes."""
    watched = Watched(tmp_path)
    with watched.running():
        several, platform, clock = [connect(watched.url, "t") for _ in range(2)], Platform(), SystemClock()
        database = several[0]
        outbox, operator = RedisOutbox(database), RedisLanes(database, "operator")
        await operator.pause(LANE, "a test")
        for number in range(BEFORE):
            assert await outbox.queue(reply(f"{number}", f"chat{number}"), clock.now())
        sending = [
            asyncio.create_task(relay(one, platform, clock, worker=f"w{place}", dead_after=60).run())
            for place, one in enumerate(several)
        ]
        await database.call("WAIT", 1, 1_000)
        watched.cut_off()
        await operator.resume(LANE)
        await wait_until(lambda: _settled(outbox, BEFORE), "everything is sent and written down")

        watched.master.kill()
        await wait_until(lambda: _writable(database), "the replica has taken over")
        assert await outbox.ledger() == (), "it never heard of any of it"
        await operator.resume(LANE)
        assert await outbox.queue(reply("last", "chat0"), clock.now())
        await wait_until(lambda: _settled(outbox, BEFORE + 1), "everything is known again, and the rest is sent")
        for one in sending:
            one.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        for one_of_them in several:
            await close(one_of_them)
    assert Counter(text for _, text in platform.taken) == dict.fromkeys([*map(str, range(BEFORE)), "last"], 1)
