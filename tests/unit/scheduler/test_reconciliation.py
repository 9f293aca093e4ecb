"""The roster beside 学信网's export and our states: who is missing where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.campaigns import NOTHING_YET, Grade, State, StudentState
from scheduler.deliveries import Kind
from scheduler.messages import Address
from scheduler.reconciliation import BY_RECORD, SHOWS_AFTER, Finding, no_record_note, reconcile, with_record
from scheduler.roster import RecordRow, Roster, Student
from tests.samples import CAMPAIGN, school_class, stands, student

NOW = datetime(2019, 12, 20, 15, 30, tzinfo=UTC)
"""Half past eleven at night in Guilin, in the quiet hours."""

ONE, TWO = student(1), student(2)


def roster(*students: Student) -> Roster:
    return Roster(version=1, students={one.sid: one for one in students}, classes={"c-one": school_class()})


def row(number: str = "", *, checked: bool, name: str = "", college: str = "", at: int = 2) -> RecordRow:
    return RecordRow(row=at, number=number, name=name, college=college, checked=checked)


def findings(state: StudentState, *records: RecordRow, who: Student = ONE) -> list[Finding]:
    reconciled = reconcile(CAMPAIGN, roster(who), records, {who.sid: state}, NOW, as_of=NOW)
    return [one.finding for one in reconciled.found]


CONFIRMED = stands(State.CONFIRMED, grade=Grade.STATEMENT, receipt="AB23")


@pytest.mark.parametrize(
    ("state", "checked", "finding"),
    [
        (CONFIRMED, True, []),
        (CONFIRMED, False, [Finding.NO_RECORD]),
        (CONFIRMED, None, [Finding.NOT_IN_EXPORT]),
        (stands(State.PROXY), False, [Finding.NO_RECORD]),
        (NOTHING_YET, True, []),
        (NOTHING_YET, False, [Finding.NOT_CHECKED]),
        (NOTHING_YET, None, [Finding.NOT_IN_EXPORT]),
        (stands(State.NO_LOGIN), False, [Finding.NOT_CHECKED]),
        (stands(State.WRONG), True, [Finding.WITH_OFFICE]),
        (stands(State.WRONG), False, []),
        (stands(State.NOT_FOUND), True, [Finding.WITH_OFFICE]),
        (stands(State.NOT_FOUND), None, [Finding.NOT_IN_EXPORT]),
        (stands(State.EXEMPT), False, []),
    ],
)
def test_who_is_missing_where(state: StudentState, checked: bool | None, finding: list[Finding]) -> None:
    records = [] if checked is None else [row(ONE.number, checked=checked)]
    assert findings(state, *records) == finding


def test_who_is_absent_from_an_export_that_has_their_classmates_is_missed_there() -> None:
    both = roster(ONE, TWO)
    reconciled = reconcile(CAMPAIGN, both, [row(TWO.number, checked=True)], {ONE.sid: CONFIRMED}, NOW, as_of=NOW)
    assert [(one.finding, one.student) for one in reconciled.found] == [(Finding.NO_RECORD, ONE)]


@pytest.mark.parametrize(("before", "finding"), [(SHOWS_AFTER, [Finding.NO_RECORD]), (timedelta(hours=1), [])])
def test_what_was_stated_shortly_before_the_export_or_after_it_need_not_be_in_it(
    before: timedelta, finding: list[Finding]
) -> None:
    stated = replace(CONFIRMED, at=NOW - before)
    assert findings(stated, row(ONE.number, checked=False)) == finding
    assert findings(replace(stated, at=NOW + before), row(ONE.number, checked=False)) == []


def test_who_is_exempt_by_the_rosters_status_is_missed_nowhere() -> None:
    assert findings(NOTHING_YET, who=student(1, status=CAMPAIGN.exempt[0])) == []


def test_a_row_without_a_number_is_found_by_name_and_college_however_the_name_is_dotted() -> None:
    dotted = student(1, name="阿卜杜拉·买买提")
    assert findings(CONFIRMED, row(name="阿卜杜拉 • 买买提", college="信息学院", checked=True), who=dotted) == []
    assert findings(CONFIRMED, row(name="阿卜杜拉买买提", college="理学院", checked=True), who=dotted) == [
        Finding.NOT_IN_EXPORT,
        Finding.NOT_IN_ROSTER,
    ]


def test_a_row_that_fits_several_or_nobody_is_said_and_counts_for_nobody() -> None:
    namesakes = roster(ONE, replace(TWO, name=ONE.name))
    records = [row(name=ONE.name, college=ONE.college, checked=True, at=5), row("2020", checked=True, at=6)]
    reconciled = reconcile(CAMPAIGN, namesakes, records, {}, NOW, as_of=NOW)
    strays = [(one.finding, one.row) for one in reconciled.found if one.student is None]
    assert strays == [(Finding.SEVERAL, 5), (Finding.NOT_IN_ROSTER, 6)]
    assert not reconciled.states
    assert reconciled.on_record == 0


def test_two_rows_that_contradict_each_other_count_as_none() -> None:
    both = [row(ONE.number, checked=True), row(ONE.number, checked=False, at=3)]
    assert findings(CONFIRMED, *both) == [Finding.SEVERAL]
    assert not reconcile(CAMPAIGN, roster(ONE), both, {}, NOW, as_of=NOW).states


def test_students_of_classes_outside_the_campaign_are_neither_missed_nor_unknown() -> None:
    other = student(9, "c-other")
    assert findings(NOTHING_YET, row(other.number, checked=True), who=other) == []


def test_a_record_outweighs_a_statement_and_keeps_its_time_and_receipt() -> None:
    assert with_record(CONFIRMED, NOW) == replace(CONFIRMED, grade=Grade.RECORD, count=2)


def test_a_record_confirms_who_had_stated_nothing() -> None:
    for state in (NOTHING_YET, stands(State.NO_LOGIN), stands(State.PROXY)):
        new = with_record(state, NOW)
        assert new == StudentState(
            state=State.CONFIRMED, count=state.count + 1, at=NOW, by=BY_RECORD, grade=Grade.RECORD
        )


@given(st.sampled_from(list(State)), st.sampled_from([None, *Grade]), st.integers(0, 9))
def test_a_record_is_taken_once(state: State, grade: Grade | None, count: int) -> None:
    new = with_record(StudentState(state=state, grade=grade, count=count), NOW)
    if new is None:
        assert grade is Grade.RECORD or state in {State.WRONG, State.NOT_FOUND, State.EXEMPT}
    else:
        assert new.count == count + 1
        assert with_record(new, NOW) is None


def test_the_note_keeps_the_quiet_hours_and_is_the_same_whenever_it_is_made() -> None:
    to = Address(platform="chatroom", chat="a")
    note, later = (
        no_record_note(CAMPAIGN, ONE, to, you="你", label="怎么做", now=now) for now in (NOW, NOW.replace(day=22))
    )
    assert note.id == later.id
    assert note.kind is Kind.NOTE
    assert note.not_before == datetime(2019, 12, 21, 0, 0, tzinfo=UTC)
    assert ONE.number not in note.id
    assert ONE.name not in repr(note)
