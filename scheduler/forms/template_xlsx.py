"""A workbook of the office, filled cell for cell: styles, widths and merged cells stay as they are.

What the library cannot keep is lost: pictures and drawings, and the areas of validations and of conditional formats
do not grow with the rows.
"""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.header_footer import _HeaderFooterPart
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.forms.template import Filling, Mention, TemplateFault, Why, faults_of, mentions, mixed
from scheduler.forms.writing import clean, saved, words_of, write_text

_REFERENCE = re.compile(r"(\$?[A-Z]{1,3}\$?)([0-9]+)(?::(\$?[A-Z]{1,3}\$?)([0-9]+))?")
_FORMULA = "f"


class XlsxTemplate:
    """`scheduler.forms.template.Template`."""

    suffix = ".xlsx"

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._found = [found for sheet in self._opened().worksheets for found in _mentions(sheet)]
        self.places = max((mention.place for _, mention in self._found), default=0)

    def faults(self) -> list[TemplateFault]:
        """Everything in it that cannot be filled."""
        own = [fault for sheet in self._opened().worksheets for fault in _faults(sheet)]
        return [*own, *mixed(self._found)]

    def fill(self, filling: Filling, made_at: datetime) -> bytes:
        """The workbook, filled."""
        book = self._opened()
        in_head = replace(filling, once={word: text.replace("&", "&&") for word, text in filling.once.items()})
        for sheet in book.worksheets:
            for part in _head_and_foot(sheet):
                if part.text:  # an empty one would be written as a part that cannot be read again
                    part.text = in_head.filled(part.text)
            rows = sorted({cell.row for cell, mention in _in_cells(sheet) if mention.repeats_its_row}, reverse=True)
            for row in rows:
                _repeat(sheet, row, filling)
            for cell, _ in list(_in_cells(sheet)):
                _fill(cell, filling, None)
        return saved(book, made_at)

    def _opened(self) -> Workbook:
        return load_workbook(BytesIO(self._data), rich_text=True)


def _texts(sheet: Worksheet) -> Iterator[tuple[Cell, str]]:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell, Cell) and isinstance(cell.value, str | CellRichText):
                yield cell, str(cell.value)


def _in_cells(sheet: Worksheet) -> Iterator[tuple[Cell, Mention]]:
    for cell, text in _texts(sheet):
        for mention in mentions(text):
            yield cell, mention


def _head_and_foot(sheet: Worksheet) -> list[_HeaderFooterPart]:
    items = (sheet.oddHeader, sheet.oddFooter, sheet.evenHeader, sheet.evenFooter, sheet.firstHeader, sheet.firstFooter)
    return [part for item in items if item is not None for part in (item.left, item.center, item.right)]


def _where(cell: Cell, sheet: Worksheet) -> str:
    return str(words_of("template")["where"]["cell"].format(sheet=sheet.title, cell=cell.coordinate))


def _mentions(sheet: Worksheet) -> Iterator[tuple[str, Mention]]:
    for cell, mention in _in_cells(sheet):
        yield _where(cell, sheet), mention


def _faults(sheet: Worksheet) -> Iterator[TemplateFault]:
    for cell, text in _texts(sheet):
        where = _where(cell, sheet)
        yield from faults_of(text, where)
        for mention in mentions(text):
            if cell.data_type == _FORMULA:
                yield TemplateFault(where=where, written=mention.written, why=Why.FORMULA)
            elif isinstance(cell.value, CellRichText) and not any(mention.written in str(part) for part in cell.value):
                yield TemplateFault(where=where, written=mention.written, why=Why.SPLIT)
    where = words_of("template")["where"]["sheet_head"].format(sheet=sheet.title)
    for part in _head_and_foot(sheet):
        yield from faults_of(part.text or "", where)
        for mention in mentions(part.text or ""):
            if mention.is_one_students:
                yield TemplateFault(where=where, written=mention.written, why=Why.NO_ROW)


def _repeat(sheet: Worksheet, row: int, filling: Filling) -> None:
    """The row once for each student, everything below it moved down; once and empty if there is none."""
    more = max(len(filling.each) - 1, 0)
    if more:
        _make_room(sheet, row, more)
    for place, student in enumerate(filling.each[1:], start=1):
        _copy_row(sheet, row, row + place)
        _fill_row(sheet, row + place, filling, student)
    _fill_row(sheet, row, filling, filling.each[0] if filling.each else None)


