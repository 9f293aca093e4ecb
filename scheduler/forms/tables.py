"""The table in a file: its head found, its merged cells filled in, its rows handed on with the columns that are read
and no other."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from scheduler.forms.cells import Cell
from scheduler.forms.columns import ColumnNames, Header, read_header
from scheduler.forms.spreadsheet import Merge, Sheet, file_fault, open_sheets
from scheduler.roster import Fault

_HEADER_WITHIN = 20
"""Titles and remarks stand above the head; further down it is not looked for."""

_LOOKS_LIKE_A_HEAD = 2
"""So many known columns make a row the head, if the student number or the name is among them."""

_WHO = frozenset({"number", "name"})

NO_VALUES: Mapping[str, str | int] = {}
"""What most faults have to say beside their place; shared, because a file may have very many of them."""


@dataclass(slots=True)
class Findings:
    """What is collected while the rows are gone through."""

    faults: list[Fault] = field(default_factory=list)
    mended: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A sheet whose head was found. `typed` false: every cell is text because the file knows nothing else."""

    names: ColumnNames
    header: Header
    header_row: int
    sheet: Sheet
    below: Iterator[tuple[int, Sequence[Cell]]]
    findings: Findings

    @property
    def typed(self) -> bool:
        """Whether a number that is text was kept as text on purpose."""
        return self.sheet.typed

    def rows(self, keep_back: Collection[int] = ()) -> Iterator[tuple[int, dict[str, Cell]]]:
        """Each row that holds anything, once: its number, and its cells by field.

        A merge that says one thing of several rows is filled in and noted; any other is a fault of each of its rows,
        except of those that are kept back.
        """
        covering = [merge for merge in self.sheet.merges if merge.first_row <= self.header_row <= merge.last_row]
        head_ends = max((merge.last_row for merge in covering), default=self.header_row)
        merged = _Merged(self, [merge for merge in self.sheet.merges if merge.last_row > head_ends])
        columns = self.header.columns
        for row, cells in self.below:
            if row <= head_ends or not any(cell != "" and str(cell).strip() for cell in cells):
                continue
            read = {name: cells[index] if index < len(cells) else "" for name, index in columns.items()}
            merged.fill(row, read, said=row not in keep_back)
            yield row, read


def open_table(name: str, data: bytes, names: ColumnNames) -> Table | tuple[Fault, ...]:
    """The one table of a file with such columns, or why it cannot be read; `name` is only used in faults."""
    opened = open_sheets(data)
    faults = tuple(fault for fault in opened if isinstance(fault, Fault))
    if faults:
        return faults
    tables = [table for sheet in opened if isinstance(sheet, Sheet) and (table := _table(sheet, names)) is not None]
    if not tables:
        needed = " ".join(names.title(column) for column in names.required)
        return (file_fault("no-header", file=name, columns=needed),)
    first, *others = tables
    found = first.findings.faults
    found += [file_fault("several-sheets", first=first.sheet.name, other=other.sheet.name) for other in others]
    found += [file_fault("doubled-column", row=first.header_row, column=title) for title in first.header.doubled]
    return first


def _table(sheet: Sheet, names: ColumnNames) -> Table | None:
    looked_at = list(islice(sheet.rows, _HEADER_WITHIN))
    for place, (row, cells) in enumerate(looked_at):
        header = read_header(cells, names)
        known = header.columns.keys()
        if len(known) >= _LOOKS_LIKE_A_HEAD and known & _WHO:
            below = chain(looked_at[place + 1 :], sheet.rows)
            return Table(names=names, header=header, header_row=row, sheet=sheet, below=below, findings=Findings())
    return None


class _Merged:
    """The merged cells below a head: those that say one thing of several rows, and those that leave it open."""

    def __init__(self, table: Table, merges: Sequence[Merge]) -> None:
        self._table = table
        self._down: dict[str, list[Merge]] = {}
        self._open: dict[str, list[Merge]] = {}
        self._values: dict[str, Cell] = {}
        for merge in sorted(merges, key=lambda merge: merge.first_row):
            self._sort_in(merge)

    def fill(self, row: int, cells: dict[str, Cell], *, said: bool) -> None:
        """Put in what a merge says of this row, going down; note what is mended or a fault, if it is to be said."""
        for name, merges in self._down.items():
            merge = _over(merges, row)
            if merge is None:
                continue
            if row == merge.first_row:
                self._values[name] = cells[name]
                if said:
                    note = self._note("roster.mended.merged", row, name, merge)
                    self._table.findings.mended.append(note)
            else:
                cells[name] = self._values.get(name, "")
        for name, merges in self._open.items():
            merge = _over(merges, row)
            if merge is not None and said:
                self._table.findings.faults.append(self._note("roster.fault.merged", row, name, merge))

    def _sort_in(self, merge: Merge) -> None:
        columns = self._table.header.columns
        touched = [name for name, index in columns.items() if merge.first_column <= index <= merge.last_column]
        if not touched:
            return
        name = min(touched, key=lambda one: columns[one])
        alone = len(touched) == 1 and columns[name] == merge.first_column
        if not alone or (name in _WHO and merge.last_row > merge.first_row):
            self._open.setdefault(name, []).append(merge)
        elif merge.last_row > merge.first_row:
            self._down.setdefault(name, []).append(merge)

    def _note(self, key: str, row: int, name: str, merge: Merge) -> Fault:
        values: Mapping[str, str | int] = {"first_row": merge.first_row, "last_row": merge.last_row}
        return Fault(row=row, column=self._table.names.title(name), fault=key, values=values)


def _over(merges: Sequence[Merge], row: int) -> Merge | None:
    """The merge of one column that covers a row."""
    before = bisect_right(merges, row, key=lambda merge: merge.first_row)
    return merges[before - 1] if before and row <= merges[before - 1].last_row else None
