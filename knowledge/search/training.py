"""`python -m knowledge.search.training`: builds the search artefact from the content, the same each time.

What is measured here is measured on lines that the ranker has not seen: the lines are parted in five, near
duplicates together, and each part is ranked by what the other four teach. From that come the confidence and
the levels of the bands.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.linting import load_checked
from knowledge.loading import CONTENT, Content
from knowledge.search.artefact import Artefact, Levels, Model, folder_of, save
from knowledge.search.confidence import Confidence, Numbers, evidence
from knowledge.search.corpus import Corpus, corpus, fingerprint, signposts
from knowledge.search.embedding import E5, MODEL, Embedding
from knowledge.search.engines import SIGNPOST
from knowledge.search.index import Floats, Index
from knowledge.search.meaning import Meaning
from knowledge.search.normalizing import Asked, Normalizer
from knowledge.search.ranker import Ranker, joined, kernel, learned
from knowledge.search.sounds import Sounds
from knowledge.search.stored import Stored
from knowledge.search.terms import Marks, Terms

PARTS = 5
SAME = 0.6
"""Lines of one topic at least this alike are never parted: one would give the other away."""
FALSE_SURE, WRONG_SURE = 0.006, 0.015
"""Shares of the chatter and of the questions that may be answered wrongly as sure."""
LEAST_SURE = 0.5
"""Nothing less likely than not is sure, however well the content parts its topics."""
FALSE_AMBIENT = 0.001
MISSED = 0.03
"""Share of the questions with the right topic among the first three that may fall below maybe."""

Owners = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The corpus made plain, each line once; `owners` (n,) as in the corpus."""

    asked: tuple[Asked, ...]
    owners: Owners
    topics: int


def train(content: Content, embedding: Embedding) -> tuple[Artefact, dict[str, object]]:
    """The artefact for a content, and its page: how much it was trained on and what was measured."""
    known = corpus(content)
    lines = _lines(known, Normalizer(content.lexicon))
    sounds = Sounds.spelled()
    terms = Terms(content.lexicon, sounds)
    buckets = [terms(asked) for asked in lines.asked]
    index = Index.of(buckets)
    by_words = np.stack([index.likeness(line) for line in buckets])
    meaning = Meaning.of(embedding.many([asked.clause for asked in lines.asked]))
    parts = _parts(by_words, lines.owners)
    marks = np.stack([Marks(content.lexicon)(asked) for asked in lines.asked])
    study = _Study(lines, by_words, parts, marks, signposts(content))
    semantic, with_it = study.model(joined(by_words, meaning.between_lines()))
    lexical, without = study.model(by_words)
    artefact = Artefact(
        fingerprint=fingerprint(content),
        owners=lines.owners,
        stored=Stored.of((asked.key for asked in lines.asked), lines.owners),
        sounds=sounds,
        index=index,
        meaning=meaning,
        semantic=semantic,
        lexical=lexical,
    )
    chatter = int((lines.owners == lines.topics).sum())
    about: dict[str, object] = {
        "model": MODEL,
        "topics": lines.topics,
        "questions": len(lines.asked) - chatter,
        "chatter": chatter,
        "cross_validated": {"with_embedding": with_it, "without": without},
    }
    return artefact, about


def _lines(known: Corpus, normalizer: Normalizer) -> Lines:
    first: dict[str, tuple[Asked, int]] = {}
    for text, owner in zip(known.texts, known.owners, strict=True):
        asked = normalizer.read(text)
        if asked.key:
            first.setdefault(asked.key, (asked, int(owner)))
    return Lines(
        asked=tuple(asked for asked, _ in first.values()),
        owners=np.array([owner for _, owner in first.values()], dtype=np.int32),
        topics=len(known.topics),
    )


def _parts(by_words: Floats, owners: Owners) -> NDArray[np.int32]:
    """The part of each line; near duplicates in one, each topic spread over all."""
    parts = np.zeros(len(owners), dtype=np.int32)
    for topic in np.unique(owners):
        members = np.flatnonzero(owners == topic)
        alike = by_words[np.ix_(members, members)] > SAME
        groups: list[list[int]] = []
        left = set(range(len(members)))
        while left:
            group, edge = set[int](), {min(left)}
            while edge:
                group |= edge
                edge = {int(n) for at in edge for n in np.flatnonzero(alike[at])} - group
            left -= group
            groups.append(sorted(group))
        for number, together in enumerate(groups):
            parts[members[together]] = (number + int(topic)) % PARTS
    return parts


