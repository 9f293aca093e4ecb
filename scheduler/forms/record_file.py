"""An export of 学信网 read: whose check it has on record, by student number or by name and college."""

from collections.abc import Callable, Mapping
from functools import partial

from scheduler.forms.cells import Cell, Reading, read_name, read_number, read_text, read_yes_no
from scheduler.forms.columns import record_columns
from scheduler.forms.spreadsheet import file_fault
from scheduler.forms.tables import NO_VALUES, Table, open_table
from scheduler.roster import Fault, RecordFile, RecordRow

_EMPTY = Reading(text="")


def read_records(name: str, data: bytes) -> RecordFile:
    """The rows of an export (XLSX, XLS or CSV) with every fault. Never raises for what the file holds."""
    table = open_table(name, data, record_columns())
    if not isinstance(table, Table):
        return RecordFile(rows=(), faults=table, unread_columns=())
    columns, faults = table.header.columns, table.findings.faults
    by_name = {"name", "college"} <= columns.keys()
    missing = [column for column in table.names.required if column not in columns]
    missing += [] if "number" in columns or by_name else ["number"]
    faults += [file_fault("missing-column", row=table.header_row, column=table.names.title(one)) for one in missing]
    rows = [] if missing else [record for row, cells in table.rows() if (record := _record(row, cells, table))]
    if not missing and not rows and not faults:
        faults.append(file_fault("no-rows", row=table.header_row))
    return RecordFile(
        rows=tuple(rows),
        faults=tuple(sorted(faults, key=lambda fault: fault.row)),
        unread_columns=table.header.unread,
    )


def _record(row: int, cells: Mapping[str, Cell], table: Table) -> RecordRow | None:
    """One row, its faults noted; None where it has any or says nothing of anybody."""
    readers: Mapping[str, Callable[[Cell], Reading]] = {
        "number": read_number,
        "name": read_name,
        "checked": partial(read_yes_no, names=table.names),
    }
    readings = {
        column: _EMPTY if cell == "" else readers.get(column, read_text)(cell) for column, cell in cells.items()
    }
    faults = [
        Fault(row=row, column=table.names.title(column), fault=reading.fault, values=NO_VALUES)
        for column, reading in readings.items()
        if reading.fault
    ]

    def text(column: str) -> str:
        return readings.get(column, _EMPTY).text

    if not faults and not (text("number") or (text("name") and text("college"))):
        faults = [file_fault("not-a-student", row=row, column=table.names.title("number"))]
    table.findings.faults.extend(faults)
    if faults:
        return None
    return RecordRow(
        row=row, number=text("number"), name=text("name"), college=text("college"), checked=bool(text("checked"))
    )
