"""The questions that are asked: those the search is evaluated on, as people type them."""

import itertools
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_FILES = ("own_queries.jsonl", "own_chatter.jsonl")
_FOLDER = Path(__file__).parents[1] / "fixtures" / "eval"


@cache
def asked() -> tuple[str, ...]:
    """All of them, the questions first, then the chatter."""
    lines = [line for name in _FILES for line in (_FOLDER / name).read_text("utf-8").splitlines()]
    return tuple(dict.fromkeys(json.loads(line)["q"] for line in lines))


class Fresh:
    """Questions nobody has asked before: each carries a number, so that no cache knows it."""

    def __init__(self) -> None:
        self._questions = enumerate(itertools.cycle(asked()), start=10_000)

    def take(self, number: int) -> Sequence[str]:
        """So many of them."""
        return [f"{question} {mark}" for mark, question in itertools.islice(self._questions, number)]
