"""The rules a guide keeps: every step can be reached, every choice leads on, every detour leads back."""

import re
from collections.abc import Iterator

from knowledge.faults import Fault
from knowledge.guides import END, Guide, Step
from knowledge.loading import Content
from knowledge.rules import Notes, dead_links

GUIDE_ID = 16
STEP_ID = 12
STEP = 300
CHOICE = 14
TITLE = 20

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_YEAR = re.compile(r"(19|20)\d\d|undated")


def faults(content: Content) -> Iterator[Fault]:
    """All faults of all guides."""
    for guide in content.guides.values():
        note = Notes(content, f"guides/{guide.id}.yaml")
        yield from _heading(note, content, guide)
        for number, step in enumerate(guide.steps):
            yield from _step(note, content, guide, number, step)
        yield from _roads(note, guide)


def _heading(note: Notes, content: Content, guide: Guide) -> Iterator[Fault]:
    if not _ID.fullmatch(guide.id) or len(guide.id) > GUIDE_ID:
        yield note.at(f"'{guide.id}' is no guide id: at most {GUIDE_ID} of a-z, 0-9 and hyphens")
    yield from note.length(guide.title, TITLE, "the title", "title")
    yield from note.length(guide.end, STEP, "the end", "end")
    yield from dead_links(note, content, guide.end, "end")
    yield from note.sources(guide.sources)
    if guide.scope not in content.tree:
        yield note.at(f"unknown scope '{guide.scope}'", "scope")
    if not _YEAR.fullmatch(guide.as_of):
        yield note.at(f"'as_of' is '{guide.as_of}', not a year or undated", "as_of")
    if guide.review_by <= guide.reviewed:
        yield note.at("the next review is not after the last", "review_by")
    if not guide.steps:
        yield note.at("the guide has no step", "steps")
    elif guide.steps[0].detour:
        yield note.at("a guide does not begin with a detour", "steps", 0)


def _step(note: Notes, content: Content, guide: Guide, number: int, step: Step) -> Iterator[Fault]:
    where = ("steps", number)
    if not _ID.fullmatch(step.id) or len(step.id) > STEP_ID or step.id == END:
        yield note.at(f"'{step.id}' is no step id: at most {STEP_ID} of a-z, 0-9 and hyphens", *where)
    if step.id in [other.id for other in guide.steps[:number]]:
        yield note.at(f"the step '{step.id}' appears twice", *where)
    yield from note.length(step.text, STEP, "the step", *where, "text")
    yield from dead_links(note, content, step.text, *where, "text")
    if step.figure is not None and step.figure not in content.figures:
        yield note.at(f"the figure '{step.figure}' has no SVG or no PNG", *where, "figure")
    if not step.choices:
        yield note.at("the step has no choice, so nobody gets on", *where, "choices")
    for place, choice in enumerate(step.choices):
        yield from note.length(choice.label, CHOICE, "the label", *where, "choices", place)
        if choice.to != END and guide.step(choice.to) is None:
            yield note.at(f"leads to a step that is missing: '{choice.to}'", *where, "choices", place)


def _roads(note: Notes, guide: Guide) -> Iterator[Fault]:
    if not guide.steps:
        return
    ways = {step.id: [choice.to for choice in step.choices] for step in guide.steps}
    reached = _reached(ways, guide.steps[0].id)
    road = {step.id for step in guide.steps if not step.detour} | {END}
    for number, step in enumerate(guide.steps):
        if step.id not in reached:
            yield note.at(f"nothing leads to the step '{step.id}'", "steps", number)
        onward = _reached(ways, *ways[step.id])
        if step.detour and not onward & road:
            yield note.at(f"the detour '{step.id}' does not lead back", "steps", number)
        elif END not in onward:
            yield note.at(f"the end cannot be reached from the step '{step.id}'", "steps", number)


def _reached(ways: dict[str, list[str]], *starts: str) -> set[str]:
    reached: set[str] = set()
    open_ends = list(starts)
    while open_ends:
        at = open_ends.pop()
        if at not in reached:
            reached.add(at)
            open_ends += ways.get(at, [])
    return reached
