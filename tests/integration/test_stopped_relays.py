"""Relays that stand still, wait, or meet what they cannot read: nobody sends what another one is sending."""

import asyncio
import json
from dataclasses import replace

import pytest

from scheduler.clocks import SystemClock, VirtualClock
from scheduler.deliveries import Cleared, Kind, Settled, Stream
from scheduler.messages import Accepted, Outcome, Refused, RefusedWhy, RetryLater, Unknown
from scheduler.storage.database import Database
from scheduler.storage.keys import OutboxKeys
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.outbox import RedisOutbox
from tests.conftest import START
from tests.integration.school import LANE, Platform, relay, reply
from tests.integration.waiting import wait_until


async def test_a_relay_that_stood_still_may_not_send_what_another_has_taken_over(database: Database) -> None:
    outbox, stopped, heir = RedisOutbox(database), RedisLanes(database, "stopped"), RedisLanes(database, "heir")
    await outbox.queue(reply("a"), START)
    (taken,) = await stopped.take(LANE, START, count=1, wait=0)
    (inherited,) = await heir.unfinished(LANE, dead_after=0)
    assert isinstance(await heir.clear(inherited, (), START), Cleared)
    assert await stopped.clear(taken, (), START) is None
    assert await heir.settle(inherited, Accepted(message_id="m"), START) is Settled.NOW
    assert [attempt.outcome for attempt in await outbox.ledger()] == [Accepted(message_id="m")]


async def test_a_relay_that_waits_for_its_lane_shows_that_it_lives(database: Database) -> None:
    outbox, clock, platform = RedisOutbox(database), SystemClock(), Platform()
    await RedisLanes(database, "operator").pause(LANE, "a test")
    await outbox.queue(reply("a"), clock.now())
    await outbox.queue(replace(reply("b", "bob"), kind=Kind.NOTE), clock.now())
    waiting = asyncio.create_task(relay(database, platform, clock, worker="waiting", dead_after=0.3).run())

    async def holds_both() -> bool:
        keys = [OutboxKeys(database.prefix).lane(LANE, stream) for stream in Stream]
        found = [await database.call("XINFO", "GROUPS", key) for key in keys if await database.call("EXISTS", key)]
        return [group[group.index("pending") + 1] for groups in found for group in groups] == [1, 1]

    async def sign() -> float:
        return float(await database.call("ZSCORE", OutboxKeys(database.prefix).relays, f"{LANE} waiting"))

    await wait_until(holds_both, "nothing is left to be taken")
    for _ in range(2):  # the first may have been given before
        before = await sign()

        async def again(before: float = before) -> bool:
            return await sign() > before

        await wait_until(again, "it shows that it lives")
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert platform.taken == []


async def test_a_lane_is_unattended_while_no_relay_of_it_lives(database: Database) -> None:
    reader = RedisLanes(database, "reader")
    assert await reader.unattended([LANE, "other"], dead_after=30) == (LANE, "other")
    await RedisLanes(database, "w1").show_life(LANE)
    assert await reader.unattended([LANE, "other"], dead_after=30) == ("other",)


@pytest.mark.parametrize(
    "outcome", [Accepted(message_id="m"), Refused(why=RefusedWhy.UNREACHABLE), Unknown(why="timeout")], ids=str
)
async def test_what_came_of_a_send_that_the_store_never_heard_of_is_written_and_the_chat_goes_on(
    database: Database, clock: VirtualClock, outcome: Outcome
) -> None:
    outbox, lanes, platform = RedisOutbox(database), RedisLanes(database, "w1"), Platform()
    for name in ("a", "b"):
        await outbox.queue(reply(name), START)
    (ticket,) = await lanes.take(LANE, START, count=1, wait=0)
    assert isinstance(await lanes.clear(ticket, (), START), Cleared)
    await database.call("DEL", OutboxKeys(database.prefix).attempts)  # as a server does not know it that took over
    assert await lanes.settle(ticket, outcome, START) is Settled.NOW
    assert (await outbox.ledger())[0].outcome == outcome
    await relay(database, platform, clock).run_until_idle()
    again = ["delivery.repeat"] if isinstance(outcome, Unknown) else []
    assert [text.split()[0] for _, text in platform.taken] == [*again, "b"]


async def test_what_a_newer_version_queued_is_left_to_it_and_everything_else_goes_on(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform, key = RedisOutbox(database), Platform(), OutboxKeys(database.prefix).deliveries
    await outbox.queue(reply("strange", "alice"), START)
    await outbox.queue(reply("known", "bob"), START)
    envelope = json.loads(await database.call("HGET", key, "strange"))
    body = json.dumps({**json.loads(envelope["body"]), "purpose": "new"})
    await database.call("HSET", key, "strange", json.dumps({**envelope, "body": body}))

    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == [("bob", "known")]
    assert RetryLater in [type(attempt.outcome) for attempt in await outbox.ledger()]

    await database.call("HSET", key, "strange", json.dumps(envelope))  # as the newer version reads it
    clock.advance_to(clock.now().replace(hour=clock.now().hour + 1))
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == [("bob", "known"), ("alice", "strange")]
