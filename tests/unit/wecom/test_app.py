"""Whom a message of the application reached: a yes of WeCom may be a no for some of its thousand members."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.wecom.api import Answered, Lost
from bot.platforms.wecom.app import brought_back
from bot.platforms.wecom.payloads import TEXT_BYTES, app_card, hook_image, hook_texts, texts
from scheduler.messages import Accepted, Refused, RefusedWhy, Unknown
from tests.conftest import START

USERIDS = st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True), min_size=1, unique_by=str.lower)
GONE = Refused(why=RefusedWhy.UNREACHABLE)


def yes(**lists: Any) -> Answered:
    return Answered(code=0, body={"errcode": 0, "msgid": "m1", **lists})


@given(userids=USERIDS, data=st.data())
def test_every_member_has_an_outcome_and_those_named_in_lower_case_are_brought_back(
    userids: list[str], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from(userids)))
    found = brought_back(userids, yes(invaliduser="|".join(userid.lower() for userid in gone)), START)
    assert found == {userid: GONE if userid in gone else Accepted(message_id="m1") for userid in userids}


@pytest.mark.parametrize("lists", [{}, {"invaliduser": ""}, {"invaliduser": None}, {"invaliduser": ["a"]}])
def test_a_yes_without_names_is_a_yes_for_all(lists: Mapping[str, Any]) -> None:
    assert brought_back(["A", "b"], yes(**lists), START) == dict.fromkeys(["A", "b"], Accepted(message_id="m1"))


def test_a_member_without_a_licence_may_not_be_written_to() -> None:
    assert brought_back(["A"], yes(unlicenseduser="a"), START) == {"A": Refused(why=RefusedWhy.NO_RIGHT)}


def test_when_nobody_can_be_reached_each_of_them_cannot() -> None:
    assert brought_back(["A", "b"], Answered(code=81013, body={}), START) == {"A": GONE, "b": GONE}


def test_without_an_answer_nobody_knows_whom_it_reached() -> None:
    assert brought_back(["A"], Lost(why="no-answer"), START) == {"A": Unknown(why="no-answer")}


@given(text=st.text(max_size=3_000))
def test_any_text_is_cut_by_bytes_and_nothing_in_it_takes_effect(text: str) -> None:
    for payload in texts(text):
        content = payload["text"]["content"]
        assert 0 < len(content.encode()) <= TEXT_BYTES
        assert not any(mark in content for mark in ("<a", "</a", "<@", "<A"))


def test_a_link_and_a_call_that_somebody_typed_stay_text() -> None:
    (payload,) = texts('<a href="https://chsi.example">学信网</a> <@all> 3 < 4')
    assert payload["text"]["content"] == '＜a href="https://chsi.example">学信网＜/a> ＜@all> 3 < 4'


def test_a_webhook_says_a_long_text_in_fewer_markdown_messages() -> None:
    (short,) = hook_texts("请在12月22日前核对。")
    assert short["msgtype"] == "text"
    long = hook_texts("请在12月22日前核对学籍信息。\n" * 150)
    assert [payload["msgtype"] for payload in long] == ["markdown", "markdown"]


def test_a_picture_too_large_for_a_webhook_is_none() -> None:
    assert hook_image(b"x" * (2 * 1024 * 1024 + 1)) is None
    payload = hook_image(b"hello")
    assert payload is not None
    assert payload["image"] == {"base64": "aGVsbG8=", "md5": "5d41402abc4b2a76b9719d911017c592"}


def test_the_buttons_of_the_application_say_that_a_press_calls_back() -> None:
    shown = app_card({"card_type": "button_interaction", "button_list": [{"text": "a", "key": "k"}]})
    assert shown["button_list"] == [{"type": 0, "text": "a", "key": "k"}]
    notice = {"card_type": "text_notice"}
    assert app_card(notice) == notice
