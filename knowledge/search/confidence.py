"""How likely the first candidate is meant: what can be seen of a ranking, and a logistic model over it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.search.index import Floats

Numbers = NDArray[np.float64]

NEIGHBOURS = 10
_STEPS = 25


def evidence(scores: Floats, likeness: Floats, by_words: Floats, owners: NDArray[np.int32], marks: Numbers) -> Numbers:
    """What speaks for and against the first candidate, shape (20,).

    `scores` (topics + 1,) has "none of these" last; `likeness` and `by_words` (lines,) compare the question
    with every line, the latter without the embedding; `owners` (lines,) are the lines' topics.
    """
    none = len(scores) - 1
    topics = scores[:-1]
    first, *others = np.argsort(-topics, kind="stable")[:3]
    nearest = np.argpartition(-likeness, NEIGHBOURS)[:NEIGHBOURS] if len(likeness) > NEIGHBOURS else slice(None)
    own = owners == first
    silent = owners == none
    best = _best(likeness[own], 3)
    chatter = _best(likeness[silent], 5)
    questions = _best(likeness[~silent], 5)
    second = topics[others[0]] if others else 0.0
    seen = [
        topics[first],
        topics[first] - second,
        scores[none],
        topics[[first, *others]].sum(),
        best[0],
        best.mean(),
        by_words[own].max(initial=0),
        chatter[0],
        chatter.mean(),
        questions.mean(),
        np.mean(owners[nearest] == first),
        np.mean(owners[nearest] == none),
    ]
    return np.concatenate([np.array(seen, dtype=np.float64), marks])


def _best(values: Floats, number: int) -> Floats:
    """The highest values, the best first; zero where there is none."""
    if len(values) == 0:
        return np.zeros(1, dtype=np.float32)
    if len(values) > number:
        values = np.partition(values, len(values) - number)[-number:]
    return np.sort(values)[::-1]


@dataclass(frozen=True, slots=True)
class Confidence:
    """A logistic model over the evidence.

    Products of each two values were tried, too: they fit the lines they learn from better and small talk by
    other people much worse.
    """

    mean: Numbers
    spread: Numbers
    weights: Numbers

    def __call__(self, seen: Numbers) -> Numbers:
        """The probability that the first candidate is meant; for evidence of shape (20,) or (n, 20)."""
        terms = _terms((seen - self.mean) / self.spread)
        result: Numbers = 1 / (1 + np.exp(-np.clip(terms @ self.weights, -30, 30)))
        return result

    @classmethod
    def fitted(cls, seen: Numbers, right: NDArray[np.bool_], shrink: float = 50.0) -> "Confidence":
        """The model of what was seen (n, 20) and whether the first candidate was right (n,)."""
        mean, spread = seen.mean(0), seen.std(0) + 1e-9
        return cls(mean, spread, _logistic(_terms((seen - mean) / spread), right.astype(np.float64), shrink))


def _terms(values: Numbers) -> Numbers:
    """One and each value, none farther out than four times its spread."""
    ones = np.ones((*values.shape[:-1], 1))
    return np.concatenate([ones, np.clip(values, -4, 4)], axis=-1)


def _logistic(terms: Numbers, right: Numbers, shrink: float) -> Numbers:
    """The weights that explain `right` best, pulled to zero by `shrink`; by Newton's method."""
    weights = np.zeros(terms.shape[1])
    pull = np.full(terms.shape[1], shrink)
    pull[0] = 1e-6
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(terms @ weights, -30, 30)))
        slope = terms.T @ (chance - right) + pull * weights
        bend = (terms * (chance * (1 - chance))[:, None]).T @ terms + np.diag(pull)
        step = np.linalg.solve(bend, slope)
        weights -= step
        if np.abs(step).max() < 1e-6:  # noqa: PLR2004 - settled
            break
    return weights
