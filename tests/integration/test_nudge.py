"""A class is nudged once within the gap, whoever asks for it, and nobody who is done hears of it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.campaigns import CampaignStatus, move
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Delivery
from scheduler.letters import NUDGE
from scheduler.nudges import GAP
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import (
    Platform,
    bind,
    confirmed,
    import_students,
    open_campaign,
    relay,
    student,
    wave_to_student,
)

SLOT = "check-2019:student:nudge:c1"


def nudge_to(sid: str, at: datetime = START) -> Delivery:
    wave = wave_to_student(sid, wave=NUDGE)
    return replace(wave, id=f"{wave.id}#{at.isoformat()}")


async def test_of_many_presses_at_once_one_is_sent(database: Database, clock: VirtualClock) -> None:
    await open_campaign(RedisCampaignStore(database))
    await import_students(RedisRosterStore(database), student("s1"))
    await bind(database, "s1")
    outbox = RedisOutbox(database)
    presses = [START + timedelta(seconds=number) for number in range(5)]
    answers = await asyncio.gather(
        *(outbox.claim_again("check-2019", SLOT, [nudge_to("s1", at)], at, gap=GAP) for at in presses)
    )
    assert sum(queued for _, queued in answers) == 1
    assert [before for before, _ in answers if before is None] == [None]
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == [("s1", "wave.private.nudge")]


async def test_after_the_gap_it_may_be_sent_again(database: Database) -> None:
    await open_campaign(RedisCampaignStore(database))
    outbox = RedisOutbox(database)
    later = START + GAP
    assert await outbox.claim_again("check-2019", SLOT, [nudge_to("s1")], START, gap=GAP) == (None, 1)
    before = later - timedelta(milliseconds=1)
    assert await outbox.claim_again("check-2019", SLOT, [nudge_to("s1", before)], before, gap=GAP) == (START, 0)
    assert await outbox.claim_again("check-2019", SLOT, [nudge_to("s1", later)], later, gap=GAP) == (None, 1)
    assert await outbox.claimed_at("check-2019", [SLOT, "check-2019:student:nudge:c2"]) == {SLOT: later}


async def test_nobody_who_is_done_is_nudged_and_nothing_of_a_closed_campaign(database: Database) -> None:
    campaigns, outbox = RedisCampaignStore(database), RedisOutbox(database)
    opened = await open_campaign(campaigns)
    await campaigns.record("check-2019", "c1", "s1", confirmed())
    both = [nudge_to("s1"), nudge_to("s2")]
    assert await outbox.claim_again("check-2019", SLOT, both, START, gap=GAP) == (None, 1)
    await campaigns.save(move(opened, CampaignStatus.CLOSED, START), seen_revision=1)
    assert await outbox.claim_again("check-2019", SLOT, both, START + GAP, gap=GAP) == (None, 0)
