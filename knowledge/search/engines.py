"""The two ways to rank topics: as trained, and, where no artefact fits the content, by likeness alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from knowledge.loading import Content
from knowledge.search.alike import by_words, by_words_and_meaning
from knowledge.search.artefact import Artefact, Levels, Model
from knowledge.search.confidence import evidence
from knowledge.search.corpus import corpus, signposts
from knowledge.search.embedding import Embedding
from knowledge.search.index import Floats, Index
from knowledge.search.normalizing import Asked, Normalizer
from knowledge.search.ranker import joined
from knowledge.search.sounds import spell
from knowledge.search.stored import Stored
from knowledge.search.terms import Buckets, Marks, Terms

CANDIDATES = 5
CERTAIN = 0.9999
"""The confidence of a question that is stored word for word."""
SIGNPOST = 0.4
"""What is left of the confidence in a topic that only points the way."""
_FUZZY = 300
"""How many of the likest lines are compared letter by letter."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Topics by number with their confidences, best first and strictly falling."""

    topics: tuple[int, ...]
    confidences: tuple[float, ...]


NOTHING = Ranked((), ())


class Engine(Protocol):
    """Ranks the topics for one question at a time; thread-safe."""

    levels: Levels

    def rank(self, asked: Asked) -> Ranked: ...

    def alike(self, asked: Sequence[Asked]) -> Floats:
        """How alike these questions are to each other, shape (questions, questions)."""


class Trained:
    """The ranker of the artefact, with or without the embedding."""

    def __init__(self, artefact: Artefact, content: Content, embedding: Embedding | None) -> None:
        self._lexical = artefact.lexical
        self._semantic = artefact.semantic if embedding else None
        self.levels = (self._semantic or self._lexical).levels
        self._embedding, self._meaning = embedding, artefact.meaning
        self._index, self._owners, self._stored = artefact.index, artefact.owners, artefact.stored
        self._terms, self._marks = Terms(content.lexicon, artefact.sounds), Marks(content.lexicon)
        self._signposts = signposts(content)

    def rank(self, asked: Asked) -> Ranked:
        words = self._index.likeness(self._terms(asked))
        known = self._stored.owner(asked.key)
        if known is not None:
            if known == len(self._signposts):
                return NOTHING
            return ranked(self._lexical.ranker.scores(words)[:-1], CERTAIN, known)
        if self._embedding is None or self._semantic is None:
            return self._ranked(self._lexical, words, words, asked)
        meaning = self._meaning.likeness(self._embedding.one(asked.clause))
        return self._ranked(self._semantic, joined(words, meaning), words, asked)

    def alike(self, asked: Sequence[Asked]) -> Floats:
        if self._embedding is None:
            return by_words(asked, self._terms)
        return by_words_and_meaning(asked, self._terms, self._meaning, self._embedding)

    def _ranked(self, model: Model, likeness: Floats, words: Floats, asked: Asked) -> Ranked:
        scores = model.ranker.scores(likeness)
        seen = evidence(scores, likeness, words, self._owners, self._marks(asked))
        return ranked(scores[:-1], discounted(float(model.confidence(seen)), scores[:-1], self._signposts))


class Untrained:
    """Ranks by the likest line of each topic, by words and letters; sure only of what is all but word for word."""

    levels = Levels(sure=0.85, ambient=0.95, maybe=0.35)

    def __init__(self, content: Content, normalizer: Normalizer) -> None:
        lines = corpus(content)
        self._terms = Terms(content.lexicon, spell)
        self._keys: list[str] = []
        self._index = Index.of(self._read(text, normalizer) for text in lines.texts)
        self._owners = lines.owners
        self._stored = Stored.of(self._keys, lines.owners)
        self._signposts = signposts(content)

    def rank(self, asked: Asked) -> Ranked:
        count = len(self._signposts)
        known = self._stored.owner(asked.key)
        if known == count:
            return NOTHING
        best = np.zeros(count + 1, dtype=np.float32)
        np.maximum.at(best, self._owners, self._likeness(asked))
        if known is not None:
            return ranked(best[:-1], CERTAIN, known)
        first = float(best[:-1].max(initial=0))
        confidence = first if first > best[-1] else first * float(1 - best[-1])
        return ranked(best[:-1], discounted(min(confidence, CERTAIN), best[:-1], self._signposts))

    def alike(self, asked: Sequence[Asked]) -> Floats:
        return by_words(asked, self._terms)

    def _read(self, text: str, normalizer: Normalizer) -> Buckets:
        asked = normalizer.read(text)
        self._keys.append(asked.key)
        return self._terms(asked)

    def _likeness(self, asked: Asked) -> Floats:
        """The likeness of words, which for the likest lines is made one with that of letters."""
        likeness = self._index.likeness(self._terms(asked)) * np.float32(0.5)
        few = np.argpartition(-likeness, _FUZZY)[:_FUZZY] if len(likeness) > _FUZZY else np.arange(len(likeness))
        likeness[few] += [fuzz.ratio(asked.key, self._keys[line]) / 200 for line in few]
        return likeness


def discounted(confidence: float, topics: Floats, only_signs: NDArray[np.bool_]) -> float:
    """The confidence in the first of the topics by these scores; a part of it where that only points the way."""
    return confidence * SIGNPOST if only_signs[topics.argmax()] else confidence


def ranked(topics: Floats, first: float, known: int | None = None) -> Ranked:
    """The best topics by their scores when the first is meant with this confidence; a known one comes first."""
    if known is not None:
        topics = topics.copy()
        topics[known] = topics.max(initial=0) + 1
    best = [int(topic) for topic in np.argsort(-topics, kind="stable")[:CANDIDATES]]
    rest = np.clip(topics[best[1:]].astype(np.float64), 1e-3, 1)
    first = min(max(first, 1e-9), CERTAIN)
    shares = [first, *((1 - first) * rest / max(float(rest.sum()), 1.0))]
    for place in range(1, len(shares)):
        shares[place] = min(float(shares[place]), float(shares[place - 1]) * (1 - 1e-3))
    return Ranked(tuple(best), tuple(float(share) for share in shares))
