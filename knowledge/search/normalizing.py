"""A message as people type it into the plain question the search compares.

What is dropped: invisible and control characters, emoji, mentions, greetings, fillers; what is folded:
width, case, Traditional characters, and the lexicon's other ways of writing a word. Every step takes
time in proportion to the text, whatever the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.lexicon import Lexicon

LONGEST = 1_000
"""Characters of a message that are read; what comes after them is dropped before any work."""
CLAUSE = 60
"""Characters kept for the embedding: at most 64 tokens of its model."""

_ODD = re.compile(r"[^ -~\u4e00-\u9fff\u3001\u3002\u2018-\u201d]")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_PICTURES = {"So", "Sk", "Mn", "Me"}
_LATIN = re.compile(r"[a-z0-9]")
_MENTION = re.compile(r"@[^\s,\u3001:\u3002!?@]{1,20}")
_PAUSES = " \n,\u3001:\u3002.!?~\u2026;"
_PAUSE_RUN = re.compile(f"[{_PAUSES}]{{2,}}")
_STOP = re.compile(r"[\n\u3002!?;\u2026]+")
_BREAK = re.compile(r"[\s,\u3001:~\u2014-]+")
_NOT_WORD = re.compile(r"[^\w]+|_+")
_REPEATED = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A message made plain.

    `whole` is all of it, `clause` the part that asks, short enough for the embedding, and `key` is
    `whole` without punctuation and space: two messages with one key are the same question.
    """

    whole: str
    clause: str
    key: str


@lru_cache(maxsize=1)
def _simplifier() -> Callable[[str], str]:
    import opencc  # noqa: PLC0415 - its tables are read only when the first message comes

    converter: Callable[[str], str] = opencc.OpenCC("t2s").convert  # type: ignore[attr-defined, no-untyped-call]
    return converter


def simplified(text: str) -> str:
    """Traditional characters and their variants as simplified ones; one character stays one."""
    return _simplifier()(text)


@lru_cache(maxsize=256)
def folded(text: str) -> str:
    """Width, case and Traditional characters folded; invisible characters and pictures gone."""
    text = unicodedata.normalize("NFKC", text[: 4 * LONGEST].encode("utf-8", "ignore").decode("utf-8"))
    kept = _ODD.sub(_visible, text)[:LONGEST]
    return _REPEATED.sub(r"\1\1", _simplifier()(kept).lower()).strip()


def _visible(found: re.Match[str]) -> str:
    char = found[0]
    if char in "\n\r\t":
        return " " if char == "\t" else "\n"
    category = unicodedata.category(char)
    if category in _INVISIBLE:
        return ""
    return " " if category in _PICTURES else char


