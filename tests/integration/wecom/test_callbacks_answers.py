"""What a robot by URL answers: a stream that WeCom fetches, a changed card, a welcome, and one message after that."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.messages import InboundMessage
from bot.platforms.wecom.cards import MARKDOWN_BYTES
from bot.platforms.wecom.receiver import Source, raw_update, reply_id
from bot.ports import WayKind
from bot.storage.connection import close, connect
from bot.storage.ways import RedisAnswerWays
from knowledge.loading import CONTENT, phrases
from scheduler.clocks import VirtualClock
from scheduler.messages import (
    Accepted,
    Action,
    Address,
    Choice,
    OutboundMessage,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Text,
    Unknown,
    Verb,
)
from scheduler.storage.database import Database
from tests.integration.wecom.caller import SEAL, Platform, Talk, calling

WORDS = phrases(CONTENT)
YES, NO = (Choice(label=label, action=Action(verb=Verb.ASK, subject=label)) for label in ("yes", "no"))
LONG = "选课在每学期第十六周开始，按学分从高到低分批。" * 8
STUDENT, GROUP = Address(platform="wecom", chat="Stu01"), Address(platform="wecom", chat="bot/wrX")


@pytest.fixture
async def wecom(database: Database, clock: VirtualClock) -> AsyncIterator[Platform]:
    async with calling(database, clock) as platform:
        yield platform


def says(*texts: str, **more: Any) -> Talk:
    """A bot that answers where it was spoken to, as the dialogue does."""

    def talk(message: InboundMessage) -> list[tuple[OutboundMessage, str]]:
        in_group = not message.private and message.action is None
        usual: dict[str, Any] = {
            "to": message.address,
            "purpose": Purpose.ANSWER,
            "reply_to": message.id if in_group else None,
        }
        return [(OutboundMessage(**{**usual, "body": Text(text=text), **more}), text) for text in texts]

    return talk


def in_place(text: str, *choices: Choice) -> Talk:
    """A bot that puts its answer where the pressed button stood."""
    return lambda message: says(text, replaces=message.replaces, choices=choices)(message)


async def later(wecom: Platform, text: str, to: Address = STUDENT, **more: Any) -> Any:
    """What comes of saying something after everything was handled."""
    message = OutboundMessage(to=to, body=Text(text=text), purpose=Purpose.ANSWER, **more)
    return await wecom.bot.lane.send(message, text)


def stream_of(answer: dict[str, Any] | None) -> dict[str, Any]:
    assert answer is not None
    stream: dict[str, Any] = answer["stream"]
    return stream


async def asked(wecom: Platform, msgid: str = "m1", **more: Any) -> str:
    """The id of the stream that a message is answered with."""
    return str(stream_of(await wecom.call(wecom.message(msgid, **more)))["id"])


async def test_a_message_is_answered_at_once_by_a_stream_that_goes_on(wecom: Platform) -> None:
    answer = await wecom.call(wecom.message())
    assert answer is not None
    assert answer["msgtype"] == "stream"
    assert answer["stream"]["finish"] is False
    assert answer["stream"]["content"] == WORDS["wecom.stream.begun"]


async def test_wecom_fetches_what_was_said_until_everything_was(wecom: Platform) -> None:
    stream = await asked(wecom)
    assert await wecom.refresh(stream) == {
        "msgtype": "stream",
        "stream": {"id": stream, "finish": False, "content": WORDS["wecom.stream.begun"]},
    }
    wecom.bot.talk = says("第一段。", "第二段。")
    await wecom.bot.handle()
    finished = {"id": stream, "finish": True, "content": "第一段。\n\n第二段。"}
    for _ in range(2):
        assert await wecom.refresh(stream) == {"msgtype": "stream", "stream": finished}
    assert wecom.bot.outcomes == [Accepted(message_id="")] * 2


async def test_what_was_said_so_far_is_shown_while_more_is_coming(wecom: Platform) -> None:
    stream = await asked(wecom)
    raw = raw_update(Source.ROBOT_URL, wecom.message(), wecom.bot.clock.now())
    assert raw is not None
    await wecom.bot.lane.receive(raw)
    await later(wecom, "第一段。")
    shown = stream_of(await wecom.refresh(stream))
    assert (shown["finish"], shown["content"]) == (False, "第一段。")


async def test_any_process_can_answer_a_refresh(wecom: Platform, database: Database, clock: VirtualClock) -> None:
    wecom.bot.talk = says("好。")
    stream = await asked(wecom)
    await wecom.bot.handle()
    async with calling(database, clock) as other:
        assert stream_of(await other.refresh(stream))["content"] == "好。"


async def test_a_stream_nobody_knows_any_more_is_ended_with_words(wecom: Platform) -> None:
    ended = stream_of(await wecom.refresh("made up"))
    assert (ended["finish"], ended["content"]) == (True, WORDS["wecom.stream.unknown"])


async def test_where_nothing_had_to_be_said_the_stream_says_where_to_look(wecom: Platform) -> None:
    stream = await asked(wecom)
    await wecom.bot.handle()
    ended = stream_of(await wecom.refresh(stream))
    assert (ended["finish"], ended["content"]) == (True, WORDS["wecom.stream.nothing"])


async def test_a_stream_is_ended_before_wecom_stops_asking_and_what_comes_later_is_posted(
    wecom: Platform, clock: VirtualClock
) -> None:
    stream = await asked(wecom)
    clock.advance_to(clock.now() + timedelta(minutes=5, seconds=30))
    ended = stream_of(await wecom.refresh(stream))
    assert (ended["finish"], ended["content"]) == (True, WORDS["wecom.stream.late"])
    wecom.bot.talk = says("来晚了。")
    await wecom.bot.handle()
    assert wecom.posted == [{"code": "m1", "msgtype": "markdown", "markdown": {"content": "来晚了。"}}]
    assert stream_of(await wecom.refresh(stream))["content"] == WORDS["wecom.stream.late"]


async def test_choices_come_as_a_card_beside_the_finished_stream_and_only_then(wecom: Platform) -> None:
    stream = await asked(wecom)
    wecom.bot.talk = says("选一个：", choices=(YES, NO))
    await wecom.bot.handle()
    finished = await wecom.refresh(stream)
    assert finished["msgtype"] == "stream_with_template_card"
    assert finished["stream"]["finish"] is True
    keys = [button["key"] for button in finished["template_card"]["button_list"]]
    assert [SEAL.open(key) for key in keys] == [YES.action, NO.action]


async def test_of_two_messages_with_choices_the_second_lists_them_by_number(wecom: Platform) -> None:
    stream = await asked(wecom)
    wecom.bot.talk = lambda message: [
        *says("先选：", choices=(YES,))(message),
        *says("再选：", choices=(NO,))(message),
    ]
    await wecom.bot.handle()
    finished = await wecom.refresh(stream)
    assert [SEAL.open(button["key"]) for button in finished["template_card"]["button_list"]] == [YES.action]
    assert "no" in finished["stream"]["content"].partition("再选：")[2]


async def test_a_picture_comes_with_the_finished_stream(wecom: Platform, tmp_path: Path) -> None:
    figure = next((CONTENT / "figures").glob("*.png"))
    stream = await asked(wecom)
    wecom.bot.talk = says("照着图做。", picture=figure.stem)
    await wecom.bot.handle()
    (item,) = stream_of(await wecom.refresh(stream))["msg_item"]
    content = base64.b64decode(item["image"]["base64"])
    assert content == figure.read_bytes()
    assert item["image"]["md5"] == hashlib.md5(content, usedforsecurity=False).hexdigest()


async def test_a_picture_that_is_not_there_is_left_out(wecom: Platform) -> None:
    stream = await asked(wecom)
    wecom.bot.talk = says("照着图做。", picture="no-such-figure")
    await wecom.bot.handle()
    assert "msg_item" not in stream_of(await wecom.refresh(stream))


async def test_what_no_longer_fits_into_the_stream_is_posted_once_and_then_there_is_no_way(wecom: Platform) -> None:
    stream = await asked(wecom)
    big = "学" * (MARKDOWN_BYTES // 3)
    wecom.bot.talk = says(big, "还有。", "再有。")
    await wecom.bot.handle()
    assert stream_of(await wecom.refresh(stream))["content"] == big
    assert [one["markdown"]["content"] for one in wecom.posted] == ["还有。"]
    assert wecom.bot.outcomes[-1] == Refused(why=RefusedWhy.UNREACHABLE)


async def test_a_text_too_long_for_the_stream_goes_on_in_the_one_message_after_it(wecom: Platform) -> None:
    stream = await asked(wecom)
    lines = [f"第{number}行。" for number in range(2_000)]
    wecom.bot.talk = says("\n".join(lines))
    await wecom.bot.handle()
    first, (rest,) = stream_of(await wecom.refresh(stream))["content"], wecom.posted
    assert [*first.split("\n"), *rest["markdown"]["content"].split("\n")] == lines
    assert wecom.bot.outcomes == [Accepted(message_id="")]


async def test_where_others_read_along_nobody_is_asked_for_a_thumb(wecom: Platform) -> None:
    assert "feedback" in stream_of(await wecom.call(wecom.message("m1")))
    assert "feedback" not in stream_of(await wecom.call(wecom.in_group("m2")))


async def test_a_text_longer_than_both_messages_is_begun_and_its_outcome_unknown(wecom: Platform) -> None:
    await asked(wecom)
    wecom.bot.talk = says("学" * MARKDOWN_BYTES)
    await wecom.bot.handle()
    assert wecom.bot.outcomes == [Unknown(why="partly-sent")]
    assert len(wecom.posted[0]["markdown"]["content"].encode()) <= MARKDOWN_BYTES


async def test_marks_in_a_text_take_no_effect(wecom: Platform) -> None:
    stream = await asked(wecom)
    wecom.bot.talk = says("**不是** <font> \ud800")
    await wecom.bot.handle()
    shown = stream_of(await wecom.refresh(stream))["content"]
    assert "**" not in shown
    assert "<font" not in shown


async def test_a_text_without_a_word_is_refused(wecom: Platform) -> None:
    await asked(wecom)
    wecom.bot.talk = says(" ")
    await wecom.bot.handle()
    assert wecom.bot.outcomes == [Refused(why=RefusedWhy.BAD_CONTENT)]


async def test_each_question_of_a_group_is_answered_in_its_own_stream(wecom: Platform) -> None:
    streams = [stream_of(await wecom.call(wecom.in_group(msgid)))["id"] for msgid in ("m1", "m2")]
    wecom.bot.talk = lambda message: says(f"答{message.id}")(message)
    await wecom.bot.handle()
    assert [stream_of(await wecom.refresh(stream))["content"] for stream in streams] == ["答m1", "答m2"]


async def test_of_two_quick_private_questions_each_is_answered_in_its_own_stream(wecom: Platform) -> None:
    streams = [await asked(wecom, msgid) for msgid in ("m1", "m2")]
    wecom.bot.talk = lambda message: says(f"答{message.id}")(message)
    await wecom.bot.handle()
    assert [stream_of(await wecom.refresh(stream))["content"] for stream in streams] == ["答m1", "答m2"]


async def test_an_update_taken_up_again_says_nothing_twice(wecom: Platform) -> None:
    stream = await asked(wecom)
    wecom.bot.talk = says("选一个：", "好。", choices=(YES, NO))
    raw = raw_update(Source.ROBOT_URL, wecom.message(), wecom.bot.clock.now())
    assert raw is not None
    message = await wecom.bot.lane.receive(raw)
    assert message is not None
    for outbound, text in wecom.bot.talk(message):  # and then the process dies
        await wecom.bot.lane.send(outbound, text)
    await wecom.bot.handle()
    assert stream_of(await wecom.refresh(stream))["content"].count("选一个：") == 1
    assert wecom.bot.outcomes == [Accepted(message_id="")] * 2


async def test_what_comes_later_is_posted_to_the_newest_address_of_the_chat_once(wecom: Platform) -> None:
    for msgid in ("m1", "m2"):
        await asked(wecom, msgid)
    await wecom.bot.handle()
    assert await later(wecom, "补充一句。", choices=(YES, NO)) == Accepted(message_id="")
    assert await later(wecom, "再补充。") == Refused(why=RefusedWhy.UNREACHABLE)
    (one,) = wecom.posted
    assert one["code"] == "m2"
    assert "yes" in one["markdown"]["content"]


async def test_an_address_is_good_for_an_hour(wecom: Platform, clock: VirtualClock) -> None:
    await asked(wecom)
    await wecom.bot.handle()
    clock.advance_to(clock.now() + timedelta(hours=1))
    assert await later(wecom, "太晚了。") == Refused(why=RefusedWhy.UNREACHABLE)
    assert wecom.posted == []


async def test_an_address_that_wecom_no_longer_takes_is_no_way(wecom: Platform) -> None:
    await asked(wecom)
    await wecom.bot.handle()
    wecom.answer_to_post = {"errcode": 40001, "errmsg": "expired"}
    assert await later(wecom, "补充一句。") == Refused(why=RefusedWhy.UNREACHABLE)


async def test_a_post_without_a_readable_answer_may_have_arrived(wecom: Platform) -> None:
    await asked(wecom)
    await wecom.bot.handle()
    wecom.answer_to_post = {"no": "code"}
    assert isinstance(await later(wecom, "补充一句。"), Unknown)


async def test_nobody_is_written_to_unasked(wecom: Platform) -> None:
    for to in (STUDENT, GROUP):
        message = OutboundMessage(to=to, body=Text(text="通知"), purpose=Purpose.NOTICE)
        assert await wecom.bot.lane.send(message, "通知") == Refused(why=RefusedWhy.UNREACHABLE)


async def test_a_press_changes_the_card_for_who_pressed_it_alone(wecom: Platform) -> None:
    wecom.bot.talk = in_place("第二步。", YES)
    answer = await wecom.call_and_handle(wecom.press(SEAL.seal(NO.action), chattype="group", chatid="wrX"))
    assert answer is not None
    assert (answer["response_type"], answer["userids"]) == ("update_template_card", ["Stu01"])
    card = answer["template_card"]
    assert (card["task_id"], card["sub_title_text"]) == ("xj-1", "第二步。")
    assert [SEAL.open(button["key"]) for button in card["button_list"]] == [YES.action]
    assert wecom.posted == []


async def test_an_answer_too_long_for_a_card_is_posted_and_the_card_says_so(wecom: Platform) -> None:
    wecom.bot.talk = says(LONG, choices=(YES,))
    answer = await wecom.call_and_handle(wecom.press(SEAL.seal(NO.action)))
    assert answer is not None
    assert answer["template_card"]["sub_title_text"] == WORDS["wecom.card.taken"]
    assert wecom.posted[0]["markdown"]["content"].startswith(LONG[:20])


async def test_of_two_answers_to_a_press_the_first_is_in_the_card_and_the_second_posted(wecom: Platform) -> None:
    wecom.bot.talk = says("收到了。", "还有一件事。")
    answer = await wecom.call_and_handle(wecom.press(SEAL.seal(NO.action)))
    assert answer is not None
    assert answer["template_card"]["sub_title_text"] == "收到了。"
    assert [one["markdown"]["content"] for one in wecom.posted] == ["还有一件事。"]


async def test_a_press_that_nothing_came_of_changes_nothing(wecom: Platform) -> None:
    assert await wecom.call_and_handle(wecom.press(SEAL.seal(NO.action))) is None


async def test_a_press_is_answered_in_time_even_if_nobody_handles_it(database: Database, clock: VirtualClock) -> None:
    async with calling(database, clock, wait=0.0) as wecom:
        answer = await wecom.call(wecom.press(SEAL.seal(NO.action)))
        assert answer is not None
        assert answer["template_card"]["sub_title_text"] == WORDS["wecom.card.taken"]
        wecom.bot.talk = in_place("来晚了。")
        await wecom.bot.handle()
        assert [one["markdown"]["content"] for one in wecom.posted] == ["来晚了。"]


async def test_who_opens_the_chat_is_welcomed_by_a_text(wecom: Platform) -> None:
    wecom.bot.talk = says("你好。", choices=(YES, NO))
    answer = await wecom.call_and_handle(wecom.event("enter_chat", msgid="e1", response_url=None))
    assert answer is not None
    assert answer["msgtype"] == "text"
    assert answer["text"]["content"].startswith("你好。")
    assert "yes" in answer["text"]["content"]


async def test_a_thumb_gets_an_empty_yes(wecom: Platform) -> None:
    assert await wecom.call(wecom.event("feedback_event", {"id": "s1", "type": 1}, msgid="f1")) is None


async def test_what_was_said_to_the_application_is_not_answered_by_the_robot(
    wecom: Platform, database: Database, clock: VirtualClock
) -> None:
    await asked(wecom)
    await wecom.bot.handle()
    to_app = {"FromUserName": "Stu01", "MsgType": "text", "Content": "何时选课", "MsgId": "1"}
    raw = raw_update(Source.APP, to_app, clock.now())
    assert raw is not None
    await wecom.bot.lane.receive(raw)
    assert await later(wecom, "答应用。") == Refused(why=RefusedWhy.UNREACHABLE)
    assert wecom.posted == []


async def test_while_the_store_is_away_an_answer_is_put_off(
    wecom: Platform, database: Database, clock: VirtualClock
) -> None:
    away = connect("unix:///nowhere/at/all", database.prefix)
    url = wecom.bot.lane._url
    assert url is not None
    message = OutboundMessage(to=STUDENT, body=Text(text="好。"), purpose=Purpose.ANSWER)
    assert isinstance(await replace(url, ways=RedisAnswerWays(away)).answer(message, "好。"), RetryLater)
    await close(away)


async def test_one_of_many_takes_what_is_good_for_once(wecom: Platform, database: Database) -> None:
    await asked(wecom)
    await wecom.bot.handle()
    ways = RedisAnswerWays(database)
    taken = await asyncio.gather(*(ways.take("m1", WayKind.RESPONSE_URL, wecom.bot.clock.now()) for _ in range(10)))
    assert len([way for way in taken if way is not None]) == 1


async def test_what_is_good_for_many_answers_stays(wecom: Platform, database: Database) -> None:
    await asked(wecom)
    await wecom.bot.handle()
    ways, now = RedisAnswerWays(database), wecom.bot.clock.now()
    raw = raw_update(Source.ROBOT_URL, wecom.message(), now)
    assert raw is not None
    for _ in range(2):
        way = await ways.take(str(STUDENT), WayKind.STREAM, now)
        assert way is not None
        assert way.token == reply_id(raw)
