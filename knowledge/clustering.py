"""Questions nobody could answer, or was content with, put together by what they ask: for staff to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

BY_MEANING, BY_WORDS = 0.33, 0.25
"""From which average likeness on a question joins others, with and without the embedding.

Of 371 questions with known topics among 100 messages that ask nothing, nine in ten of those put together then
belonged together; a lower level joins what staff would have to part again.
"""

Likeness = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it was kept: masked, without its asker, `times` asked.

    `unsolved` are the topics whose answer was given to it and did not help; empty: there was no answer.
    """

    text: str
    times: int
    unsolved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A topic the search thinks of, and how likely it is meant."""

    topic: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Questions that ask the same, the most frequent first, and the topics nearest to it.

    `number` is what staff call it by, as long as this clustering stands.
    """

    number: int
    questions: tuple[Question, ...]
    nearest: tuple[Near, ...] = ()

    @property
    def times(self) -> int:
        """How often one of its questions was asked."""
        return sum(question.times for question in self.questions)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(question.text for question in self.questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """What was kept at an instant, put together; the cluster most asked about first."""

    at: datetime
    clusters: tuple[Cluster, ...] = ()

    def cluster(self, number: int) -> Cluster | None:
        """The cluster of that number; None where there is none (any more)."""
        return next((cluster for cluster in self.clusters if cluster.number == number), None)

    def without(self, number: int) -> "Clustering":
        """The others, with the numbers they have."""
        return replace(self, clusters=tuple(one for one in self.clusters if one.number != number))


def clusters(questions: Sequence[Question], likeness: Likeness, level: float) -> tuple[Cluster, ...]:
    """The questions put together by their likeness (n, n); each is in one cluster, whatever order they came in.

    In order of frequency each joins the cluster whose members are on the average likest to it, if that is enough,
    and else begins its own.
    """
    order = sorted(range(len(questions)), key=lambda place: (-questions[place].times, questions[place].text))
    groups: list[list[int]] = []
    sums = np.zeros_like(likeness)  # of each group with every question
    for place in order:
        near = sums[: len(groups), place] / [len(group) for group in groups] if groups else np.zeros(1)
        best = int(np.argmax(near))
        if not groups or near[best] < level:
            best = len(groups)
            groups.append([])
        groups[best].append(place)
        sums[best] += likeness[place]
    found = [Cluster(number=0, questions=tuple(questions[place] for place in group)) for group in groups]
    found.sort(key=lambda cluster: (-cluster.times, cluster.questions[0].text))
    return tuple(replace(cluster, number=number) for number, cluster in enumerate(found, start=1))
