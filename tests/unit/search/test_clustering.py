"""Questions are put together by what they ask, the same way every time."""

import random
from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.clustering import Clustering, Question, clusters
from knowledge.search.gathering import gather
from knowledge.search.searcher import Searcher

AT = datetime(2026, 11, 22, tzinfo=UTC)
asked = st.lists(
    st.tuples(st.text(min_size=1, max_size=4), st.integers(1, 9)), unique_by=lambda one: one[0], max_size=12
)


def questions(*texts: str) -> list[Question]:
    return [Question(text=text, times=times) for times, text in enumerate(reversed(texts), start=1)][::-1]


def by_first_letter(found: list[Question]) -> NDArray[np.float32]:
    return np.array([[float(a.text[0] == b.text[0]) for b in found] for a in found], dtype=np.float32)


def test_what_asks_the_same_is_one_cluster_and_the_most_asked_about_comes_first() -> None:
    kept = questions("b1", "a1", "a2", "c1", "a3")
    found = clusters(kept, by_first_letter(kept), 0.5)
    assert [(cluster.number, cluster.texts) for cluster in found] == [
        (1, ("a1", "a2", "a3")),
        (2, ("b1",)),
        (3, ("c1",)),
    ]
    assert [cluster.times for cluster in found] == [8, 5, 2]


def test_nothing_kept_is_no_cluster() -> None:
    assert clusters([], np.zeros((0, 0), dtype=np.float32), 0.5) == ()


@given(asked=asked, seed=st.integers(0, 9))
def test_each_question_is_in_one_cluster_whatever_order_they_came_in(asked: list[tuple[str, int]], seed: int) -> None:
    kept = [Question(text=text, times=times) for text, times in asked]
    source = np.random.default_rng(3)
    pairs = {(a.text, b.text): source.random() for a in kept for b in kept if a.text <= b.text}
    shuffled = random.Random(seed).sample(kept, len(kept))

    def found(order: list[Question]) -> tuple[object, ...]:
        alike = [[pairs[min(a.text, b.text), max(a.text, b.text)] for b in order] for a in order]
        return clusters(order, np.array(alike, dtype=np.float32).reshape(len(order), len(order)), 0.5)

    assert found(kept) == found(shuffled)
    texts = [text for cluster in clusters(kept, by_first_letter(kept), 0.5) for text in cluster.texts]
    assert sorted(texts) == sorted(question.text for question in kept)


def test_a_number_stays_with_its_cluster_when_another_goes() -> None:
    kept = questions("a1", "b1", "c1")
    clustering = Clustering(at=AT, clusters=clusters(kept, by_first_letter(kept), 0.5))
    left = clustering.without(1)
    assert left.cluster(1) is None
    assert left.cluster(3) == clustering.cluster(3)


def test_questions_are_gathered_by_the_search_with_and_without_what_was_trained(
    searcher: Searcher, untrained: Searcher
) -> None:
    kept = questions("寝室的灯坏了找谁修", "寝室灯坏了谁来修呀", "怎么申请奖学金", "奖学金怎么申请啊")
    for each in (searcher, untrained):
        found = gather(kept, each)
        assert [set(cluster.texts) for cluster in found] == [
            {"寝室的灯坏了找谁修", "寝室灯坏了谁来修呀"},
            {"怎么申请奖学金", "奖学金怎么申请啊"},
        ]
        assert found == gather(kept[::-1], each)
        assert all(len(cluster.nearest) <= 3 for cluster in found)
    assert gather([], searcher) == ()
