"""How questions are marked in documents: numbers, words and question marks at the start or end of a line."""

import re
from dataclasses import dataclass
from functools import cache

from knowledge.importing.refusals import wording

ASKED = 0
"""The level of an outright mark of a question; larger levels are further in."""
ANNEX = 1
SECTION = 2
_CLOSING = "、.．:：　 "


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark a line begins with: how far in, its number as written, what follows it, and the whole line."""

    level: int
    item: str
    rest: str
    line: str


@cache
def pattern(name: str) -> re.Pattern[str]:
    """A pattern of the data file."""
    return re.compile(wording("documents")["words"][name], re.IGNORECASE)


@cache
def _marks() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(mark, re.IGNORECASE) for mark in wording("documents")["marks"].values())


def mark(text: str) -> Mark | None:
    """The mark that a line begins with; None for running text."""
    for level, marked in enumerate(_marks()):
        found = marked.match(text)
        if found:
            return Mark(level, found[0].strip(_CLOSING), text[found.end() :].strip(), text)
    return None


def asks(text: str) -> bool:
    """Whether a line ends as a question does, its answer on the same line apart."""
    return bool(pattern("asks").search(pattern("inline_answer").split(text, maxsplit=1)[0].strip()))


def answers(text: str) -> bool:
    """Whether a line begins with the word for an answer."""
    return bool(pattern("answer").match(text))


def unmarked_answer(text: str) -> str:
    """A line without the word for an answer at its start."""
    return pattern("answer").sub("", text, count=1).strip() if answers(text) else text
