"""Waves fired by the unmodified APScheduler on a clock that is turned by hand."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from scheduler.campaigns import CampaignStatus, move
from scheduler.clocks import VirtualClock
from scheduler.planner import plan
from scheduler.reminders import BEFORE_OPENING, TOO_LATE, Reminders
from scheduler.roster import Binding, BindingStrength, Group
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration import school as stage
from tests.integration.school import (
    Platform,
    campaign,
    confirmed,
    group,
    import_students,
    open_campaign,
    relay,
    student,
)


@pytest.fixture
async def school(database: Database) -> None:
    """One class of four with a group; s1 and s2 can be reached in private."""
    await import_students(RedisRosterStore(database), *(student(f"s{number}") for number in range(1, 5)))
    bindings = RedisBindingStore(database)
    await bindings.bind_group(Group(address=group("group"), classes=("c1",)))
    for sid in ("s1", "s2"):
        await bindings.bind(
            Binding(account=f"chatroom:{sid}", sid=sid, strength=BindingStrength.STRONG, private=group(sid))
        )


@pytest.fixture
async def reminders(database: Database, clock: VirtualClock) -> AsyncIterator[Reminders]:
    reminders = stage.reminders(database, clock)
    yield reminders
    await reminders.stop()


@pytest.mark.usefixtures("school")
async def test_every_wave_of_a_campaign_fires_once_as_the_clock_passes_its_moment(
    database: Database, clock: VirtualClock, reminders: Reminders
) -> None:
    await open_campaign(RedisCampaignStore(database), size=4)
    platform = Platform()
    sender = relay(database, platform, clock)
    await reminders.start()
    heard = []
    for wave in plan(campaign(), START).coming:
        clock.advance_to(wave.at)
        await reminders.run_until_idle()
        await sender.run_until_idle()
        heard.append(sorted(chat for chat, _ in platform.taken))
        platform.taken.clear()
    assert heard == [["group", "s1", "s2"]] * 4
    assert set((await RedisOutbox(database).claimed("check-2019")).values()) == {"claimed"}


@pytest.mark.usefixtures("school")
async def test_the_second_wave_reaches_only_those_who_still_owe(
    database: Database, clock: VirtualClock, reminders: Reminders
) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns, size=4)
    platform = Platform()
    await reminders.start()
    first, second, *_ = plan(campaign(), START).coming
    clock.advance_to(first.at)
    await reminders.run_until_idle()
    await campaigns.record("check-2019", "c1", "s1", confirmed())
    await relay(database, platform, clock).run_until_idle()
    clock.advance_to(second.at)
    await reminders.run_until_idle()
    await relay(database, platform, clock).run_until_idle()
    assert [chat for chat, _ in platform.taken if chat != "group"] == ["s2", "s2"]


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("processes", [2, 5])
async def test_processes_that_fire_the_same_moment_queue_each_message_once(
    database: Database, clock: VirtualClock, processes: int
) -> None:
    await open_campaign(RedisCampaignStore(database), size=4)
    clock.advance_to(plan(campaign(), START).coming[0].at)
    queued = await asyncio.gather(*(stage.reminders(database, clock).fire() for _ in range(processes)))
    assert sum(queued) == 3


@pytest.mark.usefixtures("school")
async def test_a_restart_inside_the_catch_up_window_fires_what_was_due(
    database: Database, clock: VirtualClock, reminders: Reminders
) -> None:
    await open_campaign(RedisCampaignStore(database), size=4)
    clock.advance_to(plan(campaign(), START).coming[0].at + timedelta(minutes=10))
    await reminders.start()
    await reminders.run_until_idle()
    assert list((await RedisOutbox(database).claimed("check-2019")).values()) == ["claimed"]


@pytest.mark.usefixtures("school")
async def test_a_wave_that_comes_too_late_is_dropped_and_that_is_on_record(
    database: Database, clock: VirtualClock, reminders: Reminders
) -> None:
    await open_campaign(RedisCampaignStore(database), size=4)
    clock.advance_to(plan(campaign(), START).coming[0].at + timedelta(hours=10))
    await reminders.start()
    await reminders.run_until_idle()
    assert list((await RedisOutbox(database).claimed("check-2019")).values()) == [TOO_LATE]
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == [("office", "wave.dropped.too-late")]


@pytest.mark.usefixtures("school")
async def test_waves_whose_moment_lay_before_the_opening_are_marked_as_such(
    database: Database, clock: VirtualClock, reminders: Reminders
) -> None:
    opened_at = START + timedelta(days=6)
    campaigns = RedisCampaignStore(database)
    late = move(campaign(status=CampaignStatus.DRAFT), CampaignStatus.OPEN, opened_at)
    await campaigns.save(late, seen_revision=0)
    clock.advance_to(opened_at)
    await reminders.start()
    await reminders.run_until_idle()
    claimed = await RedisOutbox(database).claimed("check-2019")
    assert {slot.split(":")[2]: became for slot, became in claimed.items()} == {
        "7d": BEFORE_OPENING,
        "3d": BEFORE_OPENING,
    }


@pytest.mark.usefixtures("school")
async def test_a_clock_turned_back_and_forth_claims_nothing_twice(
    database: Database, clock: VirtualClock, reminders: Reminders
) -> None:
    await open_campaign(RedisCampaignStore(database), size=4)
    await reminders.start()
    at = plan(campaign(), START).coming[0].at
    for moment in (at, at - timedelta(hours=5), at, at + timedelta(hours=1), at):
        clock.advance_to(moment)
        await reminders.run_until_idle()
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()
    assert len(platform.taken) == 3


@pytest.mark.usefixtures("school")
async def test_a_campaign_closed_before_its_moment_sends_nothing(
    database: Database, clock: VirtualClock, reminders: Reminders
) -> None:
    campaigns = RedisCampaignStore(database)
    opened = await open_campaign(campaigns, size=4)
    await reminders.start()
    await campaigns.save(move(opened, CampaignStatus.CLOSED, START), seen_revision=1)
    clock.advance_to(plan(campaign(), START).coming[0].at)
    await reminders.run_until_idle()
    assert await RedisOutbox(database).claimed("check-2019") == {}


@pytest.mark.usefixtures("school")
async def test_who_got_enough_reminders_within_a_week_is_spared_until_the_last_day_and_that_is_on_record(
    database: Database, clock: VirtualClock
) -> None:
    await open_campaign(RedisCampaignStore(database), size=4)
    platform, outbox = Platform(), RedisOutbox(database)
    heard = []
    for wave in plan(campaign(), START).coming:
        clock.advance_to(wave.at)
        await stage.reminders(database, clock, most_a_week=1).fire()
        await relay(database, platform, clock).run_until_idle()
        heard.append([chat for chat, _ in platform.taken if chat == "s1"])
        platform.taken.clear()
    assert heard == [["s1"], [], [], ["s1"]]
    assert await outbox.burdens(["s1", "s3"], clock.now()) == {"s1": 1}  # the first was more than a week ago
    assert await outbox.spared("check-2019") == {"check-2019:student:3d:c1": 2, "check-2019:student:1d:c1": 2}


@pytest.mark.usefixtures("school")
async def test_a_group_bound_after_the_first_wave_hears_a_first_message_first(
    database: Database, clock: VirtualClock
) -> None:
    await open_campaign(RedisCampaignStore(database), size=4)
    first, second, *_ = plan(campaign(), START).coming
    platform = Platform()
    for wave in (first, second):
        clock.advance_to(wave.at)
        await stage.reminders(database, clock).fire()
        await relay(database, platform, clock).run_until_idle()
        await RedisBindingStore(database).bind_group(Group(address=group("late"), classes=("c1",)))
    assert [text for chat, text in platform.taken if chat == "group"] == [
        "wave.group.first",
        "wave.group.later-uncounted",
    ]
    assert [text for chat, text in platform.taken if chat == "late"] == ["wave.group.first"]


async def test_a_person_with_records_in_classes_that_are_claimed_apart_is_written_to_once(
    database: Database, clock: VirtualClock
) -> None:
    many = 210  # two such classes are too many for one script
    sids = {f"{class_id}-{number}": class_id for class_id in ("c1", "c2") for number in range(many)}
    await import_students(RedisRosterStore(database), *(student(sid, class_id) for sid, class_id in sids.items()))
    for sid in ("c1-7", "c2-7"):
        await RedisBindingStore(database).bind(
            Binding(account="chatroom:p", sid=sid, strength=BindingStrength.STRONG, private=group("p"))
        )
    await open_campaign(RedisCampaignStore(database), "c1", "c2", size=many)
    first = plan(campaign(), clock.now()).coming[0].at
    clock.advance_to(first)
    platform = Platform()
    assert await stage.reminders(database, clock).fire() == 1
    await relay(database, platform, clock).run_until_idle()
    assert [chat for chat, _ in platform.taken] == ["p"]
