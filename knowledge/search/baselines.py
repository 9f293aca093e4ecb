"""What a plain method finds in the same lines: the measure the ranker is held against."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge.loading import Content
from knowledge.search.corpus import corpus
from knowledge.search.embedding import Embedding
from knowledge.search.index import Floats
from knowledge.search.meaning import Meaning
from knowledge.search.normalizing import Normalizer

Owners = NDArray[np.int32]
Ranking = list[tuple[str, float]]
"""Topics with their scores, best first."""

_BM25_BREADTH, _BM25_LENGTH = 1.5, 0.75


class Baselines:
    """Rankings by the best line of each topic, under one plain measure of likeness each."""

    def __init__(self, content: Content, embedding: Embedding | None, vectors: tuple[Meaning, Owners] | None) -> None:
        """`vectors` are the lines' own, as an artefact keeps them; without them the embedding has no baseline."""
        lines = corpus(content)
        normalizer = Normalizer(content.lexicon)
        self._topics = lines.topics
        questions = lines.owners < len(lines.topics)
        self._owners = lines.owners[questions]
        asked = [normalizer.read(text) for text, question in zip(lines.texts, questions, strict=True) if question]
        self._read = normalizer.read
        self._keys = [each.key for each in asked]
        self._words = _Bm25([_words(each.whole) for each in asked])
        self._pairs = _Bm25([_pairs(each.key) for each in asked])
        self._embedding, self._vectors = embedding, vectors

    def methods(self) -> dict[str, Callable[[str], Ranking]]:
        """The baselines by name; the embedding's only where there is one."""
        methods = {
            "rapidfuzz": lambda text: self._best(self._fuzzy(self._read(text).key)),
            "BM25 over words": lambda text: self._best(self._words.scores(_words(self._read(text).whole))),
            "BM25 over character pairs": lambda text: self._best(self._pairs.scores(_pairs(self._read(text).key))),
        }
        if self._embedding is not None and self._vectors is not None:
            methods["e5 nearest line"] = partial(self._nearest, self._embedding, *self._vectors)
        return methods

    def _fuzzy(self, key: str) -> Floats:
        return np.asarray(process.cdist([key], self._keys, scorer=fuzz.ratio)[0], dtype=np.float32)

    def _nearest(self, embedding: Embedding, meaning: Meaning, owners: Owners, text: str) -> Ranking:
        questions = owners < len(self._topics)
        likeness = meaning.likeness(embedding.one(self._read(text).clause))
        return self._best(likeness[questions], owners[questions])

    def _best(self, scores: Floats, owners: Owners | None = None) -> Ranking:
        best = np.full(len(self._topics), -np.inf, dtype=np.float32)
        np.maximum.at(best, self._owners if owners is None else owners, scores)
        order = np.argsort(-best, kind="stable")[:5]
        return [(self._topics[topic], float(best[topic])) for topic in order]


class _Bm25:
    """Okapi BM25 over lists of terms."""

    def __init__(self, documents: list[list[str]]) -> None:
        self._lengths = np.array([len(document) for document in documents], dtype=np.float32)
        self._postings: dict[str, dict[int, int]] = {}
        for number, document in enumerate(documents):
            for term in document:
                counts = self._postings.setdefault(term, {})
                counts[number] = counts.get(number, 0) + 1

    def scores(self, terms: list[str]) -> Floats:
        total = len(self._lengths)
        share = 1 - _BM25_LENGTH + _BM25_LENGTH * self._lengths / self._lengths.mean()
        scores = np.zeros(total, dtype=np.float32)
        for term in terms:
            found = self._postings.get(term, {})
            rows, counts = np.array(list(found), dtype=np.int64), np.array(list(found.values()), dtype=np.float32)
            rarity = np.log(1 + (total - len(found) + 0.5) / (len(found) + 0.5))
            scores[rows] += rarity * counts * (_BM25_BREADTH + 1) / (counts + _BM25_BREADTH * share[rows])
        return scores


def _words(whole: str) -> list[str]:
    import rjieba  # noqa: PLC0415 - as in `terms`

    return [str(word) for word in rjieba.cut(whole) if word.strip()]


def _pairs(key: str) -> list[str]:
    return [key[start : start + 2] for start in range(len(key) - 1)]
