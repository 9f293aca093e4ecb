"""The office's own file, filled cell for cell, or refused with every place that cannot be."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.campaigns import Grade, State, StudentState
from scheduler.evidence import BEGINNING
from scheduler.forms.papers import filled_templates
from scheduler.forms.standing import standing
from scheduler.forms.template import Template, filling
from scheduler.forms.template_files import NotATemplate, open_template
from scheduler.roster import Roster, Student
from tests.samples import CAMPAIGN, school_class, stands, student
from tests.unit.forms.word_reading import lines, opened, tables

MADE_AT = datetime(2019, 12, 23, 1, 30, tzinfo=UTC)


def book(cells: Mapping[str, object]) -> tuple[Workbook, Worksheet]:
    """A workbook of the office with these cells."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "表"
    for place, value in cells.items():
        sheet[place] = value  # type: ignore[assignment]  # rich text too
    return made, sheet


def saved(made: Workbook) -> bytes:
    """The workbook as a file."""
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def word(*rows: Sequence[str], line: str = "") -> bytes:
    """A Word document of the office: a line and a table."""
    document = Document()
    document.add_paragraph(line)
    table = document.add_table(rows=len(rows), cols=max(map(len, rows), default=1))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    return as_bytes(document)


def as_bytes(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def good(data: bytes) -> Template:
    """The template, which must have no fault."""
    template = open_template(data)
    assert not isinstance(template, tuple), [str(fault) for fault in template]
    return template


def faults(data: bytes) -> list[str]:
    """What is said of a template that is refused."""
    found = open_template(data)
    assert isinstance(found, tuple)
    return [str(fault).partition("，可以用的是")[0] for fault in found]


def fill(data: bytes, members: Sequence[Student], states: Mapping[str, StudentState] | None = None) -> bytes:
    """The template filled for the sample class."""
    values = filling(
        CAMPAIGN,
        school_class(),
        members,
        states or {},
        size=len(members),
        first=1,
        made_at=MADE_AT,
        head=BEGINNING,
    )
    return good(data).fill(values, MADE_AT)


def sheet_of(data: bytes) -> Worksheet:
    return load_workbook(io.BytesIO(data)).worksheets[0]


def rows_of(sheet: Worksheet) -> list[list[str]]:
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


def test_a_workbook_is_filled_cell_for_cell_and_its_row_repeated() -> None:
    made, _ = book(
        {"A1": "{{班级}}（{{学院}}，{{ 人数 }}人）", "A2": "学号", "A3": "{{学号}}", "B3": "{{姓名}}", "C3": "{{签名}}"}
    )
    made.worksheets[0]["A4"] = "截至：{{截至}}"
    members = [student(1), student(2), student(3)]
    assert rows_of(sheet_of(fill(saved(made), members))) == [
        ["计科1901班（信息学院，3人）", "", ""],
        ["学号", "", ""],
        ["2019000001", "学生1", ""],
        ["2019000002", "学生2", ""],
        ["2019000003", "学生3", ""],
        ["截至：内部资料，勿拍照、勿外传　登记情况截至2019年12月23日09:30", "", ""],
    ]


def test_styles_heights_widths_and_merged_cells_stay_and_go_with_the_row() -> None:
    made, sheet = book({"A1": "{{班级}}", "A2": "{{学号}}", "B2": "{{姓名}}", "A3": "汇总人"})
    sheet["A2"].font = Font(bold=True, color="FFFF0000")
    sheet["B2"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B2:C2")
    sheet.merge_cells("A3:C4")
    sheet.row_dimensions[2].height, sheet.row_dimensions[3].height = 33, 44
    sheet.column_dimensions["B"].width = 28
    sheet.print_area = "A1:C4"
    filled = sheet_of(fill(saved(made), [student(1), student(2), student(3)]))
    assert sorted(merged.coord for merged in filled.merged_cells.ranges) == [
        "A1:C1",
        "A5:C6",
        "B2:C2",
        "B3:C3",
        "B4:C4",
    ]
    assert [filled.row_dimensions[row].height for row in range(2, 6)] == [33, 33, 33, 44]
    assert filled.column_dimensions["B"].width == 28
    assert filled.print_area == "'表'!$A$1:$C$6"
    for row in (2, 3, 4):
        assert filled.cell(row, 1).font.bold
        assert filled.cell(row, 1).font.color.rgb == "FFFF0000"
        assert filled.cell(row, 2).fill.fgColor.rgb == "FF00FF00"
    assert not filled["A5"].font.bold


def test_formulas_go_on_meaning_what_they_meant() -> None:
    made, _ = book({"A1": "=COUNTA(A2:A2)", "A2": "{{学号}}", "A3": "=COUNTA(A$2:A2)+B1", "A4": "=A3"})
    filled = sheet_of(fill(saved(made), [student(1), student(2), student(3)]))
    assert filled["A1"].value == "=COUNTA(A2:A4)"
    assert filled["A5"].value == "=COUNTA(A$2:A4)+B1"
    assert filled["A6"].value == "=A5"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_what_is_filled_in_is_text_and_never_a_formula(start: str) -> None:
    made, _ = book({"A1": "{{姓名}}"})
    cell = sheet_of(fill(saved(made), [student(1, name=f"{start}1+1")]))["A1"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (f"{start}1+1", "s", True)


def test_rich_text_keeps_its_fonts() -> None:
    made, _ = book({"A1": CellRichText("班级：", TextBlock(InlineFont(b=True), "{{班级}}"))})
    value = load_workbook(io.BytesIO(fill(saved(made), [])), rich_text=True).worksheets[0]["A1"].value
    assert isinstance(value, CellRichText)
    assert str(value) == "班级：计科1901班"
    assert isinstance(value[1], TextBlock)
    assert value[1].font.b


def test_numbered_places_take_one_student_each_and_stay_empty_beyond_them() -> None:
    made, _ = book({"A1": "{{序号1}} {{姓名1}}", "B1": "{{序号 3}}", "C1": "{{姓名3}}", "A2": "{{姓名2}}"})
    template = good(saved(made))
    assert template.places == 3
    filled = rows_of(sheet_of(fill(saved(made), [student(1), student(2)])))
    assert filled == [["1 学生1", "", ""], ["学生2", "", ""]]


def test_headers_and_footers_are_filled_too() -> None:
    made, sheet = book({"A1": "x"})
    assert sheet.oddHeader is not None
    sheet.oddHeader.center.text = "{{班级}} &P"
    filled = sheet_of(fill(saved(made), []))
    assert filled.oddHeader is not None
    assert str(filled.oddHeader.center.text).startswith("计科1901班 &P")


def test_a_class_without_students_leaves_the_row_once_and_empty() -> None:
    made, _ = book({"A1": "{{学号}}", "A2": "完"})
    assert rows_of(sheet_of(fill(saved(made), []))) == [[""], ["完"]]
    assert tables(opened(fill(word(["{{学号}}"], ["完"]), []))) == [[[""], ["完"]]]


def test_a_word_document_is_filled_and_its_row_repeated() -> None:
    states = {student(2).sid: stands(State.CONFIRMED, grade=Grade.STATEMENT)}
    data = word(
        ["序号", "姓名", "登记"], ["{{序号}}", "{{姓名}}", "{{登记}}"], ["合计", "", ""], line="{{班级}}，存证 {{存证}}"
    )
    document = opened(fill(data, [student(1), student(2)], states))
    assert lines(document) == [f"计科1901班，存证 {BEGINNING}"]
    assert tables(document) == [
        [["序号", "姓名", "登记"], ["1", "学生1", ""], ["2", "学生2", "本人"], ["合计", "", ""]]
    ]


def test_what_word_cut_to_pieces_is_put_together_in_the_style_of_its_first_piece() -> None:
    document = Document()
    paragraph = document.add_paragraph("班级：")
    for number, piece in enumerate(("{", "{班", "级}", "}，", "{{学院}}")):
        run = paragraph.add_run(piece)
        run.font.bold = number == 0
    filled = opened(fill(as_bytes(document), []))
    assert lines(filled) == ["班级：计科1901班，信息学院"]
    styled = [(run.text, run.font.bold) for run in filled.paragraphs[0].runs if run.text]
    assert styled == [("班级：", None), ("计科1901班", True), ("，", False), ("信息学院", False)]


@settings(max_examples=30)
@given(st.data())
def test_wherever_word_cuts_the_text_is_the_same(data: st.DataObject) -> None:
    text = "甲{{班级}}乙{{学院}}{{年级}}丙"
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1))))
    document = Document()
    paragraph = document.add_paragraph()
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        paragraph.add_run(text[begin:end])
    assert lines(opened(fill(as_bytes(document), []))) == ["甲计科1901班乙信息学院2019丙"]


