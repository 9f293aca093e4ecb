"""The two ways to rank topics: as trained, and, where no artefact fits the content, by likeness alone."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from knowledge.loading import Content
from knowledge.search.artefact import Artefact, Levels
from knowledge.search.confidence import evidence
from knowledge.search.corpus import corpus, signposts
from knowledge.search.embedding import Embedding
from knowledge.search.index import Floats, Index
from knowledge.search.normalizing import Asked, Normalizer
from knowledge.search.ranker import joined
from knowledge.search.terms import Marks, Terms

CANDIDATES = 5
CERTAIN = 0.9999
"""The confidence of a question that is stored word for word."""
SIGNPOST = 0.4
"""What is left of the confidence in a topic that only points the way."""
_FUZZY = 300
"""How many of the likest lines are compared letter by letter."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Topics by number with their confidences, best first and strictly falling; `stored` where the line is known."""

    topics: tuple[int, ...]
    confidences: tuple[float, ...]
    stored: bool = False


class Engine(Protocol):
    """Ranks the topics for one question at a time; thread-safe."""

    levels: Levels

    def rank(self, asked: Asked) -> Ranked: ...


class Trained:
    """The ranker of the artefact, with or without the embedding."""

    def __init__(self, artefact: Artefact, content: Content, embedding: Embedding | None) -> None:
        self._model = artefact.semantic if embedding else artefact.lexical
        self.levels = self._model.levels
        self._embedding = embedding
        self._meaning = artefact.meaning if embedding else None
        self._index, self._owners = artefact.index, artefact.owners
        self._exact, self._exact_owners = artefact.exact, artefact.exact_owners
        self._terms, self._marks = Terms(content.lexicon), Marks(content.lexicon)
        self._signposts = signposts(content)

    def rank(self, asked: Asked) -> Ranked:
        known = self._stored(asked)
        if known == len(self._signposts):
            return Ranked((), (), stored=True)
        by_words = self._index.likeness(self._terms(asked))
        by_meaning = None
        if self._embedding is not None and self._meaning is not None:
            by_meaning = self._meaning.likeness(self._embedding.one(asked.clause))
        likeness = joined(by_words, by_meaning)
        scores = self._model.ranker.scores(likeness)
        seen = evidence(scores, likeness, by_words, self._owners, self._marks(asked))
        return ranked(scores[:-1], float(self._model.confidence(seen)), self._signposts, known)

    def _stored(self, asked: Asked) -> int | None:
        """The topic that has this very line, or the number behind the last for chatter."""
        mark = digest(asked.key)
        place = int(np.searchsorted(self._exact, mark))
        if place < len(self._exact) and self._exact[place] == mark:
            return int(self._exact_owners[place])
        return None


def ranked(topics: Floats, confidence: float, only_signs: NDArray[np.bool_], known: int | None = None) -> Ranked:
    """The best topics by their scores, when the first is meant with this confidence.

    A topic that only points the way keeps a part of its confidence; one that has the very line comes first.
    """
    if known is not None:
        topics = topics.copy()
        topics[known] = topics.max(initial=0) + 1
    best = [int(topic) for topic in np.argsort(-topics, kind="stable")[:CANDIDATES]]
    first = CERTAIN if known is not None else confidence
    if known is None and best and only_signs[best[0]]:
        first *= SIGNPOST
    rest = np.clip(topics[best[1:]].astype(np.float64), 1e-3, 1)
    shares = [first, *((1 - first) * rest / max(float(rest.sum()), 1.0))]
    for place in range(1, len(shares)):
        shares[place] = min(float(shares[place]), float(shares[place - 1]) * (1 - 1e-3))
    return Ranked(tuple(best), tuple(float(share) for share in shares), stored=known is not None)


def digest(key: str) -> np.uint64:
    """A plain line as eight bytes."""
    return np.uint64(int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big"))


class Untrained:
    """Ranks by the likest line of each topic, by words and letters; sure only of what is all but word for word."""

    levels = Levels(sure=0.85, ambient=0.95, maybe=0.35)

    def __init__(self, content: Content, normalizer: Normalizer) -> None:
        lines = corpus(content)
        plain = [normalizer.read(text) for text in lines.texts]
        self._terms = Terms(content.lexicon)
        self._index = Index.of([self._terms(asked) for asked in plain])
        self._owners = lines.owners
        self._keys = [asked.key for asked in plain]
        self._exact = {asked.key: int(owner) for asked, owner in zip(plain, lines.owners, strict=True)}
        self._signposts = signposts(content)

    def rank(self, asked: Asked) -> Ranked:
        count = len(self._signposts)
        known = self._exact.get(asked.key)
        if known == count:
            return Ranked((), (), stored=True)
        best = np.zeros(count + 1, dtype=np.float32)
        np.maximum.at(best, self._owners, self._likeness(asked))
        first = float(best[:-1].max(initial=0))
        confidence = first if first > best[-1] else first * float(1 - best[-1])
        return ranked(best[:-1], min(confidence, CERTAIN), self._signposts, known)

    def _likeness(self, asked: Asked) -> Floats:
        likeness = self._index.likeness(self._terms(asked))
        few = np.argpartition(-likeness, _FUZZY)[:_FUZZY] if len(likeness) > _FUZZY else np.arange(len(likeness))
        for line in few:
            likeness[line] = (likeness[line] + fuzz.ratio(asked.key, self._keys[line]) / 100) / 2
        rest = np.ones(len(likeness), dtype=np.bool_)
        rest[few] = False
        likeness[rest] /= 2
        return likeness
