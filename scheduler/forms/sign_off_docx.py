"""The sign-off sheet as a Word document: one A4 page each."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from scheduler.forms.sign_off import PAIRS, PLACES_A_PAIR, Place, SignOffPage
from scheduler.forms.word import Box, Line, Page, Run, Table, document
from scheduler.forms.writing import words_of

_PAIR = (17.0, 11.5, 19.0)
"""Place, mark and signature of one pair, in millimetres."""
_ERRORS = (95.0, 47.5, 47.5)
_PLACE_MM, _ERROR_MM = 8.6, 8.0
"""With these heights a page of 64 places and six errors fills A4."""


def sign_off_docx(pages: Sequence[SignOffPage], *, made_at: datetime) -> bytes:
    """The sheets as DOCX. Signature cells are empty."""
    return document([Page(blocks=tuple(_blocks(page))) for page in pages], made_at=made_at)


def _blocks(page: SignOffPage) -> Iterator[Line | Table]:
    words = words_of("sign_off")
    yield Line(runs=(Run(text=page.title, size=16),), centred=True)
    yield Line(runs=(Run(text=page.class_line),))
    heads = [_said(words["place"]), _said(words["mark"]), _said(words["signature"])] * PAIRS
    rows = [[box for pair in range(PAIRS) for box in _pair(page, pair, row)] for row in range(PLACES_A_PAIR)]
    yield Table(widths=_PAIR * PAIRS, rows=[heads, *rows], height_mm=_PLACE_MM)
    yield Line(runs=(Run(text=words["errors"]),))
    errors = [[_said(item), Box(), Box()] for item in page.wrong]
    yield Table(
        widths=_ERRORS, rows=[[_said(head) for head in words["error_columns"]], *errors], height_mm=_ERROR_MM, heads=1
    )
    yield Line(runs=(Run(text=words["collector"]),))
    yield Line(runs=(Run(text=page.note),))
    yield Line(runs=(Run(text=page.made_at, size=9),))


def _pair(page: SignOffPage, pair: int, row: int) -> tuple[Box, Box, Box]:
    place = page.places[pair * PLACES_A_PAIR + row]
    return Box(runs=_numbered(place)), _said(place.mark), Box()


def _numbered(place: Place) -> tuple[Run, ...]:
    """The number, and the name small and grey after it."""
    number = Run(text=str(place.number))
    return (number, Run(text=f" {place.name}", size=7, grey=True)) if place.name else (number,)


def _said(text: str) -> Box:
    return Box(runs=(Run(text=text),)) if text else Box()
