"""Campaigns in the store and on the clock: opened in one step by whoever comes first, tried, moved, given up."""

import asyncio
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.storage.disk import FolderSpace
from scheduler.calendar import Deadline
from scheduler.campaigns import Campaign, CampaignStatus, State, move
from scheduler.clocks import VirtualClock
from scheduler.disk import DiskSpace, ElsewhereSpace
from scheduler.life import Unfit, deadline_moved, scheduled
from scheduler.opening import Opening
from scheduler.planner import plan
from scheduler.roster import Group
from scheduler.stages import Pilot
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import (
    Platform,
    bind,
    campaign,
    group,
    import_students,
    open_campaign,
    relay,
    reminders,
    roster,
    student,
)

ID = "check-2019"
OFFICE = group("office")
NEW = Deadline(words="by 22 December", day=date(2019, 12, 29))


def lineage(scope: str) -> tuple[str, ...]:
    return scope, "national"


def opening(database: Database, disk: DiskSpace | None = None) -> Opening:
    return Opening(RedisRosterStore(database), RedisCampaignStore(database), lineage, disk or ElsewhereSpace())


@pytest.fixture
async def school(database: Database) -> None:
    """Two classes; the first of five with a group, s1 and s2 reached in private, s5 on leave."""
    own = [student(f"s{number}", status="leave" if number == 5 else "") for number in range(1, 6)]
    await import_students(RedisRosterStore(database), *own, student("t1", "c2"))
    bindings = RedisBindingStore(database)
    await bindings.bind_group(Group(address=group("group"), classes=("c1",)))
    await bind(database, "s1", "s2")


async def drafted(database: Database, **changes: object) -> Campaign:
    plain = replace(campaign(status=CampaignStatus.DRAFT), classes=(), opened_at=None, exempt=("leave",))
    draft: Campaign = replace(plain, **changes)  # type: ignore[arg-type]  # a campaign's own fields
    assert await RedisCampaignStore(database).save(draft, seen_revision=0)
    return draft


async def sent(database: Database, clock: VirtualClock, platform: Platform) -> list[tuple[str, str]]:
    """What goes out now, as chat and phrase, in the order of chats."""
    platform.taken.clear()
    sweep = reminders(database, clock)
    await sweep.fire()
    await relay(database, platform, clock).run_until_idle()
    await sweep.stop()
    return sorted(platform.taken)


@pytest.mark.usefixtures("school")
async def test_whoever_opens_a_campaign_it_opens_once_with_its_counters_and_who_is_exempt(database: Database) -> None:
    await drafted(database)
    came = await asyncio.gather(*(opening(database).open(ID, START) for _ in range(5)))
    campaigns = RedisCampaignStore(database)
    stored = await campaigns.get(ID)
    assert stored in came
    assert all(one in (stored, Unfit.NOT_NOW) for one in came), "who looks when it is open already hears so"
    assert await opening(database).open(ID, START + timedelta(seconds=1)) is Unfit.NOT_NOW
    assert await database.call("XLEN", f"{database.prefix}:{{core}}:evidence-unsealed") == 1
    progress = await campaigns.progress(ID, ["c1", "c2"])
    assert (progress.total, progress.owing) == (5, 5)
    assert (await campaigns.state(ID, "c1", "s5")).state is State.EXEMPT


@pytest.mark.usefixtures("school")
async def test_no_campaign_opens_while_the_disk_of_the_store_is_nearly_full(database: Database, tmp_path: Path) -> None:
    draft = await drafted(database)
    nearly_full = FolderSpace(folder=tmp_path, least=shutil.disk_usage(tmp_path).total + 1)
    assert await opening(database, nearly_full).open(ID, START) is Unfit.DISK_LOW
    assert await RedisCampaignStore(database).get(ID) == draft
    assert isinstance(await opening(database, FolderSpace(folder=tmp_path, least=1)).open(ID, START), Campaign)


