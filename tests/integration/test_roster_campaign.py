"""A roster that changes while a campaign is open: the state follows the person, the totals follow the state."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.connection import close, connect
from scheduler.acts import Act
from scheduler.campaigns import (
    NOTHING_YET,
    Campaign,
    CampaignStatus,
    Departure,
    Grade,
    Progress,
    State,
    StudentState,
    move,
)
from scheduler.clocks import VirtualClock
from scheduler.planner import progress_of
from scheduler.roster import Student
from scheduler.stating import Stating
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.keys import CampaignKeys
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.records import to_json
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import Platform, bind, campaign, confirmed, enter, relay, roster, student, wave_to_student

LATER = START + timedelta(days=1)
ID = "check-2019"


class School:
    """A roster with an open campaign over the classes c1 and c2."""

    def __init__(self, database: Database) -> None:
        self.rosters = RedisRosterStore(database)
        self.campaigns = RedisCampaignStore(database)

    async def begin(self, *students: Student, exempt: tuple[str, ...] = ()) -> None:
        await self.put(*students)
        opened = replace(campaign("c1", "c2"), exempt=exempt)
        found = await self.rosters.current()
        sizes = {class_id: len(found.members(class_id)) for class_id in opened.classes}
        await enter(self.campaigns, opened, sizes=sizes)

    async def put(self, *students: Student, classes: Sequence[str] | None = None) -> None:
        current = await self.rosters.current()
        wanted = roster(current.version + 1, *students)
        if classes is None:
            assert await self.rosters.apply(wanted, now=LATER)
        else:
            assert await self.rosters.apply(wanted, now=LATER, classes_of=lambda _: classes)

    async def undo(self) -> None:
        earlier = await self.rosters.earlier()
        assert earlier is not None
        assert await self.rosters.restore(earlier, now=LATER)

    async def states(self, class_id: str) -> Mapping[str, StudentState]:
        return await self.campaigns.states(ID, class_id)

    async def totals(self, class_id: str) -> tuple[int, int]:
        """How many belong to the class in the campaign, and how many are done."""
        progress = await self.campaigns.progress(ID, [class_id])
        return progress.total, progress.done


S1, S2, S3 = student("s1"), student("s2"), student("s3", "c2")


async def test_the_state_of_who_moves_goes_along_and_both_totals_follow(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    await school.campaigns.record(ID, "c1", "s1", confirmed())
    await school.put(replace(S1, class_id="c2"), S2, S3)
    assert await school.states("c1") == {}
    assert await school.states("c2") == {"s1": confirmed()}
    assert await school.totals("c1") == (1, 0)
    assert await school.totals("c2") == (2, 1)


async def test_who_is_gone_is_in_no_total_and_the_state_is_kept_with_the_reason(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    await school.campaigns.record(ID, "c1", "s1", confirmed())
    await school.put(S2, S3)
    assert await school.states("c1") == {}
    assert await school.totals("c1") == (1, 0)
    departed = (await school.campaigns.departed(ID))["s1"]
    assert (departed.class_id, departed.why, departed.at) == ("c1", Departure.GONE, LATER)
    assert departed.state == confirmed()
    assert await school.rosters.former([S1.number, S2.number]) == {S1.number: S1}


async def test_the_state_of_who_comes_back_is_there_again_in_whatever_class(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    await school.campaigns.record(ID, "c1", "s1", confirmed())
    await school.put(S2, S3)
    await school.put(S2, replace(S3, name="other"))
    await school.put(replace(S1, class_id="c2"), S2, S3)
    assert await school.states("c2") == {"s1": confirmed()}
    assert await school.totals("c2") == (2, 1)
    assert await school.campaigns.departed(ID) == {}
    assert await school.rosters.former([S1.number]) == {}


async def test_who_moves_out_of_the_campaign_is_kept_apart_and_can_return(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    await school.campaigns.record(ID, "c1", "s1", confirmed())
    await school.put(replace(S1, class_id="c9"), S2, S3)
    assert (await school.campaigns.departed(ID))["s1"].why is Departure.MOVED
    assert await school.totals("c1") == (1, 0)
    await school.put(S1, S2, S3)
    assert await school.states("c1") == {"s1": confirmed()}
    assert await school.totals("c1") == (2, 1)


async def test_a_campaign_follows_its_classes_with_a_new_revision(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    await school.campaigns.record(ID, "c1", "s1", confirmed())
    moved = [replace(one, class_id="c8") for one in (S1, S2)]
    await school.put(*moved, S3, classes=("c2", "c8"))
    stored = await school.campaigns.get(ID)
    assert stored is not None
    assert (stored.classes, stored.revision, stored.status) == (("c2", "c8"), 2, CampaignStatus.OPEN)
    assert await school.totals("c8") == (2, 1)
    assert await school.totals("c1") == (0, 0)


async def test_undoing_brings_the_version_before_back_with_the_states(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    await school.campaigns.record(ID, "c1", "s1", confirmed())
    await school.campaigns.record(ID, "c1", "s2", confirmed())
    before = await school.rosters.current()
    await school.put(replace(S1, class_id="c2"), S3, student("s4", "c2"))
    await school.campaigns.record(ID, "c2", "s3", confirmed())
    await school.undo()
    after = await school.rosters.current()
    assert (after.students, after.classes) == (before.students, before.classes)
    assert await school.states("c1") == {"s1": confirmed(), "s2": confirmed()}
    assert await school.states("c2") == {"s3": confirmed()}, "stated after the import, and kept"
    assert await school.totals("c1") == (2, 2)
    assert await school.totals("c2") == (1, 1)


async def test_an_import_is_undone_once_and_the_history_says_so(database: Database) -> None:
    rosters = RedisRosterStore(database)
    assert await rosters.earlier() is None
    assert await rosters.apply(roster(1, S1), now=START)
    assert await rosters.earlier() is None
    assert await rosters.apply(roster(2, S1, S2), now=LATER)
    earlier = await rosters.earlier()
    assert earlier is not None
    for _ in range(2):  # the answer to the first may have been lost
        assert await rosters.restore(earlier, now=LATER)
    assert await rosters.earlier() is None
    found = [(one.version, one.at, one.students, one.new, one.gone, one.restores) for one in await rosters.versions()]
    assert found == [(1, START, 1, 1, 0, 0), (2, LATER, 2, 1, 0, 0), (3, LATER, 1, 0, 1, 1)]
    assert await rosters.apply(roster(4, S1, S2), now=LATER)
    assert await rosters.student("s2") == S2


async def test_of_an_undo_and_an_import_at_once_one_wins_whole(database: Database) -> None:
    first, second = RedisRosterStore(database), RedisRosterStore(database)
    await first.apply(roster(1, S1), now=START)
    await first.apply(roster(2, S1, S2), now=START)
    earlier = await first.earlier()
    assert earlier is not None
    done = await asyncio.gather(first.restore(earlier, now=LATER), second.apply(roster(3, S1, S2, S3), now=LATER))
    assert sorted(done) == [False, True]
    assert len((await second.current()).students) == (1 if done[0] else 3)


async def test_a_status_that_exempts_takes_effect_with_the_import_and_ends_with_it(database: Database) -> None:
    school = School(database)
    no_login = StudentState(state=State.NO_LOGIN, count=1, at=START, by="s2")
    await school.begin(S1, S2, S3, exempt=("leave",))
    await school.campaigns.record(ID, "c1", "s1", confirmed())
    await school.campaigns.record(ID, "c1", "s2", no_login)
    on_leave = [replace(one, status="leave") for one in (S1, S2)]
    new = student("s4", "c2", status="leave")
    await school.put(*on_leave, S3, new)
    states = await school.states("c1")
    assert (states["s1"], states["s2"].state) == (confirmed(), State.EXEMPT), "a statement made all the same counts"
    assert await school.totals("c1") == (1, 1)
    assert await school.totals("c2") == (1, 0)
    await school.put(S1, S2, S3, replace(new, status=""))
    assert (await school.states("c1"))["s2"] == replace(no_login, count=3)
    assert (await school.states("c2"))["s4"].state is State.NONE
    assert await school.totals("c2") == (2, 0)


async def test_a_confirmation_on_its_way_while_its_student_moves_is_recorded_in_the_new_class(
    database: Database,
) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    await school.put(replace(S1, class_id="c2"), S2, S3)
    for _ in range(2):
        assert await school.campaigns.record(ID, "c1", "s1", confirmed())
    assert await school.states("c2") == {"s1": confirmed()}
    assert await school.totals("c2") == (2, 1)
    await school.put(replace(S1, class_id="c9"), S3)
    assert not await school.campaigns.record(ID, "c1", "s1", replace(confirmed(), count=2)), "no class of the campaign"
    assert not await school.campaigns.record(ID, "c1", "s2", confirmed()), "gone"
    assert await school.states("c1") == {}


async def test_a_campaign_that_was_changed_meanwhile_is_read_anew(database: Database, valkey_url: str) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    opened = await school.campaigns.get(ID)
    assert opened is not None
    changed = replace(opened, title="other", revision=2)
    seen: list[int] = []

    def classes_of(found: Campaign) -> Sequence[str]:
        """Asked between the reading of the campaign and the script: there somebody else changes it."""
        seen.append(found.revision)
        key = CampaignKeys(database.prefix).campaign(ID)
        with redis.Redis.from_url(valkey_url) as somebody_else:
            somebody_else.hset(key, mapping={"revision": 2, "body": to_json(changed)})
        return found.classes

    wanted = roster(2, replace(S1, class_id="c2"), S2, S3)
    assert await school.rosters.apply(wanted, now=LATER, classes_of=classes_of)
    assert seen == [1, 2]
    assert await school.campaigns.get(ID) == changed
    assert await school.totals("c2") == (2, 0)


@pytest.mark.parametrize(
    ("state", "then", "sent"),
    [
        (None, replace(S1, class_id="c2"), True),
        (confirmed(), replace(S1, class_id="c2"), False),
        (None, replace(S1, class_id="c9"), False),
        (None, None, False),
    ],
    ids=["moved and owing", "moved and done", "moved out of the campaign", "gone"],
)
async def test_a_reminder_on_its_way_looks_at_where_its_student_is_now(
    database: Database, clock: VirtualClock, state: StudentState | None, then: Student | None, *, sent: bool
) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    if state is not None:
        await school.campaigns.record(ID, "c1", "s1", state)
    await bind(database, "s1")
    await RedisOutbox(database).queue(wave_to_student("s1"), START)
    await school.put(*([then] if then else []), S2, S3)
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()
    assert bool(platform.taken) is sent


async def test_the_states_of_a_campaign_that_is_over_stay_where_they_were(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3)
    await school.campaigns.record(ID, "c1", "s1", confirmed())
    opened = await school.campaigns.get(ID)
    assert opened is not None
    await school.campaigns.save(move(opened, CampaignStatus.CLOSED, LATER), seen_revision=1)
    await school.put(replace(S1, class_id="c2"), S3)
    assert await school.states("c1") == {"s1": confirmed()}
    assert await school.totals("c1") == (2, 1)


async def test_who_comes_back_from_outside_is_exempt_or_not_by_what_the_roster_says_now(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3, exempt=("leave",))
    await school.put(replace(S1, class_id="c9", status="leave"), S2, S3)
    await school.put(replace(S1, status="leave"), S2, S3)
    assert (await school.states("c1"))["s1"].state is State.EXEMPT
    assert await school.totals("c1") == (1, 0)
    await school.put(replace(S1, class_id="c9"), S2, S3)
    await school.put(S1, S2, S3)
    assert (await school.states("c1"))["s1"].state is State.NONE
    assert await school.totals("c1") == (2, 0)


async def test_who_takes_back_a_statement_while_exempt_by_status_owes_nothing(database: Database) -> None:
    school = School(database)
    await school.begin(S1, S2, S3, exempt=("leave",))
    opened = await school.campaigns.get(ID)
    assert opened is not None
    stating, on_leave = Stating(school.campaigns, lambda: "R"), replace(S1, status="leave")
    await stating.state(opened, S1, Act.CONFIRM, by="s1", now=LATER)
    await school.put(on_leave, S2, S3)
    assert await school.totals("c1") == (2, 1), "what was stated counts all the same"
    taken_back = await stating.state(opened, on_leave, Act.WITHDRAW, by="s1", now=LATER)
    assert taken_back.state.state is State.EXEMPT
    assert await school.totals("c1") == (1, 0)


CLASSES = st.sampled_from(["c1", "c2", "c9", ""])
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "confirm", "undo"]), st.tuples(CLASSES, CLASSES, CLASSES)), max_size=8
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_nothing_stated_is_lost_and_the_counters_agree_whatever_the_office_imports(
    valkey_url: str, steps: list[tuple[str, tuple[str, str, str]]]
) -> None:
    asyncio.run(_nothing_is_lost(valkey_url, steps))


async def _nothing_is_lost(valkey_url: str, steps: list[tuple[str, tuple[str, str, str]]]) -> None:
    database = connect(valkey_url, f"t{secrets.token_hex(6)}")
    try:
        school = School(database)
        await school.begin(S1, S2, S3)
        stated: dict[str, StudentState] = {}
        for what, classes in steps:
            if what == "put":
                await school.put(*(student(f"s{n}", found) for n, found in enumerate(classes, start=1) if found))
            elif what == "undo" and await school.rosters.earlier():
                await school.undo()
            elif what == "confirm":
                await _everybody_confirms(school, stated)
        await _holds(school, stated)
    finally:
        await close(database)


async def _everybody_confirms(school: School, stated: dict[str, StudentState]) -> None:
    """One of them without having proved who they are."""
    for one in (await school.rosters.current()).students.values():
        new = confirmed(stated.get(one.sid, NOTHING_YET).count + 1)
        new = replace(new, grade=Grade.CLAIMED) if one.sid == S2.sid else new
        if one.class_id in campaign("c1", "c2").classes:
            assert await school.campaigns.record(ID, one.class_id, one.sid, new)
            stated[one.sid] = new


async def _holds(school: School, stated: Mapping[str, StudentState]) -> None:
    found = await school.rosters.current()
    departed = await school.campaigns.departed(ID)
    inside: dict[str, StudentState] = {}
    for class_id in ("c1", "c2"):
        states = await school.states(class_id)
        members = found.members(class_id)
        assert states.keys() <= {one.sid for one in members}
        expected: Progress = progress_of(campaign(), members, states)
        assert await school.campaigns.progress(ID, [class_id]) == expected
        inside |= states
    apart = {sid: one.state for sid, one in departed.items() if one.state != NOTHING_YET}
    assert not inside.keys() & apart.keys()
    assert inside | apart == stated
