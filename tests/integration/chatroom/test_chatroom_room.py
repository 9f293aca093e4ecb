"""The room's own rules, its receiver and its sender, without HTTP."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.chatroom.room import HISTORY, TEXT_LIMIT, Button, Chatroom, Event, Rejected
from bot.platforms.rendering import utf16_length
from bot.ports import RawUpdate
from bot.storage.connection import connect
from bot.storage.intake import RedisIntake
from scheduler.clocks import VirtualClock
from scheduler.messages import (
    Accepted,
    Action,
    Address,
    Choice,
    OutboundMessage,
    Outcome,
    Purpose,
    Refused,
    RefusedWhy,
    Text,
    Verb,
)
from scheduler.roster import Role
from tests.integration.chatroom.echo import BOT_NAME, CLASSES, LI, PERSONS, WANG, EchoBot, person

NOW = datetime(2019, 12, 14, tzinfo=UTC)
_KEYS = st.sampled_from(["id", "chat", "account", "at", "text", "reply_to", "to_bot", "press", "token", "message"])
CHOICES = (Choice(label="带我做", action=Action(verb=Verb.GUIDE, subject="chsi-phone")),)


async def sent(echo: EchoBot, text: str, **more: Any) -> Outcome:
    """What becomes of a message of the bot to Wang."""
    return await echo.messenger.send(outbound(text, **more), text)


def outbound(text: str, to: Address = WANG.private, **more: Any) -> OutboundMessage:
    """A message of the bot."""
    return OutboundMessage(to=to, body=Text(text=text), purpose=Purpose.ANSWER, **more)


def test_a_room_remembers_the_last_messages_of_a_chat(echo: EchoBot) -> None:
    for number in range(HISTORY + 5):
        echo.room.say(WANG.id, str(number))
    assert [message.text for message in echo.room.history(WANG.id)] == [str(n) for n in range(5, HISTORY + 5)]


def test_a_button_is_forgotten_with_its_message(echo: EchoBot) -> None:
    first = echo.room.say(WANG.id, "选", buttons=(Button(label="好", token="t"),))
    assert first is not None
    assert echo.room.offered(WANG.id, first.id, "t")
    assert not echo.room.offered(LI.id, first.id, "t")
    for _ in range(HISTORY):
        echo.room.say(WANG.id, "又一条")
    assert not echo.room.offered(WANG.id, first.id, "t")


def test_a_room_that_begins_anew_never_gives_an_id_of_an_earlier_life(echo: EchoBot, clock: VirtualClock) -> None:
    before = [int(echo.room.new_id()) for _ in range(3)]
    again = Chatroom(bot_name=BOT_NAME, classes=CLASSES, persons=PERSONS, clock=clock)
    assert int(again.new_id()) > before[0]
    assert before == sorted(set(before))


def test_a_page_that_falls_behind_is_told_that_it_is_over(echo: EchoBot) -> None:
    with echo.room.listening(WANG.account) as news:
        for _ in range(2_000):
            echo.room.say(WANG.id, "快")
        told = [news.get_nowait() for _ in range(news.qsize())]
    assert told[-1] is None
    assert all(item is not None and item.event is Event.SAID for item in told[:-1])


def test_accounts_that_cannot_be_told_apart_are_refused(clock: VirtualClock) -> None:
    for persons in ((WANG, WANG), (person("g-1", "像个群"),)):
        with pytest.raises(ValueError, match="unique"):
            Chatroom(bot_name=BOT_NAME, classes=CLASSES, persons=persons, clock=clock)


def test_the_bot_edits_only_its_own_messages(echo: EchoBot) -> None:
    posted = echo.room.post(WANG.id, WANG.account, "我说的")
    assert not isinstance(posted, Rejected)
    assert echo.room.edit(WANG.id, posted.id, "改掉") is None
    assert [message.text for message in echo.room.history(WANG.id)] == ["我说的"]


def test_a_counsellor_is_in_the_group_of_every_class(echo: EchoBot) -> None:
    teacher = next(one for one in PERSONS if one.role is Role.COUNSELLOR)
    assert list(echo.room.chats_of(teacher.account)) == ["g-c1", "g-c2", teacher.id]
    assert list(echo.room.chats_of(WANG.account)) == ["g-c1", WANG.id]


async def test_a_message_arrives_with_its_picture_buttons_and_what_it_answers(echo: EchoBot) -> None:
    outcome = await sent(echo, "照做", choices=CHOICES, picture="phone-follow", reply_to="7")
    [message] = echo.room.history(WANG.id)
    assert outcome == Accepted(message_id=message.id)
    assert (message.text, message.picture, message.reply_to) == ("照做", "phone-follow", "7")
    assert [button.label for button in message.buttons] == ["带我做"]
    assert echo.seal.open(message.buttons[0].token) == CHOICES[0].action


async def test_a_message_takes_the_place_of_the_one_it_replaces(echo: EchoBot) -> None:
    first = await sent(echo, "第一步", choices=CHOICES)
    assert isinstance(first, Accepted)
    second = await sent(echo, "第二步", replaces=first.message_id)
    [message] = echo.room.history(WANG.id)
    assert second == first
    assert (message.text, message.buttons, message.edited) == ("第二步", (), True)


async def test_what_can_no_longer_be_replaced_is_said_anew(echo: EchoBot) -> None:
    await sent(echo, "第二步", replaces="1")
    [message] = echo.room.history(WANG.id)
    assert (message.text, message.edited) == ("第二步", False)


async def test_a_chat_that_is_not_there_cannot_be_reached(echo: EchoBot) -> None:
    message = outbound("有人吗", Address(platform="chatroom", chat="nobody"))
    assert await echo.messenger.send(message, "有人吗") == Refused(why=RefusedWhy.UNREACHABLE)


async def test_a_long_text_comes_in_parts_with_the_picture_first_and_the_buttons_last(echo: EchoBot) -> None:
    text = "这一句话有十个字符。" * 500
    outcome = await sent(echo, text, choices=CHOICES, picture="phone-follow")
    messages = echo.room.history(WANG.id)
    assert "".join(message.text for message in messages) == text
    assert all(utf16_length(message.text) <= TEXT_LIMIT for message in messages)
    assert [bool(message.picture) for message in messages] == [True, False, False]
    assert [bool(message.buttons) for message in messages] == [False, False, True]
    assert outcome == Accepted(message_id=messages[-1].id)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=6),
)


@given(body=st.binary(max_size=60) | st.dictionaries(_KEYS, _JSON).map(lambda value: json.dumps(value).encode()))
def test_an_update_that_the_room_did_not_write_is_nothing(body: bytes) -> None:
    bot = EchoBot(VirtualClock(NOW), RedisIntake(connect("unix:///nowhere.sock", "x")))
    raw = RawUpdate(platform="chatroom", key="1", chat="s2", body=body, received_at=NOW)
    inbound = bot.receiver.to_inbound(raw)
    assert inbound is None or (isinstance(inbound.text, str) != (inbound.other is not None))
