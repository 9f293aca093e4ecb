"""What becomes of a reported item: forward only, each step once, a refusal with its reason."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.corrections import CLOSED, Correction, NotAdvanced, Step, advance, ways_on
from tests.conftest import START

REPORTED = Correction(
    id="Q7K2", campaign="check-2019", class_id="c1", sid="s1", item="nation", reported_at=START, at=START, by="s1"
)


def step(current: Correction, to: Step, reason: str = "") -> Correction | NotAdvanced:
    return advance(current, to, by="clerk", now=START + timedelta(days=current.count), reason=reason)


def after(*steps: Step) -> Correction:
    current = REPORTED
    for to in steps:
        new = step(current, to, "proof" if to is Step.REFUSED else "")
        assert isinstance(new, Correction)
        current = new
    return current


def test_a_correction_goes_from_the_report_over_college_and_school_to_its_end() -> None:
    done = after(Step.RECEIVED, Step.ACCEPTED, Step.CORRECTED)
    assert (done.step, done.count, done.by, done.reported_at) == (Step.CORRECTED, 4, "clerk", START)
    assert done.is_closed


def test_a_small_office_may_leave_steps_out() -> None:
    assert after(Step.CORRECTED).step is Step.CORRECTED


def test_a_step_taken_twice_is_harmless_and_said() -> None:
    assert step(after(Step.RECEIVED), Step.RECEIVED) is NotAdvanced.ALREADY


def test_whoever_refuses_says_why() -> None:
    assert step(REPORTED, Step.REFUSED) is NotAdvanced.NO_REASON
    refused = step(REPORTED, Step.REFUSED, "proof")
    assert isinstance(refused, Correction)
    assert refused.reason == "proof"


@given(st.lists(st.sampled_from(Step), max_size=10))
def test_nobody_goes_back_and_what_is_closed_stays_closed(steps: list[Step]) -> None:
    order, current = list(Step), REPORTED
    for to in steps:
        new = step(current, to, "proof" if to is Step.REFUSED else "")
        if isinstance(new, Correction):
            assert order.index(new.step) > order.index(current.step)
            assert current.step not in CLOSED
            current = new
    assert current.count <= 4


@given(st.sampled_from(Step), st.sampled_from(Step))
def test_the_office_is_offered_just_the_steps_it_can_take(stands: Step, to: Step) -> None:
    current = replace(REPORTED, step=stands)
    taken = step(current, to, "proof" if to is Step.REFUSED else "")
    assert isinstance(taken, Correction) is (to in ways_on(stands) or (to is Step.WITHDRAWN and stands not in CLOSED))
