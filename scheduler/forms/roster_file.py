"""A roster file read: who is in it, every fault by row and column at once, what was mended, what was not read."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from scheduler.forms.cells import Cell, Reading, read_cohort, read_name, read_number, read_text, read_yes_no
from scheduler.forms.columns import Header, column_names, read_header
from scheduler.forms.spreadsheet import MAX_COLUMNS, Merge, Sheet, file_fault, open_sheets
from scheduler.roster import Fault, RosterFile, RosterRow

_HEADER_WITHIN = 20
"""Titles and remarks stand above the head; further down it is not looked for."""

_LOOKS_LIKE_A_HEAD = 2
"""So many required columns make a row the head, if the student number or the name is among them."""

_READERS: Mapping[str, Callable[[Cell], Reading]] = {
    "number": read_number,
    "name": read_name,
    "cohort": read_cohort,
    "is_monitor": read_yes_no,
}


_EMPTY = Reading(text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A sheet whose head was found: the rows below it."""

    sheet: Sheet
    header: Header
    header_row: int
    rows: Iterator[tuple[int, Sequence[Cell]]]


@dataclass(slots=True)
class _Findings:
    """What is collected while the rows are gone through."""

    faults: list[Fault] = field(default_factory=list)
    mended: list[Fault] = field(default_factory=list)
    untyped: set[int] = field(default_factory=set)
    """Rows whose student number is digits and may have been kept as an amount."""
    first_rows: dict[str, int] = field(default_factory=dict)
    """Where each student number stood first."""
    words: dict[str, str] = field(default_factory=dict)
    """Colleges, classes and the like, each kept once however many rows name it."""


def read(name: str, data: bytes) -> RosterFile:
    """The students of a roster file (XLSX, XLS, or CSV in UTF-8 or GB 18030). Never raises for what the file holds.

    `rows` are those without a fault; a file with any fault is not to be applied as it stands. `name` is how the
    file was called and only used in faults: it is opened by its content.
    """
    opened = open_sheets(data)
    sheets = [sheet for sheet in opened if isinstance(sheet, Sheet)]
    faults = [fault for fault in opened if isinstance(fault, Fault)]
    if faults:
        return RosterFile(rows=(), faults=tuple(faults), mended=(), unread_columns=())
    tables = [table for table in map(_table, sheets) if table is not None]
    if not tables:
        needed = [column_names().title(column) for column in column_names().required]
        fault = file_fault("no-header", file=name, columns=" ".join(needed))
        return RosterFile(rows=(), faults=(fault,), mended=(), unread_columns=())
    first, *others = tables
    several = [file_fault("several-sheets", first=first.sheet.name, other=one.sheet.name) for one in others]
    return _read_table(first, several)


def _table(sheet: Sheet) -> _Table | None:
    rows = iter(sheet.rows)
    looked_at = list(islice(rows, _HEADER_WITHIN))
    required = set(column_names().required)
    for place, (row, cells) in enumerate(looked_at):
        header = read_header(cells)
        found = required & header.columns.keys()
        if len(found) >= _LOOKS_LIKE_A_HEAD and found & {"number", "name"}:
            below = chain(looked_at[place + 1 :], rows)
            return _Table(sheet=sheet, header=header, header_row=row, rows=below)
    return None


def _read_table(table: _Table, faults: Sequence[Fault]) -> RosterFile:
    names, header = column_names(), table.header
    findings = _Findings(faults=list(faults))
    missing = [names.title(column) for column in names.required if column not in header.columns]
    for title in missing:
        findings.faults.append(file_fault("missing-column", row=table.header_row, column=title))
    for title in header.doubled:
        findings.faults.append(file_fault("doubled-column", row=table.header_row, column=title))
    rows = [] if missing else _rows(table, findings)
    faulty = {fault.row for fault in findings.faults}
    return RosterFile(
        rows=tuple(row for row in rows if row.row not in faulty and _is_whole(row)),
        faults=tuple(sorted(findings.faults, key=lambda fault: fault.row)),
        mended=tuple(findings.mended),
        unread_columns=header.unread,
    )


def _is_whole(row: RosterRow) -> bool:
    """Whether nothing needed is empty, as it is in all rows of a merge but the first."""
    return all((row.number, row.name, row.college, row.class_name, row.cohort))


