"""A flood of characters takes no more work than the part of it that is read, and nothing of it is told again."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.loading import Content
from knowledge.search.normalizing import CLAUSE, LONGEST, Normalizer
from knowledge.search.searcher import Searcher
from tests.unit.search.conftest import LetterVectors

READ = 4 * LONGEST
"""Characters after which a flood can only be cut."""

FLOODS = {
    "one letter": "查",
    "a question": "学信网上查不到学籍怎么办",
    "words": "student status ",
    "sentences": "我查不到学籍。",
    "questions": "查不到？",
    "commas": "查，",
    "mentions": "@某人 ",
    "greetings": "你好老师",
    "markup": "<b>学籍</b>",
    "SQL": "' OR '1'='1' -- ",
    "digits": "2019",
    "wide": "ＡＢ１",
    "emoji": "😂",
    "zero width": "学\u200b",
    "right to left": "\u202e籍",
    "marks": "a\u0300\u0301",
    "one sign that is many": "\ufdfa",
    "lone surrogates": "\ud800",
    "Traditional": "學籍",
    "line breaks": "\r\n",
}


class Counted(LetterVectors):
    """An embedding that counts the characters it is given."""

    def __init__(self) -> None:
        self.characters: list[int] = []

    def one(self, text: str) -> NDArray[np.float32]:
        self.characters.append(len(text))
        return super().one(text)


def flood(piece: str, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def calls(work: Callable[[], object]) -> int:
    """How many calls of functions the work makes, ours and the library's."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("piece", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("addressed", [True, False])
def test_a_flood_of_sixty_thousand_characters_is_no_more_work_than_what_is_read_of_it(
    small: Content, trained: Path, piece: str, addressed: bool
) -> None:
    searcher = Searcher.open(small, trained, embedding=LetterVectors())
    searcher.search("这一句让表格先读好")
    texts = [flood(piece, length) for length in (READ, 60_000)]
    read, whole = (calls(lambda text=text: searcher.search(text, addressed=addressed)) for text in texts)  # type: ignore[misc]
    assert whole <= read + 10


@pytest.mark.parametrize("piece", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("length", [3_000, 60_000])
def test_of_a_flood_the_embedding_hears_one_clause(small: Content, trained: Path, piece: str, length: int) -> None:
    embedding = Counted()
    searcher = Searcher.open(small, trained, embedding=embedding)
    embedding.characters.clear()
    found = searcher.search(flood(piece, length))
    assert len(embedding.characters) <= 1
    assert all(count <= CLAUSE for count in embedding.characters)
    assert len(found.asked) <= CLAUSE


@given(text=st.text(min_size=1, max_size=40), times=st.integers(1, 2_000))
def test_whatever_is_repeated_is_read_within_the_cut(small: Content, text: str, times: int) -> None:
    asked = Normalizer(small.lexicon).read(text * times)
    assert len(asked.whole) <= LONGEST
    assert len(asked.clause) <= CLAUSE


HIDDEN: Sequence[tuple[str, str]] = (
    ("zero width", "\u200b".join("学信网上查不到学籍怎么办")),
    ("right-to-left marks", "\u202e\u200f学信网上查不到学籍怎么办\u202c"),
    ("joiners", "\u2060\ufeff".join("学信网上查不到学籍怎么办")),
    ("control characters", "\x00\x07学信网上查不到学籍怎么办\x1b"),
)


@pytest.mark.parametrize("text", [text for _, text in HIDDEN], ids=[name for name, _ in HIDDEN])
def test_what_nobody_sees_hides_no_question(searcher: Searcher, text: str) -> None:
    plain = searcher.search("学信网上查不到学籍怎么办")
    assert searcher.search(text).candidates[0] == plain.candidates[0]
    assert searcher.search(text).band is plain.band
