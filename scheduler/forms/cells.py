"""One cell of a roster made into text: what is mended on the way, and what makes it a fault."""

import math
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from scheduler.forms.columns import ColumnNames, roster_columns

Cell = str | int | float | bool | date | datetime | time | timedelta

NOT_A_NUMBER = "roster.fault.not-a-number"
"""The fault of a number that is none: in a row without a name it stands for a remark or a sum."""

_EXACT_UP_TO = 10**15
"""A spreadsheet keeps fifteen digits of a number; what is longer has lost its end."""

_INVISIBLE = {ord(mark): None for mark in "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"}
_FULL_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_FULL_WIDTH_DIGITS = {full: full - 0xFEE0 for full in range(0xFF10, 0xFF1A)}
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")
_DECIMAL = re.compile(r"\d+\.\d*")
_KEPT_AS_TEXT = re.compile(r"'(?P<after>.*)|=\"(?P<inside>[^\"]*)\"")
"""An apostrophe before, or a formula around, by which a number keeps its zeros in a spreadsheet."""

_YEAR_DIGITS = 4

_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,30}")
_GAP = re.compile(r"(?<![A-Za-z.])\s+|\s+(?![A-Za-z])")
"""Blanks that separate no Latin words: those are stray in a Chinese name or title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A cell's text; `mended` and `fault` are phrase keys, empty where nothing is to say.

    `typed` false: the text came as a number, so its leading zeros may be gone.
    """

    text: str
    mended: str = ""
    fault: str = ""
    typed: bool = True


def read_number(cell: Cell) -> Reading:
    """A student number: letters, digits and hyphens; anything else is another column's content or damaged."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _from_amount(cell)
    if not isinstance(cell, str):
        return Reading(text="", fault=NOT_A_NUMBER)
    text = cell.translate(_INVISIBLE).translate(_FULL_WIDTH)
    text = "".join(text.split())
    if kept := _KEPT_AS_TEXT.fullmatch(text):
        text = kept["after"] or kept["inside"] or ""
    if _SCIENTIFIC.fullmatch(text):
        return Reading(text=text, fault="roster.fault.scientific")
    if _DECIMAL.fullmatch(text):
        return Reading(text=text, fault="roster.fault.decimal")
    if text and not _NUMBER.fullmatch(text):
        return Reading(text=text, fault=NOT_A_NUMBER)
    return Reading(text=text, mended="roster.mended.number" if text != cell else "")


def read_text(cell: Cell) -> Reading:
    """A name or a title. Dots and rare characters are data; a character that was lost on the way is a fault."""
    if isinstance(cell, bool):
        return Reading(text=str(cell).upper())
    if isinstance(cell, float | int):
        return _from_amount(cell)
    if not isinstance(cell, str):
        return Reading(text="", fault="roster.fault.became-a-date")
    text = cell.translate(_INVISIBLE).translate(_FULL_WIDTH_DIGITS)
    text = _GAP.sub("", " ".join(text.split()))
    if "\ufffd" in text or (not text.isprintable() and any(unicodedata.category(mark) == "Cc" for mark in text)):
        return Reading(text=text, fault="roster.fault.garbled")
    return Reading(text=text, mended="roster.mended.text" if text != cell else "")


def read_name(cell: Cell) -> Reading:
    """A person's name; a question mark in it is a rare character that an older system could not keep."""
    reading = read_text(cell)
    if not reading.fault and ("?" in reading.text or "？" in reading.text):
        return Reading(text=reading.text, fault="roster.fault.lost-character")
    return reading


def read_cohort(cell: Cell) -> Reading:
    """The year of entry, with its term if the file gives one; words that only say that it is one are left off.

    What is no such year is a fault: a class of it would be in no campaign, and nobody would see why.
    """
    reading = read_text(cell)
    form = roster_columns().cohort
    found = form.fullmatch(reading.text) if form else None
    if found is None:
        return reading if reading.fault or not reading.text else replace(reading, fault="roster.fault.cohort")
    short = len(found["year"]) < _YEAR_DIGITS
    year = f"20{found['year']}" if short else found["year"]
    return replace(reading, text=year + found["term"], mended="roster.mended.cohort" if short else reading.mended)


def read_yes_no(cell: Cell, names: ColumnNames | None = None) -> Reading:
    """`1` for a yes, empty for a no, by the words of a kind of file (a roster's where none is named)."""
    reading = read_text(cell)
    words = names or roster_columns()
    word = reading.text.upper()
    if reading.fault or word in words.no:
        return Reading(text="", fault=reading.fault)
    return Reading(text="1", fault="" if word in words.yes else "roster.fault.yes-no")


def _from_amount(amount: float) -> Reading:
    if not math.isfinite(amount) or amount % 1 or amount < 0:
        return Reading(text="", fault="roster.fault.odd-amount")
    if amount >= _EXACT_UP_TO:
        return Reading(text="", fault="roster.fault.scientific")
    return Reading(text=str(int(amount)), typed=False)