def test_headers_styles_and_text_boxes_of_word_are_filled_too() -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{活动}}"
    run = document.add_paragraph().add_run("{{班级}}")
    run.font.size, run.font.color.rgb = Pt(20), RGBColor(255, 0, 0)
    box = document.add_paragraph("盒子")
    inner = deepcopy(document.paragraphs[0]._p)
    anchor = box.add_run()._r.makeelement(qn("w:txbxContent"), {})
    anchor.append(inner)
    box.runs[0]._r.append(anchor)
    filled = opened(fill(as_bytes(document), []))
    assert filled.sections[0].header.paragraphs[0].text == "新生学籍核对"
    (first,) = filled.paragraphs[0].runs
    assert (first.text, first.font.size, first.font.color.rgb) == ("计科1901班", Pt(20), RGBColor(255, 0, 0))
    in_box = [piece.text for piece in filled.element.body.iter(qn("w:txbxContent")).__next__().iter(qn("w:t"))]
    assert in_box == ["计科1901班"]


def test_a_workbook_with_anything_unknown_is_refused_whole_and_each_is_named_with_its_place() -> None:
    made, sheet = book({"A1": "{{班级}}", "B2": "{{身份证号}}", "C3": "{{班级3}}", "D4": '="{{班级}}"', "E5": "{{班级"})
    assert sheet.oddFooter is not None
    sheet.oddFooter.left.text = "{{电话}} {{姓名}}"
    assert faults(saved(made)) == [
        "工作表“表”B2：不认识 {{身份证号}}",
        "工作表“表”C3：不认识 {{班级3}}",
        "工作表“表”D4：公式里不能有 {{班级}}",
        "工作表“表”E5：“{{班级”有一头的双括号没有写全",
        "工作表“表”的页眉或页脚：不认识 {{电话}}",
        "工作表“表”的页眉或页脚：{{姓名}} 是每人一份的，要放在表格的一行里，或者后面写上序号",
    ]


