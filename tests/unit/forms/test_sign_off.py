"""The sign-off sheet, read back as the office would open it."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.campaigns import Campaign, Grade, State, StudentState
from scheduler.forms.sign_off import mark, sign_off_pages
from scheduler.forms.sign_off_xlsx import sign_off_xlsx
from scheduler.roster import SchoolClass, Student
from tests.samples import CAMPAIGN, HAND_IN_STAGE, STUDENT_STAGE, campaign_with, school_class, stands, student

MADE_AT = datetime(2019, 12, 23, 1, 30, tzinfo=UTC)
LABELS = {item.id: item.label for item in CAMPAIGN.checklist}
PLACES = [(row, column) for column in (1, 4, 7, 10) for row in range(5, 21)]
"""Row and column of every place, in the order they are signed: down a column, then the next pair."""


def sign_off(
    campaign: Campaign,
    its_class: SchoolClass,
    members: Sequence[Student],
    states: Mapping[str, StudentState],
    labels: Mapping[str, str] = LABELS,
) -> bytes:
    """The sheet as XLSX."""
    pages = sign_off_pages(campaign, its_class, members, states, item_labels=labels, made_at=MADE_AT)
    return sign_off_xlsx(pages, made_at=MADE_AT)


def sheets(
    members: list[Student], states: Mapping[str, StudentState] | None = None, class_name: str = "计科1901班"
) -> list[Worksheet]:
    """The pages of a class's sheet."""
    data = sign_off(CAMPAIGN, school_class(name=class_name), members, states or {})
    book = load_workbook(io.BytesIO(data), rich_text=True)
    return [book[name] for name in book.sheetnames]


def text(sheet: Worksheet, row: int, column: int) -> str:
    """What a cell shows."""
    return str(sheet.cell(row, column).value or "")


def everything(sheet: Worksheet) -> str:
    """All text of a page."""
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)


def test_a_page_has_64_places_in_four_pairs_of_16_like_the_office_s_own() -> None:
    (sheet,) = sheets([])
    assert [text(sheet, row, column).strip() for row, column in PLACES] == [str(place) for place in range(1, 65)]
    assert [text(sheet, 4, column) for column in (1, 3, 4, 6, 7, 9, 10, 12)] == ["序号", "签名"] * 4
    assert text(sheet, 2, 1) == "2019年新生学籍查询及核对登记表"
    assert text(sheet, 3, 1).startswith("核对无误后需在下面表格签名：")
    assert text(sheet, 3, 1).endswith("班级：计科1901班")
    assert text(sheet, 21, 1) == "信息错误反馈统计："
    assert [text(sheet, 22, column) for column in (1, 7, 10)] == ["错误原因及正确内容", "签名", "联系号码"]
    assert text(sheet, 29, 1) == "汇总人（班长或学习委员）签名："
    assert text(sheet, 30, 1) == "注：各班确认签名后交到各系负责人处，12月24日前以系部为单位，统一交到教务管理部。"


@settings(max_examples=20)
@given(st.lists(st.sampled_from(State), max_size=70))
def test_every_signature_cell_is_empty_whatever_was_stated(stated: list[State]) -> None:
    members = [student(number) for number in range(len(stated))]
    states = {one.sid: stands(state, grade=Grade.STATEMENT) for one, state in zip(members, stated, strict=True)}
    for sheet in sheets(members, states):
        assert all(sheet.cell(row, column + 2).value is None for row, column in PLACES)
        assert all(sheet.cell(row, column).value is None for row in range(23, 29) for column in (7, 10))


def test_students_stand_by_number_with_a_small_grey_name_beside_their_place() -> None:
    (sheet,) = sheets([student(2), student(1)])
    first = sheet.cell(5, 1).value
    assert isinstance(first, CellRichText)
    assert str(first) == "1 学生1"
    assert text(sheet, 6, 1) == "2 学生2"
    name = first[-1]
    assert isinstance(name, TextBlock)
    assert name.font.color is not None
    assert name.font.color.rgb == "FF808080"
    assert name.font.sz is not None
    assert name.font.sz < 9


