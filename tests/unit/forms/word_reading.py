"""Word documents as a person who prints them sees them."""

import io
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn


def opened(data: bytes) -> WordDocument:
    """The document in a file."""
    return Document(io.BytesIO(data))


def lines(document: WordDocument) -> list[str]:
    """What stands between the tables."""
    return [paragraph.text for paragraph in document.paragraphs]


def tables(document: WordDocument) -> list[list[list[str]]]:
    """The text of every cell by table and row; what is merged is there once."""
    rows_of = (table._tbl.findall(qn("w:tr")) for table in document.tables)
    return [[[_text(cell) for cell in row.findall(qn("w:tc"))] for row in rows] for rows in rows_of]


def everything(document: WordDocument) -> str:
    """All text of the document, with its header and footer."""
    return "\n".join(_texts(document))


def _texts(document: WordDocument) -> Iterator[str]:
    section = document.sections[0]
    for part in (section.header._element, document.element.body, section.footer._element):
        for paragraph in part.iter(qn("w:p")):
            yield _text(paragraph)


def _text(element: Any) -> str:
    return "".join(piece.text or "" for piece in element.iter(qn("w:t")))


def is_a4(document: WordDocument, *, landscape: bool = False) -> bool:
    """Whether every page is A4, upright or lying."""
    wanted = (297, 210) if landscape else (210, 297)
    return all(
        (round((section.page_width or 0) / 36_000), round((section.page_height or 0) / 36_000)) == wanted
        for section in document.sections
    )