@pytest.mark.usefixtures("school")
async def test_a_roster_that_came_meanwhile_is_read_again_before_a_campaign_opens(database: Database) -> None:
    draft = await drafted(database)
    campaigns, rosters = RedisCampaignStore(database), RedisRosterStore(database)
    opened = replace(draft, status=CampaignStatus.OPEN, classes=("c1",), opened_at=START, revision=2)
    assert await rosters.apply(roster(2, student("s1"), student("t1", "c2")), now=START)
    late = {"seen_revision": 1, "roster_version": 1, "sizes": {"c1": 5}, "exempt": {}, "now": START}
    assert not await campaigns.enter(opened, **late)  # type: ignore[arg-type]  # named as its parameters
    assert await campaigns.get(ID) == draft
    await opening(database).open(ID, START)
    assert (await campaigns.progress(ID, ["c1"])).total == 1


@pytest.mark.usefixtures("school")
async def test_a_scheduled_campaign_opens_at_its_moment_and_not_before(database: Database, clock: VirtualClock) -> None:
    draft = await drafted(database)
    waits = scheduled(draft, START + timedelta(hours=1), START)
    assert isinstance(waits, Campaign)
    assert await RedisCampaignStore(database).save(waits, seen_revision=1)
    assert await opening(database).open_due(clock.now()) == {}
    clock.advance_to(START + timedelta(hours=1))
    moments = [clock.now() + timedelta(milliseconds=process) for process in range(3)]
    came = await asyncio.gather(*(opening(database).open_due(moment) for moment in moments))
    stored = await RedisCampaignStore(database).get(ID)
    assert stored is not None
    assert (stored.status, stored.revision) == (CampaignStatus.OPEN, 3)
    assert stored.opened_at in moments
    assert [one[ID] for one in came if one] == [stored], "whoever came second has nothing to say"
    assert await opening(database).open_due(clock.now()) == {}


async def test_a_campaign_that_cannot_open_at_its_moment_waits_and_says_why(database: Database) -> None:
    waits = scheduled(await drafted(database), START + timedelta(hours=1), START)
    assert isinstance(waits, Campaign)
    assert await RedisCampaignStore(database).save(waits, seen_revision=1)
    assert await opening(database).open_due(START + timedelta(hours=1)) == {ID: Unfit.NO_CLASSES}
    await import_students(RedisRosterStore(database), student("s1"))
    assert isinstance((await opening(database).open_due(START + timedelta(hours=2)))[ID], Campaign)


@pytest.mark.usefixtures("school")
async def test_a_class_that_joins_brings_back_who_had_left_as_they_were(database: Database) -> None:
    await drafted(database)
    await opening(database).open(ID, START, pilot=Pilot(), classes=["c1"])
    campaigns, rosters = RedisCampaignStore(database), RedisRosterStore(database)
    stated = replace(await campaigns.state(ID, "c1", "s1"), state=State.WRONG, count=1, items=("name",))
    assert await campaigns.record(ID, "c1", "s1", stated)
    moved = roster(2, student("s1", "c2"), student("s2"), student("t1", "c2"))
    assert await rosters.apply(moved, now=START)
    assert set(await campaigns.departed(ID)) >= {"s1"}
    joined = await opening(database).join(ID, ["c2"], START)
    assert isinstance(joined, Campaign)
    assert await campaigns.state(ID, "c2", "s1") == stated
    assert "s1" not in await campaigns.departed(ID)
    progress = await campaigns.progress(ID, ["c2"])
    assert (progress.total, progress.with_office) == (2, 1)
    assert await opening(database).join(ID, ["c2"], START) is Unfit.THE_SAME


@pytest.mark.usefixtures("school")
async def test_who_is_back_with_a_class_that_joins_is_exempt_or_not_by_the_status_of_now(database: Database) -> None:
    await drafted(database)
    await opening(database).open(ID, START, pilot=Pilot(), classes=["c1"])
    campaigns, rosters = RedisCampaignStore(database), RedisRosterStore(database)
    assert (await campaigns.state(ID, "c1", "s5")).state is State.EXEMPT
    swapped = roster(2, student("s1"), student("s4", "c2", status="leave"), student("s5", "c2"), student("t1", "c2"))
    assert await rosters.apply(swapped, now=START)
    await opening(database).join(ID, ["c2"], START)
    states = await campaigns.states(ID, "c2")
    assert (states["s4"].state, states["s5"].state) == (State.EXEMPT, State.NONE)
    assert (await campaigns.progress(ID, ["c2"])).owing == 2