def _rows(table: _Table, findings: _Findings) -> list[RosterRow]:
    head_ends = max(
        (merge.last_row for merge in table.sheet.merges if merge.first_row <= table.header_row <= merge.last_row),
        default=table.header_row,
    )
    merged = _Merged([merge for merge in table.sheet.merges if merge.last_row > head_ends])
    findings.faults += merged.faults({index: title for title, index in _titles(table.header)})
    students = (
        _student(row, cells, table, merged, findings)
        for row, cells in table.rows
        if row > head_ends and any(cell != "" and str(cell).strip() for cell in cells)
    )
    rows = [student for student in students if student is not None]
    if not rows and not findings.faults:
        findings.faults.append(file_fault("no-rows", row=table.header_row))
    _find_lost_zeros(rows, findings)
    if table.sheet.typed and findings.untyped:
        note = {"count": len(findings.untyped)}
        title = column_names().title("number")
        findings.mended.append(
            Fault(row=min(findings.untyped), column=title, fault="roster.mended.amounts", values=note)
        )
    return rows


def _titles(header: Header) -> list[tuple[str, int]]:
    return [(column_names().title(name), index) for name, index in header.columns.items()]


class _Merged:
    """The merged cells of a sheet below its head."""

    def __init__(self, merges: Sequence[Merge]) -> None:
        self._merges = sorted(merges, key=lambda merge: merge.first_row)
        self._by_column: dict[int, list[Merge]] = {}
        for merge in self._merges:
            for index in range(max(0, merge.first_column), min(merge.last_column, MAX_COLUMNS) + 1):
                self._by_column.setdefault(index, []).append(merge)

    def faults(self, titles: Mapping[int, str]) -> Iterator[Fault]:
        """One for every merge that touches a column with a title."""
        for merge in self._merges:
            touched = [titles[index] for index in titles if merge.first_column <= index <= merge.last_column]
            if touched:
                yield file_fault("merged", row=merge.first_row, column=touched[0], last_row=merge.last_row)

    def covers(self, row: int, index: int) -> bool:
        """Whether a cell is part of a merge, so that its being empty needs no second fault."""
        merges = self._by_column.get(index, [])
        before = bisect_right(merges, row, key=lambda merge: merge.first_row)
        return before > 0 and row <= merges[before - 1].last_row


def _student(row: int, cells: Sequence[Cell], table: _Table, merged: _Merged, findings: _Findings) -> RosterRow | None:
    """One row as a student, its faults noted; None for a row that is a remark and no student."""
    names, columns = column_names(), table.header.columns
    readings: dict[str, Reading] = {}
    for column, index in columns.items():
        cell = cells[index] if index < len(cells) else ""
        readings[column] = _EMPTY if cell == "" else _READERS.get(column, read_text)(cell)
    in_merge = {column for column in names.required if merged.covers(row, columns[column])}
    if not (readings["number"].text or readings["name"].text or readings["number"].fault or in_merge):
        findings.faults.append(file_fault("not-a-student", row=row, column=names.title("number")))
        return None
    for column, reading in readings.items():
        title = names.title(column)
        if reading.fault:
            findings.faults.append(Fault(row=row, column=title, fault=reading.fault, values={}))
        elif not reading.text and column in names.required and column not in in_merge:
            findings.faults.append(file_fault("empty", row=row, column=title))
        elif reading.mended:
            findings.mended.append(Fault(row=row, column=title, fault=reading.mended, values={}))
    _note_number(row, readings["number"], table, findings)
    return _row_of(row, readings, findings)


def _note_number(row: int, number: Reading, table: _Table, findings: _Findings) -> None:
    if not number.text:
        return
    first = findings.first_rows.setdefault(number.text, row)
    if first != row:
        title = column_names().title("number")
        findings.faults.append(file_fault("duplicate-number", row=row, column=title, first=first))
    if number.text.isdecimal() and not (number.typed and table.sheet.typed):
        findings.untyped.add(row)


def _row_of(row: int, readings: Mapping[str, Reading], findings: _Findings) -> RosterRow:
    def text(column: str) -> str:
        reading = readings.get(column, _EMPTY)
        return findings.words.setdefault(reading.text, reading.text)

    return RosterRow(
        row=row,
        number=readings["number"].text,
        name=readings["name"].text,
        college=text("college"),
        class_name=text("class_name"),
        cohort=text("cohort"),
        major=text("major"),
        level=text("level"),
        status=text("status"),
        is_monitor=bool(text("is_monitor")),
        counsellor=text("counsellor"),
    )


def _find_lost_zeros(rows: Sequence[RosterRow], findings: _Findings) -> None:
    """A number that came without its type and is shorter than others of its class has lost zeros at its front."""
    longest: dict[tuple[str, str, str], int] = {}
    for row in rows:
        its_class = (row.college, row.cohort, row.class_name)
        longest[its_class] = max(longest.get(its_class, 0), len(row.number))
    title = column_names().title("number")
    for row in rows:
        expected = longest[row.college, row.cohort, row.class_name]
        if row.row in findings.untyped and len(row.number) < expected:
            values = {"length": len(row.number), "longest": expected}
            findings.faults.append(Fault(row=row.row, column=title, fault="roster.fault.lost-zeros", values=values))
