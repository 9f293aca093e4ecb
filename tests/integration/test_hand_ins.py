"""Papers in the store: ticked all or none, handed in once, and what is handed in stands."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduler.acts import Act, NotAllowed
from scheduler.campaigns import CampaignStatus, Grade, State, StudentState, move
from scheduler.handing_in import HandIn, Taken, college_field, ticked
from scheduler.roster import Student
from scheduler.stating import Stating
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.papers import RedisPaperStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import confirmed, import_students, open_campaign, roster

ID = "check-2019"
BY = "chatroom:monitor"


def person(sid: str, class_id: str = "c1") -> Student:
    return Student(sid=sid, number=f"2019{sid}", name=sid, college="college", class_id=class_id, cohort="2019")


def signed(state: StudentState) -> StudentState:
    after = ticked(state, signed=True, now=START)
    assert after is not None
    return after


async def test_ticks_of_a_class_are_stored_together_and_the_same_again_changes_nothing(database: Database) -> None:
    campaigns, papers = RedisCampaignStore(database), RedisPaperStore(database)
    await import_students(RedisRosterStore(database), person("s1"), person("s2"))
    await open_campaign(campaigns, "c1", size=2)
    stated = replace(confirmed(), grade=Grade.STATEMENT)
    assert await campaigns.record(ID, "c1", "s1", stated)
    new = {"s1": signed(stated), "s2": signed(StudentState(state=State.NONE))}
    assert await papers.tick(ID, "c1", new, by=BY, now=START) is Taken.DONE
    assert await papers.tick(ID, "c1", new, by=BY, now=START) is Taken.DONE
    assert await campaigns.states(ID, "c1") == new
    progress = await campaigns.progress(ID, ["c1"])
    assert (progress.done, progress.owing) == (1, 1)  # a signature alone is no statement


async def test_what_was_claimed_counts_from_the_signature_on_and_the_same_tick_again_counts_it_once(
    database: Database,
) -> None:
    campaigns, papers = RedisCampaignStore(database), RedisPaperStore(database)
    await import_students(RedisRosterStore(database), person("s1"), person("s2"))
    await open_campaign(campaigns, "c1", size=2)
    claimed = replace(confirmed(), grade=Grade.CLAIMED)
    assert await campaigns.record(ID, "c1", "s1", claimed)
    before = await campaigns.progress(ID, ["c1"])
    for _ in range(2):
        assert await papers.tick(ID, "c1", {"s1": signed(claimed)}, by=BY, now=START) is Taken.DONE
    after = await campaigns.progress(ID, ["c1"])
    assert [(one.done, one.owing) for one in (before, after)] == [(0, 2), (1, 1)]


async def test_one_state_that_changed_meanwhile_leaves_every_tick_undone(database: Database) -> None:
    campaigns, papers = RedisCampaignStore(database), RedisPaperStore(database)
    await open_campaign(campaigns, "c1")
    new = {sid: signed(StudentState(state=State.NONE)) for sid in ("s1", "s2")}
    assert await campaigns.record(ID, "c1", "s2", confirmed())
    assert await papers.tick(ID, "c1", new, by=BY, now=START) is Taken.AGAIN
    assert set(await campaigns.states(ID, "c1")) == {"s2"}


async def test_who_moved_meanwhile_is_not_ticked_in_the_class_they_left(database: Database) -> None:
    rosters, campaigns, papers = RedisRosterStore(database), RedisCampaignStore(database), RedisPaperStore(database)
    await import_students(rosters, person("s1"), person("s2", "c2"))
    await open_campaign(campaigns, "c1", "c2")
    moved = roster(2, person("s1", "c2"), person("s2", "c2"))
    assert await rosters.apply(moved, now=START, classes_of=lambda campaign: campaign.classes)
    new = {"s1": signed(StudentState(state=State.NONE))}
    assert await papers.tick(ID, "c1", new, by=BY, now=START) is Taken.AGAIN


async def test_a_class_hands_in_once_and_by_whom_it_was_stays_until_it_is_taken_back(database: Database) -> None:
    campaigns, papers = RedisCampaignStore(database), RedisPaperStore(database)
    await open_campaign(campaigns, "c1")
    assert await campaigns.hand_in(ID, "c1") is None
    first, second = HandIn(at=START, by=BY), HandIn(at=START + timedelta(hours=1), by="chatroom:other")
    assert await papers.put(ID, "c1", first, by=BY, now=START) is Taken.DONE
    assert await papers.put(ID, "c1", second, by=second.by, now=second.at) is Taken.SAME
    assert await campaigns.hand_in(ID, "c1") == first
    new = {"s1": signed(StudentState(state=State.NONE))}
    assert await papers.tick(ID, "c1", new, by=BY, now=START) is Taken.HANDED
    assert await papers.put(ID, "c1", None, by=BY, now=START) is Taken.DONE
    assert await papers.put(ID, "c1", None, by=BY, now=START) is Taken.SAME
    assert await papers.tick(ID, "c1", new, by=BY, now=START) is Taken.DONE


async def test_a_college_stands_beside_its_classes_and_nothing_is_handed_in_when_the_campaign_is_over(
    database: Database,
) -> None:
    campaigns, papers = RedisCampaignStore(database), RedisPaperStore(database)
    opened = await open_campaign(campaigns, "c1")
    given = HandIn(at=START, by=BY)
    assert await papers.put(ID, college_field("college"), given, by=BY, now=START) is Taken.DONE
    assert await papers.all(ID) == {"college:college": given}
    assert await campaigns.save(move(opened, CampaignStatus.CLOSED, START), seen_revision=opened.revision)
    assert await papers.put(ID, "c1", given, by=BY, now=START) is Taken.OVER
    assert await papers.tick(ID, "c1", {}, by=BY, now=START) is Taken.OVER


async def test_what_happens_to_papers_is_evidence(database: Database) -> None:
    campaigns, papers = RedisCampaignStore(database), RedisPaperStore(database)
    await open_campaign(campaigns, "c1")
    new = {"s1": signed(StudentState(state=State.NONE))}
    before = await database.call("XLEN", f"{database.prefix}:{{core}}:evidence-unsealed")
    await papers.tick(ID, "c1", new, by=BY, now=START)
    await papers.put(ID, "c1", HandIn(at=START, by=BY), by=BY, now=START)
    await papers.put(ID, "c1", HandIn(at=START, by=BY), by=BY, now=START)
    assert await database.call("XLEN", f"{database.prefix}:{{core}}:evidence-unsealed") == before + 2


async def test_what_is_taken_back_while_the_class_hands_in_stands(database: Database) -> None:
    """Whoever looked before the hand-in and writes after it comes too late; a new statement is still taken."""
    campaigns = RedisCampaignStore(database)
    await import_students(RedisRosterStore(database), person("s1"))
    await open_campaign(campaigns, "c1", size=1)
    assert await campaigns.record(ID, "c1", "s1", confirmed())
    await RedisPaperStore(database).put(ID, "c1", HandIn(at=START, by=BY), by=BY, now=START)
    nothing = StudentState(state=State.NONE, count=2, at=START, by="s1")
    assert not await campaigns.record(ID, "c1", "s1", nothing, before_hand_in=True)
    assert await campaigns.state(ID, "c1", "s1") == confirmed()
    assert await campaigns.record(ID, "c1", "s1", replace(nothing, state=State.WRONG))


class HandedInMeanwhile(RedisCampaignStore):
    """A store in which the class hands in between the look and the write."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._papers = RedisPaperStore(database)

    async def record(self, campaign_id: str, class_id: str, *rest: Any, **more: Any) -> bool:
        await self._papers.put(campaign_id, class_id, HandIn(at=START, by=BY), by=BY, now=START)
        return await super().record(campaign_id, class_id, *rest, **more)


@pytest.mark.parametrize(
    ("state", "what", "refused"),
    [
        (State.CONFIRMED, Act.WITHDRAW, NotAllowed.HANDED_IN),
        (State.PROXY, Act.WITHDRAW, None),
        (State.CONFIRMED, Act.REPORT_WRONG, None),
        (State.CONFIRMED, Act.AMEND, None),
    ],
)
async def test_what_is_stated_is_taken_back_before_the_hand_in_or_not_at_all(
    database: Database, state: State, what: Act, refused: NotAllowed | None
) -> None:
    campaigns = RedisCampaignStore(database)
    opened = await open_campaign(campaigns, "c1")
    assert await campaigns.record(ID, "c1", "s1", replace(confirmed(), state=state))
    stating = Stating(HandedInMeanwhile(database), lambda: "AB23")
    came = await stating.state(opened, person("s1"), what, by="s1", now=START, item="name")
    assert came.refused is refused
    assert ((await campaigns.state(ID, "c1", "s1")).state is state) is (refused is not None)
