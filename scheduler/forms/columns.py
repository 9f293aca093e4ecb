"""Which column of a file is which, by the names offices give them (columns.toml, record_columns.toml …)."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_REMARK = re.compile(r"[（(].*?[)）]|[*＊:：\s]")
"""What offices add to a head without meaning another column: a remark in brackets, a star, a colon, line breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnNames:
    """The names of every column by the field it fills, best name first, and the words that cells are read by.

    `cohort` has the groups `year` and `term`; None for a file without cohorts.
    """

    names: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    yes: frozenset[str]
    no: frozenset[str]
    cohort: re.Pattern[str] | None

    def title(self, field: str) -> str:
        """The name by which a column is spoken of."""
        return self.names[field][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The head of a file: each field's column (counted from 0), heads that mean the same twice, and those not read."""

    columns: Mapping[str, int]
    doubled: tuple[str, ...]
    unread: tuple[str, ...]


@cache
def roster_columns() -> ColumnNames:
    """The columns of a roster."""
    return _load("columns.toml")


@cache
def record_columns() -> ColumnNames:
    """The columns of an export of 学信网."""
    return _load("record_columns.toml")


@cache
def userid_columns() -> ColumnNames:
    """The columns of a list of WeCom's members."""
    return _load("userid_columns.toml")


@cache
def identity_columns() -> ColumnNames:
    """The columns of a list of the other numbers students have."""
    return _load("identity_columns.toml")


def _load(file: str) -> ColumnNames:
    data = tomllib.loads(files(__package__).joinpath(file).read_text("utf-8"))
    named = {field: tuple(names) for field, names in {**data["required"], **data["optional"]}.items()}
    words = data["words"]
    return ColumnNames(
        names=named,
        required=tuple(data["required"]),
        yes=frozenset(words["yes"]),
        no=frozenset(words["no"]),
        cohort=re.compile(words["cohort"]) if "cohort" in words else None,
    )


def read_header(cells: Sequence[object], names: ColumnNames) -> Header:
    """What a row would mean if it were the head."""
    heads = [str(cell) for cell in cells]
    bare = [_REMARK.sub("", head) or "".join(head.split()) for head in heads]
    exact = ["".join(head.split()) for head in heads]
    columns: dict[str, int] = {}
    doubled: list[str] = []
    for field, known in names.names.items():
        for name in known:
            found = [index for index, head in enumerate(bare) if name in {head, exact[index]}]
            if found:
                columns[field] = found[0]
                doubled += [name] if len(found) > 1 else []
                break
    read = set(columns.values())
    unread = [head.strip() for index, head in enumerate(heads) if index not in read and head.strip()]
    return Header(columns=columns, doubled=tuple(doubled), unread=tuple(unread))
