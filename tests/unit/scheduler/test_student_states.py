"""What a person's word, a signature and the record of 学信网 make of a student's state."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.acts import MOST_TRIES, Act, NotAllowed, act
from scheduler.campaigns import DONE, NOTHING_YET, Grade, State, StudentState
from tests.samples import CAMPAIGN, stands

NOW = CAMPAIGN.stages[0].deadline.instant - timedelta(days=3)
STATED = stands(State.CONFIRMED, grade=Grade.STATEMENT)
SIGNED = stands(State.CONFIRMED, grade=Grade.SIGNED)
RECORDED = stands(State.CONFIRMED, grade=Grade.RECORD)


def tried(current: StudentState, what: Act, **how: object) -> StudentState | NotAllowed:
    return act(CAMPAIGN, current, what, **{"by": "s1", "now": NOW, "receipt": "Q7K2", **how})  # type: ignore[arg-type]


def after(current: StudentState, what: Act, **how: object) -> StudentState:
    """The state after an act that is allowed."""
    new = tried(current, what, **how)
    assert isinstance(new, StudentState), new
    return new


acts = st.tuples(st.sampled_from(Act), st.sampled_from(["major", "photo"]), st.booleans())
beginnings = st.sampled_from([NOTHING_YET, STATED, SIGNED, RECORDED])


@given(beginnings, st.lists(acts, max_size=12))
def test_a_statement_never_takes_the_place_of_better_evidence(
    state: StudentState, done: list[tuple[Act, str, bool]]
) -> None:
    for what, item, handed_in in done:
        new = tried(state, what, item=item, handed_in=handed_in)
        if isinstance(new, NotAllowed):
            continue
        corrected = what is Act.SETTLE and new.state is State.NONE  # what somebody looked at is not there any more
        assert corrected or what is Act.AMEND or state.grade in {None, Grade.STATEMENT} or new.grade is state.grade
        state = new


@given(beginnings, st.lists(acts, max_size=12))
def test_a_wrong_item_is_what_makes_a_state_wrong(state: StudentState, done: list[tuple[Act, str, bool]]) -> None:
    for what, item, handed_in in done:
        new = tried(state, what, item=item, handed_in=handed_in)
        state = new if isinstance(new, StudentState) else state
        assert bool(state.items) or state.state is not State.WRONG
        assert len(set(state.items)) == len(state.items)
        assert not (state.items and state.state in DONE)


def test_a_record_and_a_signature_outweigh_a_word() -> None:
    assert tried(RECORDED, Act.CONFIRM) is NotAllowed.ALREADY
    assert tried(RECORDED, Act.NOT_FOUND) is NotAllowed.BETTER_EVIDENCE
    assert tried(SIGNED, Act.WITHDRAW) is NotAllowed.BETTER_EVIDENCE


def test_whose_signature_was_seen_before_confirms_on_that_evidence() -> None:
    signed = stands(State.NONE, signed_at=NOW)
    assert after(signed, Act.CONFIRM).grade is Grade.SIGNED
    assert after(signed, Act.NO_LOGIN).grade is Grade.STATEMENT
    assert after(signed, Act.CONFIRM).signed_at == NOW


def test_what_is_reported_wrong_is_taken_on_any_evidence_and_can_be_taken_back() -> None:
    reported = after(RECORDED, Act.REPORT_WRONG, item="major")
    assert (reported.state, reported.grade, reported.items) == (State.WRONG, Grade.RECORD, ("major",))
    assert after(reported, Act.WITHDRAW).state is State.CONFIRMED
    assert after(after(STATED, Act.REPORT_WRONG, item="major"), Act.WITHDRAW).state is State.NONE


def test_several_items_are_settled_one_by_one_and_then_the_student_has_to_look_again() -> None:
    reported = after(after(NOTHING_YET, Act.REPORT_WRONG, item="major"), Act.REPORT_WRONG, item="photo")
    assert reported.items == ("major", "photo")
    one_left = after(reported, Act.SETTLE, item="major", by="office")
    assert (one_left.state, one_left.items) == (State.WRONG, ("photo",))
    none_left = after(one_left, Act.SETTLE, item="photo", by="office")
    assert (none_left.state, none_left.grade) == (State.NONE, None)
    assert tried(none_left, Act.SETTLE, item="photo") is NotAllowed.ALREADY


def test_tries_to_log_in_are_kept_whatever_comes_after() -> None:
    state = NOTHING_YET
    for minute in range(MOST_TRIES + 5):
        state = after(state, Act.NO_LOGIN, now=NOW + timedelta(minutes=minute))
    assert (len(state.tries), state.tries[0]) == (MOST_TRIES, NOW)
    assert state.tries[-1] == NOW + timedelta(minutes=MOST_TRIES + 4)
    assert after(state, Act.CONFIRM).tries == state.tries
    assert len(after(state, Act.WITHDRAW).tries) == MOST_TRIES - 1


def test_who_could_not_log_in_still_owes_and_who_is_done_or_reported_something_stays_so() -> None:
    assert after(NOTHING_YET, Act.NO_LOGIN).state is State.NO_LOGIN
    assert tried(STATED, Act.NO_LOGIN) is NotAllowed.ALREADY
    reported = after(NOTHING_YET, Act.REPORT_WRONG, item="major")
    again = after(reported, Act.NO_LOGIN)
    assert (again.state, again.items, len(again.tries)) == (State.WRONG, ("major",), 1)


def test_an_own_statement_can_be_taken_back_until_the_class_hands_in() -> None:
    assert after(STATED, Act.WITHDRAW).state is State.NONE
    assert tried(STATED, Act.WITHDRAW, handed_in=True) is NotAllowed.HANDED_IN


def test_the_counsellor_takes_back_what_the_student_cannot_and_leaves_what_was_reported() -> None:
    assert after(RECORDED, Act.AMEND, by="counsellor", handed_in=True).state is State.NONE
    reported = after(SIGNED, Act.REPORT_WRONG, item="major")
    assert tried(reported, Act.AMEND) is NotAllowed.ALREADY
    assert tried(NOTHING_YET, Act.AMEND) is NotAllowed.NOTHING_TO_WITHDRAW


def test_what_somebody_else_stated_can_always_be_taken_back_and_is_not_stated_again() -> None:
    stated = after(NOTHING_YET, Act.PROXY, by="chatroom:monitor")
    taken_back = after(stated, Act.WITHDRAW, handed_in=True)
    assert (taken_back.state, taken_back.own_word) == (State.NONE, True)
    assert tried(taken_back, Act.PROXY, by="chatroom:monitor") is NotAllowed.OWN_WORD
    assert after(taken_back, Act.CONFIRM).own_word


@pytest.mark.parametrize("state", sorted(set(State) - {State.NONE, State.NO_LOGIN, State.EXEMPT}))
def test_nobody_is_stated_for_who_has_said_something_themselves(state: State) -> None:
    assert tried(stands(state, grade=Grade.STATEMENT), Act.PROXY) is NotAllowed.ALREADY


@given(beginnings, st.lists(acts, max_size=12))
def test_who_only_claims_to_be_the_student_changes_nothing_that_rests_on_more(
    state: StudentState, done: list[tuple[Act, str, bool]]
) -> None:
    for what, item, handed_in in done:
        new = tried(state, what, item=item, handed_in=handed_in, claimed=True)
        if isinstance(new, NotAllowed):
            continue
        assert state.grade in {None, Grade.CLAIMED}
        assert new.grade in {None, Grade.CLAIMED}
        state = new


def test_a_claim_confirmed_again_on_proof_is_ones_own_statement() -> None:
    claimed = after(NOTHING_YET, Act.CONFIRM, claimed=True)
    assert claimed.grade is Grade.CLAIMED
    assert after(claimed, Act.CONFIRM).grade is Grade.STATEMENT
