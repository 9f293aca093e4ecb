"""The pieces of the ranking, each by its own rule."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.lexicon import Lexicon
from knowledge.search.confidence import Confidence
from knowledge.search.engines import ranked
from knowledge.search.index import Index
from knowledge.search.meaning import Meaning
from knowledge.search.normalizing import Normalizer
from knowledge.search.ranker import Ranker, learned
from knowledge.search.sounds import spell
from knowledge.search.terms import BUCKETS, Marks, Terms

LEXICON = Lexicon(concepts={"丢": ("丢", "不见"), "证": ("毕业证", "文凭")}, anchors=("毕业",), telling=("谢谢",))
READ = Normalizer(LEXICON).read
TERMS = Terms(LEXICON, spell)


def _likeness(question: str, *lines: str) -> list[float]:
    index = Index.of([TERMS(READ(line)) for line in lines])
    return [float(value) for value in index.likeness(TERMS(READ(question)))]


def test_a_line_is_wholly_like_itself_and_not_like_others() -> None:
    itself, other = _likeness("毕业证丢了怎么补", "毕业证丢了怎么补", "今晚吃火锅")
    assert itself > 0.999
    assert other < 0.1


def test_words_for_the_same_idea_make_lines_alike() -> None:
    same_idea, neither = _likeness("文凭不见", "毕业证丢", "火锅好吃")
    assert same_idea > neither


def test_homophones_and_spelled_out_sounds_are_heard() -> None:
    heard, other = _likeness("xueji", "学籍", "照片")
    assert heard > other
    homophone, other = _likeness("雪鸡查询", "学籍查询", "照片查询")
    assert homophone > other


def test_sounds_that_many_speakers_do_not_tell_apart_are_one() -> None:
    assert np.array_equal(
        np.setdiff1d(TERMS(READ("shengying")), TERMS(READ("senyin"))) // (BUCKETS // 4) == 2,
        np.zeros(np.setdiff1d(TERMS(READ("shengying")), TERMS(READ("senyin"))).shape, dtype=bool),
    )


@given(st.text(max_size=80))
def test_buckets_are_each_once_in_rising_order(text: str) -> None:
    buckets = TERMS(READ(text))
    assert np.all(np.diff(buckets) > 0)
    assert buckets.size == 0 or (buckets[0] >= 0 and buckets[-1] < BUCKETS)


@given(st.text(max_size=80))
def test_likeness_lies_between_nothing_and_one(text: str) -> None:
    assert all(-1e-6 <= value <= 1 + 1e-6 for value in _likeness(text, "毕业证丢了怎么补", "学籍查询", "x"))


def test_marks_count_what_a_message_does() -> None:
    anchors, elsewhere, telling, *_ = Marks(LEXICON)(READ("毕业啦毕业，谢谢大家"))
    assert (anchors, elsewhere, telling) == (1, 0, 1)


def test_the_ranker_learns_which_line_stands_for_which_topic() -> None:
    likeness = np.eye(4, dtype=np.float32)
    targets = np.eye(3, dtype=np.float32)[[0, 1, 2, 2]]
    ranker = Ranker(learned(likeness, targets).astype(np.float16))
    assert [int(ranker.scores(line).argmax()) for line in likeness] == [0, 1, 2, 2]


def test_meaning_keeps_which_line_is_nearest() -> None:
    vectors = np.random.default_rng(1).standard_normal((300, 384), dtype=np.float32)
    meaning = Meaning.of(vectors)
    assert [int(meaning.likeness(vector).argmax()) for vector in vectors[:20]] == list(range(20))


def test_many_lines_are_compared_as_few_are() -> None:
    source = np.random.default_rng(2)
    lines = source.integers(-127, 127, (20_000, 128), dtype=np.int8)
    turn = source.standard_normal((384, 128), dtype=np.float32)
    middle = np.zeros(384, dtype=np.float32)
    vector = source.standard_normal(384, dtype=np.float32)
    many = Meaning(middle, turn, lines).likeness(vector)
    assert np.allclose(many[:100], Meaning(middle, turn, lines[:100]).likeness(vector), atol=1e-5)


def test_confidence_learns_what_speaks_for_being_right() -> None:
    seen = np.random.default_rng(3).standard_normal((500, 4))
    right = 2 * seen[:, 0] - seen[:, 1] > 0.5
    model = Confidence.fitted(seen, right, shrink=1.0)
    assert np.mean((model(seen) > 0.5) == right) > 0.9


@given(
    st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=9),
    st.floats(0, 1),
    st.one_of(st.none(), st.integers(0, 8)),
)
def test_confidences_fall_strictly_whatever_the_scores(scores: list[float], first: float, known: int | None) -> None:
    topics = np.array(scores, dtype=np.float32)
    stored = known if known is not None and known < len(scores) else None
    found = ranked(topics, first, stored)
    assert len(found.topics) == min(len(scores), 5)
    assert all(one > other for one, other in pairwise(found.confidences))
    if stored is not None:
        assert found.topics[0] == stored
