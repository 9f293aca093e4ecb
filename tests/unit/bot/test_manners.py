"""Where an answer to somebody in a group is said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations import GroupTalk
from bot.dialogue.manners import MOST_AN_HOUR, Manners, Place, first, noted, place, pointed, unconfirmed
from bot.dialogue.quieting import Quieting
from bot.dialogue.wording import ContentWording
from bot.storage.groups import RedisGroups
from knowledge.loading import load
from scheduler.storage.database import Database

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
CONTENT = load()
WORDING = ContentWording(CONTENT.phrases, "你")


def asked(
    talk: GroupTalk,
    *answers: str,
    by: str = "m",
    at: datetime = NOW,
    messages: int = 1,
    addressed: bool = True,
    bound: bool = False,
) -> tuple[Place, GroupTalk]:
    """One reply placed."""
    return place(talk, answers=answers, messages=messages, by=by, addressed=addressed, bound=bound, now=at)


def full(count: int = MOST_AN_HOUR) -> GroupTalk:
    """A group in which so much was said just now."""
    talk = GroupTalk()
    for number in range(count):
        _, talk = asked(talk, by=f"x{number}")
    return talk


def test_the_same_topic_is_pointed_to_for_half_an_hour_and_answered_again_afterwards() -> None:
    where, talk = asked(GroupTalk(), "lost", by="1")
    assert where is Place.HERE
    assert asked(talk, "lost", by="2", at=NOW + timedelta(minutes=29))[0] is Place.ABOVE
    assert asked(talk, "lost", by="2", at=NOW + timedelta(minutes=30))[0] is Place.HERE


def test_a_known_person_who_asks_the_same_is_told_apart_at_no_cost_to_the_group() -> None:
    _, talk = asked(GroupTalk(), "lost", by="1")
    assert asked(talk, "lost", by="2", bound=True) == (Place.APART, talk)


def test_another_topic_another_part_or_only_one_of_two_answered_is_no_repeat() -> None:
    _, talk = asked(GroupTalk(), "lost", by="1")
    for answers in (("photo",), ("lost/2",), ("lost", "photo")):
        assert asked(talk, *answers, by="2")[0] is Place.HERE


def test_after_six_messages_in_an_hour_answers_go_elsewhere() -> None:
    talk = full()
    assert asked(talk, "lost")[0] is Place.OVERFLOW
    assert asked(talk, "lost", at=NOW + timedelta(hours=1))[0] is Place.HERE
    assert asked(full(MOST_AN_HOUR - 1), messages=2)[0] is Place.OVERFLOW


def test_not_even_the_pointing_line_goes_beyond_six() -> None:
    _, talk = asked(full(MOST_AN_HOUR - 1), "lost", by="1")
    assert asked(talk, "lost", by="2")[0] is Place.OVERFLOW


def test_a_full_group_is_told_once_an_hour_where_else_to_ask() -> None:
    tell, talk = pointed(full(), by="1", now=NOW)
    assert tell
    assert pointed(talk, by="1", now=NOW) == (True, talk)  # the same message again: it may have been lost
    assert not pointed(talk, by="2", now=NOW + timedelta(minutes=59))[0]
    assert pointed(talk, by="2", now=NOW + timedelta(hours=1))[0]


def test_a_line_that_was_not_needed_because_the_answer_came_in_private_is_left_for_the_next() -> None:
    _, talk = pointed(full(), by="1", now=NOW)
    assert pointed(noted(talk, by="1", arrived=0, message="", now=NOW), by="2", now=NOW)[0]
    assert not pointed(noted(talk, by="1", arrived=1, message="7", now=NOW), by="2", now=NOW)[0]


def test_a_quiet_group_hears_only_who_speaks_to_the_bot() -> None:
    talk = GroupTalk(quiet_until=NOW + timedelta(hours=1))
    assert asked(talk, "lost", addressed=False)[0] is Place.NOWHERE
    assert asked(talk, "lost", addressed=True)[0] is Place.ASIDE
    assert asked(talk, "lost", addressed=False, at=NOW + timedelta(hours=1))[0] is Place.HERE


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 3), st.sampled_from("abcd")), max_size=60))
def test_no_hour_ever_holds_more_than_six_messages(asks: list[tuple[int, int, str]]) -> None:
    talk, at, said = GroupTalk(), NOW, []
    for number, (seconds, messages, topic) in enumerate(asks):
        at += timedelta(seconds=seconds)
        where, talk = asked(talk, topic, by=str(number), at=at, messages=messages)
        said += [at] * {Place.HERE: messages, Place.ABOVE: 1}.get(where, 0)
    for moment in said:
        assert sum(moment <= other < moment + timedelta(hours=1) for other in said) <= MOST_AN_HOUR


@given(st.integers(0, MOST_AN_HOUR), st.booleans(), st.booleans())
def test_a_message_that_comes_again_is_placed_as_before(before: int, addressed: bool, bound: bool) -> None:
    where, talk = asked(full(before), "lost", by="same", addressed=addressed, bound=bound)
    assert asked(talk, "lost", by="same", addressed=addressed, bound=bound) == (where, talk)


def test_what_came_of_a_reply_replaces_what_was_reckoned_with() -> None:
    _, talk = asked(GroupTalk(), "lost", by="1", messages=2)
    came = noted(talk, by="1", arrived=1, message="7", now=NOW)
    assert [(one.what, one.message) for one in came.answered] == [("lost", "7")]
    assert [one.messages for one in came.spoken] == [1]
    lost = noted(talk, by="1", arrived=0, message="", now=NOW)
    assert (lost.answered, lost.spoken) == ((), ())


@pytest.mark.parametrize(
    ("words", "lasts"),
    [
        ("", timedelta(hours=1)),
        ("2小时", timedelta(hours=2)),
        ("两 个小时", timedelta(hours=2)),
        ("３０分钟", timedelta(minutes=30)),
        ("半个小时", timedelta(minutes=30)),
        ("99小时", timedelta(hours=24)),
        ("关", timedelta()),
        ("一点好吗", None),
        ("小时", None),
        ("0小时", None),
    ],
)
def test_quiet_lasts_as_long_as_was_asked(words: str, lasts: timedelta | None, database: Database) -> None:
    quieting = Quieting(Manners(RedisGroups(database), CONTENT.topics, WORDING), WORDING)
    assert quieting.lasts(words.split()) == lasts


def test_of_the_same_a_group_is_warned_once_in_half_an_hour() -> None:
    said, talk = first(GroupTalk(), "warning:link", by="1", now=NOW)
    assert said
    assert first(talk, "warning:link", by="1", now=NOW) == (True, talk)  # the same message again: it may have been lost
    assert first(talk, "warning:link", by="2", now=NOW + timedelta(minutes=29)) == (False, talk)
    assert first(talk, "warning:help", by="2", now=NOW)[0]
    assert first(talk, "warning:link", by="2", now=NOW + timedelta(minutes=30))[0]


def test_a_group_nobody_has_bound_is_told_so_once_a_day() -> None:
    told, talk = unconfirmed(GroupTalk(), NOW)
    assert told
    assert unconfirmed(talk, NOW + timedelta(hours=23)) == (False, talk)
    assert unconfirmed(talk, NOW + timedelta(hours=24))[0]
