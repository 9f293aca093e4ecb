"""Roster files as offices send them: what is read, what is mended, and every fault by row and column."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.loading import load
from scheduler.forms.roster_file import read
from scheduler.roster import RosterFile

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rosters"
HEAD = ["学院", "班级", "学号", "姓名", "年级"]
FIRST = ["信息学院", "计科1901", "0190101001", "张三", "2019"]
SECOND = ["信息学院", "计科1901", "0190101002", "李四", "2019"]
Line = Sequence[object]


def xlsx(*lines: Line, shape: Callable[[Worksheet], None] | None = None) -> bytes:
    """An XLSX file of these lines; `shape` does what only a spreadsheet can."""
    book = Workbook()
    sheet = book.worksheets[0]
    for line in lines:
        sheet.append(list(line))
    if shape:
        shape(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text_file(*lines: Line, encoding: str = "utf-8-sig") -> bytes:
    """A CSV file of these lines."""
    return "".join(",".join(str(cell) for cell in line) + "\r\n" for line in lines).encode(encoding)


def found(roster: RosterFile) -> list[tuple[int, str, str]]:
    """Its faults without their values."""
    return [(fault.row, fault.column, fault.fault.removeprefix("roster.fault.")) for fault in roster.faults]


def names(roster: RosterFile) -> list[str]:
    """Who was read."""
    return [row.name for row in roster.rows]


def with_cell(column: str, cell: object) -> Line:
    """The first student with another cell."""
    return [cell if head == column else plain for head, plain in zip(HEAD, FIRST, strict=True)]


def test_a_clean_file_is_read_whole() -> None:
    roster = read("名单.xlsx", xlsx(HEAD, FIRST, SECOND))
    assert not roster.faults
    assert not roster.mended
    row = roster.rows[0]
    assert (row.row, row.number, row.name, row.college, row.class_name, row.cohort) == (
        2, "0190101001", "张三", "信息学院", "计科1901", "2019",
    )  # fmt: skip


def test_optional_columns_are_read_and_others_are_only_named() -> None:
    head = [*HEAD, "专业名称", "层次", "学籍状态", "是否班长", "辅导员", "身份证号", "手机"]
    line = [*FIRST, "计算机", "本科", "在籍", "是", "王老师", "450100200001010000", "13800000000"]
    roster = read("x.xlsx", xlsx(head, line, [*SECOND, "", "", "", "", "", "", ""]))
    first, second = roster.rows
    assert (first.major, first.level, first.status, first.is_monitor, first.counsellor) == (
        "计算机", "本科", "在籍", True, "王老师",
    )  # fmt: skip
    assert not second.is_monitor
    assert roster.unread_columns == ("身份证号", "手机")
    assert "450100200001010000" not in repr(roster)


@pytest.mark.parametrize(
    "head",
    [
        ["院系名称", "行政班级", "学生学号*", "学生姓名（必填）", "入学年级"],
        ["系部", "班级\n名称", " 学 号 ", "姓 名", "年级："],
    ],
)
def test_columns_are_known_by_the_names_offices_give_them(head: Line) -> None:
    assert names(read("x.xlsx", xlsx(head, FIRST))) == ["张三"]


def test_titles_above_and_empty_rows_and_columns_around_do_not_matter() -> None:
    lines = [["桂林某学院2019级学生名单"], [], ["", *HEAD], ["", *FIRST], [], ["", *SECOND]]
    roster = read("x.xlsx", xlsx(*lines, shape=lambda sheet: sheet.merge_cells("A1:F1")))
    assert [(row.row, row.name) for row in roster.rows] == [(4, "张三"), (6, "李四")]


def test_a_head_of_two_merged_lines_is_one_head() -> None:
    def two_lines(sheet: Worksheet) -> None:
        for letter in "ABCDE":
            sheet.merge_cells(f"{letter}1:{letter}2")

    roster = read("x.xlsx", xlsx(HEAD, [], FIRST, shape=two_lines))
    assert not roster.faults
    assert names(roster) == ["张三"]


def test_the_content_decides_what_a_file_is_not_its_name() -> None:
    assert names(read("名单.xls", xlsx(HEAD, FIRST))) == ["张三"]
    assert names(read("名单.xlsx", text_file(HEAD, FIRST))) == ["张三"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_every_encoding_that_offices_use_with_every_rare_character(encoding: str) -> None:
    roster = read("x.csv", text_file(HEAD, with_cell("姓名", "䶮𠮷"), encoding=encoding))
    assert names(roster) == ["䶮𠮷"]


def test_dots_and_rare_characters_and_latin_names_are_data() -> None:
    own_names = ["阿卜杜拉·买买提", "古丽•热合曼", "𠮷田", "John Smith", "O'Neil"]
    lines = [[*FIRST[:2], f"019010100{index}", name, "2019"] for index, name in enumerate(own_names)]
    roster = read("x.xlsx", xlsx(HEAD, *lines))
    assert names(roster) == own_names
    assert not roster.mended


@pytest.mark.parametrize(
    ("column", "cell", "becomes", "said"),
    [
        ("学号", "０１９０１０１００１", "0190101001", "number"),
        ("学号", " 0190101001\t", "0190101001", "number"),
        ("学号", "'0190101001", "0190101001", "number"),
        ("学号", '="0190101001"', "0190101001", "number"),
        ("姓名", "张　三", "张三", "text"),
        ("姓名", "张三\u200b", "张三", "text"),
        ("班级", " 计科１９０１ ", "计科1901", "text"),
    ],
)
def test_full_width_digits_and_stray_marks_are_mended_and_said(column: str, cell: str, becomes: str, said: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    for data in (xlsx_text(with_cell(column, cell)), text_file(HEAD, with_cell(column, quoted))):
        roster = read("x", data)
        (row,) = roster.rows
        assert becomes in {row.number, row.name, row.class_name}
        assert [(one.row, one.column, one.fault) for one in roster.mended] == [(2, column, f"roster.mended.{said}")]


def xlsx_text(line: Line) -> bytes:
    """One student whose cells are text even if they begin like a formula."""

    def as_text(sheet: Worksheet) -> None:
        for column, cell in enumerate(line, start=1):
            sheet.cell(2, column).value = str(cell)
            sheet.cell(2, column).data_type = "s"

    return xlsx(HEAD, FIRST, shape=as_text)


def test_a_cohort_is_the_same_with_and_without_its_ending() -> None:
    cohorts = {cell: read("x", xlsx(HEAD, with_cell("年级", cell))).rows[0].cohort for cell in ("2019级", 2019, "2019")}
    assert set(cohorts.values()) == {"2019"}
    terms = {
        read("x", xlsx(HEAD, with_cell("年级", cell))).rows[0].cohort for cell in ("2026秋", "2026年秋季", "2026级秋")
    }
    assert terms == {"2026秋"}
    (short,) = read("x", xlsx(HEAD, with_cell("年级", "26级秋季"))).mended
    assert (short.row, short.column, short.fault) == (2, "年级", "roster.mended.cohort")


@pytest.mark.parametrize("cell", ["26级秋天", "2019届", "202609", "1", "大一", "2026-2027", "2026夏", 20261])
def test_what_is_no_year_of_entry_is_a_fault_by_row_and_column(cell: str | int) -> None:
    roster = read("x", xlsx(HEAD, with_cell("年级", cell)))
    assert [(one.row, one.column, one.fault) for one in roster.faults] == [(2, "年级", "roster.fault.cohort")]


def test_numbers_kept_as_amounts_are_read_and_said_once() -> None:
    lines = [[*FIRST[:2], 2019010100 + index, f"学生{index}", "2019"] for index in range(1, 4)]
    roster = read("x", xlsx(HEAD, *lines))
    assert [row.number for row in roster.rows] == ["2019010101", "2019010102", "2019010103"]
    assert [(one.fault, one.values) for one in roster.mended] == [("roster.mended.amounts", {"count": 3})]


ROW_FAULTS = [
    ("学号", "", "empty"),
    ("姓名", "  ", "empty"),
    ("班级", "", "empty"),
    ("学号", 2.0190101e16, "scientific"),
    ("学号", "2.0190101E+16", "scientific"),
    ("学号", "190101001.0", "decimal"),
    ("学号", 201901.5, "odd-amount"),
    ("学号", -3, "odd-amount"),
    ("学号", "张三", "not-a-number"),
    ("学号", True, "not-a-number"),
    ("学号", date(2019, 1, 1), "not-a-number"),
    ("班级", date(2019, 1, 2), "became-a-date"),
    ("姓名", "张?", "lost-character"),
    ("姓名", "张\ufffd", "garbled"),
]


@pytest.mark.parametrize(("column", "cell", "fault"), ROW_FAULTS)
def test_a_damaged_cell_is_a_fault_at_its_place_and_its_row_is_kept_back(column: str, cell: object, fault: str) -> None:
    roster = read("x", xlsx(HEAD, SECOND, with_cell(column, cell)))
    assert found(roster) == [(3, column, fault)]
    assert names(roster) == ["李四"]


def test_all_faults_are_said_at_once_in_the_order_of_rows() -> None:
    lines = [HEAD, with_cell("姓名", ""), FIRST, SECOND, FIRST, with_cell("年级", "")]
    assert found(read("x", xlsx(*lines))) == [
        (2, "姓名", "empty"),
        (3, "学号", "duplicate-number"),
        (5, "学号", "duplicate-number"),
        (6, "年级", "empty"),
        (6, "学号", "duplicate-number"),
    ]


def test_a_duplicate_names_the_first_row_of_its_number() -> None:
    (fault,) = read("x", xlsx(HEAD, FIRST, SECOND, FIRST)).faults
    assert (fault.row, fault.values) == (4, {"first": 2})


def test_lost_leading_zeros_show_where_lengths_differ_within_a_class() -> None:
    shorter = with_cell("学号", 190101003)
    other_class = ["信息学院", "计科1902", 190102001, "王五", "2019"]
    roster = read("x", xlsx(HEAD, FIRST, SECOND, shorter, other_class))
    assert found(roster) == [(4, "学号", "lost-zeros")]
    assert roster.faults[0].values == {"length": 9, "longest": 10}
    from_csv = read("x", text_file(HEAD, FIRST, SECOND, shorter))
    assert found(from_csv) == [(4, "学号", "lost-zeros")]


def test_numbers_of_different_length_that_are_text_in_a_spreadsheet_are_data() -> None:
    assert not read("x", xlsx(HEAD, FIRST, with_cell("学号", "19010101"))).faults


def test_a_file_of_old_excel_is_read_with_its_rows_as_shown() -> None:
    """The file was written by xlwt: a merged title, the head on row 3, an amount on row 5, a merge in rows 7 and 8."""
    roster = read("名单.xlsx", (FIXTURES / "from-old-excel.xls").read_bytes())
    assert roster.header_row == 3
    assert [(row.row, row.name) for row in roster.rows] == [(4, "张三"), (6, "王五"), (7, "赵六"), (8, "赵六")]
    assert roster.rows[2].college == roster.rows[3].college
    assert found(roster) == [(5, "学号", "lost-zeros")]
    assert roster.unread_columns == ("身份证号",)


def test_a_remark_below_the_students_is_said_once() -> None:
    assert found(read("x", xlsx(HEAD, FIRST, ["合计：1人"]))) == [(3, "学号", "not-a-student")]
    sum_below = ["1人" if title == "学号" else "" for title in HEAD]
    assert found(read("x", xlsx(HEAD, FIRST, sum_below))) == [(3, "学号", "not-a-student")]


def test_missing_and_doubled_columns_are_said_at_the_head() -> None:
    assert found(read("x", xlsx(["某校名单"], HEAD[:-2], FIRST[:-2]))) == [
        (2, "姓名", "missing-column"),
        (2, "年级", "missing-column"),
    ]
    assert (1, "姓名", "doubled-column") in found(read("x", xlsx([*HEAD, "姓名"], [*FIRST, "张三"])))


def test_two_sheets_with_students_are_refused_and_a_hidden_one_is_not_looked_at() -> None:
    book = Workbook()
    for index, state in enumerate(("visible", "visible", "hidden")):
        sheet = book.worksheets[0] if index == 0 else book.create_sheet()
        sheet.append(HEAD)
        sheet.append(FIRST)
        sheet.sheet_state = state
    out = io.BytesIO()
    book.save(out)
    assert [fault for _, _, fault in found(read("x", out.getvalue()))] == ["several-sheets"]


def cut(data: bytes) -> bytes:
    """A file whose sending broke off."""
    return data[: len(data) // 2]


def packed(**parts: bytes) -> bytes:
    """A zip file that is no workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


