"""A message as people type it into the plain question the search compares.

What is dropped: invisible and control characters, emoji, mentions, greetings, fillers; what is folded:
width, case, Traditional characters, and the lexicon's other ways of writing a word.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.lexicon import Lexicon

LONGEST = 1_000
"""Characters of a message that are read; what comes after them is dropped before any work."""
CLAUSE = 60
"""Characters kept for the embedding: at most 64 tokens of its model."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_PICTURES = {"So", "Sk", "Mn", "Me"}
_LETTER = re.compile(r"[a-z0-9]")
_MENTION = re.compile(r"@[^\s,，:：。!！?？@]{1,20}")
_STOP = re.compile(r"[\n。!！?？;；…]+")
_BREAK = re.compile(r"[\s,，、:：~—\-]+")
_NOT_WORD = re.compile(r"[^\w]+|_+")
_PAUSE = r"[\s,，、:：。.!！?？~～…]"
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

    converter: Callable[[str], str] = opencc.OpenCC("t2s").convert  # type: ignore[no-untyped-call]
    return converter


def folded(text: str) -> str:
    """Width, case and Traditional characters folded; invisible characters and pictures gone."""
    text = unicodedata.normalize("NFKC", text[: 4 * LONGEST].encode("utf-8", "ignore").decode("utf-8"))
    kept = "".join(_visible(char) for char in text)
    simplified = _simplifier()(kept[:LONGEST])
    return _REPEATED.sub(r"\1\1", simplified.lower()).strip()


def _visible(char: str) -> str:
    if char.isascii() and char.isprintable():
        return char
    if char in "\n\r\t":
        return "\n" if char != "\t" else " "
    category = unicodedata.category(char)
    if category in _INVISIBLE:
        return ""
    return " " if category in _PICTURES else char


class Normalizer:
    """Makes messages plain with the words of one lexicon; thread-safe."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._plain = {folded(alias): folded(word) for word, others in lexicon.aliases.items() for alias in others}
        canonical = {folded(word): folded(word) for word in lexicon.aliases}
        self._aliases = _any_of([*self._plain, *canonical])
        self._plain |= canonical
        self._calls = _any_of([folded(call) for call in lexicon.calls])
        opening = _courtesy([*lexicon.greetings, *lexicon.fillers, *lexicon.calls], rf"(?={_PAUSE}|$)", "")
        self._opening = re.compile(rf"^(?:(?:{opening}){_PAUSE}*)+")
        closing = _courtesy(lexicon.greetings, "", rf"(?<={_PAUSE})")
        self._closing = re.compile(rf"(?:{_PAUSE}*(?:{closing}))+{_PAUSE}*$")
        self._fillers = re.compile("|".join(_escaped(lexicon.fillers)) or "(?!)")
        self._asking = _any_of([folded(word) for word in lexicon.asking])

    def read(self, text: str) -> Asked:
        """The plain question of a message; all three texts are empty where nothing can be read."""
        whole = self.plain(text)
        return Asked(whole, self._clause(whole), _NOT_WORD.sub("", whole))

    def plain(self, text: str) -> str:
        """The message folded, without mentions, greetings and fillers, in the lexicon's words."""
        bare = _MENTION.sub(" ", folded(text)).strip()
        bare = self._stripped(bare)
        return self._aliases.sub(lambda found: self._plain[found[0]], bare)

    def _stripped(self, text: str) -> str:
        """The text without opening and closing courtesies; itself where nothing else is in it."""
        kept = text
        for _ in range(3):
            shorter = self._closing.sub("", self._opening.sub("", kept)).strip()
            if shorter == kept or not _NOT_WORD.sub("", shorter):
                break
            kept = shorter
        return self._fillers.sub("", kept).strip() or kept

    def _clause(self, whole: str) -> str:
        """Of a long message the sentences that ask, from the end, and what stands right before them."""
        if len(whole) <= CLAUSE:
            return whole
        pieces = [piece.strip() for piece in _STOP.split(whole) if piece.strip()]
        pieces = [part for piece in pieces for part in _pieces(piece)]
        scored = [self._asks(piece) + place / len(pieces) for place, piece in enumerate(pieces)]
        best = max(range(len(pieces)), key=scored.__getitem__, default=0)
        first, last = best, best + 1
        while sum(map(len, pieces[first:last])) < CLAUSE and (first > 0 or last < len(pieces)):
            if first > 0:
                first -= 1
            elif last < len(pieces):
                last += 1
            if sum(map(len, pieces[first:last])) > CLAUSE:
                break
        return " ".join(pieces[first:last])[-CLAUSE:] if pieces else whole[:CLAUSE]

    def _asks(self, piece: str) -> float:
        return float(min(len(self._asking.findall(piece)), 2))


def _pieces(sentence: str) -> list[str]:
    """A sentence cut at commas and spaces, or every twenty characters where it has none."""
    parts = [part for part in _BREAK.split(sentence) if part]
    return [part[start : start + CLAUSE] for part in parts for start in range(0, len(part), CLAUSE)]


def _courtesy(words: Sequence[str], after: str, before: str) -> str:
    """Any of the words; one of a single character only where a pause sets it apart."""
    long = _escaped([word for word in words if len(word) > 1])
    short = [f"{before}{re.escape(word)}{after}" for word in words if len(word) == 1]
    return "|".join([*long, *short]) or "(?!)"


def _any_of(words: list[str]) -> re.Pattern[str]:
    """Any of the words, the longest first; one of Latin letters only where no letter touches it."""
    return re.compile("|".join(_escaped(words)) or "(?!)")


def _escaped(words: Sequence[str]) -> list[str]:
    patterns = []
    for word in sorted(set(words), key=lambda word: (-len(word), word)):
        before = "(?<![a-z0-9])" if _LETTER.match(word[0]) else ""
        after = "(?![a-z0-9])" if _LETTER.match(word[-1]) else ""
        patterns.append(f"{before}{re.escape(word)}{after}")
    return patterns
