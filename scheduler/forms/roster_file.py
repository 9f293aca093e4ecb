"""A roster file read: who is in it, every fault by row and column at once, what was mended, what was not read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.forms.cells import (
    NOT_A_NUMBER,
    Cell,
    Reading,
    read_cohort,
    read_name,
    read_number,
    read_text,
    read_yes_no,
)
from scheduler.forms.columns import roster_columns
from scheduler.forms.spreadsheet import file_fault
from scheduler.forms.tables import NO_VALUES, Table, open_table
from scheduler.roster import Fault, RosterFile, RosterRow

_READERS: Mapping[str, Callable[[Cell], Reading]] = {
    "number": read_number,
    "name": read_name,
    "cohort": read_cohort,
    "is_monitor": read_yes_no,
}

_EMPTY = Reading(text="")

_ONE_EACH = frozenset({"number", "name"})
"""Columns in which no two rows say the same; what stands in the others is read once."""


@dataclass(slots=True)
class _Seen:
    """What was seen before of the cells of a file while its rows are gone through."""

    untyped: set[int] = field(default_factory=set)
    """Rows whose student number is digits and may have been kept as an amount."""
    first_rows: dict[str, int] = field(default_factory=dict)
    """Where each student number stood first."""
    readings: dict[tuple[str, type, Cell], Reading] = field(default_factory=dict)
    """Colleges, classes and the like, each read and kept once however many rows name it."""


def read(name: str, data: bytes, *, keep_back: Collection[int] = ()) -> RosterFile:
    """The students of a roster file (XLSX, XLS, or CSV in UTF-8, UTF-16 or GB 18030). Never raises for what it holds.

    `rows` are those without a fault; a file with any fault is not to be applied as it stands. The rows numbered in
    `keep_back` are set aside whatever they hold: they have no faults and no other row has one because of them.
    `name` is how the file was called and only used in faults: it is opened by its content.
    """
    table = open_table(name, data, roster_columns())
    if not isinstance(table, Table):
        return RosterFile(rows=(), faults=table, mended=(), unread_columns=())
    faults = table.findings.faults
    missing = [column for column in table.names.required if column not in table.header.columns]
    faults += [file_fault("missing-column", row=table.header_row, column=table.names.title(one)) for one in missing]
    rows, set_aside = ([], []) if missing else _rows(table, frozenset(keep_back))
    faulty = {fault.row for fault in faults}
    return RosterFile(
        rows=tuple(row for row in rows if row.row not in faulty),
        faults=tuple(sorted(faults, key=lambda fault: fault.row)),
        mended=tuple(table.findings.mended),
        unread_columns=table.header.unread,
        set_aside=tuple(set_aside),
        faulty=tuple(row for row in rows if row.row in faulty),
        header_row=table.header_row,
    )


def _rows(table: Table, keep_back: frozenset[int]) -> tuple[list[RosterRow], list[RosterRow]]:
    """The rows to be applied and those set aside."""
    seen = _Seen()
    rows: list[RosterRow] = []
    set_aside: list[RosterRow] = []
    for row, cells in table.rows(keep_back):
        readings = {column: _reading(column, cell, seen) for column, cell in cells.items()}
        if row in keep_back:
            set_aside.append(_row_of(row, readings))
        elif _is_a_student(row, readings, table):
            _note_number(row, readings["number"], table, seen)
            rows.append(_row_of(row, readings))
    if not rows and not table.findings.faults:
        table.findings.faults.append(file_fault("no-rows", row=table.header_row))
    _find_lost_zeros(rows, table, seen)
    if table.typed and seen.untyped:
        column, count = table.names.title("number"), {"count": len(seen.untyped)}
        note = Fault(row=min(seen.untyped), column=column, fault="roster.mended.amounts", values=count)
        table.findings.mended.append(note)
    return rows, set_aside


def _reading(column: str, cell: Cell, seen: _Seen) -> Reading:
    if cell == "":
        return _EMPTY
    read = _READERS.get(column, read_text)
    if column in _ONE_EACH:
        return read(cell)
    key = (column, type(cell), cell)
    if key not in seen.readings:
        seen.readings[key] = read(cell)
    return seen.readings[key]


def _is_a_student(row: int, readings: Mapping[str, Reading], table: Table) -> bool:
    """Note what is to be said of a row; False for a remark or a sum that is no student."""
    names, findings = table.names, table.findings
    number = readings["number"]
    numbered = number.text if not number.fault else number.fault != NOT_A_NUMBER
    if not (numbered or readings["name"].text):
        findings.faults.append(file_fault("not-a-student", row=row, column=names.title("number")))
        return False
    for column, reading in readings.items():
        if reading.fault:
            findings.faults.append(Fault(row=row, column=names.title(column), fault=reading.fault, values=NO_VALUES))
        elif not reading.text and column in names.required:
            findings.faults.append(file_fault("empty", row=row, column=names.title(column)))
        elif reading.mended:
            findings.mended.append(Fault(row=row, column=names.title(column), fault=reading.mended, values=NO_VALUES))
    return True


def _note_number(row: int, number: Reading, table: Table, seen: _Seen) -> None:
    if not number.text:
        return
    first = seen.first_rows.setdefault(number.text, row)
    if first != row:
        title = table.names.title("number")
        table.findings.faults.append(file_fault("duplicate-number", row=row, column=title, first=first))
    if number.text.isdecimal() and not (number.typed and table.typed):
        seen.untyped.add(row)


def _row_of(row: int, readings: Mapping[str, Reading]) -> RosterRow:
    def text(column: str) -> str:
        return readings.get(column, _EMPTY).text

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


def _find_lost_zeros(rows: Sequence[RosterRow], table: Table, seen: _Seen) -> None:
    """A number that came without its type and is shorter than others of its class has lost zeros at its front."""
    longest: dict[tuple[str, str, str], int] = {}
    for row in rows:
        its_class = (row.college, row.cohort, row.class_name)
        longest[its_class] = max(longest.get(its_class, 0), len(row.number))
    for row in rows:
        expected = longest[row.college, row.cohort, row.class_name]
        if row.row in seen.untyped and len(row.number) < expected:
            values = {"length": len(row.number), "longest": expected}
            title = table.names.title("number")
            table.findings.faults.append(
                Fault(row=row.row, column=title, fault="roster.fault.lost-zeros", values=values)
            )
