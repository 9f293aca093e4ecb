"""The line to the store cut at every step of a wave's way: at most one accepted group message, and none lost."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.storage.connection import close, connect, health, socket_url
from scheduler.clocks import VirtualClock
from scheduler.messages import Accepted, RetryLater
from scheduler.planner import plan
from scheduler.ports import StoreAway
from scheduler.roster import Binding, BindingStrength, Group
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.proxy import CuttingProxy, cutting, is_the_line
from tests.integration.school import (
    Platform,
    campaign,
    group,
    import_students,
    open_campaign,
    relay,
    reminders,
    reply,
    student,
)
from tests.integration.waiting import wait_until

MOST_STEPS = 40
"""More than a wave to a group and a student has commands that matter."""


async def prepare(database: Database) -> None:
    await import_students(RedisRosterStore(database), *(student(f"s{number}") for number in range(1, 5)))
    bindings = RedisBindingStore(database)
    await bindings.bind_group(Group(address=group("group"), classes=("c1",)))
    await bindings.bind(Binding(account="chatroom:s1", sid="s1", strength=BindingStrength.STRONG, private=group("s1")))
    await open_campaign(RedisCampaignStore(database), size=4)


async def whole_way(database: Database, platform: Platform, clock: VirtualClock, worker: str) -> None:
    """What one process does when a wave is due: claim it, send it. It dies with the first StoreAway."""
    await reminders(database, clock).fire()
    await relay(database, platform, clock, worker=worker).run_until_idle()


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
async def test_a_wave_survives_a_cut_at_every_step(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, database: Database, after_it_was_done: bool
) -> None:
    target = unquote(valkey_url.removeprefix("unix://"))
    folder = tmp_path_factory.mktemp("p")
    for step in range(1, MOST_STEPS):
        prefix = f"{database.prefix}{step}"
        was_cut = await one_round(folder, target, prefix, step, after_it_was_done=after_it_was_done)
        if not was_cut:
            assert step > 5, "the way has steps that were cut"
            return
    raise AssertionError(f"the way has more than {MOST_STEPS} steps")


async def one_round(folder: Path, target: str, prefix: str, step: int, *, after_it_was_done: bool) -> bool:
    clock = VirtualClock(plan(campaign(), START).coming[0].at)
    platform = Platform()
    direct = connect(socket_url(target), prefix)
    await prepare(direct)
    async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (proxy, path):
        dying = connect(socket_url(path), prefix)
        was_cut = await killed_at_the_cut(whole_way(dying, platform, clock, "dying"), proxy)
        await close(dying)
    await whole_way(direct, platform, clock, "heir")
    await explain(direct, platform)
    await close(direct)
    return was_cut


async def killed_at_the_cut(way: Coroutine[None, None, None], proxy: CuttingProxy) -> bool:
    """Walk until the line is cut, and end everything the walk began at that moment; whether it was cut."""
    others = asyncio.all_tasks()
    walking, cut = asyncio.create_task(way), asyncio.create_task(proxy.cut.wait())
    await asyncio.wait([walking, cut], return_when=asyncio.FIRST_COMPLETED)
    begun = [task for task in asyncio.all_tasks() - others if not is_the_line(task)]
    for task in begun:
        task.cancel()
    await asyncio.gather(walking, cut, *begun, return_exceptions=True)
    return proxy.cut.is_set()


async def explain(database: Database, platform: Platform) -> None:
    """Each message is at the platform, or unknown and visible; the group got it once at most."""
    outbox = RedisOutbox(database)
    to = [chat for chat, _ in platform.taken]
    parked = await outbox.parked()
    assert to.count("group") == 1 or (to.count("group") == 0 and len(parked) == 1)
    to_student = [text.startswith("delivery.repeat") for chat, text in platform.taken if chat == "s1"]
    assert to_student in ([False], [True], [False, True]), "once, and a second time only if it says so"
    ledger = await outbox.ledger("check-2019")
    assert all(attempt.outcome is not None for attempt in ledger)
    accepted = [attempt for attempt in ledger if isinstance(attempt.outcome, Accepted)]
    assert len(accepted) <= len(platform.taken)
    evidence = RedisEvidence(database)
    entries = [entry async for entry in evidence.entries(await evidence.seal(START))]
    told = [entry for entry in entries if '"kind":"told"' in entry]
    assert len(told) == len([attempt for attempt in ledger if not isinstance(attempt.outcome, RetryLater)])


async def test_a_store_that_is_gone_says_so_and_works_again_when_it_is_back(
    valkey_url: str, tmp_path: Path, database: Database
) -> None:
    target = unquote(valkey_url.removeprefix("unix://"))
    async with cutting(tmp_path, target, 1, after_it_was_done=False) as (proxy, path):
        behind = connect(socket_url(path), database.prefix)
        campaigns = RedisCampaignStore(behind)
        with pytest.raises(StoreAway):
            await open_campaign(campaigns)
        with pytest.raises(StoreAway):
            await campaigns.all()
        assert await health(behind) is not None
        proxy.mend()
        assert await health(behind) is None
        await open_campaign(campaigns)
        assert len(await campaigns.all()) == 1
        await close(behind)


async def test_an_outcome_the_platform_gave_is_written_when_the_store_is_back(
    valkey_url: str, tmp_path: Path, database: Database, clock: VirtualClock
) -> None:
    target = unquote(valkey_url.removeprefix("unix://"))
    async with cutting(tmp_path, target, 0, after_it_was_done=False) as (proxy, path):
        behind = connect(socket_url(path), database.prefix)
        platform = Platform(on_send=lambda message: proxy.cut.set())
        await RedisOutbox(behind).queue(reply("a"), START)
        sending = asyncio.create_task(relay(behind, platform, clock).run_until_idle())
        await wait_until(lambda: proxy.refused > 0, "the outcome could not be written")
        proxy.mend()
        await sending
        await close(behind)
    assert [attempt.outcome for attempt in await RedisOutbox(database).ledger()] == [Accepted(message_id="m0")]


async def test_nothing_at_the_address_is_an_absent_store(tmp_path: Path) -> None:
    nobody = connect(socket_url(str(tmp_path / "nobody.sock")), "t")
    with pytest.raises(StoreAway):
        await nobody.call("PING")
    await close(nobody)
