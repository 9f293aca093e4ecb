"""A question's words as numbers: characters, words, sounds and ideas, hashed into one space of buckets.

Four views of the same text stand side by side, each in its own range of buckets, so that one sparse
vector holds all of them: single characters and pairs, words, pairs of syllables (which hear through
homophones and spelled-out pinyin), and the lexicon's ideas with their pairs.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from knowledge.lexicon import Lexicon
from knowledge.search.normalizing import Asked, Normalizer, folded

Buckets = NDArray[np.int32]

BUCKETS_OF_A_VIEW = 1 << 16
WEIGHTS = (1.0, 0.5, 0.5, 0.5)
"""How much each view counts in the likeness of two questions: characters, words, sounds, ideas."""
BUCKETS = BUCKETS_OF_A_VIEW * len(WEIGHTS)

_WORD = re.compile(r"\w")
_SPOKEN = re.compile(r"[a-z]+")
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|"
    r"ia|ie|in|iu|ou|ua|ue|ui|un|uo|ve|a|e|i|o|u|v)"
)


class Terms:
    """Turns plain questions into buckets, with the ideas of one lexicon; thread-safe.

    `sound` gives a character's syllable; characters without one are their own.
    """

    def __init__(self, lexicon: Lexicon, sound: Callable[[str], str]) -> None:
        self._sound = sound
        normalizer = Normalizer(lexicon)
        self._ideas = tuple(lexicon.concepts)
        self._by_first: dict[str, set[tuple[str, int]]] = {}
        for number, words in enumerate(lexicon.concepts.values()):
            for word in {normalizer.plain(word) for word in words} - {""}:
                self._by_first.setdefault(word[0], set()).add((word, number))

    def __call__(self, asked: Asked) -> Buckets:
        """The buckets of a question, each once, in rising order."""
        views = (_characters(asked.key), _words(asked.whole), self._sounds(asked.key), self._ideas_of(asked.whole))
        found = {
            BUCKETS_OF_A_VIEW * view + crc32(term.encode()) % BUCKETS_OF_A_VIEW
            for view, terms in enumerate(views)
            for term in terms
        }
        return np.array(sorted(found), dtype=np.int32)

    def _sounds(self, key: str) -> Iterator[str]:
        syllables = list(self._syllables(key))
        return (f"{one} {other}" for one, other in pairwise(syllables))

    def _syllables(self, key: str) -> Iterator[str]:
        """Each character as its syllable without tone; Latin letters as syllables where they spell some."""
        start = 0
        while start < len(key):
            spelled = _SPOKEN.match(key, start)
            if spelled:
                yield from map(_flat, _spelled(spelled[0]))
                start = spelled.end()
            else:
                yield _flat(self._sound(key[start]))
                start += 1

    def _ideas_of(self, whole: str) -> Iterator[str]:
        found = {
            number
            for place, char in enumerate(whole)
            for word, number in self._by_first.get(char, ())
            if whole.startswith(word, place)
        }
        ideas = [self._ideas[number] for number in sorted(found)]
        yield from ideas
        for one, other in combinations(ideas, 2):
            yield f"{one} {other}"


def _characters(key: str) -> Iterator[str]:
    yield from key
    yield from (key[start : start + 2] for start in range(len(key) - 1))


def _words(whole: str) -> Iterator[str]:
    import rjieba  # noqa: PLC0415 - its dictionary is read with the first question

    return (word for word in rjieba.cut(whole) if _WORD.search(word))


def _spelled(letters: str) -> Sequence[str]:
    syllables = _SYLLABLE.findall(letters)
    return syllables if "".join(syllables) == letters else letters


def _flat(syllable: str) -> str:
    """Without the differences that many speakers do not make: zh and z, ing and in."""
    plain = re.sub(r"^(z|c|s)h", r"\1", syllable)
    return re.sub(r"ng$", "n", plain)


class Marks:
    """Counts what a message does beside its subject: whether it asks, tells, names other business."""

    COUNT = 8

    def __init__(self, lexicon: Lexicon) -> None:
        lists = (lexicon.anchors, lexicon.elsewhere, lexicon.telling, lexicon.asking, lexicon.trouble)
        self._lists = [tuple({folded(word) for word in words}) for words in lists]

    def __call__(self, asked: Asked) -> NDArray[np.float64]:
        """Shape (8,): five counts, at most 3 each; the length's logarithm; a question mark; a closed act."""
        counts = [float(min(sum(word in asked.whole for word in words), 3)) for words in self._lists]
        text = asked.whole
        return np.array([*counts, np.log1p(len(asked.key)), "?" in text, text.endswith(_CLOSED)], dtype=np.float64)


_CLOSED = ("\u4e86", "\u5566", "\u54c8")
