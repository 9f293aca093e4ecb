"""What an import changes in the roster."""

from dataclasses import replace
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from scheduler.roster import Roster, RosterDiff, RosterRow, class_id_of, diff, merge

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


def merged(current: Roster, rows: list[RosterRow]) -> Roster:
    """The next version, with sids counted on from the last."""
    numbers = count(len(current.students) + 1)
    return merge(
        current, rows, scope_of=lambda row: f"glut-{row.cohort}", new_sid=lambda: f"v{current.version}-{next(numbers)}"
    )


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
    assert diff(before, rows) == RosterDiff(new=("004",), changed=("001",), moved=("002",), gone=("003",))


@given(ROWS, ROWS)
def test_after_an_import_the_same_file_changes_nothing(before: list[RosterRow], rows: list[RosterRow]) -> None:
    after = merged(merged(NOBODY, before), rows)
    assert diff(after, rows) == RosterDiff(new=(), changed=(), moved=(), gone=())


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
    found = diff(merged(NOBODY, before), rows)
    parts = [*found.new, *found.changed, *found.moved, *found.gone]
    assert len(parts) == len(set(parts))
    assert {row.number for row in before} ^ {row.number for row in rows} == {*found.new, *found.gone}
