"""The topics as a spreadsheet: its form, and writing it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.importing.house import topic_yaml
from knowledge.importing.refusals import wording
from knowledge.loading import Content
from knowledge.topics import Answer, Topic

_GREY = PatternFill("solid", fgColor="FFE0E0E0")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_VERSION = 16
"""Hexadecimal digits of a topic's version: enough to see that it is another one."""
_ROWS_TO_COME = 200
"""Rows below the last whose choices are offered too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sheet: what it holds, and the text of its heading."""

    key: str
    head: str
    width: int
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A sheet of the spreadsheet."""

    key: str
    name: str
    columns: tuple[Column, ...]


@cache
def forms() -> Mapping[str, Form]:
    """The sheets by key, in their order; `help` has no columns."""
    return {
        sheet["key"]: Form(
            key=sheet["key"],
            name=sheet["name"],
            columns=tuple(Column(**column) for column in sheet.get("columns", [])),
        )
        for sheet in wording("sheet")["sheets"]
    }


def labels(key: str) -> Mapping[str, str]:
    """The codes of a column -> what the clerk reads for them; empty where the column holds free text."""
    found: Mapping[str, str] = wording("sheet")["labels"].get(key, {})
    return found


def version(topic: Topic) -> str:
    """What changes whenever anything in a topic does, and with nothing else."""
    return hashlib.sha256(f"{topic.id}\n{topic_yaml(topic)}".encode()).hexdigest()[:_VERSION]


def export(content: Content, path: Path) -> dict[str, int]:
    """Write all topics into an XLSX file; says how many rows each sheet has, by its key."""
    book = Workbook()
    book.remove(book.worksheets[0])
    counts: dict[str, int] = {}
    rows = {"topics": _topics, "answers": _answers, "similar": _similar, "not_this": _not_this}
    for form in forms().values():
        sheet = book.create_sheet(form.name)
        if form.key not in rows:
            _help(sheet)
            continue
        filled = list(rows[form.key](content.topics.values()))
        counts[form.key] = len(filled)
        _fill(sheet, form, filled)
        _offer(sheet, form, len(filled), {"scope": list(content.tree)})
    book.active = 1
    book.save(path)
    return counts


def _topics(topics: Iterable[Topic]) -> Iterator[dict[str, str]]:
    for topic in topics:
        yield {
            "id": topic.id,
            "title": topic.title,
            "question": topic.question,
            "see": "、".join(topic.see),
            "guide": topic.guide or "",
            "family": topic.family or "",
            "from_campaign": _label("from_campaign", topic.from_campaign or ""),
            "version": version(topic),
        }


def _answers(topics: Iterable[Topic]) -> Iterator[dict[str, str]]:
    for topic in topics:
        for number, answer in enumerate(topic.answers, start=1):
            for place, part in enumerate(answer.parts, start=1):
                row = {"id": topic.id, "answer": str(number), "part": str(place)}
                row |= {"label": part.label or "", "text": part.text}
                yield row | (_of_answer(answer) if place == 1 else {})


def _of_answer(answer: Answer) -> dict[str, str]:
    return {
        "scope": answer.scope,
        "kind": _label("kind", answer.kind),
        "audience": _label("audience", answer.audience),
        "sources": "\n".join(f"{cited.doc}｜{cited.item}" for cited in answer.sources),
        "as_of": answer.as_of,
        "ends": str(answer.ends or ""),
        "with_wider": _label("with_wider", "true") if answer.with_wider else "",
        "reviewed": str(answer.reviewed),
        "review_by": str(answer.review_by),
    }


def _similar(topics: Iterable[Topic]) -> Iterator[dict[str, str]]:
    return ({"id": topic.id, "line": line} for topic in topics for line in topic.similar)


def _not_this(topics: Iterable[Topic]) -> Iterator[dict[str, str]]:
    return (
        {"id": topic.id, "ask": other.ask, "goes_to": other.goes_to} for topic in topics for other in topic.not_this
    )


def _label(key: str, code: str) -> str:
    return labels(key).get(code, code)


def _help(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].width = 110
    for number, line in enumerate(wording("sheet")["help"]["lines"], start=1):
        _text(sheet.cell(number, 1), line)


def _fill(sheet: Worksheet, form: Form, rows: list[dict[str, str]]) -> None:
    sheet.freeze_panes = "B2"
    for number, column in enumerate(form.columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].hidden = column.hidden
        head = sheet.cell(1, number)
        _text(head, column.head)
        head.font, head.fill = Font(bold=True), _GREY
        for place, row in enumerate(rows, start=2):
            _text(sheet.cell(place, number), row.get(column.key, ""))
            if number == 1:
                sheet.cell(place, 1).fill = _GREY
    sheet.auto_filter.ref = sheet.dimensions


def _text(cell: Cell | MergedCell, text: str) -> None:
    """Text that stays text, even where a spreadsheet would take it for a formula, a number or a date."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text) or None
    cell.number_format = "@"
    cell.alignment = _WRAPPED
    if text:
        cell.data_type = "s"
        cell.quotePrefix = True


def _offer(sheet: Worksheet, form: Form, rows: int, choices: Mapping[str, list[str]]) -> None:
    """Lists to choose from where a cell takes few values."""
    for number, column in enumerate(form.columns, start=1):
        offered = choices.get(column.key) or list(labels(column.key).values())
        if offered:
            letter = get_column_letter(number)
            validation = DataValidation(type="list", formula1=f'"{",".join(offered)}"', allow_blank=True)
            validation.showErrorMessage = False
            validation.add(f"{letter}2:{letter}{rows + _ROWS_TO_COME}")
            sheet.add_data_validation(validation)