def test_what_may_be_used_is_said() -> None:
    made, _ = book({"A1": "{{谁}}"})
    found = open_template(saved(made))
    assert isinstance(found, tuple)
    assert "{{班级}}" in str(found[0])
    assert "{{签名}}" in str(found[0])


def test_numbered_and_repeated_ones_do_not_go_together() -> None:
    made, _ = book({"A1": "{{姓名}}", "A2": "{{姓名1}}", "A3": "{{姓名0}}"})
    assert faults(saved(made)) == [
        "工作表“表”A3：不认识 {{姓名0}}",
        "工作表“表”A2：{{姓名1}} 有的带序号有的不带，一份文件里只能用一种",
    ]


def test_a_placeholder_in_two_fonts_is_refused_in_a_workbook() -> None:
    made, _ = book({"A1": CellRichText("{{班", TextBlock(InlineFont(b=True), "级}}"))})
    assert faults(saved(made)) == ["工作表“表”A1：{{班级}} 中间换了字体，请把它整个设成一种字体"]


def test_a_word_document_with_anything_unknown_is_refused_whole_and_each_is_named_with_its_place() -> None:
    data = word(["{{序号}}", "{{手机}}"], ["x", "}}"], line="{{学号}}{{班别}}")
    assert faults(data) == [
        "正文第1段：不认识 {{班别}}",
        "正文第1段：{{学号}} 是每人一份的，要放在表格的一行里，或者后面写上序号",
        "正文表格1第1行第2格：不认识 {{手机}}",
        "正文表格1第2行第2格：“}}”有一头的双括号没有写全",
    ]


def test_what_is_no_office_file_is_said_to_be_none() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<not xml")
    for data in (b"", b"not a zip", out.getvalue(), saved(Workbook())[:500]):
        with pytest.raises(NotATemplate):
            open_template(data)


def test_the_same_filling_gives_the_same_bytes() -> None:
    made, _ = book({"A1": "{{学号}}"})
    for data in (saved(made), word(["{{学号}}"])):
        assert fill(data, [student(1)]) == fill(data, [student(1)])


def test_a_class_larger_than_the_places_gets_several_files_that_count_on() -> None:
    made, _ = book({"A1": "{{序号1}}", "A2": "{{序号2}}"})
    members = [student(number) for number in (1, 2, 3)]
    roster = Roster(version=1, students={one.sid: one for one in members}, classes={"c-one": school_class()})
    at = standing(CAMPAIGN, roster, {}, made_at=MADE_AT)
    files = dict(filled_templates(at, good(saved(made)), "签名册"))
    assert [*files] == ["签名册-计科1901班-1.xlsx", "签名册-计科1901班-2.xlsx"]
    assert [rows_of(sheet_of(data)) for data in files.values()] == [[["1"], ["2"]], [["3"], [""]]]
