"""What of a roster file is put right or set aside: merged cells, and rows that a clerk keeps back."""

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.loading import load
from scheduler.forms.roster_file import read
from scheduler.roster import Fault, RosterFile
from tests.unit.forms.test_roster_file import FIRST, HEAD, SECOND, Line, found, names, text_file, with_cell, xlsx

THIRD = [*SECOND[:2], "0190101003", "王五", "2019"]


def merged(*ranges: str, lines: tuple[Line, ...] = (HEAD, FIRST, SECOND, THIRD)) -> RosterFile:
    """These lines with cells merged, as a spreadsheet does it: only the first cell of a merge keeps its content."""

    def shape(sheet: Worksheet) -> None:
        for one in ranges:
            sheet.merge_cells(one)

    return read("x", xlsx(*lines, shape=shape))


def said(notes: tuple[Fault, ...]) -> list[tuple[int, str, str]]:
    return [(note.row, note.column, note.fault) for note in notes]


def test_a_class_merged_down_holds_for_every_row_and_is_said_once() -> None:
    roster = merged("B2:B4", "A2:A4")
    assert not roster.faults
    assert {(row.college, row.class_name) for row in roster.rows} == {("信息学院", "计科1901")}
    assert said(roster.mended) == [(2, "学院", "roster.mended.merged"), (2, "班级", "roster.mended.merged")]
    assert roster.mended[0].values == {"first_row": 2, "last_row": 4}


def test_the_rows_after_a_merge_have_their_own_content_again() -> None:
    other = ["理学院", "数学1901", "0190201001", "赵六", "2019"]
    roster = merged("B2:B3", "B4:B5", lines=(HEAD, FIRST, SECOND, other, [*other[:2], "0190201002", "钱七", "2019"]))
    assert [row.class_name for row in roster.rows] == ["计科1901", "计科1901", "数学1901", "数学1901"]


@pytest.mark.parametrize(
    ("range_", "column"),
    [("C3:C4", "学号"), ("D3:D4", "姓名"), ("B3:C4", "班级")],
    ids=["number", "name", "two columns"],
)
def test_a_merge_that_leaves_open_who_is_meant_is_a_fault_of_each_of_its_rows(range_: str, column: str) -> None:
    roster = merged(range_)
    assert {(row, at) for row, at, fault in found(roster) if fault == "merged"} == {(3, column), (4, column)}
    assert names(roster) == ["张三"]


def test_a_merge_in_a_column_that_is_not_read_does_not_matter() -> None:
    lines = ([*HEAD, "备注"], FIRST, SECOND, THIRD)
    assert not merged("F2:F3", lines=lines).faults
    assert merged("E2:F2", lines=lines).rows[0].cohort == "2019"


def test_rows_kept_back_are_set_aside_and_have_no_faults() -> None:
    data = xlsx(HEAD, FIRST, with_cell("学号", "不知道"), SECOND, with_cell("姓名", ""))
    assert [row for row, _, _ in found(read("x", data))] == [3, 5, 5]
    roster = read("x", data, keep_back={3, 5})
    assert not roster.faults
    assert names(roster) == ["张三", "李四"]
    assert [row.row for row in roster.set_aside] == [3, 5]


def test_a_row_without_a_fault_can_be_kept_back_too() -> None:
    roster = read("x", xlsx(HEAD, FIRST, SECOND), keep_back={2})
    assert names(roster) == ["李四"]
    assert [(row.number, row.name) for row in roster.set_aside] == [("0190101001", "张三")]


def test_no_other_row_has_a_fault_because_of_one_that_is_kept_back() -> None:
    assert not read("x", xlsx(HEAD, FIRST, FIRST), keep_back={2}).faults
    longer = with_cell("学号", "019010100100")
    second = [*SECOND[:2], 190101002, "李四", "2019"]
    assert found(read("x", xlsx(HEAD, longer, second))) == [(3, "学号", "lost-zeros")]
    assert not read("x", xlsx(HEAD, longer, second), keep_back={2}).faults


def test_a_file_of_which_every_row_is_kept_back_gives_no_roster() -> None:
    assert found(read("x", xlsx(HEAD, FIRST), keep_back={2})) == [(1, "", "no-rows")]


def test_a_merge_of_rows_that_are_kept_back_is_no_fault() -> None:
    def shape(sheet: Worksheet) -> None:
        sheet.merge_cells("C3:C4")

    data = xlsx(HEAD, FIRST, SECOND, THIRD, shape=shape)
    assert [row for row, _, fault in found(read("x", data, keep_back={3})) if fault == "merged"] == [4]
    assert not read("x", data, keep_back={3, 4}).faults


def test_nothing_of_a_column_that_is_not_read_is_in_what_was_read() -> None:
    head = [*HEAD, "身份证号", "手机", "家庭住址"]
    secret = ["450100200001010000", "13800000000", "某路1号"]
    for data in (
        xlsx(head, [*FIRST, *secret], [*with_cell("学号", "?"), *secret]),
        text_file(head, [*FIRST, *secret], [*with_cell("学号", "?"), *secret]),
    ):
        roster = read("x", data, keep_back={3})
        assert roster.unread_columns == ("身份证号", "手机", "家庭住址")
        assert not any(one in repr(roster) for one in secret)


def test_merges_have_words_that_their_values_fill() -> None:
    phrases = load().phrases
    notes = [*merged("A2:A4").mended, *merged("C2:C3").faults]
    for note in notes:
        assert "{" not in phrases[note.fault].format(**note.values)
