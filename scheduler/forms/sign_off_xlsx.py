"""The sign-off sheet as a workbook: one worksheet a page."""

from collections.abc import Sequence
from datetime import datetime

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.forms.sign_off import PAIRS, PLACES_A_PAIR, Place, SignOffPage
from scheduler.forms.writing import A4, clean, saved, words_of, write_text

_WIDTHS = (13.0, 6.0, 13.0)
"""Place, mark and signature of one pair, in characters; four of them fill a page of A4."""
_COLUMNS = PAIRS * len(_WIDTHS)
_ERROR_SPANS = ((1, 6), (7, 9), (10, 12))
"""First and last column of the error table's three."""
_HEAD_ROW = 4
_FIRST_ROW = _HEAD_ROW + 1

_GREY = Color(rgb="FF808080")
_LINE = Side(style="thin")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)


def sign_off_xlsx(pages: Sequence[SignOffPage], *, made_at: datetime) -> bytes:
    """The sheets as XLSX, each on one page of A4. Signature cells are empty."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, page in enumerate(pages, start=1):
        sheet = book.create_sheet(words_of("sign_off")["sheet"].format(page=number))
        _places(sheet, page)
        _frame(sheet, page)
    return saved(book, made_at)


def _frame(sheet: Worksheet, page: SignOffPage) -> None:
    """Everything around the places: title and class above, the error table, collector's line and note below."""
    internal = words_of("paper")["internal"]
    _line(sheet, 1, internal, Alignment(horizontal="right"))
    _line(sheet, 2, page.title, _MIDDLE, size=16)
    _line(sheet, 3, page.class_line, _LEFT)
    row = _errors(sheet, _FIRST_ROW + PLACES_A_PAIR, page.wrong)
    _line(sheet, row, words_of("sign_off")["collector"], _LEFT)
    _line(sheet, row + 1, page.note, _LEFT)
    _line(sheet, row + 2, page.made_at, _LEFT, size=9)
    _set_up_page(sheet, row + 2, internal)


def _places(sheet: Worksheet, page: SignOffPage) -> None:
    words = words_of("sign_off")
    for index in range(PAIRS):
        left = 1 + index * len(_WIDTHS)
        for offset, head in enumerate((words["place"], words["mark"], words["signature"])):
            _boxed(sheet, _HEAD_ROW, left + offset, head)
        own = page.places[index * PLACES_A_PAIR : (index + 1) * PLACES_A_PAIR]
        for row, place in enumerate(own, start=_FIRST_ROW):
            _place(sheet, row, left, place)
            _boxed(sheet, row, left + 1, place.mark)
            _boxed(sheet, row, left + 2, "")


def _place(sheet: Worksheet, row: int, column: int, place: Place) -> None:
    """The number, and the name small and grey after it in the same cell."""
    _boxed(sheet, row, column, str(place.number))
    name = clean(place.name)
    if name:
        grey = InlineFont(rFont=words_of("paper")["font"], sz=7, color=_GREY)
        sheet.cell(row, column).value = CellRichText(f"{place.number} ", TextBlock(grey, name))


def _errors(sheet: Worksheet, row: int, wrong: Sequence[str]) -> int:
    """The error table from `row` on; the row after it."""
    words = words_of("sign_off")
    _line(sheet, row, words["errors"], _LEFT)
    for line in [words["error_columns"], *([item, "", ""] for item in wrong)]:
        row += 1
        for (first, last), text in zip(_ERROR_SPANS, line, strict=True):
            for column in range(first, last + 1):
                _boxed(sheet, row, column, text if column == first else "")
            sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)
    return row + 1


def _boxed(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    cell.font, cell.border, cell.alignment = Font(name=words_of("paper")["font"], size=11), _BOX, _MIDDLE
    if text:
        write_text(cell, text)


def _line(sheet: Worksheet, row: int, text: str, alignment: Alignment, *, size: int = 11) -> None:
    """Text over the whole width."""
    cell = sheet.cell(row, 1)
    write_text(cell, text)
    cell.font, cell.alignment = Font(name=words_of("paper")["font"], size=size), alignment
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=_COLUMNS)


def _set_up_page(sheet: Worksheet, last_row: int, internal: str) -> None:
    """A4 upright, everything on one page, marked on every print."""
    for index in range(_COLUMNS):
        sheet.column_dimensions[get_column_letter(index + 1)].width = _WIDTHS[index % len(_WIDTHS)]
    for row in range(1, last_row + 1):
        sheet.row_dimensions[row].height = 30
    sheet.page_setup.paperSize = A4
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