@pytest.mark.usefixtures("school")
async def test_a_moved_deadline_is_told_once_to_those_who_heard_the_old_one_and_planned_anew(
    database: Database, clock: VirtualClock
) -> None:
    campaigns, platform = RedisCampaignStore(database), Platform()
    opened = await open_campaign(campaigns, size=5)
    clock.advance_to(plan(opened, START).coming[0].at)
    assert [chat for chat, _ in await sent(database, clock, platform)] == ["group", "s1", "s2"]
    await bind(database, "s3")  # has heard of no deadline
    moved = deadline_moved(opened, "student", NEW, clock.now() + timedelta(hours=4))
    assert isinstance(moved, Campaign)
    assert await campaigns.save(moved, seen_revision=opened.revision)
    clock.advance_to(plan(moved, clock.now()).coming[0].at)
    told = await sent(database, clock, platform)
    assert told == [("group", "wave.group.moved"), ("s1", "wave.private.moved"), ("s2", "wave.private.moved")]
    assert await sent(database, clock, platform) == []
    following = plan(moved, clock.now()).coming
    assert [wave.id for wave in following] == ["7d.1", "3d.1", "1d.1", "3h.1"]
    clock.advance_to(following[0].at)
    assert [chat for chat, _ in await sent(database, clock, platform)] == ["group", "s1", "s2", "s3"]


@pytest.mark.usefixtures("school")
async def test_a_group_that_moved_meanwhile_is_told_of_a_moved_deadline_where_it_is_now(
    database: Database, clock: VirtualClock
) -> None:
    campaigns, platform = RedisCampaignStore(database), Platform()
    opened = await open_campaign(campaigns, size=5)
    clock.advance_to(plan(opened, START).coming[0].at)
    await sent(database, clock, platform)
    await RedisBindingStore(database).move_group(group("group"), group("another"))
    moved = deadline_moved(opened, "student", NEW, clock.now() + timedelta(hours=4))
    assert isinstance(moved, Campaign)
    assert await campaigns.save(moved, seen_revision=opened.revision)
    clock.advance_to(plan(moved, clock.now()).coming[0].at)
    assert ("another", "wave.group.moved") in await sent(database, clock, platform)


@pytest.mark.usefixtures("school")
async def test_nobody_is_told_of_a_moved_deadline_who_was_never_told_the_old_one(
    database: Database, clock: VirtualClock
) -> None:
    campaigns, platform = RedisCampaignStore(database), Platform()
    opened = await open_campaign(campaigns, size=5)
    moved = deadline_moved(opened, "student", NEW, START)
    assert isinstance(moved, Campaign)
    assert await campaigns.save(moved, seen_revision=opened.revision)
    assert await sent(database, clock, platform) == []


@pytest.mark.usefixtures("school")
async def test_a_trial_in_the_chat_of_staff_reaches_no_student_and_uses_up_no_reminder(
    database: Database, clock: VirtualClock
) -> None:
    await drafted(database)
    trial = await opening(database).open(ID, START, pilot=Pilot(chat=OFFICE))
    assert isinstance(trial, Campaign)
    clock.advance_to(plan(trial, START).coming[0].at)
    platform = Platform()
    tried = await sent(database, clock, platform)
    assert {chat for chat, _ in tried} == {"office"}
    assert len(tried) == 2  # what the group would hear, and what a person would
    for_all = await opening(database).go(ID, clock.now())
    assert isinstance(for_all, Campaign)
    heard = await sent(database, clock, platform)
    assert heard == [("group", "wave.group.first"), ("s1", "wave.private.first"), ("s2", "wave.private.first")]


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("to", [CampaignStatus.CLOSED, CampaignStatus.CANCELLED])
async def test_what_is_queued_when_a_campaign_ends_is_not_sent(
    database: Database, clock: VirtualClock, to: CampaignStatus
) -> None:
    campaigns, platform = RedisCampaignStore(database), Platform()
    opened = await open_campaign(campaigns, size=5)
    clock.advance_to(plan(opened, START).coming[0].at)
    sweep = reminders(database, clock)
    assert await sweep.fire() == 3
    assert await campaigns.save(move(opened, to, clock.now()), seen_revision=opened.revision)
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == []
    assert len(await RedisOutbox(database).ledger(ID)) == 3
