"""What others state for students, and what many report at once, in the store."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from scheduler.campaigns import State, StudentState
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import import_students, open_campaign, student

PROXY = StudentState(state=State.PROXY, count=1, at=START, by="m", reason="away")
SIDS = tuple(f"s{number}" for number in range(8))


async def store(database: Database) -> RedisCampaignStore:
    await import_students(RedisRosterStore(database), *(student(sid) for sid in SIDS))
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    return campaigns


async def test_of_many_at_once_as_many_are_stated_for_as_is_allowed(database: Database) -> None:
    campaigns = await store(database)
    came = await asyncio.gather(
        *(campaigns.vouch("check-2019", "c1", sid, PROXY, stage="student", most=3) for sid in SIDS)
    )
    assert (came.count(True), came.count(None)) == (3, 5)
    assert (await campaigns.progress("check-2019", ["c1"])).done == 3


async def test_the_same_again_is_a_yes_and_is_counted_once(database: Database) -> None:
    campaigns = await store(database)
    for _ in range(3):
        assert await campaigns.vouch("check-2019", "c1", "s1", PROXY, stage="student", most=1)
    assert await campaigns.vouch("check-2019", "c1", "s2", PROXY, stage="student", most=1) is None
    assert await campaigns.vouch("check-2019", "c1", "s2", PROXY, stage="hand-in", most=1)
    assert await campaigns.vouch("check-2019", "c1", "s3", PROXY, stage="student", most=0)


async def test_somebody_quicker_is_neither_overwritten_nor_counted(database: Database) -> None:
    campaigns = await store(database)
    stale = replace(PROXY, count=5)
    assert await campaigns.vouch("check-2019", "c1", "s1", stale, stage="student", most=1) is False
    assert await campaigns.vouch("check-2019", "c1", "s2", PROXY, stage="student", most=1)


async def test_each_student_who_reports_trouble_is_counted_once_within_the_hour(database: Database) -> None:
    campaigns = await store(database)
    for count, (sid, state) in enumerate((("s1", State.NO_LOGIN), ("s1", State.NOT_FOUND)), start=1):
        await campaigns.record("check-2019", "c1", sid, StudentState(state=state, count=count, at=START, by=sid))
    later = START + timedelta(minutes=50)
    await campaigns.record("check-2019", "c1", "s2", StudentState(state=State.NO_LOGIN, count=1, at=later, by="s2"))
    await campaigns.record("check-2019", "c1", "s3", StudentState(state=State.CONFIRMED, count=1, at=later, by="s3"))
    assert await campaigns.troubled("check-2019", START) == 2
    assert await campaigns.troubled("check-2019", START + timedelta(minutes=1)) == 1


async def test_a_suspicion_has_one_moment_for_all_processes_until_it_is_old(database: Database) -> None:
    campaigns = await store(database)
    hour = timedelta(hours=1)
    moments = {await campaigns.suspect("check-2019", START + timedelta(minutes=m), hour) for m in (0, 1, 59)}
    assert moments == {START}
    assert await campaigns.suspect("check-2019", START + hour, hour) == START + hour
