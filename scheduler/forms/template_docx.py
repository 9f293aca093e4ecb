"""A Word document of the office, filled: runs, styles, headers and text boxes stay as they are.

Word cuts a placeholder into pieces wherever it likes (spelling, a change of the input method), so a paragraph's text is
looked at as a whole, and what replaces a placeholder takes the style of its first piece.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from scheduler.forms.template import PLACEHOLDER, Filling, Mention, TemplateFault, Why, faults_of, mentions, mixed
from scheduler.forms.writing import clean, steady, words_of

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_Element = Any
"""An element of the document's XML; the library types them as anything."""


class DocxTemplate:
    """`scheduler.forms.template.Template`."""

    suffix = ".docx"

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._found = [
            (where, mention)
            for where, paragraph in _paragraphs(Document(BytesIO(data)))
            for mention in mentions(_text(paragraph))
        ]
        self.places = max((mention.place for _, mention in self._found), default=0)

    def faults(self) -> list[TemplateFault]:
        """Everything in it that cannot be filled."""
        own: list[TemplateFault] = []
        for where, paragraph in _paragraphs(Document(BytesIO(self._data))):
            own += faults_of(_text(paragraph), where)
            if _around(paragraph, "w:tr") is None:
                repeating = [mention for mention in mentions(_text(paragraph)) if mention.repeats_its_row]
                own += [TemplateFault(where=where, written=one.written, why=Why.NO_ROW) for one in repeating]
        return [*own, *mixed(self._found)]

    def fill(self, filling: Filling, made_at: datetime) -> bytes:
        """The document, filled."""
        book = Document(BytesIO(self._data))
        book.core_properties.modified = made_at.replace(tzinfo=None)
        for _, part in _parts(book):
            rows = [row for row in part.iter(qn("w:tr")) if any(one.repeats_its_row for one in _of_row(row))]
            for row in rows:
                _repeat(row, filling)
            for paragraph in part.iter(qn("w:p")):
                _fill(paragraph, filling, None)
        out = BytesIO()
        book.save(out)
        return steady(out.getvalue())


def _parts(book: WordDocument) -> Iterator[tuple[str, _Element]]:
    """The body, and every header and footer that there is, once."""
    words = words_of("template")["where"]
    yield words["part_body"], book.element.body
    seen = set()
    for section in book.sections:
        for part in (
            *(section.header, section.first_page_header, section.even_page_header),
            *(section.footer, section.first_page_footer, section.even_page_footer),
        ):
            if not part.is_linked_to_previous and part.part.partname not in seen:
                seen.add(part.part.partname)
                yield words["part_head"], part._element


def _paragraphs(book: WordDocument) -> Iterator[tuple[str, _Element]]:
    """Every paragraph, with where a person finds it."""
    words = words_of("template")["where"]
    for name, part in _parts(book):
        tables = list(part.iter(qn("w:tbl")))
        for number, paragraph in enumerate(part.iter(qn("w:p")), start=1):
            cell, row, table = (_around(paragraph, tag) for tag in ("w:tc", "w:tr", "w:tbl"))
            if cell is None or row is None:
                yield words["paragraph"].format(part=name, number=number), paragraph
            else:
                place = {"table": tables.index(table) + 1, "row": _number(row), "column": _number(cell)}
                yield words["table"].format(part=name, **place), paragraph


def _number(element: _Element) -> int:
    """The how manyth of its kind it is beside its siblings, from 1."""
    return 1 + sum(1 for _ in element.itersiblings(element.tag, preceding=True))


def _around(element: _Element, tag: str) -> _Element | None:
    """The nearest element of that kind around this one."""
    return next(element.iterancestors(qn(tag)), None)


def _pieces(paragraph: _Element) -> list[_Element]:
    """The pieces of a paragraph's own text, in order; not those of a text box that is anchored in it."""
    return [piece for piece in paragraph.iter(qn("w:t")) if _around(piece, "w:p") is paragraph]


def _text(paragraph: _Element) -> str:
    return "".join(piece.text or "" for piece in _pieces(paragraph))


def _of_row(row: _Element) -> list[Mention]:
    """What stands in a row itself; not in a row of a table within it."""
    own = [paragraph for paragraph in row.iter(qn("w:p")) if _around(paragraph, "w:tr") is row]
    return [mention for paragraph in own for mention in mentions(_text(paragraph))]


def _repeat(row: _Element, filling: Filling) -> None:
    """The row once for each student; once and empty if there is none."""
    copies = [deepcopy(row) for _ in filling.each[1:]]
    for copied in reversed(copies):
        row.addnext(copied)
    students: list[Mapping[str, str] | None] = [*filling.each] or [None]
    for one, student in zip([row, *copies], students, strict=True):
        for paragraph in one.iter(qn("w:p")):
            _fill(paragraph, filling, student)


def _fill(paragraph: _Element, filling: Filling, student: Mapping[str, str] | None) -> None:
    """Replace from the last placeholder to the first, so that the places of those before it stay what they are."""
    pieces = _pieces(paragraph)
    value = partial(filling.filled, student=student)
    for found in reversed(list(PLACEHOLDER.finditer(_text(paragraph)))):
        _replace(pieces, found.start(), found.end(), clean(value(found[0])))


def _replace(pieces: list[_Element], start: int, end: int, value: str) -> None:
    """Put `value` in the place of the characters from `start` to `end` of the pieces' joined text."""
    begins = 0
    for piece in pieces:
        text = piece.text or ""
        first, last = max(start - begins, 0), min(end - begins, len(text))
        if first < last:
            put = value if begins <= start else ""
            piece.text = text[:first] + put + text[last:]
            piece.set(_SPACE, "preserve")
        begins += len(text)
