"""How a campaign and a student's state in it move."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.acts import Act, NotAllowed, act
from scheduler.campaigns import NOTHING_YET, CampaignStatus, Grade, State, StudentState, is_exempt, move, wave_id
from tests.samples import CAMPAIGN, stands

DEADLINE = CAMPAIGN.stages[0].deadline.instant
BEFORE = DEADLINE - timedelta(days=3)


def after(what: Act, current: StudentState = NOTHING_YET, *, item: str = "") -> StudentState | NotAllowed:
    """What an act of a student makes of a state, three days before the deadline."""
    return act(CAMPAIGN, current, what, by="s1", now=BEFORE, receipt="Q7K2", item=item)


def test_a_confirmation_keeps_when_by_whom_and_on_what_evidence() -> None:
    assert after(Act.CONFIRM) == StudentState(
        state=State.CONFIRMED, count=1, at=BEFORE, by="s1", grade=Grade.STATEMENT, receipt="Q7K2"
    )


def test_confirming_twice_is_harmless_and_said() -> None:
    assert after(Act.CONFIRM, stands(State.CONFIRMED, grade=Grade.STATEMENT)) is NotAllowed.ALREADY


def test_a_statement_after_the_deadline_is_taken_and_marked_late() -> None:
    late = act(CAMPAIGN, NOTHING_YET, Act.CONFIRM, by="s1", now=DEADLINE, receipt="Q7K2")
    assert isinstance(late, StudentState)
    assert late.late


def test_taking_back_leaves_nothing_stated_and_no_evidence() -> None:
    taken_back = after(Act.WITHDRAW, stands(State.CONFIRMED, grade=Grade.STATEMENT))
    assert isinstance(taken_back, StudentState)
    assert (taken_back.state, taken_back.grade, taken_back.count) == (State.NONE, None, 2)
    assert after(Act.WITHDRAW) is NotAllowed.NOTHING_TO_WITHDRAW


def test_every_try_to_log_in_is_kept_with_its_time() -> None:
    again = after(Act.NO_LOGIN, stands(State.NO_LOGIN))
    assert isinstance(again, StudentState)
    assert again.count == 2


def test_another_wrong_item_is_a_new_report() -> None:
    first = after(Act.REPORT_WRONG, item="major")
    assert isinstance(first, StudentState)
    assert after(Act.REPORT_WRONG, first, item="major") is NotAllowed.ALREADY
    assert isinstance(after(Act.REPORT_WRONG, first, item="photo"), StudentState)


@given(st.sampled_from(Act), st.sampled_from(State), st.sampled_from(sorted(set(CampaignStatus) - {"open"})))
def test_in_a_campaign_that_is_not_open_nothing_moves(what: Act, state: State, status: CampaignStatus) -> None:
    closed = replace(CAMPAIGN, status=status)
    moved = act(closed, stands(state), what, by="s1", now=BEFORE, receipt="Q7K2")
    assert moved is NotAllowed.CAMPAIGN_OVER


@given(st.lists(st.sampled_from(Act), max_size=12))
def test_every_change_of_a_state_is_counted(acts: list[Act]) -> None:
    state, changes = NOTHING_YET, 0
    for what in acts:
        new = after(what, state)
        if isinstance(new, StudentState):
            state, changes = new, changes + 1
    assert state.count == changes


def test_the_roster_exempts_who_has_stated_nothing_and_a_statement_counts_all_the_same() -> None:
    assert is_exempt(CAMPAIGN, "休学", stands(State.NONE))
    assert not is_exempt(CAMPAIGN, "休学", stands(State.CONFIRMED))
    assert not is_exempt(CAMPAIGN, "在籍", stands(State.NONE))
    assert is_exempt(CAMPAIGN, "在籍", stands(State.EXEMPT))


def test_a_campaign_lives_from_draft_over_open_to_closed_and_no_other_way() -> None:
    draft = replace(CAMPAIGN, status=CampaignStatus.DRAFT, revision=1)
    opened = move(draft, CampaignStatus.OPEN, BEFORE)
    assert (opened.opened_at, opened.revision) == (BEFORE, 2)
    closed = move(opened, CampaignStatus.CLOSED, DEADLINE)
    assert (closed.opened_at, closed.revision) == (BEFORE, 3)
    for status in CampaignStatus:
        with pytest.raises(ValueError, match="cannot become"):
            move(closed, status, DEADLINE)


@pytest.mark.parametrize(
    ("lead", "name"),
    [
        (timedelta(days=7), "7d"),
        (timedelta(hours=24), "1d"),
        (timedelta(hours=3), "3h"),
        (timedelta(minutes=90), "90m"),
    ],
)
def test_a_wave_is_named_by_its_lead_in_the_largest_whole_unit(lead: timedelta, name: str) -> None:
    assert wave_id(lead) == name
