"""Papers as Word documents: A4 pages of lines and ruled tables, 内部 at their head, their number at their foot.

A table is written as one piece of XML: cell by cell through the library, a list of a college takes minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import accumulate
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.section import Section
from docx.shared import Mm

from scheduler.forms.writing import clean, steady, words_of

_SHORT_MM, _LONG_MM = 210, 297
_SIDE_MM, _TOP_MM, _HEADER_MM = 10, 13, 6
_TWIPS_A_MM = 56.7
"""Twentieths of a point, in which Word measures tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Text of one size (in points), on a line of its own if it begins a `new_line`."""

    text: str
    size: float = 11
    grey: bool = False
    bold: bool = False
    new_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A paragraph over the whole width."""

    runs: tuple[Run, ...]
    centred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A cell of a table, over `span` columns."""

    runs: tuple[Run, ...] = ()
    span: int = 1
    centred: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A ruled table over the whole width, columns in the proportion of `widths`, rows at least `height_mm` high.

    Every page that it reaches begins with its first `heads` rows.
    """

    widths: Sequence[float]
    rows: Sequence[Sequence[Box]]
    height_mm: float
    heads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What begins on a page of its own."""

    blocks: tuple[Line | Table, ...]


def document(pages: Sequence[Page], *, made_at: datetime, landscape: bool = False) -> bytes:
    """The pages as the bytes of a DOCX file; the same pages and moment give the same bytes."""
    made = Document()
    made.core_properties.created = made.core_properties.modified = made_at.replace(tzinfo=None)
    made.core_properties.author = made.core_properties.comments = ""
    width_mm = _lay_out(made.sections[0], landscape=landscape)
    for number, page in enumerate(pages):
        for place, block in enumerate(page.blocks):
            breaks = number > 0 and place == 0
            xml = _table(block, width_mm) if isinstance(block, Table) else _line(block, breaks=breaks)
            made.element.body.insert_element_before(parse_xml(xml), "w:sectPr")
    return _saved(made)


def _saved(made: WordDocument) -> bytes:
    out = BytesIO()
    made.save(out)
    return steady(out.getvalue())


def _lay_out(section: Section, *, landscape: bool) -> float:
    """Set up A4 with 内部 and the page's number; how wide the text is, in millimetres."""
    width, height = (_LONG_MM, _SHORT_MM) if landscape else (_SHORT_MM, _LONG_MM)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = Mm(_SIDE_MM)
    section.top_margin = section.bottom_margin = Mm(_TOP_MM)
    section.header_distance = section.footer_distance = Mm(_HEADER_MM)
    words = words_of("paper")
    head, foot = section.header, section.footer
    numbered = words["page"].format(page=_field("PAGE"), pages=_field("NUMPAGES"))
    for part, align, inner in (
        (head, "right", _run(Run(text=words["internal"], size=10.5, bold=True))),
        (foot, "center", f"<w:r>{_style(9)}<w:t>{numbered}</w:t></w:r>"),
    ):
        part.is_linked_to_previous = False
        old = part.paragraphs[0]._p
        old.getparent().replace(old, parse_xml(_paragraph(inner, align)))
    return width - 2 * _SIDE_MM


def _field(name: str) -> str:
    """A number that Word fills in, between two pieces of text."""
    number = f'<w:fldSimple w:instr="{name}"><w:r>{_style(9)}<w:t>1</w:t></w:r></w:fldSimple>'
    return f'</w:t></w:r>{number}<w:r>{_style(9)}<w:t xml:space="preserve">'


def _line(line: Line, *, breaks: bool) -> str:
    inner = "".join(map(_run, line.runs))
    return _paragraph(inner, "center" if line.centred else "left", breaks=breaks, spaced=True)


def _table(table: Table, width_mm: float) -> str:
    whole = sum(table.widths)
    twips = [round(width * width_mm / whole * _TWIPS_A_MM) for width in table.widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    height = round(table.height_mm * _TWIPS_A_MM)
    rows = "".join(_row(row, twips, height, head=number < table.heads) for number, row in enumerate(table.rows))
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _row(row: Sequence[Box], twips: Sequence[int], height: int, *, head: bool) -> str:
    repeats = "<w:tblHeader/>" if head else ""
    begins = [0, *accumulate(box.span for box in row)]
    cells = "".join(_cell(box, sum(twips[first : first + box.span])) for box, first in zip(row, begins, strict=False))
    high = f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr><w:cantSplit/>{high}{repeats}</w:trPr>{cells}</w:tr>"


def _cell(box: Box, width: int) -> str:
    span = f'<w:gridSpan w:val="{box.span}"/>' if box.span > 1 else ""
    inner = _paragraph("".join(map(_run, box.runs)), "center" if box.centred else "left")
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}<w:vAlign w:val="center"/></w:tcPr>{inner}</w:tc>'


def _paragraph(inner: str, align: str, *, breaks: bool = False, spaced: bool = False) -> str:
    begins = "<w:pageBreakBefore/>" if breaks else ""
    space = 'w:before="40" w:after="40"' if spaced else 'w:before="0" w:after="0"'
    return (
        f'<w:p {nsdecls("w")}><w:pPr>{begins}<w:spacing {space} w:line="240" w:lineRule="auto"/>'
        f'<w:jc w:val="{align}"/></w:pPr>{inner}</w:p>'
    )


def _run(run: Run) -> str:
    text = escape(clean(run.text))
    below = "<w:br/>" if run.new_line else ""
    return f'<w:r>{_style(run.size, grey=run.grey, bold=run.bold)}{below}<w:t xml:space="preserve">{text}</w:t></w:r>'


def _style(size: float, *, grey: bool = False, bold: bool = False) -> str:
    font = quoteattr(words_of("paper")["font"])
    heavy = "<w:b/>" if bold else ""
    pale = '<w:color w:val="808080"/>' if grey else ""
    named = f"<w:rFonts w:ascii={font} w:hAnsi={font} w:eastAsia={font}/>"
    return f'<w:rPr>{named}{heavy}{pale}<w:sz w:val="{round(size * 2)}"/></w:rPr>'
