"""What WeCom's HTTP API answers, as values, and what that means for a message."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.wecom.api import (
    Answer,
    Answered,
    File,
    Lost,
    NotSent,
    Trouble,
    instead,
    outcome_of,
    read_answer,
    trouble_of,
)
from scheduler.messages import Refused, RefusedWhy, RetryLater, Unknown
from tests.architecture.phrases import phrases
from tests.conftest import START


def code(number: int) -> Answered:
    return Answered(code=number, body={"errcode": number, "errmsg": "hint: [x], from ip: 203.0.113.9"})


def test_an_answer_is_read_by_its_number_alone() -> None:
    answer = read_answer(200, b'{"errcode":0,"errmsg":"ok\x01","msgid":"m"}')
    assert isinstance(answer, Answered)
    assert (answer.code, answer.body["msgid"]) == (0, "m")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"errcode":"0"}', b'{"errcode":true}', b"\xff", b"[" * 9999]
)
def test_an_answer_that_cannot_be_read_may_have_been_a_yes(content: bytes) -> None:
    assert read_answer(200, content) == Lost(why="unreadable-answer")


def test_a_server_that_breaks_down_may_have_carried_it_out_and_one_that_refuses_has_not() -> None:
    assert read_answer(502, b"<html>") == Lost(why="server-error")
    assert read_answer(404, b"<html>") == NotSent(why="http-error")


@given(status=st.integers(200, 599), content=st.binary(max_size=80) | st.from_type(dict).map(repr).map(str.encode))
def test_whatever_comes_back_is_a_value_with_an_outcome(status: int, content: bytes) -> None:
    assert instead(read_answer(status, content), START) is not None


@pytest.mark.parametrize(
    ("number", "waits"), [(-1, timedelta(seconds=5)), (45033, timedelta(seconds=5)), (45009, timedelta(seconds=60))]
)
def test_a_busy_platform_is_asked_again_later(number: int, waits: timedelta) -> None:
    outcome = outcome_of(code(number), START)
    assert isinstance(outcome, RetryLater)
    assert outcome.at == START + waits


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        (60020, Trouble.TRUSTED_IP),
        (40001, Trouble.APP_SECRET),
        (40014, Trouble.APP_SECRET),
        (42001, Trouble.APP_SECRET),
        (40013, Trouble.CORP_ID),
        (40056, Trouble.AGENT_ID),
        (301002, Trouble.AGENT_ID),
    ],
)
def test_while_somebody_mends_what_keeps_all_messages_back_none_is_lost(number: int, trouble: Trouble) -> None:
    outcome = outcome_of(code(number), START)
    assert isinstance(outcome, RetryLater)
    assert outcome.at == START + timedelta(minutes=5)
    assert trouble_of(code(number)) is trouble


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ((40003, 60111, 46004, 50002, 60011, 81013, 86001, 86003, 93000), RefusedWhy.UNREACHABLE),
        ((48002, 48009, 80001, 85005), RefusedWhy.NO_RIGHT),
        ((40007, 40008, 40033, 40035, 40058, 44004, 45002, 82001, 40123, 99999), RefusedWhy.BAD_CONTENT),
    ],
)
def test_a_refusal_says_why(numbers: tuple[int, ...], why: RefusedWhy) -> None:
    assert {number: outcome_of(code(number), START) for number in numbers} == dict.fromkeys(numbers, Refused(why=why))


def test_a_yes_is_no_outcome_by_itself_and_one_without_what_was_asked_for_is_unknown() -> None:
    assert outcome_of(code(0), START) is None
    assert instead(code(0), START) == Unknown(why="unreadable-answer")


@pytest.mark.parametrize("answer", [NotSent(why="not-sent"), Lost(why="no-answer")])
def test_only_what_never_left_is_sent_again(answer: Answer) -> None:
    outcome = outcome_of(answer, START)
    assert isinstance(outcome, RetryLater if isinstance(answer, NotSent) else Unknown)
    assert trouble_of(answer) is Trouble.UNREACHABLE


def test_every_trouble_is_said_in_words_that_name_where_it_is_mended() -> None:
    known = phrases()
    assert [trouble for trouble in Trouble if f"wecom.trouble.{trouble}" not in known] == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("核对表.xlsx", "file.xlsx"),
        ('a"b\r\n.png', "ab.png"),
        ("会计19-1 名单.csv", "19-1.csv"),
        ("readme", "file.readme"),
    ],
)
def test_a_file_has_a_plain_name_for_wecom(name: str, told: str) -> None:
    assert File(name=name, content=b"").plain_name == told


def test_words_of_an_error_stay_outside() -> None:
    assert "203.0.113.9" not in repr(outcome_of(code(60020), START))
