"""The line to the store cut at every step of forgetting somebody: the same command again forgets the rest."""

from urllib.parse import unquote

import pytest

from bot.storage.connection import close, connect, socket_url
from scheduler.claims import Waiting
from scheduler.clocks import VirtualClock
from scheduler.notices import Audience
from scheduler.ports import StoreAway
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.notice_board import Board
from tests.integration.proxy import cutting
from tests.integration.school import Platform, bind, confirmed, import_students, open_campaign, student
from tests.integration.test_erasing import ADDRESS, erasing, keys_with

MOST_STEPS = 40
GONE = student("s1")


async def prepare(database: Database) -> None:
    """Somebody who has stated, was sent a notice, is claimed to be by another account, and is gone from the roster."""
    rosters, campaigns, bindings = RedisRosterStore(database), RedisCampaignStore(database), RedisBindingStore(database)
    await import_students(rosters, GONE, student("s2"))
    board = Board(database=database, clock=VirtualClock(START), platform=Platform())
    await bind(board.database, "s1", "s2")
    await open_campaign(campaigns)
    assert await campaigns.record("check-2019", "c1", "s1", confirmed())
    await board.send(Audience(everybody=True, each=True))
    await board.deliver()
    await bindings.wait(Waiting(account="chatroom:8", private=ADDRESS, class_id="c1", sid="s1", at=START))
    await RedisEvidence(database).seal(START)
    await import_students(rosters, student("s2"))


async def forget(database: Database) -> bool:
    """What the command does: it finds who is gone by their number; False if nobody had it."""
    found = await RedisRosterStore(database).former([GONE.number])
    for one in found.values():
        await erasing(database).of_student(one, START)
    return bool(found)


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
async def test_forgetting_somebody_who_is_gone_survives_a_cut_at_every_step(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, database: Database, after_it_was_done: bool
) -> None:
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    for step in range(1, MOST_STEPS):
        direct = connect(socket_url(target), f"{database.prefix}{step}")
        await prepare(direct)
        was_cut = False
        async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (_, path):
            dying = connect(socket_url(path), direct.prefix)
            try:
                await forget(dying)
            except StoreAway:
                was_cut = True
            await close(dying)
        await forget(direct)
        assert await keys_with(direct, ADDRESS) == set()
        assert await RedisEvidence(direct).key_of("s1") is None
        assert not await RedisCampaignStore(direct).departed("check-2019")
        assert not await forget(direct), "nobody is found by that number any more"
        await close(direct)
        if not was_cut:
            assert step > 5, "forgetting has steps that were cut"
            return
    raise AssertionError(f"forgetting has more than {MOST_STEPS} steps")
