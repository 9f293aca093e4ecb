"""A spreadsheet of topics into rows of texts, each with its cells; faults name the cell."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.importing.files import unreadable
from knowledge.importing.refusals import Refusal, refusal, wording
from knowledge.importing.sheets import Form, forms


@dataclass(frozen=True, slots=True)
class SheetFault:
    """One thing to mend in the spreadsheet, and the cell where."""

    cell: str
    message: str

    def __str__(self) -> str:
        return f"{self.cell}：{self.message}"


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its texts by column, empty where the cell is; and where it stands."""

    sheet: str
    number: int
    letters: dict[str, str]
    texts: dict[str, str]

    def __getitem__(self, key: str) -> str:
        return self.texts[key]

    def cell(self, key: str) -> str:
        return f"{self.sheet}!{self.letters[key]}{self.number}"

    def fault(self, column: str, key: str, /, **values: object) -> SheetFault:
        return said(self.cell(column), key, **values)


def said(cell: str, key: str, /, **values: object) -> SheetFault:
    """A fault as the data file words it."""
    return SheetFault(cell, str(wording("sheet")["faults"][key]).format(**values))


def read(path: Path) -> tuple[dict[str, list[Record]], list[SheetFault]] | Refusal:
    """The rows of every sheet by the sheet's key, with the faults found on the way; or why it is no spreadsheet."""
    if path.suffix.lower() != ".xlsx" and path.is_file():
        return refusal("sheet", "kind", file=path.name)
    refused = unreadable(path)
    if refused:
        return refused
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a spreadsheet program added is no concern of the clerk's
            book = load_workbook(path)
    except Exception:  # noqa: BLE001 - whatever a damaged file makes the library raise, it is a damaged file
        return refusal("documents", "corrupt", file=path.name, ending=".xlsx")
    columns, wrong_form = _columns(book)
    if wrong_form:
        return Refusal(tuple(map(str, wrong_form)))
    faults: list[SheetFault] = []
    records = {
        key: list(_records(book[form.name], columns[key], faults)) for key, form in forms().items() if form.columns
    }
    return records, faults


def _columns(book: Workbook) -> tuple[dict[str, dict[str, str]], list[SheetFault]]:
    """The letter of every column of every sheet, and what is missing or unknown of them."""
    letters: dict[str, dict[str, str]] = {}
    faults: list[SheetFault] = []
    for form in forms().values():
        if not form.columns:
            continue
        if form.name in book.sheetnames and isinstance(book[form.name], Worksheet):
            letters[form.key] = _letters(book[form.name], form, faults)
        else:
            faults.append(said(form.name, "no_sheet", name=form.name))
    return letters, faults


def _letters(sheet: Worksheet, form: Form, faults: list[SheetFault]) -> dict[str, str]:
    """The letter of every column, found by its heading: columns may have been moved."""
    keys = {column.head: column.key for column in form.columns}
    letters: dict[str, str] = {}
    for number in range(1, sheet.max_column + 1):
        letter = get_column_letter(number)
        head = _text(sheet[f"{letter}1"], faults)
        if not head:
            continue
        if head not in keys:
            faults.append(said(f"{form.name}!{letter}1", "unknown_column", head=head))
        elif keys[head] in letters:
            faults.append(said(f"{form.name}!{letter}1", "twice_column", head=head))
        else:
            letters[keys[head]] = letter
    faults += [said(form.name, "no_column", head=column.head) for column in form.columns if column.key not in letters]
    return letters


def _records(sheet: Worksheet, letters: dict[str, str], faults: list[SheetFault]) -> Iterator[Record]:
    for number in range(2, sheet.max_row + 1):
        texts = {key: _text(sheet[f"{letter}{number}"], faults) for key, letter in letters.items()}
        if any(texts.values()):
            yield Record(sheet.title, number, letters, texts)


def _text(cell: Cell, faults: list[SheetFault]) -> str:
    """A cell as text: dates as in the files, whole numbers without a point, lines ended by a line feed."""
    if cell.data_type in {"f", "e"}:
        fault = "formula" if cell.data_type == "f" else "error"
        faults.append(said(f"{cell.parent.title}!{cell.coordinate}", fault))
        return ""
    match cell.value:
        case None:
            return ""
        case datetime() as moment:
            return moment.date().isoformat()
        case date() as day:
            return day.isoformat()
        case float() as number if number.is_integer():
            return str(int(number))
    text = str(cell.value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()
