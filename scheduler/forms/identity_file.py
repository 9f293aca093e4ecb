"""A list of the other numbers students have, read to try whose account is whose: nothing of it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.forms.cells import read_number
from scheduler.forms.columns import identity_columns
from scheduler.forms.spreadsheet import file_fault
from scheduler.forms.tables import Table, open_table
from scheduler.roster import Fault

KINDS = ("exam", "mobile")
"""What beside the student number an account may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFile:
    """The student number behind each exam number and each mobile number; what two students share is left out.

    A cell that is no number is nobody's account and no fault.
    """

    numbers: Mapping[str, Mapping[str, str]]
    faults: tuple[Fault, ...]


def read_identities(name: str, data: bytes) -> IdentityFile:
    """A list (XLSX, XLS or CSV) with student numbers and at least one of `KINDS`."""
    table = open_table(name, data, identity_columns())
    if not isinstance(table, Table):
        return IdentityFile(numbers={}, faults=table)
    kinds = [kind for kind in KINDS if kind in table.header.columns]
    missing = [] if "number" in table.header.columns else ["number"]
    missing += [] if kinds else [KINDS[0]]
    if missing:
        faults = [file_fault("missing-column", row=table.header_row, column=table.names.title(one)) for one in missing]
        return IdentityFile(numbers={}, faults=tuple(faults))
    found: dict[str, dict[str, set[str]]] = {kind: {} for kind in kinds}
    for _, cells in table.rows():
        number = read_number(cells["number"])
        for kind in kinds:
            own = read_number(cells[kind])
            if number.text and own.text and not (number.fault or own.fault):
                found[kind].setdefault(own.text, set()).add(number.text)
    alone = {kind: {own: min(of) for own, of in ids.items() if len(of) == 1} for kind, ids in found.items()}
    return IdentityFile(numbers=alone, faults=())
