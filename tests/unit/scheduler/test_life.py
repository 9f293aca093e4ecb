"""From draft to trial to all: what each step allows, and what it leaves as it was."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduler.calendar import Deadline
from scheduler.campaigns import Campaign, CampaignStatus, move
from scheduler.life import (
    Unfit,
    aimed,
    audience,
    dated,
    deadline_moved,
    joined,
    of_cohort,
    opened,
    out_of_turn,
    scheduled,
)
from scheduler.messages import Address
from scheduler.roster import Roster, SchoolClass
from scheduler.stages import Owner, Pilot, UndatedStage
from tests.samples import CAMPAIGN, HAND_IN_STAGE, STUDENT_STAGE

NOW = datetime(2019, 12, 1, 2, tzinfo=UTC)
LATER = Deadline(words="12月22日完成", day=date(2019, 12, 29))
DRAFT = replace(CAMPAIGN, status=CampaignStatus.DRAFT, classes=())
VAGUE = UndatedStage(id="choice", owner=Owner.STUDENT, words="每年10月中旬", waves=(timedelta(days=1),))
UNDATED = replace(DRAFT, stages=(HAND_IN_STAGE,), undated=(VAGUE,))


def test_a_draft_with_a_vague_date_cannot_be_scheduled_or_opened_until_a_clerk_dates_it() -> None:
    assert scheduled(UNDATED, NOW + timedelta(days=1), NOW) is Unfit.UNDATED
    assert opened(UNDATED, ("c-one",), NOW) is Unfit.UNDATED
    with pytest.raises(ValueError, match="choice"):
        move(UNDATED, CampaignStatus.OPEN, NOW)
    ready = dated(UNDATED, "choice", Deadline(words=VAGUE.words, day=date(2019, 12, 20), at=time(17)))
    assert isinstance(ready, Campaign)
    assert [stage.id for stage in ready.stages] == ["choice", "hand-in"]  # the students' first
    assert ready.undated == ()
    assert ready.revision == UNDATED.revision + 1
    assert isinstance(opened(ready, ("c-one",), NOW), Campaign)


def test_a_scheduled_campaign_knows_its_moment_and_can_be_opened_by_hand_before_it() -> None:
    waits = scheduled(DRAFT, NOW + timedelta(days=1), NOW)
    assert isinstance(waits, Campaign)
    assert (waits.status, waits.opens_at) == (CampaignStatus.SCHEDULED, NOW + timedelta(days=1))
    assert scheduled(waits, NOW + timedelta(days=1), NOW) is Unfit.THE_SAME
    by_hand = opened(waits, ("c-two", "c-one"), NOW)
    assert isinstance(by_hand, Campaign)
    assert (by_hand.status, by_hand.classes, by_hand.opened_at) == (CampaignStatus.OPEN, ("c-one", "c-two"), NOW)


def test_no_moment_to_open_is_in_the_past_or_after_the_first_deadline() -> None:
    assert scheduled(DRAFT, NOW, NOW) is Unfit.PAST
    assert scheduled(DRAFT, STUDENT_STAGE.deadline.instant, NOW) is Unfit.ORDER
    assert opened(DRAFT, ("c-one",), STUDENT_STAGE.deadline.instant) is Unfit.PAST


@pytest.mark.parametrize("status", [CampaignStatus.OPEN, CampaignStatus.CLOSED, CampaignStatus.CANCELLED])
def test_what_is_open_or_over_is_neither_dated_nor_scheduled_nor_opened_again(status: CampaignStatus) -> None:
    campaign = replace(CAMPAIGN, status=status)
    assert dated(campaign, "student", LATER) is Unfit.NOT_NOW
    assert scheduled(campaign, NOW + timedelta(days=1), NOW) is Unfit.NOT_NOW
    assert opened(campaign, ("c-one",), NOW) is Unfit.NOT_NOW


def test_nothing_is_opened_for_nobody() -> None:
    assert opened(DRAFT, (), NOW) is Unfit.NO_CLASSES


def test_a_moved_deadline_has_waves_of_its_own_and_the_other_stages_keep_theirs() -> None:
    moved = deadline_moved(CAMPAIGN, "student", LATER, NOW)
    assert isinstance(moved, Campaign)
    lead = timedelta(days=7)
    assert CAMPAIGN.wave_name(STUDENT_STAGE, lead) == "7d"
    assert moved.wave_name(moved.stage("student"), lead) == "7d.1"
    assert moved.wave_name(moved.stage("hand-in"), lead) == "7d"
    assert moved.planned_since(moved.stage("student")) == NOW
    assert moved.revision == CAMPAIGN.revision + 1
    assert deadline_moved(moved, "student", LATER, NOW) is Unfit.THE_SAME
    assert deadline_moved(moved, "nobody", LATER, NOW) is Unfit.NO_SUCH_STAGE
    assert deadline_moved(CAMPAIGN, "student", LATER, LATER.instant) is Unfit.PAST


def test_students_who_end_after_their_class_hands_in_are_noticed() -> None:
    assert out_of_turn(CAMPAIGN) is None
    moved = deadline_moved(CAMPAIGN, "student", replace(LATER, day=date(2020, 1, 10)), NOW)
    assert isinstance(moved, Campaign)
    turned = out_of_turn(moved)
    assert turned is not None
    assert [stage.id for stage in turned] == ["student", "hand-in"]


def test_a_trial_ends_when_somebody_says_so_and_takes_everybody_in() -> None:
    trial = opened(DRAFT, ("c-one",), NOW, pilot=Pilot())
    assert isinstance(trial, Campaign)
    everybody = joined(trial, ("c-one", "c-two"), ends_pilot=True)
    assert isinstance(everybody, Campaign)
    assert (everybody.classes, everybody.pilot) == (("c-one", "c-two"), None)
    assert joined(everybody, ("c-one",), ends_pilot=True) is Unfit.NO_PILOT
    assert joined(everybody, ("c-one",)) is Unfit.THE_SAME
    assert joined(DRAFT, ("c-one",)) is Unfit.NOT_NOW


def test_what_went_to_the_chat_of_staff_was_not_said_to_the_students() -> None:
    trial = opened(DRAFT, ("c-one",), NOW, pilot=Pilot(chat=Address(platform="chatroom", chat="office")))
    assert isinstance(trial, Campaign)
    everybody = joined(trial, (), ends_pilot=True)
    assert isinstance(everybody, Campaign)
    lead = timedelta(days=7)
    assert trial.wave_name(STUDENT_STAGE, lead) != everybody.wave_name(STUDENT_STAGE, lead)


@pytest.mark.parametrize(
    ("cohort", "named", "covered"),
    [
        ("2026", "2026", True),
        ("2026秋", "2026", True),
        ("2026春", "2026秋", False),
        ("2026", "2026秋", False),
        ("20261", "2026", False),
        ("2025", "2026", False),
        ("2025", "", True),
    ],
)
def test_a_year_covers_its_terms_and_nothing_else(cohort: str, named: str, *, covered: bool) -> None:
    assert of_cohort(cohort, named) is covered


def test_an_audience_is_what_cohort_college_class_and_scope_leave() -> None:
    def found(class_id: str, college: str = "信息学院", cohort: str = "2026", scope: str = "glut") -> SchoolClass:
        return SchoolClass(id=class_id, name=class_id, college=college, cohort=cohort, scope=scope)

    classes = [found("a"), found("b", cohort="2026秋"), found("c", college="文学院"), found("d", scope="dgut")]
    roster = Roster(version=1, students={}, classes={one.id: one for one in (*classes, found("e", cohort="2025"))})
    drive = replace(DRAFT, cohort="2026")

    def lineage(scope: str) -> tuple[str, ...]:
        return scope, "national"

    assert audience(drive, roster, lineage) == ("a", "b", "c")
    assert audience(replace(drive, colleges=("文学院",)), roster, lineage) == ("c",)
    assert audience(replace(drive, only=("b", "e")), roster, lineage) == ("b",)
    assert audience(replace(drive, cohort="", scope="national"), roster, lineage) == ("a", "b", "c", "d", "e")


def test_a_draft_can_be_aimed_anew_with_other_statuses_exempt_and_an_open_campaign_cannot() -> None:
    other = aimed(DRAFT, cohort="2026", colleges=["文学院"], only=(), leave_out=["转出"], take_in=["休学"])
    assert isinstance(other, Campaign)
    assert (other.cohort, other.colleges, other.exempt) == ("2026", ("文学院",), ("保留入学资格", "转出"))
    assert aimed(CAMPAIGN, cohort="2026", colleges=(), only=()) is Unfit.NOT_NOW


def test_the_deadline_that_students_are_told_is_theirs_whatever_the_class_is_given() -> None:
    early = dated(DRAFT, "hand-in", Deadline(words="12月20日", day=date(2019, 12, 20)))
    assert isinstance(early, Campaign)
    assert [stage.owner for stage in early.stages] == [Owner.STUDENT, Owner.MONITOR]