@pytest.mark.parametrize(("size", "pages"), [(0, 1), (1, 1), (64, 1), (65, 2), (129, 3)])
def test_a_large_class_takes_as_many_pages_as_it_needs(size: int, pages: int) -> None:
    made = sheets([student(number) for number in range(size)])
    assert len(made) == pages
    assert text(made[-1], 5, 1).split()[0] == str(64 * (pages - 1) + 1)
    assert f"第{pages}张，共{pages}张" in everything(made[-1])


def test_the_mark_says_on_what_evidence_and_nothing_of_those_who_are_not_done() -> None:
    marks = {
        "本人": stands(State.CONFIRMED, grade=Grade.STATEMENT),
        "纸签": stands(State.CONFIRMED, grade=Grade.SIGNED),
        "学信网": stands(State.CONFIRMED, grade=Grade.RECORD),
        "代": stands(State.PROXY, grade=Grade.STATEMENT),
    }
    silent = [State.NONE, State.NO_LOGIN, State.NOT_FOUND, State.WRONG, State.EXEMPT]
    members = [student(number) for number in range(len(marks) + len(silent))]
    states = dict(zip((one.sid for one in members), [*marks.values(), *map(stands, silent)], strict=True))
    (sheet,) = sheets(members, states)
    assert [text(sheet, row, 2) for row in range(5, 14)] == [*marks, *[""] * len(silent)]


def test_a_wrong_item_is_said_by_its_label_and_nothing_else() -> None:
    wrong = stands(State.WRONG, items=("major",), receipt="Q7K2")
    (sheet,) = sheets([student(7, major="计算机")], {student(7).sid: wrong})
    assert [text(sheet, 23, column) for column in (1, 7, 10)] == ["专业名称", "", ""]
    assert [text(sheet, row, 1) for row in range(24, 29)] == [""] * 5
    assert "计算机" not in everything(sheet)
    assert "Q7K2" not in everything(sheet)


def test_more_errors_than_rows_get_more_rows_and_an_unknown_item_is_said_as_another() -> None:
    members = [student(number) for number in range(8)]
    (sheet,) = sheets(members, {one.sid: stands(State.WRONG, items=("?",)) for one in members})
    assert [text(sheet, row, 1) for row in range(23, 31)] == ["其他"] * 8
    assert text(sheet, 31, 1).startswith("汇总人")


def test_without_a_hand_in_the_note_names_no_day() -> None:
    data = sign_off(campaign_with(STUDENT_STAGE), school_class(), [], {})
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert text(sheet, 30, 1) == "注：各班确认签名后交到各系负责人处，以系部为单位，统一交到教务管理部。"
    assert HAND_IN_STAGE.deadline.words not in everything(sheet)


def test_the_page_is_a4_upright_on_one_sheet_and_marked_internal() -> None:
    (sheet,) = sheets([student(1)])
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 1)
    assert sheet.oddHeader is not None
    assert sheet.oddHeader.right.text == "内部"
    assert text(sheet, 1, 1) == "内部"
    assert "2019年12月23日09:30" in everything(sheet)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_what_begins_like_a_formula_stays_text(start: str) -> None:
    evil = f'{start}HYPERLINK("http://x","y")'
    wrong = {student(1).sid: stands(State.WRONG, items=("major",))}
    data = sign_off(CAMPAIGN, school_class(name=evil), [student(1, name=evil)], wrong, {"major": evil})
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert all(cell.data_type in {"s", "n"} for row in sheet.iter_rows() for cell in row)
    assert sheet.cell(23, 1).value == evil
    assert sheet.cell(23, 1).quotePrefix
    assert evil in text(sheet, 5, 1)
    assert evil in text(sheet, 3, 1)


def test_what_no_file_can_hold_is_left_out_of_a_name() -> None:
    (sheet,) = sheets([student(1, name="\x00=欧阳\ud800")], class_name="\x01=计科")
    assert text(sheet, 5, 1) == "1 =欧阳"
    assert "班级：=计科" in text(sheet, 3, 1)


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (sign_off(CAMPAIGN, school_class(), [student(1), student(2)], {}) for _ in range(2))
    assert first == second


def test_a_signature_that_was_ticked_stands_in_the_column_of_states_whatever_was_stated() -> None:
    assert mark(stands(State.NONE, signed_at=MADE_AT)) == "纸签"
    assert mark(stands(State.WRONG)) == ""
