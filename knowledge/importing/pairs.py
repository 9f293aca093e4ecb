"""Lines and rows of a document into its questions and answers; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from knowledge.importing.marks import ANNEX, ASKED, SECTION, Mark, answers, asks, mark, pattern, unmarked_answer
from knowledge.importing.reading import Block, Line, Row, Shape

BARE = 99
"""The level of a question without any mark but its question mark."""
SEVERAL = 2
"""How many lines of one sort show that it is how this document numbers its questions."""
_TITLE = 60
"""Characters of a line above which it is no question without a mark, and no heading."""
_WIDE = 350
"""Characters of a section above which it is split by the numbering within."""
_SENTENCE_ENDS = ("。", "；", ";")
_LEAST = 12
"""Characters below which what follows a heading is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A question and its answer; `item` is the document's own numbering; `asked` is false for a mere heading."""

    item: str
    question: str
    answer: str
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The pairs of a document in reading order, and the lines that belong to none."""

    pairs: tuple[Pair, ...]
    outside: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """A question whose answer is being gathered."""

    item: str
    question: str
    asked: bool
    body: list[str]


def pairs(blocks: Iterable[Block]) -> Found:
    """Every question with its answer; what is numbered without being asked becomes a pair by its heading."""
    found: list[Pair] = []
    outside: list[str] = []
    for is_row, group in groupby(blocks, key=lambda block: isinstance(block, Row)):
        if is_row:
            of_rows, rest = _of_rows([row for row in group if isinstance(row, Row)])
        else:
            of_rows, rest = [], [line for line in group if isinstance(line, Line)]
        found += of_rows
        of_lines, left = _of_lines(rest)
        found += of_lines
        outside += left
    return Found(pairs=tuple(found), outside=tuple(outside))


def _of_rows(rows: Sequence[Row]) -> tuple[list[Pair], list[Line]]:
    """The pairs of a table with a column of questions; the rows of any other table as lines."""
    columns = _columns(rows)
    if columns is None:
        return [], [Line(" ".join(cell for cell in row.cells if cell)) for row in rows]
    question, answer, first = columns
    found = []
    for number, row in enumerate(rows[first:], start=first + 1):
        cells = (*row.cells, "", "")
        if cells[question] and cells[answer]:
            marked = mark(cells[question])
            asked = marked.rest if marked and marked.rest else cells[question]
            item = marked.item if marked else f"#{number}"
            found.append(Pair(item=item, question=asked, answer=unmarked_answer(cells[answer]), asked=True))
    return found, []


def _columns(rows: Sequence[Row]) -> tuple[int, int, int] | None:
    """The columns of questions and of answers, and the first row below the heading; None if there are none."""
    heads = rows[0].cells
    question = next((n for n, cell in enumerate(heads) if pattern("question_column").match(cell)), None)
    answer = next((n for n, cell in enumerate(heads) if pattern("answer_column").match(cell)), None)
    if question is not None and answer is not None:
        return question, answer, 1
    used = [n for n in range(len(heads)) if not pattern("number_column").match(heads[n]) and any(_column(rows, n))]
    asking = [cell for cell in _column(rows, used[0]) if asks(cell)] if len(used) == SEVERAL else []
    return (used[0], used[1], 0) if asking else None


def _column(rows: Sequence[Row], number: int) -> list[str]:
    return [row.cells[number] for row in rows if number < len(row.cells) and row.cells[number]]


def _of_lines(lines: Sequence[Line]) -> tuple[list[Pair], list[str]]:
    """First by what asks; then what is left by what is numbered."""
    plain = [cleaned for line in lines if (cleaned := _clean(line)).text]
    level = _asking_level(plain)
    if level is None:
        return _sections(plain, "")
    found: list[Pair] = []
    outside: list[str] = []
    for opened, left in _split(plain, level):
        if opened:
            found += _pair(opened)
        else:
            of_sections, rest = _sections(left, "")
            found += of_sections
            outside += rest
    return found, outside


def _clean(line: Line) -> Line:
    text = pattern("junk").sub("", line.text.replace("\u3000", " ").replace("\xa0", " ").strip()).strip()
    return replace(line, text=text)


def _asking_level(lines: Sequence[Line]) -> int | None:
    """How the document marks its questions: outright, else by the numbering most of its questions have."""
    marks = [_level(line) for line in lines]
    outright = [line for line, found in zip(lines, marks, strict=True) if found and found.level == ASKED]
    if len(outright) >= SEVERAL or any(asks(line.text) for line in outright):
        return ASKED
    counts = Counter(found.level for line, found in zip(lines, marks, strict=True) if found and asks(line.text))
    if counts and (most := max(counts.values())) >= SEVERAL:
        return min(level for level, count in counts.items() if count == most)
    bare = [line for line in lines if _bare(line)]
    return BARE if len(bare) >= SEVERAL else None


def _level(line: Line) -> Mark | None:
    """The mark of a line; a heading, and a question that the word processor numbers, is one without a number."""
    found = mark(line.text)
    if found:
        return found
    if line.shape is Shape.HEADING or (line.shape is Shape.LISTED and asks(line.text)):
        return Mark(SECTION, "", line.text, line.text)
    return None


def _bare(line: Line) -> bool:
    return len(line.text) <= _TITLE and asks(line.text) and mark(line.text) is None


def _split(lines: Sequence[Line], level: int) -> Iterator[tuple[_Open | None, list[Line]]]:
    """Questions with what follows them, and the stretches between that belong to none."""
    opened: _Open | None = None
    left: list[Line] = []
    context = ""
    for line in lines:
        found = Mark(BARE, "", line.text, line.text) if level == BARE and _bare(line) else _level(line)
        begins = (
            found is not None and found.level == level and (asks(line.text) or level == ASKED or opened is not None)
        )
        closes = found is not None and found.level < level != BARE and found.level != ASKED
        if found is not None and begins:
            if opened or left:
                yield opened, left
            opened, left = _open(found, context), []
        elif closes and found is not None:
            if opened:
                yield opened, []
                opened = None
            context = found.item if found.level > ANNEX else ""
            left.append(line)
        elif opened:
            opened.body.append(line.text)
        else:
            left.append(line)
    if opened or left:
        yield opened, left


def _open(found: Mark, context: str) -> _Open:
    asked, *inline = pattern("inline_answer").split(found.rest, maxsplit=1)
    joined = "." if context and found.item[:1].isalnum() else ""
    return _Open(
        item=context + joined + found.item,
        question=asked.strip(),
        asked=found.level == ASKED or asks(found.rest),
        body=inline,
    )


def _pair(opened: _Open) -> list[Pair]:
    """The pair, if anything was answered; lines before the word for an answer still ask."""
    body = opened.body
    question = opened.question
    begins = next((number for number, line in enumerate(body) if answers(line)), 0)
    if 0 < begins <= SEVERAL and opened.asked:
        question, body = "".join([question, *body[:begins]]), body[begins:]
    if not question and body:
        question, body = body[0], body[1:]
    answer = "\n".join([unmarked_answer(line) if not n else line for n, line in enumerate(body)]).strip()
    return [Pair(item=opened.item, question=question, answer=answer, asked=opened.asked)] if answer else []


def _sections(lines: Sequence[Line], context: str) -> tuple[list[Pair], list[str]]:
    """Numbered sections as pairs by their headings, long ones by the next numbering within."""
    level = _heading_level(lines)
    if level is None:
        return [], [line.text for line in lines]
    found: list[Pair] = []
    outside: list[str] = []
    for heading, body in _by_heading(lines, level):
        item = ".".join(filter(None, (context, heading.item))) if heading else context
        splits = heading is None or _length(body) > _WIDE
        inner, rest = _sections(body, item) if splits else ([], [line.text for line in body])
        if heading is None:
            found += inner
            outside += rest
            continue
        question, begun = _title(heading.rest)
        of_heading = _pair(_Open(item=item, question=question, asked=False, body=[*begun, *rest]))
        if of_heading and len(of_heading[0].answer) >= _LEAST and not _is_contents(rest):
            found += of_heading
        else:
            outside += [heading.line, *rest]
        found += inner
    return _merged(found), outside


def _is_contents(body: Sequence[str]) -> bool:
    """Whether it is the list of the questions that follow."""
    return sum(map(asks, body)) * 2 > len(body)


def _heading_level(lines: Sequence[Line]) -> int | None:
    """The outermost numbering of the headings; a list of sentences is none."""
    counts = Counter(found.level for line in lines if (found := _heading(line)))
    return min((level for level, n in counts.items() if n >= (1 if level <= SECTION else SEVERAL)), default=None)


def _heading(line: Line) -> Mark | None:
    found = _level(line)
    return None if found is None or found.rest.endswith(_SENTENCE_ENDS) else found


def _title(text: str) -> tuple[str, list[str]]:
    """A heading, and what was run into its line."""
    title, space, begun = text.partition(" ")
    return (title, [begun.strip()]) if space and len(title) <= _TITLE and len(begun) > _LEAST else (text, [])


def _by_heading(lines: Sequence[Line], level: int) -> Iterator[tuple[Mark | None, list[Line]]]:
    heading: Mark | None = None
    body: list[Line] = []
    for line in lines:
        found = _heading(line)
        if found and found.level <= level:
            if heading or body:
                yield heading, body
            heading, body = found, []
        else:
            body.append(line)
    if heading or body:
        yield heading, body


def _length(body: Sequence[Line]) -> int:
    return sum(len(line.text) for line in body)


def _merged(found: Sequence[Pair]) -> list[Pair]:
    """A heading that comes again, as on the next slide, goes on with the same pair; a line is kept once."""
    merged: dict[tuple[str, str], Pair] = {}
    for pair in found:
        key = (pair.item, pair.question)
        before = merged[key].answer.splitlines() if key in merged else []
        merged[key] = replace(pair, answer="\n".join(dict.fromkeys([*before, *pair.answer.splitlines()])))
    return list(merged.values())
