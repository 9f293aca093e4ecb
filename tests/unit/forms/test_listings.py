"""The lists of the office: who is not done, what a class checks and signs, what was reported wrong in a college."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.campaigns import Grade, State, StudentState
from scheduler.evidence import BEGINNING
from scheduler.forms.check_table import check_table
from scheduler.forms.errors import error_summary
from scheduler.forms.listing import Listing
from scheduler.forms.listing_docx import listing_docx
from scheduler.forms.listing_xlsx import listing_xlsx
from scheduler.forms.unconfirmed import listing_csv, unconfirmed
from scheduler.roster import Student
from tests.samples import CAMPAIGN, school_class, stands, student
from tests.unit.forms.word_reading import everything, is_a4, lines, opened, tables

MADE_AT = datetime(2019, 12, 23, 1, 30, tzinfo=UTC)
CLASSES = {"c-one": school_class(), "c-two": school_class("c-two", "=计科1902班")}
FOOT = f"内部资料，勿拍照、勿外传　登记情况截至2019年12月23日09:30　存证 {BEGINNING}"


def sheet_of(listing: Listing) -> Worksheet:
    """The list as a spreadsheet."""
    return load_workbook(io.BytesIO(listing_xlsx(listing, made_at=MADE_AT, head=BEGINNING))).worksheets[0]


def lines_of_xlsx(listing: Listing) -> list[list[str]]:
    """The list's lines as a spreadsheet shows them."""
    rows = sheet_of(listing).iter_rows(values_only=True)
    return [[str(cell) for cell in row if cell is not None] for row in rows]


def lines_of_csv(listing: Listing) -> list[list[str]]:
    """The list's lines as a program reads them."""
    data = listing_csv(listing, made_at=MADE_AT, head=BEGINNING)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def lines_of_docx(listing: Listing) -> list[list[str]]:
    """The list's lines as Word shows them."""
    document = opened(listing_docx(listing, made_at=MADE_AT, head=BEGINNING))
    (table,) = tables(document)
    above, below = lines(document)[: 1 + len(listing.above)], lines(document)[1 + len(listing.above) :]
    return [*([line] for line in above), *table, *([line] for line in below)]


def not_done(members: Sequence[Student], states: Mapping[str, StudentState]) -> Listing:
    """Who is not done."""
    return unconfirmed(CAMPAIGN, CLASSES, members, states, made_at=MADE_AT)


@pytest.mark.parametrize("lines_of", [lines_of_xlsx, lines_of_csv, lines_of_docx])
def test_the_list_names_everybody_who_is_not_done_by_class_and_number(
    lines_of: Callable[[Listing], list[list[str]]],
) -> None:
    members = [student(number) for number in (7, 6, 5, 4, 3, 2, 1)]
    stated = [State.CONFIRMED, State.PROXY, State.EXEMPT, State.NOT_FOUND, State.WRONG, State.NO_LOGIN, State.NONE]
    states = dict(zip((one.sid for one in members), map(stands, stated), strict=True))
    title, head, *found, foot = lines_of(not_done([*members, student(8, status="休学"), student(9)], states))
    assert title == ["内部·勿外传　新生学籍核对　未登记名单（截至2019年12月23日09:30）"]
    assert head == ["班级", "学号", "姓名", "状态"]
    assert [line[1:] for line in found] == [
        ["2019000001", "学生1", "未登记"],
        ["2019000002", "学生2", "登录不了"],
        ["2019000003", "学生3", "有一项不对，待处理"],
        ["2019000004", "学生4", "查不到，待处理"],
        ["2019000009", "学生9", "未登记"],
    ]
    assert foot == [FOOT]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_what_begins_like_a_formula_is_text_wherever_it_stands(start: str) -> None:
    evil = replace(student(1, "c-two"), name=f"{start}SUM(A1)", number=f"{start}1")
    listing = not_done([evil], {})
    sheet = sheet_of(listing)
    assert all(cell.data_type in {"s", "n"} for row in sheet.iter_rows() for cell in row)
    assert [sheet.cell(3, column).quotePrefix for column in (1, 2, 3, 4)] == [True, True, True, False]
    assert lines_of_csv(listing)[2] == ["'=计科1902班", f"'{start}1", f"'{start}SUM(A1)", "未登记"]


