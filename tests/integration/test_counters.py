"""The counters of a class against its states, whatever the office and its people do one after the other."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.connection import close, connect
from scheduler.acts import Act
from scheduler.campaigns import Campaign
from scheduler.disk import ElsewhereSpace
from scheduler.handing_in import ticks
from scheduler.opening import Opening, exemptions
from scheduler.planner import progress_of
from scheduler.roster import Roster
from scheduler.stating import Stating
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.papers import RedisPaperStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import campaign, roster, student

ID, ON_LEAVE = "check-2019", "leave"


class Office:
    """A campaign of the class c1, which c2 may join, in a school with a third class."""

    def __init__(self, database: Database) -> None:
        self.rosters = RedisRosterStore(database)
        self.campaigns = RedisCampaignStore(database)
        self.papers = RedisPaperStore(database)
        self.stating = Stating(self.campaigns, lambda: "R")

    async def begin(self, places: Sequence[tuple[str, str]]) -> None:
        await self.put(places)
        opened, found = replace(campaign("c1"), exempt=(ON_LEAVE,)), await self.rosters.current()
        sizes, exempt = {"c1": len(found.members("c1"))}, exemptions(opened, found, opened.classes, START)
        assert await self.campaigns.enter(
            opened, seen_revision=0, roster_version=found.version, sizes=sizes, exempt=exempt, now=START
        )

    async def put(self, places: Sequence[tuple[str, str]]) -> None:
        own = [student(f"s{n}", where, status=status) for n, (where, status) in enumerate(places, start=1) if where]
        version = (await self.rosters.current()).version + 1
        assert await self.rosters.apply(roster(version, *own), now=START)

    async def undo(self) -> None:
        earlier = await self.rosters.earlier()
        assert earlier is None or await self.rosters.restore(earlier, now=START)

    async def join(self) -> None:
        there = {"c1", "c2"} & (await self.rosters.current()).classes.keys()
        opening = Opening(self.rosters, self.campaigns, lambda scope: (scope,), ElsewhereSpace())
        await opening.join(ID, sorted(there), START)

    async def state(self, sid: str, what: Act, *, claimed: bool) -> None:
        opened, found = await self.now()
        if sid in found.students and found.students[sid].class_id in opened.classes:
            item = "name" if what is Act.REPORT_WRONG else ""
            who = found.students[sid]
            await self.stating.state(opened, who, what, by=sid, now=START, item=item, claimed=claimed)

    async def vouch(self, sid: str) -> None:
        opened, found = await self.now()
        if sid in found.students and found.students[sid].class_id in opened.classes:
            await self.stating.vouch(opened, found.students[sid], by="m", now=START, reason="away", most=3)

    async def tick(self, said: dict[str, bool]) -> None:
        opened, found = await self.now()
        for class_id in opened.classes:
            states = await self.campaigns.states(ID, class_id)
            new = ticks(opened, found.members(class_id), states, said=said, now=START)
            await self.papers.tick(ID, class_id, new, by="m", now=START)

    async def now(self) -> tuple[Campaign, Roster]:
        found = await self.campaigns.get(ID)
        assert found is not None
        return found, await self.rosters.current()

    async def agrees(self) -> None:
        opened, found = await self.now()
        for class_id in opened.classes:
            members, states = found.members(class_id), await self.campaigns.states(ID, class_id)
            assert states.keys() <= {one.sid for one in members}
            assert await self.campaigns.progress(ID, [class_id]) == progress_of(opened, members, states)


Step = Callable[[Office], Awaitable[None]]

STATUS = st.sampled_from(["", "", ON_LEAVE])
SOMEWHERE = st.tuples(st.sampled_from(["c1", "c2", "c9"]), STATUS)
PLACE = st.tuples(st.sampled_from(["c1", "c2", "c9", ""]), STATUS)
PLACES = st.tuples(SOMEWHERE, PLACE, PLACE)
SID = st.sampled_from(["s1", "s2", "s3"])
OWN = st.sampled_from([Act.CONFIRM, Act.REPORT_WRONG, Act.NOT_FOUND, Act.NO_LOGIN, Act.WITHDRAW, Act.AMEND])
STEP: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda places: lambda office: office.put(places), PLACES),
    st.builds(lambda: lambda office: office.undo()),
    st.builds(lambda: lambda office: office.join()),
    st.builds(
        lambda sid, what, claimed: lambda office: office.state(sid, what, claimed=claimed), SID, OWN, st.booleans()
    ),
    st.builds(lambda sid: lambda office: office.vouch(sid), SID),
    st.builds(lambda said: lambda office: office.tick(said), st.dictionaries(SID, st.booleans())),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=PLACES, steps=st.lists(STEP, max_size=14))
def test_the_counters_say_what_the_states_say_whatever_is_done(
    valkey_url: str, first: Sequence[tuple[str, str]], steps: Sequence[Step]
) -> None:
    asyncio.run(_they_agree(valkey_url, first, steps))


async def _they_agree(valkey_url: str, first: Sequence[tuple[str, str]], steps: Sequence[Step]) -> None:
    database = connect(valkey_url, f"t{secrets.token_hex(6)}")
    try:
        office = Office(database)
        await office.begin(first)
        for step in steps:
            await step(office)
            await office.agrees()
    finally:
        await close(database)
