"""Every stored line as a sparse vector, and how alike a question is to each of them at once."""

from array import array
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from knowledge.search.terms import BUCKETS, BUCKETS_OF_A_VIEW, WEIGHTS, Buckets

Floats = NDArray[np.float32]

_AT_ONCE = 1 << 12
"""How many buckets are worked on together: memory is spent on these and not on all."""
_SHARES = np.sqrt(np.array(WEIGHTS, dtype=np.float32) / np.float32(sum(WEIGHTS)))


class Index:
    """The lines by bucket; a likeness is a cosine, the views' cosines weighed together.

    `rows` are the numbers of the lines, bucket after bucket, `counts` how many lines each bucket has.
    """

    def __init__(self, rows: NDArray[np.integer], counts: NDArray[np.integer], lines: int) -> None:
        self.rows = rows
        self.counts = counts
        self.lines = lines
        self._starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        self._rarity = (np.log((1 + lines) / (1 + counts)) + 1).astype(np.float32)
        self._values = self._weigh()

    @classmethod
    def of(cls, lines: Iterable[Buckets]) -> "Index":
        """The index of lines given by their buckets."""
        flat, lengths = array("i"), array("i")
        for line in lines:
            flat.frombytes(line.tobytes())
            lengths.append(len(line))
        buckets = np.frombuffer(flat, dtype=np.int32) if flat else np.zeros(0, dtype=np.int32)
        owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        rows = np.concatenate([_by_bucket(buckets, owners, view) for view in range(len(WEIGHTS))])
        return cls(rows, np.bincount(buckets, minlength=BUCKETS).astype(np.int32), len(lengths))

    def likeness(self, buckets: Buckets) -> Floats:
        """How alike the question with these buckets is to each line, shape (lines,), from 0 to 1."""
        parts = [slice(self._starts[bucket], self._starts[bucket + 1]) for bucket in buckets]
        if not parts:
            return np.zeros(self.lines, dtype=np.float32)
        rows = np.concatenate([self.rows[part] for part in parts])
        weights = self._question(buckets)
        added = np.concatenate([self._values[part] * weight for part, weight in zip(parts, weights, strict=True)])
        return np.bincount(rows, added, self.lines).astype(np.float32)

    def _question(self, buckets: Buckets) -> Floats:
        """The question's own vector over its buckets."""
        view = buckets // BUCKETS_OF_A_VIEW
        rarity = self._rarity[buckets]
        length = np.sqrt(np.bincount(view, rarity**2, len(WEIGHTS))).astype(np.float32)
        vector: Floats = _SHARES[view] * rarity / length[view]
        return vector

    def _weigh(self) -> Floats:
        """The value of each entry of `rows`: its bucket's rarity over the length of its line in that view."""
        values = np.zeros(len(self.rows), dtype=np.float32)
        for view, share in enumerate(_SHARES):
            parts = [self._part(view * BUCKETS_OF_A_VIEW + first) for first in range(0, BUCKETS_OF_A_VIEW, _AT_ONCE)]
            length = np.zeros(self.lines, dtype=np.float64)
            for part, rarity in parts:
                length += np.bincount(self.rows[part], rarity**2, self.lines)
            scale = (share / np.sqrt(np.maximum(length, 1e-9))).astype(np.float32)
            for part, rarity in parts:
                values[part] = rarity * scale[self.rows[part]]
        return values

    def _part(self, first: int) -> tuple[slice, Floats]:
        """Where the entries of `_AT_ONCE` buckets stand, and each one's rarity."""
        last = first + _AT_ONCE
        rarity = np.repeat(self._rarity[first:last], self.counts[first:last])
        return slice(int(self._starts[first]), int(self._starts[last])), rarity


def _by_bucket(buckets: Buckets, owners: NDArray[np.int32], view: int) -> NDArray[np.int32]:
    """The owners of one view's entries, bucket after bucket."""
    mine = buckets // BUCKETS_OF_A_VIEW == view
    within = (buckets[mine] % BUCKETS_OF_A_VIEW).astype(np.uint16)
    rows: NDArray[np.int32] = owners[mine][np.argsort(within, kind="stable")]
    return rows
