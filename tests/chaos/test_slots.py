"""Each slot is claimed once, whoever fires it and whatever happens meanwhile: nobody hears a wave twice or never."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.storage.connection import close, connect, socket_url
from scheduler.calendar import Deadline, QuietHours
from scheduler.campaigns import Campaign
from scheduler.claiming import parts
from scheduler.clocks import VirtualClock
from scheduler.planner import CATCH_UP, plan
from scheduler.ports import StoreAway
from scheduler.reminders import BEFORE_OPENING, TOO_LATE, Reminders
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from tests.chaos.fleet import CLASSES, Tape, at_once, prepare
from tests.conftest import START
from tests.integration.proxy import CuttingProxy, cutting
from tests.integration.school import Platform, campaign, relay, reminders
from tests.integration.test_faults import killed_at_the_cut
from tests.integration.test_faults import prepare as one_class

FIRST = plan(campaign(), START).coming[0].at

MOST_STEPS = 20
"""More than claiming a wave of a school takes commands."""


@pytest.mark.parametrize("processes", [2, 5])
async def test_processes_that_fire_the_same_wave_at_once_reach_everybody_once(
    valkey_url: str, database: Database, tmp_path: Path, processes: int
) -> None:
    everybody = await prepare(database)
    tape = Tape(path=tmp_path / "tape")
    assert set(await at_once(processes, valkey_url, database.prefix, FIRST, tape)) == {0}
    assert tape.heard() == Counter(everybody)
    assert set((await RedisOutbox(database).claimed("check-2019")).values()) == {"claimed"}


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
async def test_a_kill_between_any_two_writes_of_a_schools_claim_leaves_the_rest_to_the_next(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, database: Database, after_it_was_done: bool
) -> None:
    """More deliveries than one script takes: some classes are claimed when the process dies, others are not."""
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    for step in range(1, MOST_STEPS):
        direct, clock = connect(valkey_url, f"{database.prefix}{step}"), VirtualClock(FIRST)
        everybody = await prepare(direct, students=70)
        async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (proxy, path):
            dying = connect(socket_url(path), direct.prefix)
            was_cut = await killed_at_the_cut(_fire(reminders(dying, clock)), proxy)
            await close(dying)
        await reminders(direct, clock).fire()
        platform = Platform()
        await relay(direct, platform, clock).run_until_idle()
        await close(direct)
        assert Counter(chat for chat, _ in platform.taken) == Counter(everybody)
        if not was_cut:
            assert step > 3, "the claim takes several writes"
            return
    raise AssertionError(f"the claim has more than {MOST_STEPS} steps")


async def _fire(process: Reminders) -> None:
    await process.fire()


async def test_a_store_that_is_gone_for_ten_minutes_at_the_moment_of_a_wave_delays_it_and_no_more(
    valkey_url: str, tmp_path: Path, database: Database, clock: VirtualClock
) -> None:
    await one_class(database)
    target = unquote(valkey_url.removeprefix("unix://"))
    async with cutting(tmp_path, target, 0, after_it_was_done=False) as (proxy, path):
        behind = connect(socket_url(path), database.prefix)
        process, platform = reminders(behind, clock), Platform()
        await process.start()
        proxy.cut.set()
        clock.advance_to(FIRST)
        with pytest.raises(StoreAway):
            await process.run_until_idle()
        clock.advance_to(FIRST + timedelta(minutes=10))
        proxy.mend()
        await process.run_until_idle()
        await relay(behind, platform, clock).run_until_idle()
        await process.stop()
        await close(behind)
    assert sorted(chat for chat, _ in platform.taken) == ["group", "s1"]


HISTORIES = st.lists(
    st.one_of(
        st.tuples(st.just("sleep"), st.integers(1, 60 * 30)),
        st.tuples(st.just("jump back"), st.integers(1, 60 * 6)),
        st.tuples(
            st.sampled_from(["fire", "fire and die", "send", "fire twice at once", "lose the store"]), st.just(0)
        ),
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=40)
@given(history=HISTORIES)
def test_whatever_machines_and_clocks_do_a_group_hears_each_wave_once_or_is_on_record_as_too_late(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int]]
) -> None:
    asyncio.run(_live_through(valkey_url, tmp_path_factory.mktemp("h"), history))


async def _live_through(url: str, folder: Path, history: Sequence[tuple[str, int]]) -> None:
    target = unquote(url.removeprefix("unix://"))
    database = connect(url, f"h{secrets.token_hex(6)}")
    await one_class(database)
    clock, platform = VirtualClock(FIRST - timedelta(minutes=30)), Platform()
    async with cutting(folder, target, 0, after_it_was_done=True) as (proxy, path):
        behind = connect(socket_url(path), database.prefix)
        for what, minutes in history:
            await _happen(what, minutes, database, behind, proxy, clock, platform)
        await close(behind)
    clock.advance_to(campaign().stages[0].deadline.instant + timedelta(days=1))
    await reminders(database, clock).fire()
    await relay(database, platform, clock).run_until_idle()
    await _is_explained(database, platform)
    await close(database)


async def _happen(
    what: str,
    minutes: int,
    database: Database,
    behind: Database,
    proxy: CuttingProxy,
    clock: VirtualClock,
    platform: Platform,
) -> None:
    match what:
        case "sleep":
            clock.advance_to(clock.now() + timedelta(minutes=minutes))
        case "jump back":
            clock.advance_to(clock.now() - timedelta(minutes=minutes))
        case "fire twice at once":
            await asyncio.gather(*(reminders(database, clock).fire() for _ in range(2)))
        case "send":
            await relay(database, platform, clock).run_until_idle()
        case "lose the store":
            proxy.cut.set()
            with pytest.raises(StoreAway):
                await reminders(behind, clock).fire()
            proxy.mend()
        case "fire":
            await reminders(database, clock).fire()
            await relay(database, platform, clock).run_until_idle()
        case "fire and die":  # nothing of a process lives on but what it has stored
            await reminders(database, clock).fire()


async def _is_explained(database: Database, platform: Platform) -> None:
    """A wave to the group is at the platform once, or refused or dropped for a reason that is on record."""
    outbox = RedisOutbox(database)
    claimed = await outbox.claimed("check-2019")
    assert len(claimed) == len(campaign().stages[0].waves), "no wave is forgotten"
    went = [attempt for attempt in await outbox.ledger("check-2019") if attempt.address == "chatroom:group"]
    assert len(went) == len({attempt.delivery for attempt in went}) == list(claimed.values()).count("claimed")
    heard = sum(chat == "group" for chat, _ in platform.taken)
    accepted = sum(type(attempt.outcome).__name__ == "Accepted" for attempt in went)
    assert heard == accepted
    assert set(claimed.values()) <= {"claimed", TOO_LATE, BEFORE_OPENING}


def abroad(zone: str, day: date, at: time | None = None) -> Campaign:
    """The campaign of a school in another zone, due at the end of that day or at that time."""
    where = ZoneInfo(zone)
    usual = campaign()
    deadline = Deadline(words="by then", day=day, at=at, zone=where)
    return replace(
        usual,
        stages=(replace(usual.stages[0], deadline=deadline),),
        quiet=QuietHours(start=time(22), end=time(8), zone=where),
        opened_at=datetime.combine(day - timedelta(days=30), time(9), where).astimezone(UTC),
    )


DAYS = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Asia/Shanghai", date(2028, 2, 29)),
    ("Asia/Shanghai", date(2028, 3, 1)),
    ("Asia/Shanghai", date(2027, 3, 1)),
]
"""Days on which a clock is set, and those around the 29th of February in a leap year and in another."""


@pytest.mark.parametrize(("zone", "day"), DAYS)
async def test_days_of_another_length_and_the_29th_of_february_have_their_waves_once(
    database: Database, zone: str, day: date
) -> None:
    due = abroad(zone, day)
    await one_class(database)
    campaigns = RedisCampaignStore(database)
    stored = await campaigns.get(due.id)
    assert stored is not None
    assert await campaigns.save(replace(due, revision=2), seen_revision=stored.revision)
    assert due.opened_at is not None
    clock, platform = VirtualClock(due.opened_at), Platform()
    waves = plan(due, due.opened_at).coming
    local = [wave.at.astimezone(ZoneInfo(zone)) for wave in waves]
    assert [(day - at.date()).days for at in local] == [7, 3, 1, 0]
    assert all(time(8) <= at.time() < time(22) for at in local)
    for wave in waves:
        for late in (timedelta(), timedelta(minutes=59), CATCH_UP / 2, CATCH_UP):
            clock.advance_to(wave.at + late)
            await reminders(database, clock).fire()
            await relay(database, platform, clock).run_until_idle()
    assert Counter(chat for chat, _ in platform.taken)["group"] == len(waves)


def test_the_school_of_these_tests_has_more_deliveries_than_one_script_takes() -> None:
    assert len(list(parts(dict.fromkeys(CLASSES, 70), ()))) > 1
