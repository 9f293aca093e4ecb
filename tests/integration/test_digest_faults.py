"""The line to the store cut at every step of a morning's digests: everybody is told, and nobody twice in silence."""

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from bot.storage.connection import close, connect, socket_url
from scheduler.clocks import VirtualClock
from scheduler.digests import Digests
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from tests.integration.proxy import cutting
from tests.integration.school import Platform, desks, relay
from tests.integration.test_digests import a_school
from tests.integration.test_faults import killed_at_the_cut

MONDAY = datetime(2019, 12, 23, 1, 0, tzinfo=UTC)
MOST_STEPS = 60
EVERYBODY = {"counsellor", "registrar", "s1"}


async def the_morning(database: Database, platform: Platform, clock: VirtualClock, worker: str) -> None:
    """What one process does after half past eight; it dies with the first StoreAway."""
    await Digests(desks(database), RedisOutbox(database), clock).fire()
    await relay(database, platform, clock, worker=worker).run_until_idle()


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
async def test_a_morning_survives_a_cut_at_every_step(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, database: Database, after_it_was_done: bool
) -> None:
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    for step in range(1, MOST_STEPS):
        clock, platform = VirtualClock(MONDAY), Platform()
        direct = connect(socket_url(target), f"{database.prefix}{step}")
        await a_school(direct)
        async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (proxy, path):
            dying = connect(socket_url(path), direct.prefix)
            was_cut = await killed_at_the_cut(the_morning(dying, platform, clock, "dying"), proxy)
            await close(dying)
        await the_morning(direct, platform, clock, "heir")
        await close(direct)
        first = [chat for chat, text in platform.taken if not text.startswith("delivery.repeat")]
        assert {chat for chat, _ in platform.taken} == EVERYBODY
        assert len(first) == len(set(first)), "nobody is told twice without a word about it"
        if not was_cut:
            assert step > 5, "the morning has steps that were cut"
            return
    raise AssertionError(f"the morning has more than {MOST_STEPS} steps")
