"""Whether the files of the content fit together: every rule over a loaded content, all faults at once.

Nothing here depends on today's date; what is due for review is `reviewing`'s.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from knowledge import guide_rules, topic_rules
from knowledge.faults import ContentFaults, Fault
from knowledge.loading import CONTENT, Content, load, phrases
from knowledge.rules import Notes, dead_links, placeholders

__all__ = ["lint", "load_checked", "load_complete"]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
OPTION_LABEL = 16
"""Characters a button can show."""

PHRASES = {
    "answer.source": {"sources"},
    "answer.source-join": set[str](),
    "answer.citation": {"publisher", "title", "items", "dated"},
    "answer.item-join": set[str](),
    "answer.calendar": {"text"},
    "answer.history": {"scope", "text"},
    "answer.joined": {"text", "wider"},
}
"""The phrases that composing an answer needs, and the values it has for each."""


_ALWAYS_GIVEN = {"you"}
"""The form of address, which every phrase may use."""


def lint(content: Content) -> tuple[Fault, ...]:
    """Every fault of the content, by file and line; none for a content fit to be served."""
    rules: Iterable[Callable[[Content], Iterator[Fault]]] = (
        _sources,
        _families,
        _templates,
        _phrases,
        _chatter,
        topic_rules.faults,
        guide_rules.faults,
    )
    return tuple(sorted({fault for rule in rules for fault in rule(content)}))


def load_checked(folder: Path = CONTENT) -> Content:
    """Load a content folder and lint it; raises `ContentFaults` with all that is wrong."""
    content = load(folder)
    faults = lint(content)
    if faults:
        raise ContentFaults(faults)
    return content


def load_complete(folder: Path) -> Content:
    """As `load_checked`; besides, everything the program says is in it: the phrases of the packaged content.

    A phrase may leave out a value it is given, and may not ask for another.
    """
    content = load_checked(folder)
    faults = list(_missing(content, phrases()))
    if faults:
        raise ContentFaults(faults)
    return content


def _missing(content: Content, said: Mapping[str, str]) -> Iterator[Fault]:
    note = Notes(content, "phrases.yaml")
    for key, text in said.items():
        if key not in content.phrases:
            yield note.at(f"missing key '{key}'")
            continue
        given = placeholders(text)[0] | _ALWAYS_GIVEN
        for name in sorted(placeholders(content.phrases[key])[0] - given):
            yield note.at(f"'{key}' is given no value '{name}'", key)


def _sources(content: Content) -> Iterator[Fault]:
    note = Notes(content, "sources.yaml")
    for source in content.sources.values():
        if source.scope not in content.tree:
            yield note.at(f"unknown scope '{source.scope}'", source.id, "scope")
        if source.year != "undated" and not re.fullmatch(r"(19|20)\d\d", source.year):
            yield note.at(f"the year is '{source.year}', not four digits or undated", source.id, "year")
        elif source.year != "undated" and source.year not in source.dated:
            yield note.at(f"'dated' does not name the year {source.year}", source.id, "dated")


def _families(content: Content) -> Iterator[Fault]:
    note = Notes(content, "families.yaml")
    for family in content.families.values():
        if not _ID.fullmatch(family.id):
            yield note.at(f"'{family.id}' is no id", family.id)
        if len(family.options) < 2:  # noqa: PLR2004 - a choice
            yield note.at("a deciding question has at least two options", family.id)
        yield from dead_links(note, content, family.ask, family.id, "ask")
        for number, option in enumerate(family.options):
            where = (family.id, "options", number)
            if option.topic not in content.topics:
                yield note.at(f"unknown topic '{option.topic}'", *where, "topic")
            if len(option.label) > OPTION_LABEL:
                yield note.at(f"the label has {len(option.label)} characters of {OPTION_LABEL}", *where, "label")


def _templates(content: Content) -> Iterator[Fault]:
    for template in content.templates.values():
        note = Notes(content, f"campaigns/{template.id}.yaml")
        if not _ID.fullmatch(template.id):
            yield note.at(f"'{template.id}' is no id")
        if template.scope not in content.tree:
            yield note.at(f"unknown scope '{template.scope}'", "scope")
        yield from note.sources(template.sources)
        yield from _repeated(note, [stage.id for stage in template.stages], "stages")
        yield from _repeated(note, [item.id for item in template.checklist], "checklist")
        for number, item in enumerate(template.checklist):
            if item.office_only and item.takes_value:
                yield note.at("what only the office may know of takes no value in the chat", "checklist", number)
        if not template.stages:
            yield note.at("a campaign has at least one stage", "stages")
        for number, stage in enumerate(template.stages):
            if list(stage.waves) != sorted(set(stage.waves), reverse=True):
                yield note.at("the waves are not in order, the longest before the deadline first", "stages", number)


def _repeated(note: Notes, ids: list[str], where: str) -> Iterator[Fault]:
    for number, value in enumerate(ids):
        if not _ID.fullmatch(value):
            yield note.at(f"'{value}' is no id", where, number)
        if value in ids[:number]:
            yield note.at(f"'{value}' appears twice", where, number)


def _phrases(content: Content) -> Iterator[Fault]:
    note = Notes(content, "phrases.yaml")
    for key, values in PHRASES.items():
        if key not in content.phrases:
            yield note.at(f"missing key '{key}'")
        elif placeholders(content.phrases[key])[0] != values:
            yield note.at(f"'{key}' is given {', '.join(sorted(values)) or 'no values'}", key)
    for key, text in content.phrases.items():
        for wrong in placeholders(text)[1]:
            yield note.at(f"'{key}' has {wrong}", key)
        yield from dead_links(note, content, text, key)


def _chatter(content: Content) -> Iterator[Fault]:
    """A message that no topic answers may not be a line of one."""
    lines = topic_rules.owners(content)
    for number, message in enumerate(content.chatter):
        key = topic_rules.key(content, message)
        if key in lines:
            yield Fault("chatter.yaml", _chatter_line(content, number), f"is a line of topic '{lines[key]}': {message}")


def _chatter_line(content: Content, number: int) -> int:
    """The line of the message with that number, whichever list of the file holds it."""
    leaves = [path for path in content.lines.get("chatter.yaml", {}) if path and isinstance(path[-1], int)]
    return content.line("chatter.yaml", *leaves[number]) if number < len(leaves) else 1