def _fill_row(sheet: Worksheet, row: int, filling: Filling, student: Mapping[str, str] | None) -> None:
    for cell in sheet[row]:
        if isinstance(cell, Cell) and isinstance(cell.value, str | CellRichText) and mentions(str(cell.value)):
            _fill(cell, filling, student)


def _fill(cell: Cell, filling: Filling, student: Mapping[str, str] | None) -> None:
    value = cell.value
    if isinstance(value, CellRichText):
        cell.value = CellRichText(*(_filled_part(part, filling, student) for part in value))
    else:
        write_text(cell, filling.filled(str(value), student))


def _filled_part(part: TextBlock | str, filling: Filling, student: Mapping[str, str] | None) -> TextBlock | str:
    text = clean(filling.filled(str(part), student))
    return TextBlock(part.font, text) if isinstance(part, TextBlock) else text


def _make_room(sheet: Worksheet, row: int, more: int) -> None:
    """Move everything below the row down, and let what spans it grow."""
    last, width = sheet.max_row, sheet.max_column
    heights = {number: sheet.row_dimensions[number].height for number in range(row, last + 1)}
    if last > row:
        sheet.move_range(CellRange(min_col=1, min_row=row + 1, max_col=width, max_row=last), rows=more)
    for number in range(last, row, -1):
        sheet.row_dimensions[number + more].height = heights[number]
    for number in range(row + 1, row + more + 1):
        sheet.row_dimensions[number].height = heights[row]
    _grow_merges(sheet, row, more)
    areas = [
        CellRange(area.rpartition("!")[2].replace("$", "")) for area in (sheet.print_area or "").split(",") if area
    ]
    if areas:
        sheet.print_area = ",".join(_grown(area, row, more).coord for area in areas)
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell, Cell) and cell.data_type == _FORMULA and isinstance(cell.value, str):
                cell.value = _grown_formula(cell.value, row, more)


def _grow_merges(sheet: Worksheet, row: int, more: int) -> None:
    merges = [CellRange(merged.coord) for merged in sheet.merged_cells.ranges]
    sheet.merged_cells.ranges = set()
    for merged in merges:
        for grown in (
            [CellRange(min_col=merged.min_col, max_col=merged.max_col, min_row=at, max_row=at)
             for at in range(row, row + more + 1)]
            if merged.min_row == merged.max_row == row
            else [_grown(merged, row, more)]
        ):  # fmt: skip
            sheet.merged_cells.add(grown.coord)


def _grown(area: CellRange, row: int, more: int) -> CellRange:
    """An area after rows were put in behind `row`: what begins below moves, what spans the row grows."""
    top = area.min_row + more if area.min_row > row else area.min_row
    bottom = area.max_row + more if area.max_row >= row else area.max_row
    return CellRange(min_col=area.min_col, max_col=area.max_col, min_row=top, max_row=bottom)


def _grown_formula(formula: str, row: int, more: int) -> str:
    """A formula whose references mean the same after rows were put in behind `row`; a range over the row grows."""

    def moved(found: re.Match[str]) -> str:
        first = int(found[2])
        top = first + more if first > row else first
        if found[3] is None:
            return f"{found[1]}{top}"
        last = int(found[4])
        return f"{found[1]}{top}:{found[3]}{last + more if last >= row else last}"

    tokens = Tokenizer(formula)
    parts = [
        _REFERENCE.sub(moved, token.value)
        if token.type == Token.OPERAND and token.subtype == Token.RANGE and "!" not in token.value
        else token.value
        for token in tokens.items
    ]
    return "=" + "".join(parts)


def _copy_row(sheet: Worksheet, row: int, to: int) -> None:
    for cell in sheet[row]:
        made = sheet.cell(to, cell.column or 1)
        for style in ("font", "fill", "border", "alignment", "protection", "number_format"):
            setattr(made, style, copy(getattr(cell, style)))
        if not isinstance(cell, MergedCell) and not isinstance(made, MergedCell):
            made.value = cell.value