def test_a_character_that_is_left_out_hides_no_formula() -> None:
    sheet = sheet_of(not_done([student(1, name="\x00=1+1")], {}))
    assert sheet.cell(3, 3).value == "=1+1"
    assert sheet.cell(3, 3).data_type == "s"
    assert sheet.cell(3, 3).quotePrefix


def test_the_check_table_is_by_number_with_room_for_corrections_and_signatures() -> None:
    states = {
        student(1).sid: stands(State.CONFIRMED, grade=Grade.SIGNED),
        student(2).sid: stands(State.WRONG, items=("major",)),
    }
    members = [student(2, major="物理"), student(1, major="计算机", status="注册学籍")]
    listing = check_table(CAMPAIGN, school_class(), members, states)
    assert listing.title == "2019级在校生学籍信息核对登记表"
    assert listing.columns == (
        "序号",
        "学号",
        "姓名",
        "专业",
        "学籍状态",
        "登记",
        "更正（信息不符的请清楚注明）",
        "签名",
    )
    assert listing.rows == (
        ("1", "2019000001", "学生1", "计算机", "注册学籍", "纸签", "", ""),
        ("2", "2019000002", "学生2", "物理", "", "", "", ""),
    )
    for lines_of in (lines_of_xlsx, lines_of_docx):
        assert lines_of(listing)[1] == ["学院：信息学院　　　　班级：计科1901班"]
        assert lines_of(listing)[-1] == [FOOT]


def test_the_check_table_lies_on_a4_and_repeats_its_head() -> None:
    listing = check_table(CAMPAIGN, school_class(), [student(number) for number in range(40)], {})
    sheet = sheet_of(listing)
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.print_area == "'核对登记表'!$A$1:$H$45"
    assert sheet.oddHeader is not None
    assert sheet.oddHeader.right.text == "内部"
    document = opened(listing_docx(listing, made_at=MADE_AT))
    assert is_a4(document, landscape=True)
    assert document.element.body.xpath("count(//w:tblHeader)") == 1
    assert everything(document).startswith("内部\n")


def test_the_error_summary_says_item_class_number_and_state_and_no_name_or_value() -> None:
    reported_at = datetime(2019, 12, 20, 17, 0, tzinfo=UTC)
    states = {
        student(1).sid: stands(State.WRONG, items=("major",), at=reported_at),
        student(2).sid: stands(State.WRONG, items=("photo",), at=reported_at),
        student(3).sid: stands(State.NOT_FOUND),
        student(4).sid: stands(State.CONFIRMED),
        student(5).sid: stands(State.NO_LOGIN),
        student(6, "c-two").sid: stands(State.WRONG, items=("?",)),
    }
    members = [student(6, "c-two"), *(student(number, major="计算机") for number in (5, 4, 3, 2, 1))]
    listing = error_summary(CAMPAIGN, "信息学院", CLASSES, members, states)
    assert listing.rows == (
        ("1", "=计科1902班", "2019000006", "其他", "已报，待处理", ""),
        ("2", "计科1901班", "2019000001", "专业名称", "已报，待处理", "2019年12月21日"),
        ("3", "计科1901班", "2019000002", "录取照片", "已报，待处理", "2019年12月21日"),
        ("4", "计科1901班", "2019000003", "学信网查不到学籍", "已报，待查", ""),
    )
    for lines_of in (lines_of_xlsx, lines_of_docx):
        said = "\n".join(cell for line in lines_of(listing) for cell in line)
        assert "信息学院　　　　共4项" in said
        assert "学生1" not in said
        assert "计算机" not in said


@pytest.mark.parametrize("write", [listing_xlsx, listing_docx])
def test_the_same_input_gives_the_same_bytes(write: Callable[..., bytes]) -> None:
    listing = not_done([student(1)], {})
    assert write(listing, made_at=MADE_AT) == write(listing, made_at=MADE_AT)


def test_who_signed_and_stated_nothing_is_in_the_list_as_signed() -> None:
    one = student(1)
    states = {one.sid: stands(State.NONE, signed_at=MADE_AT)}
    assert unconfirmed(CAMPAIGN, CLASSES, [one], states, made_at=MADE_AT).rows[0][-1] == "未登记（已纸签）"
