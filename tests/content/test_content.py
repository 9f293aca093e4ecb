"""The content that comes with the package is right, and the search finds it."""

from datetime import date

import pytest

from knowledge.composing import compose
from knowledge.linting import lint
from knowledge.loading import CONTENT, Content, load
from knowledge.reviewing import due
from knowledge.search.artefact import ARTEFACT, artefact_is_fresh
from knowledge.search.artefact import load as load_artefact
from knowledge.search.engines import Trained
from knowledge.search.searcher import Band, Searcher
from knowledge.topics import Audience


@pytest.fixture(scope="module")
def content() -> Content:
    return load(CONTENT)


@pytest.fixture(scope="module")
def searcher(content: Content) -> Searcher:
    return Searcher.open(content)


def test_the_content_keeps_every_rule(content: Content) -> None:
    assert [str(fault) for fault in lint(content)] == []


def test_the_artefact_was_trained_on_this_content(content: Content) -> None:
    assert artefact_is_fresh(content), "make train is due"


def test_every_topic_is_surely_found_by_its_own_question(content: Content, searcher: Searcher) -> None:
    for topic in content.topics.values():
        found = searcher.search(topic.question)
        assert (found.band, found.candidates[0].topic) == (Band.SURE, topic.id)


def test_every_topic_is_offered_for_its_question_in_other_dress(content: Content) -> None:
    """A word more, so that no line is found because it is stored; without the embedding, which takes its time."""
    lexical = Searcher(content, Trained(load_artefact(ARTEFACT, content), content, None), why_lexical="as asked for")
    missed = [
        topic.id
        for topic in content.topics.values()
        if topic.id not in [each.topic for each in lexical.search(f"就是{topic.question}呀").candidates[:3]]
    ]
    assert missed == []


def test_whoever_asks_is_never_told_what_holds_for_another_school(content: Content) -> None:
    for topic in content.topics.values():
        for scope in content.tree:
            for audience in Audience:
                said = compose(content, topic, scope, today=date(2026, 11, 22), audience=audience)
                assert said is None or said.scope in content.tree.lineage(scope)


def test_every_topic_says_something_to_somebody(content: Content) -> None:
    for topic in content.topics.values():
        told = [compose(content, topic, scope, today=date(2026, 11, 22)) for scope in content.tree]
        assert any(told), topic.id


def test_what_staff_alone_reads_addresses_nobody_as_a_student(content: Content) -> None:
    for_staff = (
        "amend.", "chart.", "correction.desk.", "digest.", "export.", "hand-in.", "names.", "notice.list.",
        "notice.not-allowed.", "notice.write.", "nudge.", "paper.", "reported.", "staff.",
    )  # fmt: skip
    said = {key: text for key, text in content.phrases.items() if key.startswith(for_staff) and key != "amend.told"}
    assert [key for key, text in said.items() if "你" in text or "{you}" in text] == []


def test_what_is_due_for_review_comes_with_its_place(content: Content) -> None:
    everything = due(content, date.max)
    assert len(everything) == sum(len(topic.answers) for topic in content.topics.values()) + len(content.guides)
    assert due(content, date(2026, 11, 22)) == ()
    assert [item.review_by for item in everything] == sorted(item.review_by for item in everything)
    assert all(item.line > 1 for item in everything)
