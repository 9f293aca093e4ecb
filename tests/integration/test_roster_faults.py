"""The line to the store cut at every step of a change of the roster: the old one or the new one, never half."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import unquote

import pytest

from bot.storage.connection import close, connect, socket_url
from scheduler.ports import StoreAway
from scheduler.roster import Roster
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.proxy import cutting
from tests.integration.school import confirmed, open_campaign, roster, student

MOST_STEPS = 20
BEFORE = roster(1, student("s1"), student("s2"), student("s3", "c2"))
AFTER = roster(2, student("s1", "c2"), student("s3", "c2"), student("s4"))


async def put(rosters: RedisRosterStore) -> None:
    assert await rosters.apply(AFTER, now=START)


async def undo(rosters: RedisRosterStore) -> None:
    assert await rosters.restore(replace(BEFORE, version=3), now=START)


async def prepare(database: Database, *, imported: bool) -> None:
    rosters, campaigns = RedisRosterStore(database), RedisCampaignStore(database)
    assert await rosters.apply(BEFORE, now=START)
    await open_campaign(campaigns, "c1", "c2")
    for sid in ("s1", "s2"):
        assert await campaigns.record("check-2019", "c1", sid, confirmed())
    if imported:
        await put(rosters)


async def check(database: Database, one_of: list[Roster]) -> None:
    """The roster is one of these whole, and states and counters are where it says."""
    rosters, campaigns = RedisRosterStore(database), RedisCampaignStore(database)
    found = await rosters.current()
    assert found.students in [one.students for one in one_of]
    for class_id in ("c1", "c2"):
        members = {one.sid for one in found.members(class_id)}
        assert set(await campaigns.states("check-2019", class_id)) == members & {"s1", "s2"}
        if found.version > 1:
            progress = await campaigns.progress("check-2019", [class_id])
            assert (progress.total, progress.done) == (len(members), len(members & {"s1", "s2"}))
    were_in = {"s1", "s2", "s3", *(["s4"] if found.version > AFTER.version else [])}
    assert set(await campaigns.departed("check-2019")) == were_in - found.students.keys()


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
@pytest.mark.parametrize(("change", "before", "after"), [(put, BEFORE, AFTER), (undo, AFTER, BEFORE)])
async def test_a_change_of_the_roster_survives_a_cut_at_every_step(
    valkey_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    database: Database,
    after_it_was_done: bool,
    change: Callable[[RedisRosterStore], Awaitable[None]],
    before: Roster,
    after: Roster,
) -> None:
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    for step in range(1, MOST_STEPS):
        direct = connect(socket_url(target), f"{database.prefix}{step}")
        await prepare(direct, imported=change is undo)
        was_cut = False
        async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (_, path):
            dying = connect(socket_url(path), direct.prefix)
            try:
                await change(RedisRosterStore(dying))
            except StoreAway:
                was_cut = True
            await close(dying)
        await check(direct, [before, after])
        await change(RedisRosterStore(direct))
        await check(direct, [after])
        await close(direct)
        if not was_cut:
            assert step > 1, "the change has steps that were cut"
            return
    raise AssertionError(f"the change has more than {MOST_STEPS} steps")
