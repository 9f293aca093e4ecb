"""What an import changes in the roster."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from scheduler.messages import Address
from scheduler.roster import (
    Binding,
    BindingStrength,
    Roster,
    RosterDiff,
    RosterRow,
    Student,
    Transfer,
    class_id_of,
    diff,
    lost_zeros,
    merge,
    private_address,
    reached,
    staying,
    transfers,
)

NOBODY = Roster(version=0, students={}, classes={})
FIRST = RosterRow(row=2, number="001", name="甲", college="信息学院", class_name="计科1901", cohort="2019")
SECOND = replace(FIRST, row=3, number="002", name="乙", counsellor="李老师")
THIRD = replace(FIRST, row=4, number="003", name="丙", class_name="计科1902")

ROWS = st.lists(
    st.builds(
        RosterRow,
        row=st.just(2),
        number=st.integers(0, 20).map(lambda number: f"{number:03}"),
        name=st.sampled_from("甲乙丙"),
        college=st.sampled_from(["信息学院", "理学院"]),
        class_name=st.sampled_from(["一班", "二班"]),
        cohort=st.sampled_from(["2019", "2026秋"]),
        is_monitor=st.booleans(),
    ),
    unique_by=lambda row: row.number,
    max_size=12,
)


def merged(
    current: Roster,
    rows: Sequence[RosterRow],
    *,
    former: Mapping[str, Student] = MappingProxyType({}),
    stay: Sequence[Student] = (),
) -> Roster:
    """The next version, with sids counted on from the last."""
    numbers = count(len(current.students) + 1)
    return merge(
        current,
        rows,
        scope_of=lambda row: f"glut-{row.cohort}",
        new_sid=lambda: f"v{current.version}-{next(numbers)}",
        former=former,
        staying=stay,
    )


def by_number(roster: Roster) -> dict[str, Student]:
    return {student.number: student for student in roster.students.values()}


def test_the_first_import_makes_students_classes_and_their_scope() -> None:
    roster = merged(NOBODY, [FIRST, SECOND, THIRD])
    one, two = class_id_of("信息学院", "2019", "计科1901"), class_id_of("信息学院", "2019", "计科1902")
    assert roster.version == 1
    assert [student.number for student in roster.members(one)] == ["001", "002"]
    assert (roster.classes[one].scope, roster.classes[one].counsellor) == ("glut-2019", "李老师")
    assert roster.classes.keys() == {one, two}


def test_a_class_has_the_same_short_id_in_every_import() -> None:
    assert class_id_of("信息学院", "2019", "计科1901") == class_id_of("信息学院", "2019", "计科1901")
    assert class_id_of("信息学院", "2019", "计科1901") != class_id_of("信息学院", "2020", "计科1901")
    assert len(class_id_of("信息学院", "2019", "计科1901")) == 9


def test_a_diff_tells_new_changed_moved_and_gone_apart() -> None:
    before = merged(NOBODY, [FIRST, SECOND, THIRD])
    rows = [
        replace(FIRST, name="甲甲"),
        replace(SECOND, class_name="计科1902", name="乙乙"),
        replace(FIRST, number="004"),
    ]
    after = merged(before, rows)
    assert diff(before, after) == RosterDiff(new=("004",), changed=("001",), moved=("002",), gone=("003",))
    assert diff(after, before) == RosterDiff(new=("003",), changed=("001",), moved=("002",), gone=("004",))


def test_another_counsellor_of_a_class_changes_its_students() -> None:
    before = merged(NOBODY, [FIRST, SECOND, THIRD])
    after = merged(before, [FIRST, replace(SECOND, counsellor="王老师"), THIRD])
    assert diff(before, after) == RosterDiff(new=(), changed=("001", "002"), moved=(), gone=())


@given(ROWS, ROWS)
def test_after_an_import_the_same_file_changes_nothing(before: list[RosterRow], rows: list[RosterRow]) -> None:
    after = merged(merged(NOBODY, before), rows)
    again = merged(after, rows)
    assert diff(after, again) == RosterDiff(new=(), changed=(), moved=(), gone=())
    assert (again.students, again.classes) == (after.students, after.classes)


@given(ROWS, ROWS)
def test_a_known_number_keeps_its_sid_and_every_sid_is_one_student(
    before: list[RosterRow], rows: list[RosterRow]
) -> None:
    old = merged(NOBODY, before)
    new = merged(old, rows)
    old_sids = {student.number: student.sid for student in old.students.values()}
    new_sids = {student.number: student.sid for student in new.students.values()}
    assert all(new_sids[number] == old_sids[number] for number in new_sids.keys() & old_sids.keys())
    assert len(new.students) == len(rows)
    assert new_sids.keys() == {row.number for row in rows}


@given(ROWS, ROWS)
def test_every_number_is_in_at_most_one_part_of_a_diff(before: list[RosterRow], rows: list[RosterRow]) -> None:
    old = merged(NOBODY, before)
    found = diff(old, merged(old, rows))
    parts = [*found.new, *found.changed, *found.moved, *found.gone]
    assert len(parts) == len(set(parts))
    assert {row.number for row in before} ^ {row.number for row in rows} == {*found.new, *found.gone}


def test_who_comes_back_is_the_same_person_as_before() -> None:
    before = merged(NOBODY, [FIRST, SECOND])
    gone = by_number(before)["002"]
    back = merged(merged(before, [FIRST]), [FIRST, SECOND], former={"002": gone})
    assert by_number(back)["002"].sid == gone.sid


def test_a_row_set_aside_leaves_its_student_as_they_were() -> None:
    before = merged(NOBODY, [FIRST, SECOND, THIRD])
    kept = staying(before, [FIRST], [replace(SECOND, name="", class_name="计科1903"), THIRD])
    after = merged(before, [FIRST], stay=kept)
    assert diff(before, after) == RosterDiff(new=(), changed=(), moved=(), gone=())
    assert after.classes == before.classes


def test_a_row_set_aside_with_a_damaged_number_is_known_by_its_name() -> None:
    namesake = replace(FIRST, number="009", name="丙", class_name="计科1903")
    before = merged(NOBODY, [FIRST, THIRD, namesake])
    damaged = replace(THIRD, number="3E+15")
    assert [student.number for student in staying(before, [FIRST], [damaged])] == ["003"]
    elsewhere = replace(damaged, class_name="")
    assert {student.number for student in staying(before, [FIRST], [elsewhere])} == {"003", "009"}
    assert staying(before, [FIRST, THIRD], [replace(FIRST, row=9)]) == ()


@given(ROWS, ROWS, st.sets(st.integers(0, 12)))
def test_nobody_is_gone_who_is_in_the_file_or_was_set_aside(
    before: list[RosterRow], rows: list[RosterRow], places: set[int]
) -> None:
    old = merged(NOBODY, before)
    aside = [row for place, row in enumerate(rows) if place in places]
    rest = [row for place, row in enumerate(rows) if place not in places]
    after = merged(old, rest, stay=staying(old, rest, aside))
    assert not {row.number for row in rows} & set(diff(old, after).gone)
    assert all(
        by_number(after)[row.number] == by_number(old)[row.number] for row in aside if row.number in by_number(old)
    )


def test_a_number_that_is_known_behind_zeros_has_lost_them() -> None:
    before = merged(NOBODY, [FIRST, SECOND])
    short = replace(FIRST, row=7, number="1")
    (fault,) = lost_zeros(before, [short, SECOND], column="number")
    assert (fault.row, fault.column, fault.fault) == (7, "number", "roster.fault.known-with-zeros")
    assert lost_zeros(before, [short, FIRST, SECOND], column="number") == ()


def test_a_change_concerns_who_moved_went_came_back_or_got_a_status_that_matters() -> None:
    on_leave = replace(SECOND, status="leave")
    before = merged(NOBODY, [FIRST, SECOND, THIRD])
    after = merged(before, [replace(FIRST, class_name="计科1902"), on_leave, replace(FIRST, number="004")])
    one, two = (class_id_of("信息学院", "2019", name) for name in ("计科1901", "计科1902"))
    found = {item.student.number: item for item in transfers(before, after, returned=(), statuses={"leave"})}
    moved, gone, restated = by_number(after)["001"], by_number(before)["003"], by_number(after)["002"]
    assert found == {
        "001": Transfer(student=moved, origin=one, target=two, was="", becomes=""),
        "002": Transfer(student=restated, origin=one, target=one, was="", becomes="leave"),
        "003": Transfer(student=gone, origin=two, target="", was="", becomes=""),
    }
    assert "002" not in {one.student.number for one in transfers(before, after, returned=(), statuses=())}
    back = transfers(after, before, returned={gone.sid}, statuses=())
    assert Transfer(student=gone, origin="", target=two, was="", becomes="") in back


def at(account: str, *, strength: BindingStrength = BindingStrength.STRONG, days: int | None = None) -> Binding:
    platform, _, chat = account.partition(":")
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=days) if days is not None else None
    private = Address(platform=platform, chat=chat)
    return Binding(account=account, sid="s1", strength=strength, private=private, at=moment)


def test_a_person_on_two_platforms_is_written_to_once_where_they_proved_it_and_there_last() -> None:
    old, new = at("wecom:a", days=1), at("telegram:9", days=2)
    claimed = at("telegram:1", strength=BindingStrength.PROVISIONAL, days=9)
    assert private_address([claimed, old, new]) == new.private
    assert private_address([claimed]) == claimed.private
    assert private_address([]) is None


def test_a_person_who_blocked_the_bot_in_one_place_is_reached_in_the_other() -> None:
    old, new = at("wecom:a", days=1), at("telegram:9", days=2)
    assert private_address(reached({"s1": [old, new]}, {new.private})["s1"]) == old.private
    assert private_address(reached({"s1": [new]}, {new.private})["s1"]) == new.private, "tried, and said to be lost"
