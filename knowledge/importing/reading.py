"""Files of offices into lines and table rows: DOCX, PDF with text, XLSX, TXT."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import docx
import pypdf
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from python_calamine import CalamineError, CalamineWorkbook

from knowledge.importing.files import unreadable
from knowledge.importing.marks import answers, mark
from knowledge.importing.refusals import Refusal, refusal

_ENDS_SENTENCE = tuple("。！？；：.!?;:…”）)")


class Shape(StrEnum):
    """How a line stands in its document."""

    PLAIN = "plain"
    """Running text."""
    LISTED = "listed"
    """Numbered by the word processor: the number is not in the text."""
    HEADING = "heading"
    """Set as a heading."""


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph."""

    text: str
    shape: Shape = Shape.PLAIN


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, its cells from the left."""

    cells: tuple[str, ...]


Block = Line | Row


def read(path: Path) -> tuple[Block, ...] | Refusal:
    """The document's paragraphs and rows in reading order, or why it cannot be read."""
    reader = _READERS.get(path.suffix.lower())
    refused = unreadable(path)
    if refused or reader is None:
        return refused or refusal("documents", "kind", file=path.name)
    try:
        blocks = reader(path)
    except UnicodeDecodeError:
        return refusal("documents", "encoding", file=path.name)
    except Exception:  # noqa: BLE001 - whatever a damaged file makes a library raise, it is a damaged file
        return refusal("documents", "corrupt", file=path.name, ending=path.suffix.lower())
    if blocks is None:
        return refusal("documents", "encrypted", file=path.name)
    if not any(block.text if isinstance(block, Line) else any(block.cells) for block in blocks):
        return refusal("documents", "pictures" if path.suffix.lower() == ".pdf" else "empty", file=path.name)
    return tuple(blocks)


def _text(path: Path) -> list[Block]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return [Line(line) for line in text.splitlines()]


def _word(path: Path) -> list[Block]:
    blocks: list[Block] = []
    for part in docx.Document(str(path)).iter_inner_content():
        if isinstance(part, Table):
            blocks += [_row(cell.text for cell in _own_cells(part, number)) for number in range(len(part.rows))]
        else:
            blocks += [Line(text, _shape(part)) for text in part.text.splitlines()]
    return blocks


def _own_cells(table: Table, number: int) -> Iterator[_Cell]:
    """The cells of a row, a merged one once."""
    seen: set[int] = set()
    for cell in table.rows[number].cells:
        if id(cell._tc) not in seen:
            seen.add(id(cell._tc))
            yield cell


def _shape(paragraph: Paragraph) -> Shape:
    name = (paragraph.style.name if paragraph.style else "") or ""
    if name.lower().startswith(("heading", "title")):
        return Shape.HEADING
    return Shape.LISTED if paragraph._p.xpath("./w:pPr/w:numPr") else Shape.PLAIN


def _pdf(path: Path) -> list[Block] | None:
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    pages = pypdf.PdfReader(path)
    if pages.is_encrypted and not pages.decrypt(""):
        return None
    lines = [line.strip() for page in pages.pages for line in page.extract_text().splitlines()]
    return [Line(text) for text in _unwrapped(line for line in lines if line)]


def _unwrapped(lines: Iterator[str]) -> Iterator[str]:
    """Paragraphs of a page, whose lines end where the paper does."""
    whole = ""
    for line in lines:
        if whole and (whole.endswith(_ENDS_SENTENCE) or mark(line) or answers(line)):
            yield whole
            whole = line
        else:
            whole += line
    if whole:
        yield whole


def _sheet(path: Path) -> list[Block] | None:
    try:
        book = CalamineWorkbook.from_path(str(path))
    except CalamineError as error:
        if "password" in str(error).lower():
            return None
        raise
    blocks: list[Block] = []
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
        blocks += [_row(_cell(value) for value in row) for row in rows]
        blocks.append(Line(""))
    return blocks


def _cell(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _row(cells: Iterator[str]) -> Row:
    return Row(tuple(cell.strip() for cell in cells))


_READERS: dict[str, Callable[[Path], list[Block] | None]] = {
    ".docx": _word,
    ".pdf": _pdf,
    ".xlsx": _sheet,
    ".txt": _text,
}
