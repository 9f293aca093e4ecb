"""Reminders and relays running as in the service, on the machine's own clock."""

import asyncio
from datetime import timedelta

from scheduler.clocks import SystemClock
from scheduler.digests import Digests
from scheduler.messages import OutboundMessage, Outcome
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.outbox import RedisOutbox
from scheduler.supervisor import Supervisor
from tests.integration.school import (
    LANE,
    Platform,
    broadcasts,
    confirmed,
    desks,
    open_campaign,
    relay,
    reminders,
    reply,
)
from tests.integration.waiting import wait_until


def supervised(database: Database, platform: Platform) -> Supervisor:
    clock = SystemClock()
    return Supervisor(
        reminders(database, clock),
        broadcasts(database, clock),
        Digests(desks(database), RedisOutbox(database), clock),
        [relay(database, platform, clock)],
        RedisEvidence(database),
        clock,
    )


async def test_what_is_queued_is_sent_and_all_is_well(database: Database) -> None:
    platform, outbox, now = Platform(), RedisOutbox(database), SystemClock().now()
    supervisor = supervised(database, platform)
    async with supervisor:
        for number in range(20):
            await outbox.queue(reply(f"{number}", f"chat{number % 4}"), now)
        await wait_until(lambda: len(platform.taken) == 20, "everything is sent")
        assert supervisor.health() == {"reminders": None, f"lane {LANE}": None}
    for chat in range(4):
        own = [int(text) for to, text in platform.taken if to == f"chat{chat}"]
        assert own == sorted(own), "in order within a chat"


async def test_before_it_runs_it_is_not_well(database: Database) -> None:
    assert supervised(database, Platform()).health()["reminders"] is not None


async def test_what_was_put_down_is_sealed_without_being_asked_for(database: Database) -> None:
    campaigns, evidence = RedisCampaignStore(database), RedisEvidence(database)
    await open_campaign(campaigns)
    assert await campaigns.record("check-2019", "c1", "s1", confirmed())

    async def sealed() -> bool:
        return (await evidence.head()).count > 0

    async with supervised(database, Platform()):
        await wait_until(sealed, "the entry is in the chain")


async def test_a_stop_lets_a_send_in_flight_learn_its_outcome(database: Database) -> None:
    begun, answered = asyncio.Event(), asyncio.Event()

    class Slow(Platform):
        async def send(self, message: OutboundMessage, text: str) -> Outcome:
            begun.set()
            await answered.wait()
            return await super().send(message, text)

    platform, outbox = Slow(), RedisOutbox(database)
    await outbox.queue(reply("a"), SystemClock().now() - timedelta(seconds=1))
    async with supervised(database, platform):
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, answered.set)
    assert [type(attempt.outcome).__name__ for attempt in await outbox.ledger()] == ["Accepted"]
