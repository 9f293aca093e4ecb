"""A roster file opened by what it holds, not by how it is named: rows of cells, or why it cannot be read."""

import codecs
import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import python_calamine
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from scheduler.forms.cells import Cell
from scheduler.roster import Fault

MAX_BYTES = 64 * 2**20
MAX_UNPACKED = 400 * 2**20
MAX_ROWS = 200_000
MAX_COLUMNS = 256
"""A roster of half a million cells is far below these; beyond them a file is a mistake or an attack."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|meta|table|style|body|\?xml)", re.IGNORECASE)
_HIGH = re.compile(rb"[\x80-\xff]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_CELL_WITH_VALUE = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
_CHUNK = 2**20
_LONGEST_TAG = 512
_UNPACKING_FAILS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    KeyError,  # a part that the directory names and the file does not have
    NotImplementedError,  # a way of packing that nobody uses
    OSError,
    OverflowError,
    RuntimeError,  # encrypted parts
    ValueError,  # offsets that point outside of the file
)
"""All that Python's zipfile has been seen to raise for damaged files."""
_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Cells merged into one: first and last row (as shown, from 1), first and last column (from 0)."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: its rows, once, with the number a spreadsheet shows for them, and what is merged.

    `typed` false: every cell is text because the file knows nothing else (CSV).
    """

    name: str
    rows: Iterator[tuple[int, Sequence[Cell]]]
    merges: tuple[Merge, ...] = ()
    typed: bool = True


def open_sheets(data: bytes) -> tuple[Sheet, ...] | tuple[Fault, ...]:
    """The visible sheets of an XLSX, XLS or CSV file, or its faults (phrase keys `roster.fault.…`)."""
    if not data.strip():
        return (file_fault("empty-file"),)
    if len(data) > MAX_BYTES:
        return (file_fault("too-large", limit=MAX_BYTES // 2**20),)
    if data.startswith((_ZIP, _OLE)):
        return _open_workbook(data)
    if data.startswith(_UTF_16):
        return _open_csv(data)
    if _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")):
        return (file_fault("html"),)
    if _BINARY.search(data):
        return (file_fault("not-a-spreadsheet"),)
    return _open_csv(data)


def file_fault(name: str, *, row: int = 0, column: str = "", **values: str | int) -> Fault:
    """A fault of the file; row 0 means that it concerns no row."""
    return Fault(row=row, column=column, fault=f"roster.fault.{name}", values=values)


def _open_workbook(data: bytes) -> tuple[Sheet, ...] | tuple[Fault, ...]:
    faults = _unsafe(data) if data.startswith(_ZIP) else ()
    if faults:
        return faults
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            book.get_sheet_by_name(sheet.name)
            for sheet in book.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
        ]
    except python_calamine.PasswordError:
        return (file_fault("password"),)
    except python_calamine.CalamineError:
        return (file_fault("broken"),)
    if any(sheet.total_height > MAX_ROWS for sheet in sheets):
        return (file_fault("too-many-rows", limit=MAX_ROWS),)
    return tuple(_sheet(sheet) for sheet in sheets)


def _sheet(sheet: CalamineSheet) -> Sheet:
    left = sheet.start[1] if sheet.start else 0
    merges = tuple(
        Merge(first_row=top + 1, last_row=bottom + 1, first_column=first - left, last_column=last - left)
        for (top, first), (bottom, last) in sheet.merged_cell_ranges or ()
    )
    return Sheet(name=sheet.name, rows=enumerate(sheet.iter_rows(), start=1), merges=merges)


def _unsafe(data: bytes) -> tuple[Fault, ...]:
    """Why a packed workbook must not be opened. One value far out makes the reader ask for memory for every
    cell on the way there, and the process is killed, so the places of all values are looked at first."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if "xl/workbook.xml" not in packed.namelist():
                return (file_fault("not-a-spreadsheet"),)
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                return (file_fault("too-large", limit=MAX_BYTES // 2**20),)
            for part in packed.namelist():
                if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                    with packed.open(part) as sheet:
                        stray = _stray_cell(iter(lambda: sheet.read(_CHUNK), b""))
                    if stray:
                        return (stray,)
    except _UNPACKING_FAILS:
        return (file_fault("broken"),)
    return ()


def _stray_cell(chunks: Iterator[bytes]) -> Fault | None:
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        for cell in _CELL_WITH_VALUE.finditer(text):
            column, row = cell[1].decode(), int(cell[2])
            if row > MAX_ROWS or _column_number(column) > MAX_COLUMNS:
                return file_fault("stray-cell", row=row, column=column, cell=f"{column}{row}")
        rest = text[-_LONGEST_TAG:]
    return None


@cache
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _open_csv(data: bytes) -> tuple[Sheet, ...] | tuple[Fault, ...]:
    text = _decoded(data)
    if not isinstance(text, str):
        return text
    head = text[:10_000]
    delimiter = max(_DELIMITERS, key=head.count)

    def lines() -> Iterator[list[str]]:
        return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

    try:
        height = sum(1 for _ in lines())
    except csv.Error:
        return (file_fault("broken-quotes"),)
    if height > MAX_ROWS:
        return (file_fault("too-many-rows", limit=MAX_ROWS),)
    return (Sheet(name="", rows=enumerate(lines(), start=1), typed=False),)


def _decoded(data: bytes) -> str | tuple[Fault, ...]:
    """The text of a CSV file in UTF-16, UTF-8 or GB 18030, or the lines at which the last two are mixed."""
    if data.startswith(_UTF_16):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            return (file_fault("broken"),)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    lines = data.splitlines()
    odd = {row: _is_utf8(line) for row, line in enumerate(lines, start=1) if _HIGH.search(line)}
    in_utf8 = sum(odd.values())
    if in_utf8:
        minority = in_utf8 <= len(odd) // 2
        return tuple(file_fault("mixed-encodings", row=row) for row, utf8 in odd.items() if utf8 is minority)
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        return (file_fault("garbled", row=data.count(b"\n", 0, error.start) + 1),)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
