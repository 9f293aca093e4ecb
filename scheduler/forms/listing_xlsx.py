"""A list as a workbook of one sheet."""

from datetime import datetime

from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.evidence import Head
from scheduler.forms.listing import Listing
from scheduler.forms.writing import A4, as_of, saved, words_of, write_text

_LINE = Side(style="thin")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WRAPPED = Alignment(vertical="center", wrap_text=True)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)


def listing_xlsx(listing: Listing, *, made_at: datetime, head: Head | None = None) -> bytes:
    """The list as XLSX, ready for A4, with 内部 on every page."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = listing.sheet
    head_row = 2 + len(listing.above)
    last_row = head_row + len(listing.rows)
    _across(sheet, 1, listing, listing.title, size=14, alignment=_CENTRED)
    for row, line in enumerate(listing.above, start=2):
        _across(sheet, row, listing, line, size=11, alignment=_WRAPPED)
    _table(sheet, head_row, listing)
    for row, line in enumerate(listing.below, start=last_row + 1):
        _across(sheet, row, listing, line, size=11, alignment=_WRAPPED)
    end_row = last_row + len(listing.below) + 1
    _across(sheet, end_row, listing, as_of(made_at, head), size=9, alignment=_WRAPPED)
    _set_up_page(sheet, listing, head_row, end_row)
    return saved(book, made_at)


def _table(sheet: Worksheet, head_row: int, listing: Listing) -> None:
    plain, bold = _font(11), _font(11, bold=True)
    for row, cells in enumerate((listing.columns, *listing.rows), start=head_row):
        is_head = row == head_row
        for column, text in enumerate(cells, start=1):
            cell = sheet.cell(row, column)
            write_text(cell, text)
            cell.border, cell.font = _BOX, bold if is_head else plain
            cell.alignment = _CENTRED if is_head else _WRAPPED
        if listing.tall:
            sheet.row_dimensions[row].height = 30


def _font(size: int, *, bold: bool = False) -> Font:
    return Font(name=words_of("paper")["font"], size=size, bold=bold)


def _across(sheet: Worksheet, row: int, listing: Listing, text: str, *, size: int, alignment: Alignment) -> None:
    """Text over the whole width."""
    cell = sheet.cell(row, 1)
    write_text(cell, text)
    cell.font, cell.alignment = _font(size), alignment
    sheet.row_dimensions[row].height = size * 2.5
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(listing.columns))


def _set_up_page(sheet: Worksheet, listing: Listing, head_row: int, last_row: int) -> None:
    for number, width in enumerate(listing.widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"A{head_row + 1}"
    sheet.print_title_rows = f"1:{head_row}"
    sheet.print_area = f"A1:{get_column_letter(len(listing.columns))}{last_row}"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if listing.landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0  # as many pages as it takes
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    _mark_internal(sheet)


def _mark_internal(sheet: Worksheet) -> None:
    """内部 at the head of every printed page, its number at the foot."""
    words = words_of("paper")
    if sheet.oddHeader is not None and sheet.oddFooter is not None:
        sheet.oddHeader.right.text = words["internal"]
        sheet.oddFooter.center.text = words["page"].format(page="&P", pages="&N")
