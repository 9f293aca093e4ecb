"""Which plain lines are known word for word, and whose they are."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_SIZE = 8


class Stored:
    """The lines as digests of eight bytes, in rising order, with their owners."""

    def __init__(self, digests: NDArray[np.uint64], owners: NDArray[np.int32]) -> None:
        self.digests, self.owners = digests, owners

    @classmethod
    def of(cls, keys: Iterable[str], owners: NDArray[np.int32]) -> "Stored":
        """The lines with these keys; of two alike the first counts."""
        digests, first = np.unique(np.array([_digest(key) for key in keys], dtype=np.uint64), return_index=True)
        return cls(digests, owners[first])

    def owner(self, key: str) -> int | None:
        """Whose line has this key; None where none has."""
        digest = np.uint64(_digest(key))
        place = int(np.searchsorted(self.digests, digest))
        if place < len(self.digests) and self.digests[place] == digest:
            return int(self.owners[place])
        return None


def _digest(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=_SIZE).digest(), "big")