class _Study:
    """Learns one model and measures it on what it has not seen."""

    def __init__(
        self, lines: Lines, by_words: Floats, parts: NDArray[np.int32], marks: Numbers, signs: NDArray[np.bool_]
    ) -> None:
        self._owners, self._topics = lines.owners, lines.topics
        self._by_words, self._parts, self._marks, self._signs = by_words, parts, marks, signs
        self._targets = np.eye(lines.topics + 1, dtype=np.float32)[lines.owners]

    def model(self, likeness: Floats) -> tuple[Model, dict[str, float]]:
        scores, seen = self._unseen(likeness)
        ranking = np.argsort(-scores[:, :-1], axis=1, kind="stable")[:, :3]
        right = ranking[:, 0] == self._owners
        unseen = np.zeros(len(right))
        for part in range(PARTS):
            mine = self._parts == part
            unseen[mine] = Confidence.fitted(seen[~mine], right[~mine])(seen[mine])
        unseen = np.where(self._signs[ranking[:, 0]], unseen * SIGNPOST, unseen)
        found = (ranking == self._owners[:, None]).any(1)
        levels = self._levels(unseen, right, found)
        ranker = Ranker(learned(likeness, self._targets).astype(np.float16))
        model = Model(ranker=ranker, confidence=Confidence.fitted(seen, right), levels=levels)
        return model, self._figures(unseen, right, found, levels)

    def _unseen(self, likeness: Floats) -> tuple[Floats, Numbers]:
        """Each line's scores and evidence from the lines of the other parts."""
        scores = np.zeros(self._targets.shape, dtype=np.float32)
        seen: list[Numbers] = [np.zeros(0)] * len(scores)
        for part in range(PARTS):
            mine, others = np.flatnonzero(self._parts == part), np.flatnonzero(self._parts != part)
            weights = learned(likeness[np.ix_(others, others)], self._targets[others])
            near = likeness[np.ix_(mine, others)]
            scores[mine] = kernel(near) @ weights
            words = self._by_words[np.ix_(mine, others)]
            for line, like, word in zip(mine, near, words, strict=True):
                seen[line] = evidence(scores[line], like, word, self._owners[others], self._marks[line])
        return scores, np.stack(seen)

    def _levels(self, unseen: Numbers, right: NDArray[np.bool_], found: NDArray[np.bool_]) -> Levels:
        chatter = self._owners == self._topics
        asked = ~chatter
        wrong = np.where(~right, unseen, 0.0)[asked]
        sure = max(LEAST_SURE, _exceeded(unseen[chatter], FALSE_SURE), _exceeded(wrong, WRONG_SURE))
        ambient = max(sure, _exceeded(unseen[chatter], FALSE_AMBIENT))
        maybe = float(np.quantile(unseen[asked & found], MISSED))
        return Levels(sure=sure, ambient=ambient, maybe=min(maybe, sure))

    def _figures(
        self, unseen: Numbers, right: NDArray[np.bool_], found: NDArray[np.bool_], levels: Levels
    ) -> dict[str, float]:
        chatter = self._owners == self._topics
        asked = ~chatter
        sure, maybe = unseen >= levels.sure, (unseen >= levels.maybe) & (unseen < levels.sure)
        figures = {
            "first_right": right[asked].mean(),
            "among_three": found[asked].mean(),
            "sure_right": (sure & right)[asked].mean(),
            "sure_wrong": (sure & ~right)[asked].mean(),
            "offered": (maybe & found)[asked].mean(),
            "false_sure": sure[chatter].mean(),
            "false_maybe": maybe[chatter].mean(),
            "level_sure": levels.sure,
            "level_ambient": levels.ambient,
            "level_maybe": levels.maybe,
        }
        return {name: round(float(value), 4) for name, value in figures.items()}


def _exceeded(values: Numbers, share: float) -> float:
    """A level that at most this share of the values reaches."""
    falling = np.sort(values)[::-1]
    allowed = int(len(falling) * share)
    return float(np.nextafter(falling[allowed], 1.0))


def build(folder: Path) -> dict[str, object]:
    """Train on a content folder, put the artefact where it belongs, and give its page.

    ContentFaults for a content with faults, NoEmbedding where the model is not installed.
    """
    artefact, about = train(load_checked(folder), E5())
    save(folder_of(folder), artefact, about)
    return about


def main() -> int:
    began = time.monotonic()
    about = build(CONTENT)
    sys.stdout.write(f"trained in {time.monotonic() - began:.0f} s: {about}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
