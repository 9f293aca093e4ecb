"""The ranker: which topic a question asks about, learned as a smooth function of its likeness to every line.

Kernel ridge regression: each line pulls the scores of the topics by a learned weight, the more the liker
the question is to it. One of its outputs is "none of these", which the chatter has taught it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.search.index import Floats

MEANING = 2.0
"""The weight of the embedding's cosine in the likeness; the words' is `WORDS`."""
WORDS = 2.5
SHARPNESS = 2.0
RIDGE = 0.1


@dataclass(frozen=True, slots=True)
class Ranker:
    """`weights` has the shape (lines, topics + 1), "none of these" last; int8, each column with its scale."""

    weights: NDArray[np.int8]
    scale: Floats

    def scores(self, likeness: Floats) -> Floats:
        """About the probability of each topic and of none, shape (topics + 1,); may lie a little outside 0 to 1."""
        pull = kernel(likeness)
        result: Floats = (pull @ self.weights.astype(np.float32)) * self.scale
        return result

    @classmethod
    def rounded(cls, weights: Floats) -> "Ranker":
        """The ranker with these weights, in the precision it is stored in."""
        scale = np.abs(weights).max(0) / 127 + 1e-12
        return cls(np.round(weights / scale).astype(np.int8), scale.astype(np.float32))


def joined(by_words: Floats, by_meaning: Floats | None) -> Floats:
    """The likeness of words and meaning together, each a cosine; of words alone without the embedding."""
    if by_meaning is None:
        return by_words
    result: Floats = (WORDS * by_words + MEANING * by_meaning) / np.float32(WORDS + MEANING)
    return result


def kernel(likeness: Floats) -> Floats:
    """How much lines of this likeness to a question count for it."""
    result: Floats = np.exp(np.float32(SHARPNESS) * (likeness - 1))
    return result


def learned(likeness: Floats, targets: Floats) -> Floats:
    """The weights (lines, outputs) that give the lines, compared with each other (lines, lines), their targets."""
    pull = kernel(likeness)
    pull[np.diag_indices(len(pull))] += np.float32(RIDGE)
    result: Floats = np.linalg.solve(pull, targets)
    return result
