"""Which reports of a class are named, and which are a count."""

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.class_reports import reports_of
from scheduler.campaigns import Grade, State
from scheduler.corrections import Correction, Step
from tests.conftest import START
from tests.samples import CAMPAIGN, stands, student

ITEMS = [item.id for item in CAMPAIGN.checklist]
WRITTEN = {item.label for item in CAMPAIGN.checklist if item.takes_value}
REPORT = st.tuples(st.integers(0, 3), st.sampled_from(ITEMS), st.sampled_from(Step))


def correction(number: int, sid: str, item: str, step: Step, campaign: str = CAMPAIGN.id) -> Correction:
    return Correction(
        id=f"Q{number}", campaign=campaign, class_id="c-one", sid=sid, item=item, reported_at=START, at=START, by=sid,
        step=step,
    )  # fmt: skip


@given(st.lists(REPORT, max_size=12), st.booleans())
def test_what_is_never_written_down_is_named_to_those_alone_who_may_hear_reasons(
    given_reports: list[tuple[int, str, Step]], reasons: bool
) -> None:
    members = [student(number) for number in range(4)]
    made = [correction(n, members[who].sid, item, step) for n, (who, item, step) in enumerate(given_reports)]
    found = reports_of(CAMPAIGN, members, {}, made, reasons=reasons)
    assert found.total == sum(one.step is not Step.WITHDRAWN for one in made)
    assert found.with_school == 0 or not reasons
    assert reasons or {entry.item for entry in found.entries} <= WRITTEN


def test_another_class_another_campaign_and_an_unproved_account_are_none_of_the_class_s_reports() -> None:
    here, elsewhere, unproved = student(1), student(2), student(3)
    made = [
        correction(1, here.sid, "major", Step.REPORTED),
        correction(2, elsewhere.sid, "major", Step.REPORTED),
        correction(3, unproved.sid, "major", Step.REPORTED),
        correction(4, here.sid, "major", Step.REPORTED, campaign="another"),
    ]
    states = {unproved.sid: stands(State.WRONG, grade=Grade.CLAIMED)}
    found = reports_of(CAMPAIGN, [here, unproved], states, made, reasons=True)
    assert [entry.name for entry in found.entries] == [here.name]
