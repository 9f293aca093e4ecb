"""The lines' vectors as the artefact keeps them: turned to their main directions, one byte a number."""

import numpy as np
from numpy.typing import NDArray

from knowledge.search.index import Floats

DIRECTIONS = 128

_WIDE = 1 << 14
"""Up to so many lines they are kept in four bytes a number too, which is quicker; more are widened block by block."""


class Meaning:
    """How alike a question's vector is to each line's.

    `middle` (384,) is taken from a vector, `turn` (384, 128) projects it; `lines` (n, 128) are int8.
    """

    def __init__(self, middle: Floats, turn: Floats, lines: NDArray[np.int8]) -> None:
        self.middle, self.turn, self.lines = middle, turn, lines
        self._blocks = [slice(first, first + _WIDE) for first in range(0, len(lines), _WIDE)]
        lengths = [np.linalg.norm(lines[block].astype(np.float32), axis=1) for block in self._blocks]
        self._size = 1 / np.maximum(np.concatenate(lengths), 1)
        self._wide = lines.astype(np.float32) if len(self._blocks) == 1 else None

    @classmethod
    def of(cls, vectors: Floats) -> "Meaning":
        """The meaning of lines with these vectors (n, 384)."""
        middle = vectors.mean(0)
        centred = _unit(vectors - middle)
        _, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        turn = _signed(directions[:, ::-1][:, :DIRECTIONS]).astype(np.float32)
        lines = _unit(centred @ turn)
        return cls(middle, turn, np.round(lines / np.abs(lines).max(1, keepdims=True) * 127).astype(np.int8))

    def likeness(self, vector: Floats) -> Floats:
        """The cosine of a question's vector (384,) with each line's, shape (n,)."""
        turned = self._turned(vector)
        if self._wide is not None:
            near = _along(self._wide, turned)
        else:
            near = np.concatenate([_along(self.lines[block].astype(np.float32), turned) for block in self._blocks])
        result: Floats = near * self._size
        return result

    def between(self, vectors: Floats) -> Floats:
        """The cosines of questions' vectors (n, 384) with each other, shape (n, n)."""
        turned = self._turned(vectors)
        result: Floats = turned @ turned.T
        return result

    def _turned(self, vectors: Floats) -> Floats:
        """Vectors (…, 384) in the main directions of the lines, at unit length."""
        return _unit(_unit(vectors - self.middle) @ self.turn)

    def between_lines(self) -> Floats:
        """The cosines of the lines with each other, shape (n, n)."""
        lines = self.lines.astype(np.float32) * self._size[:, None]
        between: Floats = lines @ lines.T
        return between


def _along(lines: Floats, vector: Floats) -> Floats:
    """The products of lines (n, 128) with a vector; not by BLAS, whose threads wait for each other when it is busy."""
    result: Floats = np.einsum("ij,j->i", lines, vector)
    return result


def _unit(vectors: Floats) -> Floats:
    result: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-9))
    return result


def _signed(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Directions whose largest entry is positive: an eigenvector's sign is else a matter of chance."""
    largest = np.abs(directions).argmax(0)
    result: NDArray[np.float64] = directions * np.sign(directions[largest, np.arange(directions.shape[1])])
    return result
