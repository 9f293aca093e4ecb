"""The rules a topic and its answers keep."""

import re
from collections.abc import Iterator
from functools import lru_cache

from knowledge.faults import Fault
from knowledge.lexicon import Lexicon
from knowledge.loading import Content
from knowledge.rules import Notes, dead_links
from knowledge.search.normalizing import Normalizer
from knowledge.topics import Answer, Kind, Topic

TOPIC_ID = 24
TITLE = 12
LABEL = 14
PART = 350
SIMILAR = 25
"""How many similar questions a topic has at least."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_YEAR = re.compile(r"(19|20)\d\d")
_UNDATED = "undated"


def faults(content: Content) -> Iterator[Fault]:
    """All faults of all topics."""
    for topic in content.topics.values():
        note = Notes(content, f"topics/{topic.id}.yaml")
        yield from _heading(note, topic)
        yield from _links(note, content, topic)
        if not topic.answers:
            yield note.at("the topic has no answer", "answers")
        told = [(answer.scope, answer.audience, answer.kind) for answer in topic.answers]
        for number, answer in enumerate(topic.answers):
            if told[number] in told[:number]:
                yield note.at(f"a second answer of scope '{answer.scope}' and the same kind", "answers", number)
            yield from _answer(note, content, number, answer)
    for topic_id in content.asked.keys() - content.topics.keys():
        yield Notes(content, f"asked/{topic_id}.yaml").at(f"there is no topic '{topic_id}'")
    yield from _repeats(content)


def _heading(note: Notes, topic: Topic) -> Iterator[Fault]:
    if not _ID.fullmatch(topic.id) or len(topic.id) > TOPIC_ID:
        yield note.at(f"'{topic.id}' is no topic id: at most {TOPIC_ID} of a-z, 0-9 and hyphens")
    yield from note.length(topic.title, TITLE, "the title", "title")
    if len(topic.similar) < SIMILAR:
        yield note.at(f"{len(topic.similar)} similar questions of at least {SIMILAR}", "similar")


def _links(note: Notes, content: Content, topic: Topic) -> Iterator[Fault]:
    for number, other in enumerate(topic.see):
        if other not in content.topics or other == topic.id:
            yield note.at(f"'see' names no other topic: '{other}'", "see", number)
    for number, lookalike in enumerate(topic.not_this):
        if lookalike.goes_to not in content.topics or lookalike.goes_to == topic.id:
            yield note.at(f"'goes_to' names no other topic: '{lookalike.goes_to}'", "not_this", number)
    if topic.guide is not None and topic.guide not in content.guides:
        yield note.at(f"unknown guide '{topic.guide}'", "guide")
    if topic.family is not None and topic.family not in content.families:
        yield note.at(f"unknown family '{topic.family}'", "family")


def _answer(note: Notes, content: Content, number: int, answer: Answer) -> Iterator[Fault]:
    where = ("answers", number)
    if answer.scope not in content.tree:
        yield note.at(f"unknown scope '{answer.scope}'", *where, "scope")
    yield from note.sources(answer.sources, *where)
    if answer.kind is Kind.MECHANICS and answer.scope != "national":
        yield note.at("mechanics hold for the whole country: the scope is national", *where, "scope")
    if answer.as_of != _UNDATED and not _YEAR.fullmatch(answer.as_of):
        yield note.at(f"'as_of' is '{answer.as_of}', not a year or undated", *where, "as_of")
    if answer.review_by <= answer.reviewed:
        yield note.at("the next review is not after the last", *where, "review_by")
    if not answer.parts:
        yield note.at("the answer has no part", *where, "parts")
    for place, part in enumerate(answer.parts):
        yield from note.length(part.text, PART, "the part", *where, "parts", place)
        yield from note.length(part.label or "", LABEL, "the label", *where, "parts", place, "label")
        yield from dead_links(note, content, part.text, *where, "parts", place)
    yield from _dates(note, content, number, answer)


def _dates(note: Notes, content: Content, number: int, answer: Answer) -> Iterator[Fault]:
    where = ("answers", number)
    if (answer.kind is Kind.DATED) != (answer.ends is not None):
        yield note.at("a dated answer has 'ends', and no other kind has", *where)
    if answer.kind not in {Kind.DATED, Kind.PLACE}:
        return
    said = "".join(part.text for part in answer.parts)
    if answer.as_of != _UNDATED:
        if answer.as_of not in said:
            yield note.at(f"the text does not name its year {answer.as_of}", *where, "parts")
        return
    told = said + "".join(content.sources[c.doc].dated for c in answer.sources if c.doc in content.sources)
    if not any(marker in told for marker in content.lexicon.undated):
        yield note.at("neither text nor source line says that the document carries no date", *where, "parts")


def _repeats(content: Content) -> Iterator[Fault]:
    """A question may stand once: in one topic, and there once."""
    owner: dict[str, str] = {}
    written: set[tuple[str, str]] = set()
    for note, topic, line, path in _questions(content):
        if owner.setdefault(key(content, line), topic) != topic:
            yield note.at(f"the same question stands in '{owner[key(content, line)]}': {line}", *path)
        elif (topic, line) in written:
            yield note.at(f"the question stands twice: {line}", *path)
        written.add((topic, line))
    for lookalikes in content.topics.values():
        note = Notes(content, f"topics/{lookalikes.id}.yaml")
        for number, lookalike in enumerate(lookalikes.not_this):
            if owner.get(key(content, lookalike.ask)) == lookalikes.id:
                yield note.at(f"is a question of this very topic: {lookalike.ask}", "not_this", number)


def _questions(content: Content) -> Iterator[tuple[Notes, str, str, tuple[str | int, ...]]]:
    """Every question with its file, its topic and its place."""
    for topic in content.topics.values():
        note = Notes(content, f"topics/{topic.id}.yaml")
        yield note, topic.id, topic.question, ("question",)
        for number, line in enumerate(topic.similar):
            yield note, topic.id, line, ("similar", number)
    for topic_id, lines in content.asked.items():
        note = Notes(content, f"asked/{topic_id}.yaml")
        for number, line in enumerate(lines):
            yield note, topic_id, line, (number,)


def owners(content: Content) -> dict[str, str]:
    """Every question of every topic, made plain -> the topic's id."""
    return {key(content, line): topic for _, topic, line, _ in _questions(content)}


def key(content: Content, text: str) -> str:
    """What makes two questions the same for the search."""
    return _normalizer(_Same(content.lexicon)).read(text).key


class _Same:
    """A lexicon that is hashed by identity, so that its normalizer is made once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def __hash__(self) -> int:
        return id(self.lexicon)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.lexicon is self.lexicon


@lru_cache(maxsize=2)
def _normalizer(same: _Same) -> Normalizer:
    return Normalizer(same.lexicon)
