"""A searcher over the small content, trained in a moment on vectors that need no model."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.loading import CONTENT, Content, load
from knowledge.search.artefact import save
from knowledge.search.embedding import DIMENSIONS
from knowledge.search.searcher import Searcher
from knowledge.search.training import train
from tests.unit import content_folder


class LetterVectors:
    """An embedding without a model: the sum of one random vector a letter."""

    def one(self, text: str) -> NDArray[np.float32]:
        total = sum((self._letter(char) for char in text), np.full(DIMENSIONS, 1e-3, dtype=np.float32))
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def many(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.one(text) for text in texts])

    @staticmethod
    def _letter(char: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(char.encode("utf-8", "replace")).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(DIMENSIONS, dtype=np.float32)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Content:
    chatter = "".join(f"- 今天第{number}节课好困\n" for number in range(60))
    return load(content_folder.write(tmp_path_factory.mktemp("content"), chatter=chatter))


@pytest.fixture(scope="session")
def trained(small: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an artefact trained on the small content."""
    folder = tmp_path_factory.mktemp("artefact")
    artefact, about = train(small, LetterVectors())
    save(folder, artefact, about)
    return folder


@pytest.fixture(scope="session")
def searcher(small: Content, trained: Path) -> Searcher:
    return Searcher.open(small, trained, embedding=LetterVectors())


@pytest.fixture(scope="session")
def untrained(small: Content, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """A searcher that finds no artefact."""
    return Searcher.open(small, tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="session")
def real() -> Content:
    return load(CONTENT)
