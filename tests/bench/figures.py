"""A figure, and how figures are shown; medians, percentiles and rounds that end in time."""

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure.

    `aim` is the most it should be, of a rate (so many a second) the least; None where none is set. `beside` is what
    `peer` took in the same run, in the same unit.
    """

    name: str
    value: float
    unit: str
    aim: float | None = None
    beside: float | None = None
    peer: str = ""

    def as_json(self) -> str:
        """One object: name, value, unit, aim, beside."""
        return json.dumps(
            {
                "name": self.name,
                "value": round(self.value, 3),
                "unit": self.unit,
                "aim": None if self.aim is None else round(self.aim, 3),
                "beside": None if self.beside is None else round(self.beside, 3),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """A figure that could not be taken on this machine, and why."""

    name: str
    why: str


Measured = Figure | Unmeasured


_A_SECOND = "/s"

_LEAST_A_SECOND, _LEAST_SHARE = 500, 0.2


def least(beside: float) -> float:
    """How many updates a second an adapter should answer beside a peer that stores nothing."""
    return max(_LEAST_A_SECOND, _LEAST_SHARE * beside)


def table(figures: Sequence[Figure]) -> str:
    """The figures for people; the ratio is the value over what stands beside it."""
    head = ("figure", "value", "aim", "beside", "ratio", "beside is")
    rows = [head, *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.rjust(width) if 0 < place < len(head) - 1 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _row(figure: Figure) -> tuple[str, ...]:
    ratio = figure.value / figure.beside if figure.beside else None
    return (
        figure.name,
        f"{_number(figure.value)} {figure.unit}",
        "" if figure.aim is None else f"{'≥' if figure.unit == _A_SECOND else '≤'} {_number(figure.aim)}",
        "" if figure.beside is None else _number(figure.beside),
        "" if ratio is None else f"{ratio:.2f}",
        figure.peer,
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def rounds(most: int, *, seconds: float) -> Iterator[int]:
    """The numbers of the rounds: `most` of them, fewer once `seconds` are over, and always one."""
    end = time.monotonic() + seconds
    for number in range(most):
        yield number
        if time.monotonic() > end:
            return
