"""Rows of a spreadsheet as people name them: `17,203-205`."""

import re
from collections.abc import Iterable

from scheduler.forms.spreadsheet import MAX_ROWS

_BETWEEN = re.compile(r"[,\uff0c\u3001\s]+")
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?", re.ASCII)


class RowsError(ValueError):
    """The part of the text that names no rows."""


def read_rows(text: str) -> frozenset[int]:
    """The rows that a text names; RowsError for anything else. No text, no rows."""
    rows: set[int] = set()
    for part in filter(None, _BETWEEN.split(text)):
        found = _RANGE.fullmatch(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last <= MAX_ROWS:
            raise RowsError(part)
        rows.update(range(first, last + 1))
    return frozenset(rows)


def rows_words(rows: Iterable[int]) -> str:
    """The rows in order, those that follow each other as one range: what `read_rows` reads."""
    ranges: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if ranges and ranges[-1][1] == row - 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
