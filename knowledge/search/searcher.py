"""From a message to a band and its candidates."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from knowledge.loading import Content
from knowledge.search.normalizing import Asked, Normalizer

ARTEFACT = Path(__file__).parent / "artefact"
"""The trained artefact that comes with the package."""

CANDIDATES = 5
REMEMBERED = 4_096


class Band(StrEnum):
    """How sure a search is."""

    SURE = "sure"
    """Answer."""
    MAYBE = "maybe"
    """Offer up to three, and "none of these"."""
    NONE = "none"
    """Say so, give the office, log the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A topic and how likely it is meant, between 0 and 1."""

    topic: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a search found: at most five candidates, best first, their confidences strictly falling.

    `asked` is the plain question that was searched, as it may be shown to staff.
    """

    band: Band
    candidates: tuple[Candidate, ...]
    asked: str


class Searcher:
    """Finds the topic of a message; thread-safe.

    `semantic` says whether the embedding takes part; `why_lexical` why not, in English, for `/readyz`.
    """

    def __init__(self, content: Content) -> None:
        self.semantic = False
        self.why_lexical: str | None = "no trained artefact"
        self._normalizer = Normalizer(content.lexicon)
        self._known: OrderedDict[tuple[str, bool], Finding] = OrderedDict()
        self._lock = threading.Lock()
        self._first_draft(content)

    @classmethod
    def open(cls, content: Content, artefact_folder: Path = ARTEFACT) -> "Searcher":
        """A searcher over the content, with the artefact where it fits the content."""
        return cls(content)

    def search(self, text: str, *, addressed: bool = True) -> Finding:
        """The topics a message may ask about; never raises, whatever the text.

        With `addressed` false (a group message that did not call the bot) the band is sure or none,
        and sure only at a much higher level.
        """
        asked = self._normalizer.read(text)
        known = (asked.whole, addressed)
        with self._lock:
            found = self._known.get(known)
            if found is not None:
                self._known.move_to_end(known)
                return found
        found = self._search(asked, addressed)
        with self._lock:
            self._known[known] = found
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found

    # A first draft, replaced by the trained ranker: cosine over character pairs and triples.
    def _first_draft(self, content: Content) -> None:
        self._topics = list(content.topics)
        rows = [
            (number, self._normalizer.read(line).key)
            for number, topic in enumerate(content.topics.values())
            for line in (topic.question, *topic.similar)
        ]
        self._owner = np.array([number for number, _ in rows])
        self._exact = {key: number for number, key in rows}
        counts: dict[str, set[int]] = {}
        for row, (_, key) in enumerate(rows):
            for gram in _grams(key):
                counts.setdefault(gram, set()).add(row)
        self._postings = {gram: np.array(sorted(found)) for gram, found in counts.items()}
        self._idf = {gram: float(np.log((1 + len(rows)) / len(found))) for gram, found in counts.items()}
        self._norms = np.zeros(len(rows))
        for gram, found in self._postings.items():
            self._norms[found] += self._idf[gram] ** 2
        self._norms = np.sqrt(self._norms) + 1e-9

    def _search(self, asked: Asked, addressed: bool) -> Finding:
        grams = _grams(asked.key)
        scores = np.zeros(len(self._norms))
        size = 1e-9
        for gram in grams:
            weight = self._idf.get(gram, 8.0) ** 2
            size += weight
            if gram in self._postings:
                scores[self._postings[gram]] += weight
        scores /= self._norms * np.sqrt(size)
        best = np.zeros(len(self._topics))
        np.maximum.at(best, self._owner, scores)
        exact = self._exact.get(asked.key)
        if exact is not None and asked.key:
            best[exact] = 1.0
        order = np.argsort(-best, kind="stable")[:CANDIDATES]
        candidates = tuple(
            Candidate(topic=self._topics[n], confidence=float(best[n]) - 1e-9 * place)
            for place, n in enumerate(order)
            if best[n] > 0
        )
        return Finding(band=self._band(candidates, addressed), candidates=candidates, asked=asked.clause)

    @staticmethod
    def _band(candidates: tuple[Candidate, ...], addressed: bool) -> Band:
        top = candidates[0].confidence if candidates else 0.0
        if top >= (0.62 if addressed else 0.8):
            return Band.SURE
        return Band.MAYBE if addressed and top >= 0.3 else Band.NONE


def _grams(key: str) -> set[str]:
    return {key[start : start + size] for size in (1, 2, 3) for start in range(len(key) - size + 1)}
