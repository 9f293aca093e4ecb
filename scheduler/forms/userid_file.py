"""A list of WeCom's members read: which userid is which student number's."""

from scheduler.forms.cells import read_number, read_text
from scheduler.forms.columns import userid_columns
from scheduler.forms.spreadsheet import file_fault
from scheduler.forms.tables import NO_VALUES, Table, open_table
from scheduler.roster import Fault, UseridFile, UseridRow


def read_userids(name: str, data: bytes) -> UseridFile:
    """The rows of a list (XLSX, XLS or CSV) with every fault; a row without a userid says nothing of anybody."""
    table = open_table(name, data, userid_columns())
    if not isinstance(table, Table):
        return UseridFile(rows=(), faults=table)
    faults = table.findings.faults
    if "userid" not in table.header.columns:
        faults.append(file_fault("missing-column", row=table.header_row, column=table.names.title("userid")))
        return UseridFile(rows=(), faults=tuple(faults))
    rows, seen = [], dict[str, int]()
    for row, cells in table.rows():
        userid = read_text(cells["userid"])
        number = read_number(cells["number"]) if cells.get("number", "") != "" else None
        for column, reading in (("userid", userid), ("number", number)):
            if reading is not None and reading.fault:
                faults.append(Fault(row=row, column=table.names.title(column), fault=reading.fault, values=NO_VALUES))
        if seen.setdefault(userid.text, row) != row:
            faults.append(file_fault("doubled-userid", row=row, column=table.names.title("userid")))
        if userid.text:
            rows.append(UseridRow(row=row, userid=userid.text, number=number.text if number else userid.text))
    return UseridFile(rows=() if faults else tuple(rows), faults=tuple(sorted(faults, key=lambda fault: fault.row)))
