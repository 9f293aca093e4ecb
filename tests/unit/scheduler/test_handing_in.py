"""A signature on paper makes the evidence better, and never takes the place of a statement."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.acts import Act, act
from scheduler.campaigns import DONE, NOTHING_YET, Grade, State, StudentState
from scheduler.handing_in import signatures, ticked, ticks
from tests.samples import CAMPAIGN, STUDENT_STAGE, stands, student

NOW = STUDENT_STAGE.deadline.instant


def test_a_signature_makes_a_statement_better_evidence_and_taking_it_back_makes_it_a_statement_again() -> None:
    stated = stands(State.CONFIRMED, grade=Grade.STATEMENT)
    signed = ticked(stated, signed=True, now=NOW)
    assert signed is not None
    assert (signed.grade, signed.state, signed.count) == (Grade.SIGNED, State.CONFIRMED, 2)
    back = ticked(signed, signed=False, now=NOW)
    assert back is not None
    assert (back.grade, back.signed_at) == (Grade.STATEMENT, None)


@pytest.mark.parametrize("signed_first", [False, True])
def test_a_signature_that_was_not_there_after_all_leaves_a_claim_a_claim(*, signed_first: bool) -> None:
    before = ticked(NOTHING_YET, signed=True, now=NOW) if signed_first else NOTHING_YET
    assert before is not None
    state = act(CAMPAIGN, before, Act.CONFIRM, by="s", now=NOW, receipt="Q7K2", claimed=True)
    assert isinstance(state, StudentState)
    signed = state if signed_first else ticked(state, signed=True, now=NOW)
    assert signed is not None
    assert (signed.grade, signed.counted) == (Grade.SIGNED, State.CONFIRMED)
    back = ticked(signed, signed=False, now=NOW)
    assert back is not None
    assert (back.grade, back.counted) == (Grade.CLAIMED, State.NONE)


def test_what_is_stated_on_proof_beside_a_signature_stays_a_statement_without_it() -> None:
    claimed = act(CAMPAIGN, NOTHING_YET, Act.CONFIRM, by="s", now=NOW, receipt="Q7K2", claimed=True)
    assert isinstance(claimed, StudentState)
    signed = ticked(claimed, signed=True, now=NOW)
    assert signed is not None
    proved = act(CAMPAIGN, signed, Act.CONFIRM, by="s", now=NOW, receipt="Q7K3")
    assert isinstance(proved, StudentState)
    back = ticked(proved, signed=False, now=NOW)
    assert back is not None
    assert back.grade is Grade.STATEMENT


def test_what_the_site_has_on_record_stays_the_better_evidence() -> None:
    signed = ticked(stands(State.CONFIRMED, grade=Grade.RECORD), signed=True, now=NOW)
    assert signed is not None
    assert signed.grade is Grade.RECORD


@given(state=st.sampled_from(sorted(set(State))), signed=st.booleans())
def test_a_tick_never_changes_what_somebody_stated(*, state: State, signed: bool) -> None:
    before = stands(state, signed_at=None if signed else NOW)
    after = ticked(before, signed=signed, now=NOW)
    assert after is not None
    assert after.state is state
    assert state in DONE or after.grade is None
    assert ticked(after, signed=signed, now=NOW) is None  # the same again changes nothing


@pytest.mark.parametrize("what", [Act.CONFIRM, Act.WITHDRAW, Act.REPORT_WRONG])
def test_a_signature_stays_on_the_paper_whatever_is_stated_afterwards(what: Act) -> None:
    signed = ticked(stands(State.NO_LOGIN), signed=True, now=NOW)
    assert signed is not None
    after = act(CAMPAIGN, signed, what, by="s", now=NOW, receipt="Q7K2")
    assert isinstance(after, StudentState)
    assert after.signed_at == NOW
    assert (after.grade is Grade.SIGNED) is (what is Act.CONFIRM)


def test_who_is_exempt_neither_signs_nor_counts() -> None:
    everybody = [student(1), student(2, status="休学"), student(3)]
    new = ticks(CAMPAIGN, everybody, {}, said={one.sid: True for one in everybody}, now=NOW)
    assert set(new) == {everybody[0].sid, everybody[2].sid}
    counted = signatures(CAMPAIGN, everybody, {everybody[0].sid: replace(new[everybody[0].sid])})
    assert (counted.signed, counted.total) == (1, 2)


def test_who_is_said_to_be_missing_loses_a_tick_and_of_whom_nothing_is_said_keeps_it() -> None:
    one, other, third = everybody = [student(number) for number in (1, 2, 3)]
    before = ticks(CAMPAIGN, everybody, {}, said={one.sid: True, other.sid: True}, now=NOW)
    new = ticks(CAMPAIGN, everybody, before, said={one.sid: False, third.sid: True}, now=NOW)
    assert {sid: state.signed_at for sid, state in new.items()} == {one.sid: None, third.sid: NOW}
