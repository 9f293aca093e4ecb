"""A list on paper: a title, a head that every page repeats, rows, and what stands below.

`listing_xlsx` and `listing_docx` put it on paper, `unconfirmed` also into a CSV file.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is listed. `widths` are the columns' in characters of a spreadsheet (a Chinese character is two of them);
    `above` stands between title and head, `below` under the last row. `tall` rows have room for a signature.
    """

    sheet: str
    title: str
    columns: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    landscape: bool = False
    tall: bool = False


def places(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The rows, each with its number from 1 in front."""
    return tuple((str(number), *row) for number, row in enumerate(rows, start=1))
