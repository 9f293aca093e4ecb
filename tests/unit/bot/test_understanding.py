"""What findings are taken to mean."""

from dataclasses import replace

import pytest

from bot.dialogue.understanding import Heard, as_follow_up, both, by_title, deciding, plainly
from knowledge.loading import load
from knowledge.search.searcher import Band, Candidate, Finding

CONTENT = load()
TOPICS, FAMILIES = CONTENT.topics, CONTENT.families


def finding(band: Band, *topics: str, confidence: float = 0.5) -> Finding:
    candidates = tuple(
        Candidate(topic=topic, confidence=confidence / (place + 1)) for place, topic in enumerate(topics)
    )
    return Finding(band=band, candidates=candidates, asked="")


NOTHING = finding(Band.NONE)


def test_two_of_a_family_get_its_question_and_one_does_not() -> None:
    family = deciding(["chsi-slow", "degree-info-not-found", "enrollment-not-found"], TOPICS, FAMILIES)
    assert family is not None
    assert family.id == "not-found"
    assert deciding(["chsi-slow", "transfer-major", "enrollment-not-found"], TOPICS, FAMILIES) is None


def test_the_family_that_more_of_the_found_are_of_decides() -> None:
    found = ["basic-info-deadline", "enrollment-mismatch", "deadline-verify"]  # two of either, three with the first
    family = deciding([*found, "sign-off"], TOPICS, FAMILIES)
    assert family is not None
    assert family.id == "mismatch"


def test_only_the_first_three_found_decide() -> None:
    found = finding(Band.MAYBE, "chsi-slow", "transfer-major", "enrollment-not-found", "degree-info-not-found")
    heard = plainly(found, TOPICS, FAMILIES)
    assert heard.family is None
    assert heard.topics == ("chsi-slow", "transfer-major", "enrollment-not-found")


def test_a_sure_finding_is_answered_whatever_its_family() -> None:
    found = finding(Band.SURE, "enrollment-not-found", "degree-info-not-found")
    assert plainly(found, TOPICS, FAMILIES) == Heard(band=Band.SURE, topics=("enrollment-not-found",))


def test_a_bare_word_of_titles_is_offered_their_topics_the_likeliest_first() -> None:
    heard = by_title(replace(finding(Band.NONE, "course-registration"), asked="注册?"), TOPICS)
    assert heard is not None
    assert heard.band is Band.MAYBE
    assert heard.topics[0] == "course-registration"
    assert "chsi-register" in heard.topics
    assert all("注册" in TOPICS[topic].title for topic in heard.topics)


@pytest.mark.parametrize("asked", ["今天吃什么", "注", "?", "", "老师"])
def test_a_word_of_no_title_offers_nothing(asked: str) -> None:
    assert by_title(replace(finding(Band.NONE, "course-registration"), asked=asked), TOPICS) is None


def test_what_was_found_is_not_looked_up_by_title() -> None:
    assert by_title(replace(finding(Band.MAYBE, "chsi-slow"), asked="注册"), TOPICS) is None


def test_two_sure_halves_are_both_answered() -> None:
    heard = both(finding(Band.SURE, "a"), finding(Band.SURE, "b"), finding(Band.SURE, "b"))
    assert heard == Heard(band=Band.SURE, topics=("a", "b"))


def test_halves_are_offered_when_one_is_unsure_and_the_whole_is_too() -> None:
    heard = both(finding(Band.SURE, "a"), finding(Band.MAYBE, "b"), finding(Band.MAYBE, "b"))
    assert heard == Heard(band=Band.MAYBE, topics=("a", "b"))


def test_a_message_that_is_surer_as_a_whole_is_one_question() -> None:
    assert both(finding(Band.SURE, "a"), finding(Band.MAYBE, "b"), finding(Band.SURE, "c")) is None
    assert both(finding(Band.SURE, "a"), finding(Band.SURE, "a"), NOTHING) is None
    assert both(finding(Band.SURE, "a"), NOTHING, NOTHING) is None


def test_a_follow_up_that_leads_elsewhere_is_taken_as_it_is_found_together() -> None:
    heard = as_follow_up(finding(Band.NONE, "x"), finding(Band.SURE, "b", "a"), "a")
    assert heard == Heard(band=Band.SURE, topics=("b",))


def test_a_follow_up_that_only_finds_the_last_topic_proves_nothing() -> None:
    together = finding(Band.SURE, "a", confidence=0.99)
    assert as_follow_up(finding(Band.MAYBE, "b"), together, "a") == Heard(band=Band.MAYBE, topics=("b", "a"))
    assert as_follow_up(NOTHING, together, "a") == Heard(band=Band.NONE, topics=("a",), again=True)


def test_a_message_that_is_surer_alone_is_no_follow_up() -> None:
    assert as_follow_up(finding(Band.MAYBE, "b", confidence=0.7), finding(Band.MAYBE, "a"), "a") is None
    assert as_follow_up(finding(Band.MAYBE, "b"), NOTHING, "a") is None
