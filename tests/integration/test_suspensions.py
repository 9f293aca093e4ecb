"""Waves that are held while students cannot do what they would be reminded of."""

from datetime import timedelta

import pytest

from scheduler.clocks import VirtualClock
from scheduler.planner import CATCH_UP, plan
from scheduler.reminders import HELD
from scheduler.roster import Group
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from scheduler.suspensions import SuspendedWhy, Suspension
from tests.conftest import START
from tests.integration.school import (
    Platform,
    Switched,
    campaign,
    group,
    import_students,
    open_campaign,
    relay,
    reminders,
    student,
)

FIRST = plan(campaign(), START).coming[0]


def incident(*, lasts: timedelta, cohort: str = "") -> Suspension:
    """From an hour before the first wave, until so long after it."""
    since, until = FIRST.at - timedelta(hours=1), FIRST.at + lasts
    return Suspension(why=SuspendedWhy.INCIDENT, since=since, until=until, cohort=cohort)


async def slots(database: Database) -> dict[str, str]:
    """What became of the first wave, by class."""
    claimed = await RedisOutbox(database).claimed("check-2019")
    return {slot.split(":")[3]: became for slot, became in claimed.items() if slot.split(":")[2] == "7d"}


@pytest.fixture
async def school(database: Database) -> None:
    """Two classes of four with a group each."""
    rosters, bindings = RedisRosterStore(database), RedisBindingStore(database)
    four = range(1, 5)
    everybody = [
        student(f"{letter}{number}", class_id) for letter, class_id in (("s", "c1"), ("t", "c2")) for number in four
    ]
    await import_students(rosters, *everybody)
    for number in (1, 2):
        await bindings.bind_group(Group(address=group(f"g{number}"), classes=(f"c{number}",)))
    await open_campaign(RedisCampaignStore(database), "c1", "c2", size=4)


async def told(database: Database, platform: Platform, clock: VirtualClock) -> list[tuple[str, str]]:
    """What was sent since the last time."""
    await relay(database, platform, clock).run_until_idle()
    said, platform.taken = platform.taken, []
    return sorted(said)


@pytest.mark.usefixtures("school")
async def test_a_held_wave_goes_out_when_the_hold_ends_by_itself_in_time_and_staff_heard_of_it_once(
    database: Database, clock: VirtualClock
) -> None:
    waves = reminders(database, clock, switched=Switched([incident(lasts=timedelta(minutes=9))]))
    platform = Platform()
    try:
        await waves.start()
        for minutes in (0, 3, 6):
            clock.advance_to(FIRST.at + timedelta(minutes=minutes))
            await waves.run_until_idle()
        assert await told(database, platform, clock) == [("office", "wave.held.incident")]
        assert await slots(database) == {}
        clock.advance_to(FIRST.at + timedelta(minutes=9))
        await waves.run_until_idle()
        assert [chat for chat, _ in await told(database, platform, clock)] == ["g1", "g2"]
    finally:
        await waves.stop()


@pytest.mark.usefixtures("school")
async def test_a_hold_that_outlasts_the_catch_up_window_drops_the_wave_and_the_office_is_told(
    database: Database, clock: VirtualClock
) -> None:
    waves = reminders(database, clock, switched=Switched([incident(lasts=2 * CATCH_UP)]))
    try:
        await waves.start()
        for moment in (FIRST.at, FIRST.at + CATCH_UP + timedelta(minutes=1)):
            clock.advance_to(moment)
            await waves.run_until_idle()
        assert await slots(database) == {"c1": HELD, "c2": HELD}
        said = await told(database, Platform(), clock)
        assert said == [("office", "wave.dropped.held"), ("office", "wave.held.incident")]
    finally:
        await waves.stop()


@pytest.mark.usefixtures("school")
async def test_a_cohort_that_is_not_registered_holds_its_own_classes_alone(
    database: Database, clock: VirtualClock
) -> None:
    older = [student(f"s{number}", "c1") for number in range(1, 5)]
    younger = [student(f"t{number}", "c2", cohort="2020秋") for number in range(1, 5)]
    await import_students(RedisRosterStore(database), *older, *younger)
    month = timedelta(days=30)
    hold = Suspension(why=SuspendedWhy.UNREGISTERED, since=START, until=START + month, cohort="2020")
    clock.advance_to(FIRST.at)
    assert await reminders(database, clock, switched=Switched([hold])).fire() == 1
    assert await slots(database) == {"c1": "claimed"}
