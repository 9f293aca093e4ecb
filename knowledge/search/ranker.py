"""The ranker: which topic a question asks about, learned as a smooth function of its likeness to every line.

Kernel ridge regression: each line pulls the scores of the topics by a learned weight, the more the liker
the question is to it. One of its outputs is "none of these", which the chatter has taught it.
"""

import numpy as np
from numpy.typing import NDArray

from knowledge.search.index import Floats

MEANING = np.float32(2)
"""The weight of the embedding's cosine in the likeness; the words' is `WORDS`."""
WORDS = np.float32(2.5)
SHARPNESS = np.float32(2)
RIDGE = np.float32(0.1)


class Ranker:
    """`weights` has the shape (lines, topics + 1), "none of these" last; no finer than two bytes each can say."""

    def __init__(self, weights: NDArray[np.float16]) -> None:
        self._columns = np.ascontiguousarray(weights.T.astype(np.float32))

    @property
    def weights(self) -> Floats:
        return self._columns.T

    def scores(self, likeness: Floats) -> Floats:
        """About the probability of each topic and of none, shape (topics + 1,); may lie a little outside 0 to 1."""
        # Not by BLAS: its threads wait for each other on a busy machine, and this is little work.
        result: Floats = np.einsum("ij,j->i", self._columns, kernel(likeness))
        return result


def joined(by_words: Floats, by_meaning: Floats | None) -> Floats:
    """The likeness of words and meaning together, each a cosine; of words alone without the embedding."""
    if by_meaning is None:
        return by_words
    result: Floats = ((WORDS * by_words + MEANING * by_meaning) / (WORDS + MEANING)).astype(np.float32)
    return result


def kernel(likeness: Floats) -> Floats:
    """How much lines of this likeness to a question count for it."""
    result: Floats = np.exp(SHARPNESS * (likeness - np.float32(1)))
    return result


def learned(likeness: Floats, targets: Floats) -> Floats:
    """The weights (lines, outputs) that give the lines, compared with each other (lines, lines), their targets."""
    pull = kernel(likeness)
    pull[np.diag_indices(len(pull))] += RIDGE
    result: Floats = np.linalg.solve(pull, targets)
    return result
