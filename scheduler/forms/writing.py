"""What every paper of the office needs: its words, and cells that hold text and never a formula."""

import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.workbook import Workbook

from scheduler.calendar import ZONE

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@cache
def words_of(form: str) -> dict[str, Any]:
    """The fixed words of a form, from `<form>.toml` beside this file."""
    return tomllib.loads(files(__package__).joinpath(f"{form}.toml").read_text("utf-8"))


def starts_a_formula(text: str) -> bool:
    """Whether a spreadsheet would run this text when it is opened or typed again."""
    return text.startswith(_FORMULA_STARTS)


def write_text(cell: Cell | MergedCell, text: str) -> None:
    """Put text into a cell as text: a name that begins like a formula stays a name."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    if starts_a_formula(text):
        cell.quotePrefix = True  # keeps it text when somebody edits the cell


def moment_values(at: datetime) -> dict[str, str | int]:
    """A moment's year, month, day and hour as a form's words name them."""
    local = at.astimezone(ZONE)
    return {"year": local.year, "month": local.month, "day": local.day, "hour": f"{local:%H:%M}"}


def saved(book: Workbook) -> bytes:
    """The workbook as the bytes of an XLSX file."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()
