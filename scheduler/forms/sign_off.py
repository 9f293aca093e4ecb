"""The sign-off sheet of a class: 64 places a page, signed by hand, with what was reported wrong below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.campaigns import DONE, NOTHING_YET, Campaign, Owner, State, StudentState
from scheduler.forms.writing import moment_values, saved, words_of, write_text
from scheduler.roster import SchoolClass, Student

PAIRS = 4
PLACES_A_PAIR = 16
PLACES = PAIRS * PLACES_A_PAIR
ERROR_ROWS = 6

_WIDTHS = (13.0, 6.0, 13.0)
"""Place, mark and signature of one pair, in characters; four of them fill a page of A4."""
_COLUMNS = PAIRS * len(_WIDTHS)
_ERROR_SPANS = ((1, 6), (7, 9), (10, 12))
"""First and last column of the error table's three."""
_HEAD_ROW = 4
_FIRST_ROW = _HEAD_ROW + 1
_A4 = 9

_GREY = Color(rgb="FF808080")
_LINE = Side(style="thin")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One sheet's worth: whose places it holds, the number of the first of them, what is wrong with them."""

    number: int
    of: int
    first_place: int
    students: Sequence[Student]
    wrong: Sequence[str]


def sign_off(
    campaign: Campaign,
    school_class: SchoolClass,
    members: Sequence[Student],
    states: Mapping[str, StudentState],
    *,
    item_labels: Mapping[str, str],
    made_at: datetime,
) -> bytes:
    """The sheet as XLSX, ready for A4; one worksheet for every 64 members, in the order of student numbers.

    `states` is by sid, `item_labels` by check item's id. Signature cells are empty: a printed name where a
    hand should sign is a forgery. Of a wrong item only its label is said, never a value or whose it is.
    """
    ordered = sorted(members, key=lambda student: student.number)
    chunks = [ordered[start : start + PLACES] for start in range(0, len(ordered), PLACES)] or [[]]
    book = Workbook()
    book.remove(book.worksheets[0])
    for index, students in enumerate(chunks):
        wrong = [_wrong_item(states[one.sid], item_labels) for one in students if _is_wrong(states.get(one.sid))]
        page = _Page(number=index + 1, of=len(chunks), first_place=index * PLACES + 1, students=students, wrong=wrong)
        sheet = book.create_sheet(words_of("sign_off")["sheet"].format(page=page.number))
        _places(sheet, page, states)
        _frame(sheet, page, campaign, school_class, made_at)
    return saved(book)


def _is_wrong(state: StudentState | None) -> bool:
    return state is not None and state.state is State.WRONG


def _wrong_item(state: StudentState, item_labels: Mapping[str, str]) -> str:
    return item_labels.get(state.item, words_of("sign_off")["other_item"])


def _frame(sheet: Worksheet, page: _Page, campaign: Campaign, school_class: SchoolClass, made_at: datetime) -> None:
    """Everything around the places: title and class above, the error table, collector's line and note below."""
    words = words_of("sign_off")
    year = campaign.stages[0].deadline.day.year
    _line(sheet, 1, words["internal"], Alignment(horizontal="right"))
    _line(sheet, 2, words["title"].format(year=year), _MIDDLE, size=16)
    _line(sheet, 3, words["class_line"].format(class_name=school_class.name), _LEFT)
    row = _errors(sheet, _FIRST_ROW + PLACES_A_PAIR, page.wrong)
    _line(sheet, row, words["collector"], _LEFT)
    _line(sheet, row + 1, _note(campaign), _LEFT)
    printed = words["made_at"].format(page=page.number, pages=page.of, **moment_values(made_at))
    _line(sheet, row + 2, printed, _LEFT, size=9)
    _set_up_page(sheet, row + 2, words["internal"])


def _note(campaign: Campaign) -> str:
    """When the paper is due: the class's own hand-in, or the college's where classes have none."""
    stage = campaign.stage_of(Owner.MONITOR) or campaign.stage_of(Owner.COLLEGE)
    words = words_of("sign_off")
    if stage is None:
        return str(words["note_undated"])
    return str(words["note"].format(month=stage.deadline.day.month, day=stage.deadline.day.day))


def _places(sheet: Worksheet, page: _Page, states: Mapping[str, StudentState]) -> None:
    words = words_of("sign_off")
    for index in range(PAIRS):
        left = 1 + index * len(_WIDTHS)
        for offset, head in enumerate((words["place"], words["mark"], words["signature"])):
            _boxed(sheet, _HEAD_ROW, left + offset, head)
        for down in range(PLACES_A_PAIR):
            place = index * PLACES_A_PAIR + down
            student = page.students[place] if place < len(page.students) else None
            row = _FIRST_ROW + down
            _boxed(sheet, row, left, str(page.first_place + place))
            _boxed(sheet, row, left + 1, _mark(states.get(student.sid, NOTHING_YET)) if student else "")
            _boxed(sheet, row, left + 2, "")
            if student:
                _add_name(sheet, row, left, student.name)


def _add_name(sheet: Worksheet, row: int, column: int, name: str) -> None:
    """The name, small and grey, after the number in the place's own cell."""
    cell = sheet.cell(row, column)
    grey = InlineFont(rFont=words_of("sign_off")["font"], sz=7, color=_GREY)
    cell.value = CellRichText(f"{cell.value} ", TextBlock(grey, name))


def _mark(state: StudentState) -> str:
    if state.state not in DONE:
        return ""
    marks = words_of("sign_off")["marks"]
    return str(marks["proxy"] if state.state is State.PROXY or state.grade is None else marks[state.grade])


def _errors(sheet: Worksheet, row: int, wrong: Sequence[str]) -> int:
    """The error table from `row` on; the row after it."""
    words = words_of("sign_off")
    _line(sheet, row, words["errors"], _LEFT)
    heads = words["error_columns"]
    lines = [heads, *([item, "", ""] for item in wrong), *(["", "", ""] for _ in range(ERROR_ROWS - len(wrong)))]
    for line in lines:
        row += 1
        for (first, last), text in zip(_ERROR_SPANS, line, strict=True):
            for column in range(first, last + 1):
                _boxed(sheet, row, column, text if column == first else "")
            sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)
    return row + 1


def _boxed(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    cell.font, cell.border, cell.alignment = Font(name=words_of("sign_off")["font"], size=11), _BOX, _MIDDLE
    if text:
        write_text(cell, text)


def _line(sheet: Worksheet, row: int, text: str, alignment: Alignment, *, size: int = 11) -> None:
    """Text over the whole width."""
    cell = sheet.cell(row, 1)
    write_text(cell, text)
    cell.font, cell.alignment = Font(name=words_of("sign_off")["font"], size=size), alignment
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=_COLUMNS)


def _set_up_page(sheet: Worksheet, last_row: int, internal: str) -> None:
    """A4 upright, everything on one page, marked on every print."""
    for index in range(_COLUMNS):
        sheet.column_dimensions[get_column_letter(index + 1)].width = _WIDTHS[index % len(_WIDTHS)]
    for row in range(1, last_row + 1):
        sheet.row_dimensions[row].height = 30
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    if sheet.oddHeader is not None:
        sheet.oddHeader.right.text = internal
    sheet.print_area = f"A1:{sheet.cell(last_row, _COLUMNS).coordinate}"
