"""A spreadsheet of topics against the content: which topics it changes, or every cell that is wrong."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from knowledge import parsing
from knowledge.importing.house import topic_yaml
from knowledge.importing.mends import in_chinese
from knowledge.importing.refusals import Refusal
from knowledge.importing.sheet_reading import Record, SheetFault, read
from knowledge.importing.sheets import labels, version
from knowledge.linting import lint
from knowledge.loading import Content
from knowledge.strictyaml import Path_, Sheet, Spot
from knowledge.topic_rules import TOPIC_ID
from knowledge.topics import Topic

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LIST = re.compile(r"[、，,;；\s]+")
_SOURCE = re.compile(r"\s*[|｜]\s*")
_OF_ANSWER = ("scope", "kind", "audience", "as_of", "ends", "with_wider", "reviewed", "review_by")
_OPTIONAL = {"audience", "ends", "with_wider"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What a spreadsheet changes: ids of topics, and the files to write, by name within the content folder."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    files: Mapping[str, str]


def edits(content: Content, path: Path) -> Edits | Refusal:
    """The topics that the clerk changed; the rest of the content stays, whoever changed it meanwhile.

    Refused whole, with every fault by its cell, if the content would not be fit to be served.
    """
    found = read(path)
    if isinstance(found, Refusal):
        return found
    records, faults = found
    read_topics = _Topics(records, faults)
    topics = read_topics.topics()
    changed = {}
    for topic, row in topics:
        if version(topic) == row["version"] and not read_topics.faulty(topic.id):
            continue
        now = content.topics.get(topic.id)
        if now == topic:
            continue
        if now is not None and version(now) != row["version"]:
            faults.append(row.fault("version", "conflict", id=topic.id))
        changed[topic.id] = topic
    faults += read_topics.faults()
    if not faults:
        faults = _lint(content, changed, read_topics)
    if faults:
        return Refusal(tuple(str(fault) for fault in dict.fromkeys(faults)))
    return Edits(
        added=tuple(topic for topic in changed if topic not in content.topics),
        changed=tuple(topic for topic in changed if topic in content.topics),
        files={f"topics/{topic.id}.yaml": topic_yaml(topic) for topic in changed.values()},
    )


def _lint(content: Content, changed: Mapping[str, Topic], read_topics: "_Topics") -> list[SheetFault]:
    """What the linter has against the content with these topics, by cell where it is in a changed topic."""
    if not changed:
        return []
    topics = dict(sorted({**content.topics, **changed}.items()))
    by_cell = {
        f"topics/{topic.id}.yaml": read_topics.lines(topic.id)
        for topic, _ in read_topics.topics()
        if topics.get(topic.id) == topic
    }
    lines = MappingProxyType({**content.lines, **by_cell})
    edited = replace(content, topics=MappingProxyType(topics), lines=lines)
    return [
        SheetFault(read_topics.cell(fault.line), in_chinese(fault.message))
        if fault.file in by_cell
        else SheetFault(f"{fault.file}:{fault.line}", in_chinese(fault.message))
        for fault in lint(edited)
    ]


@dataclass(slots=True)
class _Gathered:
    """The rows of one topic."""

    row: Record
    similar: list[Record] = field(default_factory=list)
    not_this: list[Record] = field(default_factory=list)
    answers: dict[int, dict[int, Record]] = field(default_factory=lambda: defaultdict(dict))


class _Topics:
    """The topics of a spreadsheet, read by the parser of the files: its lines are numbers of cells here."""

    def __init__(self, records: Mapping[str, list[Record]], faults: list[SheetFault]) -> None:
        self._cells: list[str] = [""]
        self._sheets: dict[str, Sheet] = {}
        self._own_faults = faults
        self._topics = [(self._topic(topic_id, rows), rows.row) for topic_id, rows in _gather(records, faults).items()]

    def topics(self) -> list[tuple[Topic, Record]]:
        """Every topic with its row; faults of form are kept in its sheet."""
        return self._topics

    def faulty(self, topic_id: str) -> bool:
        return bool(self._sheets[topic_id].faults)

    def faults(self) -> Iterator[SheetFault]:
        for sheet in self._sheets.values():
            for fault in sheet.faults:
                yield SheetFault(self.cell(fault.line), in_chinese(fault.message))

    def lines(self, topic_id: str) -> Mapping[Path_, int]:
        return self._sheets[topic_id].lines

    def cell(self, line: int) -> str:
        return self._cells[line]

    def _topic(self, topic_id: str, rows: _Gathered) -> Topic:
        sheet = self._sheets[topic_id] = Sheet(topic_id)
        row = rows.row
        tree: dict[str, Spot] = {}
        for key in ("title", "question", "guide", "family", "from_campaign"):
            if row[key] or key in {"title", "question"}:
                tree[key] = self._spot(sheet, (key,), row, key, _code(key, row[key]))
        others = [other for other in _LIST.split(row["see"]) if other]
        tree["see"] = self._list(
            sheet, ("see",), row, [self._spot(sheet, ("see", n), row, "see", other) for n, other in enumerate(others)]
        )
        similar = [self._spot(sheet, ("similar", n), line, "line", line["line"]) for n, line in enumerate(rows.similar)]
        tree["similar"] = self._list(sheet, ("similar",), row, similar)
        tree["not_this"] = self._list(
            sheet, ("not_this",), row, [self._pair(sheet, n, other) for n, other in enumerate(rows.not_this)]
        )
        answers = [
            self._answer(sheet, place, [parts[number] for number in sorted(parts)])
            for place, (_, parts) in enumerate(sorted(rows.answers.items()))
        ]
        tree["answers"] = self._list(sheet, ("answers",), row, answers)
        return parsing.topic(topic_id, self._map(sheet, (), row, "id", tree))

    def _pair(self, sheet: Sheet, number: int, row: Record) -> Spot:
        path = ("not_this", number)
        tree = {key: self._spot(sheet, (*path, key), row, key, row[key]) for key in ("ask", "goes_to")}
        return self._map(sheet, path, row, "ask", tree)

    def _answer(self, sheet: Sheet, place: int, rows: list[Record]) -> Spot:
        path: Path_ = ("answers", place)
        first = rows[0]
        tree = {
            key: self._spot(sheet, (*path, key), first, key, _code(key, first[key]))
            for key in _OF_ANSWER
            if first[key] or key not in _OPTIONAL
        }
        for row in rows[1:]:
            self._own_faults += [
                row.fault(key, "first_part_only")
                for key in (*_OF_ANSWER, "sources")
                if row[key] and row[key] != first[key]
            ]
        tree["sources"] = self._list(
            sheet, (*path, "sources"), first, list(self._sources(sheet, path, first)), "sources"
        )
        parts = [self._part(sheet, (*path, "parts", number), row) for number, row in enumerate(rows)]
        tree["parts"] = self._list(sheet, (*path, "parts"), first, parts, "text")
        return self._map(sheet, path, first, "answer", tree)

    def _sources(self, sheet: Sheet, path: Path_, row: Record) -> Iterator[Spot]:
        for number, line in enumerate(filter(None, map(str.strip, row["sources"].split("\n")))):
            doc, *item = _SOURCE.split(line, maxsplit=1)
            if not item or not doc or not item[0]:
                self._own_faults.append(row.fault("sources", "no_source"))
                continue
            where = (*path, "sources", number)
            tree = {
                "doc": self._spot(sheet, (*where, "doc"), row, "sources", doc),
                "item": self._spot(sheet, (*where, "item"), row, "sources", item[0]),
            }
            yield self._map(sheet, where, row, "sources", tree)

    def _part(self, sheet: Sheet, path: Path_, row: Record) -> Spot:
        tree = {"text": self._spot(sheet, (*path, "text"), row, "text", row["text"])}
        if row["label"]:
            tree["label"] = self._spot(sheet, (*path, "label"), row, "label", row["label"])
        missing = path[-1] != 0 and not row["label"]
        return self._map(sheet, path, row, "label" if missing else "text", tree)

    def _spot(self, sheet: Sheet, path: Path_, row: Record, key: str, text: str) -> Spot:
        self._mark(sheet, path, row, key)
        return Spot(sheet, path, text)

    def _list(self, sheet: Sheet, path: Path_, row: Record, items: list[Spot], key: str = "id") -> Spot:
        self._mark(sheet, path, row, key)
        return Spot(sheet, path, items)

    def _map(self, sheet: Sheet, path: Path_, row: Record, key: str, tree: dict[str, Spot]) -> Spot:
        self._mark(sheet, path, row, key)
        return Spot(sheet, path, tree)

    def _mark(self, sheet: Sheet, path: Path_, row: Record, key: str) -> None:
        sheet.lines[path] = len(self._cells)
        self._cells.append(row.cell(key))


def _code(key: str, text: str) -> str:
    """The code that a label stands for; any other text as it is."""
    return next((code for code, label in labels(key).items() if label == text), text)


def _gather(records: Mapping[str, list[Record]], faults: list[SheetFault]) -> dict[str, _Gathered]:
    """The rows by topic; a row that belongs to none is a fault."""
    gathered: dict[str, _Gathered] = {}
    for row in records["topics"]:
        topic_id = row["id"]
        if not _ID.fullmatch(topic_id) or len(topic_id) > TOPIC_ID:
            faults.append(row.fault("id", "bad_id" if topic_id else "no_id", id=topic_id))
        elif topic_id in gathered:
            faults.append(row.fault("id", "twice_id", id=topic_id))
        else:
            gathered[topic_id] = _Gathered(row)
    for key in ("similar", "not_this", "answers"):
        for row in records[key]:
            if row["id"] not in gathered:
                faults.append(row.fault("id", "unknown_id" if row["id"] else "no_id", id=row["id"]))
            elif key == "answers":
                _gather_part(gathered[row["id"]], row, faults)
            else:
                getattr(gathered[row["id"]], key).append(row)
    return gathered


def _gather_part(topic: _Gathered, row: Record, faults: list[SheetFault]) -> None:
    numbers = [row[key] for key in ("answer", "part")]
    wrong = [
        row.fault(key, "no_number", text=row[key])
        for key in ("answer", "part")
        if not re.fullmatch(r"[0-9]{1,3}", row[key])
    ]
    faults += wrong
    if wrong:
        return
    answer, part = map(int, numbers)
    if part in topic.answers[answer]:
        faults.append(row.fault("part", "twice_part", part=part))
    topic.answers[answer][part] = row