FILE_FAULTS = {
    "empty-file": b"",
    "not-a-spreadsheet": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "html": "<html><table><tr><td>学号</td></tr></table></html>".encode("gb18030"),
    "broken": cut(xlsx(HEAD, FIRST)),
    "no-header": text_file(["一段", "文字"], ["没有", "表头"]),
    "no-rows": xlsx(HEAD),
    "broken-quotes": text_file(HEAD, FIRST) + b'"never closed,a\n',
    "garbled": text_file(HEAD, encoding="gb18030") + b"\xff\xff,a,b,c,d\n",
    "too-many-rows": text_file(HEAD) + b"\n" * 200_001,
    "stray-cell": xlsx(HEAD, FIRST, shape=lambda sheet: sheet.__setitem__("XFD1048576", "x")),
}


@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_a_file_that_cannot_be_read_says_why_and_gives_nobody(fault: str) -> None:
    roster = read("名单.xls", FILE_FAULTS[fault])
    assert [name for _, _, name in found(roster)] == [fault]
    assert not roster.rows


def test_a_document_and_a_cut_old_workbook_are_no_spreadsheets() -> None:
    assert found(read("x.xlsx", packed(**{"word/document.xml": b"<a/>"}))) == [(0, "", "not-a-spreadsheet")]
    assert found(read("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))) == [(0, "", "broken")]


def test_lines_in_another_encoding_are_named_one_by_one() -> None:
    lines = [text_file(HEAD, FIRST, encoding="gb18030"), text_file(SECOND, encoding="utf-8")]
    assert found(read("x.csv", b"".join(lines))) == [(3, "", "mixed-encodings")]
    lines = [text_file(HEAD, FIRST, encoding="utf-8"), text_file(SECOND, encoding="gb18030")]
    assert found(read("x.csv", b"".join(lines))) == [(3, "", "mixed-encodings")]


def test_a_packed_file_that_unpacks_beyond_all_measure_is_not_opened() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(410):
                part.write(bytes(2**20))
    assert [name for _, _, name in found(read("x.xlsx", data.getvalue()))] == ["too-large"]


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", "学号,姓名\n".encode()]))
def test_no_bytes_make_the_reader_fail(data: bytes, start: bytes) -> None:
    roster = read("x", start + data)
    assert roster.faults or roster.rows


WORKBOOK = xlsx(HEAD, FIRST)


@given(st.data())
def test_a_workbook_damaged_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    roster = read("x", bytes(whole))
    assert roster.faults or names(roster)


@given(st.lists(st.lists(st.text("学号姓名 0１9·?\n,\"'=", max_size=5), min_size=5, max_size=5), max_size=6))
def test_any_text_under_a_head_becomes_a_student_or_a_fault_of_its_own_row(lines: list[list[str]]) -> None:
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in line] for line in lines]
    roster = read("x", text_file(HEAD, *quoted))
    filled = {row for row, line in enumerate(lines, start=2) if any(cell.strip() for cell in line)}
    said = {fault.row for fault in roster.faults}
    assert {row.row for row in roster.rows} | said >= filled
    assert not {row.row for row in roster.rows} & said


def test_every_fault_and_mend_has_words_that_its_values_fill() -> None:
    phrases = load().phrases
    files = [xlsx(HEAD, SECOND, with_cell(column, cell)) for column, cell, _ in ROW_FAULTS]
    lists = [read("x", data) for data in (*FILE_FAULTS.values(), *files)]
    notes = [note for roster in lists for note in (*roster.faults, *roster.mended)]
    assert notes
    for note in notes:
        assert "{" not in phrases[note.fault].format(**note.values)