class Normalizer:
    """Makes messages plain with the words of one lexicon; thread-safe."""

    def __init__(self, lexicon: Lexicon) -> None:
        same = {folded(alias): folded(word) for word, others in lexicon.aliases.items() for alias in others}
        same |= {word: word for word in map(folded, lexicon.aliases)}
        same |= {word: "" for word in map(folded, lexicon.fillers) if len(word) > 1}
        self._same = _Replacing(same)
        self._openings = _longest_first([*lexicon.greetings, *lexicon.fillers, *lexicon.calls, *lexicon.people])
        self._closings = _longest_first([*lexicon.greetings, *lexicon.thanks])
        self._apart = {word for word in (*self._openings, *self._closings) if len(word) == 1}
        self._apart |= {folded(word) for word in lexicon.people}
        self._asking = tuple(folded(word) for word in lexicon.asking)

    def read(self, text: str) -> Asked:
        """The plain question of a message; all three texts are empty where nothing can be read."""
        whole = self.plain(text)
        return Asked(whole, self._clause(whole), _NOT_WORD.sub("", whole))

    def plain(self, text: str) -> str:
        """The message folded, without mentions, greetings and fillers, in the lexicon's words."""
        bare = _MENTION.sub(" ", folded(text)).strip()
        bare = _PAUSE_RUN.sub(lambda run: "?" if "?" in run[0] else run[0][0], bare)
        return self._same(self._without_courtesies(bare)).strip()

    def _without_courtesies(self, text: str) -> str:
        """The text without opening and closing courtesies; itself where nothing else is in it."""
        kept = text
        for shortened in (self._without_opening, self._without_closing):
            shorter = shortened(kept)
            if _NOT_WORD.sub("", shorter):
                kept = shorter
        return kept

    def _without_opening(self, text: str) -> str:
        while True:
            word = next((word for word in self._openings if text.startswith(word) and self._ends(text, word)), None)
            if word is None:
                return text
            text = text[len(word) :].lstrip(_PAUSES)

    def _without_closing(self, text: str) -> str:
        while True:
            bare = text.rstrip(_PAUSES)
            word = next((word for word in self._closings if bare.endswith(word) and self._begins(bare, word)), None)
            if word is None:
                return text
            text = bare[: -len(word)].rstrip(_PAUSES.replace("?", ""))

    def _ends(self, text: str, opening: str) -> bool:
        """Whether the opening word is over there: some words only count where a pause sets them apart."""
        end = len(opening)
        return end == len(text) or text[end] in _PAUSES or (opening not in self._apart and _alone(text, 0, end))

    def _begins(self, text: str, closing: str) -> bool:
        start = len(text) - len(closing)
        if start == 0 or text[start - 1] in _PAUSES:
            return True
        return closing not in self._apart and _alone(text, start, len(text))

    def _clause(self, whole: str) -> str:
        """Of a long message the part that asks, the later the better, and what stands around it."""
        if len(whole) <= CLAUSE:
            return whole
        pieces = [part for piece in _STOP.split(whole) for part in _pieces(piece)]
        if not pieces:
            return whole[:CLAUSE]
        best = max(range(len(pieces)), key=lambda place: self._asks(pieces[place]) + place / len(pieces))
        first, last = best, best + 1
        while first > 0 and sum(map(len, pieces[first - 1 : last])) <= CLAUSE:
            first -= 1
        while last < len(pieces) and sum(map(len, pieces[first : last + 1])) <= CLAUSE:
            last += 1
        if first > 0:
            first -= 1  # the end of the piece before fills what is left
        return " ".join(pieces[first:last])[-CLAUSE:]

    def _asks(self, piece: str) -> int:
        return min(sum(word in piece for word in self._asking), 2)


class _Replacing:
    """Replaces words by others in one pass, the longest first; Latin ones only as words of their own."""

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words
        self._by_first: dict[str, list[str]] = {}
        for word in _longest_first(words):
            self._by_first.setdefault(word[0], []).append(word)

    def __call__(self, text: str) -> str:
        said: list[str] = []
        at = 0
        while at < len(text):
            word = self._at(text, at)
            said.append(text[at] if word is None else self._words[word])
            at += len(word or " ")
        return "".join(said)

    def _at(self, text: str, at: int) -> str | None:
        for word in self._by_first.get(text[at], ()):
            if text.startswith(word, at) and _alone(text, at, at + len(word)):
                return word
        return None


def _alone(text: str, start: int, end: int) -> bool:
    """Whether no Latin letter or digit goes on where one begins or ends the word."""
    before = start > 0 and _LATIN.match(text[start]) and _LATIN.match(text[start - 1])
    after = end < len(text) and _LATIN.match(text[end]) and _LATIN.match(text[end - 1])
    return not before and not after


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted({folded(word) for word in words} - {""}, key=lambda word: (-len(word), word))


def _pieces(sentence: str) -> list[str]:
    """A sentence cut at commas and spaces, and wherever it is too long without any."""
    parts = [part for part in _BREAK.split(sentence) if part]
    return [part[start : start + CLAUSE] for part in parts for start in range(0, len(part), CLAUSE)]
