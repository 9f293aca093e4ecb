"""What every paper of the office needs: words, cells that hold text and never a formula, the same bytes each time."""

import re
import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.cell import Cell, MergedCell
from openpyxl.workbook import Workbook
from openpyxl.writer.excel import ExcelWriter

from scheduler.calendar import ZONE
from scheduler.evidence import Head

A4 = 9
"""A4 as a spreadsheet's page setup numbers paper."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the first ones in full width, which an East Asian spreadsheet takes for the same."""

_NOT_FOR_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ALWAYS = (1980, 1, 1, 0, 0, 0)


@cache
def words_of(form: str) -> dict[str, Any]:
    """The fixed words of a form, from `<form>.toml` beside this file."""
    return tomllib.loads(files(__package__).joinpath(f"{form}.toml").read_text("utf-8"))


def clean(text: str) -> str:
    """The text without what no office file can hold: control characters and halves of characters."""
    return _NOT_FOR_XML.sub("", text)


def starts_a_formula(text: str) -> bool:
    """Whether a spreadsheet would run this text when it is opened or typed again."""
    return text.startswith(_FORMULA_STARTS)


def write_text(cell: Cell | MergedCell, text: str) -> None:
    """Put text into a cell as text: a name that begins like a formula stays a name."""
    kept = clean(text)
    cell.value = kept
    cell.data_type = "s"
    if starts_a_formula(kept):
        cell.quotePrefix = True  # keeps it text when somebody edits the cell


def moment_values(at: datetime) -> dict[str, str | int]:
    """A moment's year, month, day and hour as a form's words name them."""
    local = at.astimezone(ZONE)
    return {"year": local.year, "month": local.month, "day": local.day, "hour": f"{local:%H:%M}"}


def as_of(made_at: datetime, head: Head | None) -> str:
    """What stands small at the foot of every paper: the moment it speaks of, and how far the evidence reached then."""
    words = words_of("paper")
    reached = words["head"].format(head=head) if head else ""
    return str(words["as_of"].format(**moment_values(made_at))) + reached


def saved(book: Workbook, made_at: datetime) -> bytes:
    """The workbook as the bytes of an XLSX file; the same workbook and moment give the same bytes."""
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    out = BytesIO()
    ExcelWriter(book, ZipFile(out, "w", ZIP_DEFLATED)).save()  # Workbook.save would write the time of now
    return steady(out.getvalue())


def steady(archive: bytes) -> bytes:
    """The same zip archive without the moments at which its parts were written."""
    out = BytesIO()
    with ZipFile(BytesIO(archive)) as made, ZipFile(out, "w") as kept:
        for name in made.namelist():
            kept.writestr(ZipInfo(name, _ALWAYS), made.read(name), ZIP_DEFLATED)
    return out.getvalue()
