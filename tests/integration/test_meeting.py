"""Two campaigns with a wave near each other: one message, each campaign checked and recorded by itself."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise
from urllib.parse import unquote

import pytest

from bot.storage.connection import close, connect, socket_url
from scheduler.calendar import ZONE, Deadline
from scheduler.campaigns import Campaign, CampaignStatus, move
from scheduler.clocks import VirtualClock
from scheduler.life import deadline_moved
from scheduler.messages import Accepted, Outcome, Refused, RefusedWhy, Unknown
from scheduler.planner import GAP, plan
from scheduler.roster import Binding, BindingStrength, Group
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.proxy import cutting
from tests.integration.school import (
    Platform,
    campaign,
    confirmed,
    enter,
    group,
    import_students,
    relay,
    reminders,
    student,
)
from tests.integration.test_faults import MOST_STEPS, killed_at_the_cut, whole_way

FIRST, SECOND = campaign(), replace(campaign(), id="photo-2019", title="photo")
MOMENT = min(plan(one, START).coming[0].at for one in (FIRST, SECOND))
NOT_OWED = Refused(why=RefusedWhy.NOT_OWED)


async def prepare(database: Database) -> RedisCampaignStore:
    """One class of four with a group, in both campaigns; s1 can be reached in private."""
    await import_students(RedisRosterStore(database), *(student(f"s{number}") for number in range(1, 5)))
    bindings, campaigns = RedisBindingStore(database), RedisCampaignStore(database)
    await bindings.bind_group(Group(address=group("group"), classes=("c1",)))
    await bindings.bind(Binding(account="chatroom:s1", sid="s1", strength=BindingStrength.STRONG, private=group("s1")))
    for one in (FIRST, SECOND):
        await enter(campaigns, one, size=4)
    return campaigns


@pytest.fixture
async def campaigns(database: Database, clock: VirtualClock) -> RedisCampaignStore:
    clock.advance_to(MOMENT)
    return await prepare(database)


async def outcomes(database: Database, of: Campaign, chat: str) -> list[Outcome | None]:
    """What came of what a campaign told a chat."""
    attempts = await RedisOutbox(database).ledger(of.id)
    return [one.outcome for one in attempts if one.address == f"chatroom:{chat}"]


async def told(database: Database) -> list[str]:
    """What is in the evidence of messages: campaign, address kind and outcome."""
    evidence = RedisEvidence(database)
    entries = [entry async for entry in evidence.entries(await evidence.seal(START))]
    return [entry for entry in entries if '"kind":"told"' in entry]


@pytest.mark.usefixtures("campaigns")
@pytest.mark.parametrize("processes", [2, 5])
async def test_whoever_fires_them_the_waves_of_both_are_claimed_once_and_said_in_one_message(
    database: Database, clock: VirtualClock, processes: int
) -> None:
    queued = await asyncio.gather(*(reminders(database, clock).fire() for _ in range(processes)))
    assert sum(queued) == 2
    platform, outbox = Platform(), RedisOutbox(database)
    await relay(database, platform, clock).run_until_idle()
    assert sorted(platform.taken) == [("group", "wave.together.group"), ("s1", "wave.together.private")]
    for one in (FIRST, SECOND):
        assert await outbox.claimed(one.id) == {f"{one.id}:student:7d:c1": "claimed"}
        assert [type(came) for came in await outcomes(database, one, "group")] == [Accepted]
        assert await outbox.told(one.id) == {"chatroom:group": 1, "s1": 1}
    assert await outbox.burdens(["s1"], clock.now()) == {"s1": 1}, "it was one message"
    assert len(await told(database)) == 4


async def test_a_campaign_that_ends_before_the_message_is_sent_is_left_out_of_it(
    database: Database, clock: VirtualClock, campaigns: RedisCampaignStore
) -> None:
    await reminders(database, clock).fire()
    await campaigns.save(move(SECOND, CampaignStatus.CANCELLED, START), seen_revision=1)
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()
    assert sorted(platform.taken) == [("group", "wave.group.first"), ("s1", "wave.private.first")]
    assert [type(came) for came in await outcomes(database, FIRST, "group")] == [Accepted]
    assert await outcomes(database, SECOND, "group") == [NOT_OWED]
    assert await RedisOutbox(database).told(SECOND.id) == {}


async def test_once_both_have_ended_nothing_is_sent(
    database: Database, clock: VirtualClock, campaigns: RedisCampaignStore
) -> None:
    await reminders(database, clock).fire()
    for one in (FIRST, SECOND):
        await campaigns.save(move(one, CampaignStatus.CLOSED, START), seen_revision=1)
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == []
    assert await outcomes(database, SECOND, "s1") == [NOT_OWED]


async def test_what_nobody_or_hardly_anybody_owes_any_more_is_not_said_and_not_recorded_as_said(
    database: Database, clock: VirtualClock, campaigns: RedisCampaignStore
) -> None:
    await reminders(database, clock).fire()
    for sid in ("s1", "s2"):
        await campaigns.record(SECOND.id, "c1", sid, confirmed())
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()
    assert sorted(platform.taken) == [("group", "wave.group.first"), ("s1", "wave.private.first")]
    for chat in ("group", "s1"):
        assert [type(came) for came in await outcomes(database, FIRST, chat)] == [Accepted]
        assert await outcomes(database, SECOND, chat) == [NOT_OWED]
    assert await RedisOutbox(database).told(SECOND.id) == {}


@pytest.mark.usefixtures("campaigns")
async def test_where_no_answer_came_both_wait_for_one_decision_and_come_again_together(
    database: Database, clock: VirtualClock
) -> None:
    await reminders(database, clock).fire()
    platform, outbox = Platform(answers=[Unknown(why="timeout"), Unknown(why="timeout")]), RedisOutbox(database)
    await relay(database, platform, clock).run_until_idle()
    (parked,) = await outbox.parked()
    assert platform.taken == [("s1", "delivery.repeat wave.together.private")]
    await outbox.decide([parked], clock.now(), again=True)
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken[1:] == [("group", "delivery.repeat wave.together.group")]
    for one in (FIRST, SECOND):
        assert [type(came).__name__ for came in await outcomes(database, one, "group")] == ["Unknown", "Accepted"]


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
async def test_a_message_of_two_campaigns_survives_a_cut_at_every_step(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, database: Database, after_it_was_done: bool
) -> None:
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    for step in range(1, MOST_STEPS):
        direct = connect(socket_url(target), f"{database.prefix}{step}")
        clock, platform = VirtualClock(MOMENT), Platform()
        await prepare(direct)
        async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (proxy, path):
            dying = connect(socket_url(path), direct.prefix)
            was_cut = await killed_at_the_cut(whole_way(dying, platform, clock, "dying"), proxy)
            await close(dying)
        await whole_way(direct, platform, clock, "heir")
        await _is_explained(direct, [chat for chat, _ in platform.taken])
        await close(direct)
        if not was_cut:
            assert step > 5, "the way has steps that were cut"
            return
    raise AssertionError(f"the way has more than {MOST_STEPS} steps")


async def _is_explained(database: Database, heard: Sequence[str]) -> None:
    """Both campaigns know the same of each message, and the group heard it once or somebody has to decide."""
    parked = await RedisOutbox(database).parked()
    assert (heard.count("group"), len(parked)) in {(1, 0), (1, 1), (0, 1)}
    assert heard.count("s1") in {1, 2}
    for chat in ("group", "s1"):
        of_first = await outcomes(database, FIRST, chat)
        assert of_first == await outcomes(database, SECOND, chat)
        assert None not in of_first
    assert len({len(await RedisOutbox(database).claimed(one.id)) for one in (FIRST, SECOND)}) == 1


async def test_a_deadline_moved_while_a_reminder_may_still_be_caught_up_is_told_in_one_message(
    database: Database, clock: VirtualClock
) -> None:
    """Who heard the old deadline hears that it moved, and not beside it what the late reminder would have said."""
    campaigns = await prepare(database)
    await campaigns.save(move(SECOND, CampaignStatus.CANCELLED, START), seen_revision=1)
    clock.advance_to(MOMENT)
    platform = Platform()
    await whole_way(database, platform, clock, "w1")
    platform.taken.clear()
    clock.advance_to(datetime(2019, 12, 17, 10, tzinfo=ZONE).astimezone(UTC))
    sooner = deadline_moved(FIRST, "student", Deadline(words="", day=date(2019, 12, 20), at=time(9)), clock.now())
    assert isinstance(sooner, Campaign)
    assert await campaigns.save(sooner, seen_revision=1)
    assert [wave.id for wave in plan(sooner, clock.now()).due] == ["3d.1", "moved.1"]
    await whole_way(database, platform, clock, "w1")
    assert sorted(platform.taken) == [("group", "wave.group.moved"), ("s1", "wave.private.moved")]


async def test_through_a_whole_term_no_group_hears_twice_within_the_gap_and_everybody_hears_of_everything(
    database: Database, clock: VirtualClock
) -> None:
    everybody = [student(f"s{number}", f"c{number % 3 + 1}") for number in range(12)]
    await import_students(RedisRosterStore(database), *everybody)
    bindings, campaigns = RedisBindingStore(database), RedisCampaignStore(database)
    for chat, classes in (("g1", ("c1",)), ("g12", ("c1", "c2")), ("g3", ("c3",))):
        await bindings.bind_group(Group(address=group(chat), classes=classes))
    for sid in (person.sid for person in everybody):
        await bindings.bind(
            Binding(account=f"chatroom:{sid}", sid=sid, strength=BindingStrength.STRONG, private=group(sid))
        )
    running = [
        _due_at(campaign("c1", "c3"), "first", day=22, hour=20),
        _due_at(campaign("c2", "c3"), "second", day=22, hour=18),
        _due_at(campaign("c1", "c2", "c3"), "third", day=21, hour=19),
    ]
    for one in running:
        await enter(campaigns, one, size=4)
    heard: defaultdict[str, list[datetime]] = defaultdict(list)
    for moment in sorted(wave.at for one in running for wave in plan(one, START).coming):
        platform = Platform()
        clock.advance_to(moment)
        await reminders(database, clock, most_a_week=50).fire()
        await relay(database, platform, clock).run_until_idle()
        for chat, _ in platform.taken:
            heard[chat].append(moment)
    for moments in heard.values():
        assert all(after - before >= GAP for before, after in pairwise(moments))
    for one in running:
        assert set((await RedisOutbox(database).claimed(one.id)).values()) == {"claimed"}
        told_of = await RedisOutbox(database).told(one.id)
        members = {person.sid for person in everybody if person.class_id in one.classes}
        assert {who: number for who, number in told_of.items() if who in members} == dict.fromkeys(members, 4)


def _due_at(one: Campaign, name: str, *, day: int, hour: int) -> Campaign:
    deadline = Deadline(words="", day=date(2019, 12, day), at=time(hour))
    return replace(one, id=name, title=name, stages=(replace(one.stages[0], deadline=deadline),))
