"""Group webhooks: what they say, what comes of it, and that the key stays in the call."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import Response
from structlog.testing import capture_logs

from bot.dialogue.wording import ContentWording
from bot.platforms.wecom import refs
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.hook import Webhooks
from bot.platforms.wecom.refs import GroupRoute
from bot.platforms.wecom.routes import Route
from bot.storage.uploads import RedisUploads
from scheduler.clocks import VirtualClock
from scheduler.messages import (
    Accepted,
    Action,
    Attachment,
    Choice,
    Holds,
    OutboundMessage,
    Phrase,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Text,
    Unknown,
    Verb,
)
from scheduler.storage.database import Database
from tests.architecture.phrases import phrases
from tests.conftest import START
from tests.integration.wecom.gateway import HANG, HOOK_KEY, Gateway, gateway

SEND = "webhook/send"
YES = Accepted(message_id="")
GROUP = refs.group(GroupRoute.HOOK, "会计19-1")
MESSAGE = OutboundMessage(to=GROUP, body=Text(text="…"), purpose=Purpose.DEADLINE)
OPEN = Choice(label="我核对好了", action=Action(verb=Verb.OPEN, subject="glut-check-2019"))


@pytest.fixture
async def wecom() -> AsyncIterator[Gateway]:
    async with gateway() as there:
        yield there


@pytest.fixture
async def hooks(wecom: Gateway, database: Database, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[Webhooks]:
    (tmp_path / "step-1.png").write_bytes(b"a picture")
    (tmp_path / "large.png").write_bytes(bytes(2 * 1024 * 1024 + 1))
    async with Caller(wecom.url, seconds=0.5) as caller:
        yield Webhooks(
            caller=caller,
            keys={"会计19-1": HOOK_KEY, "removed": "0f-key-2"},
            figures=tmp_path,
            uploads=RedisUploads(database),
            wording=ContentWording(phrases(), "你"),
            clock=clock,
        )


async def test_a_reminder_is_one_text_that_says_where_to_go_on(wecom: Gateway, hooks: Webhooks) -> None:
    assert await hooks.send(replace(MESSAGE, choices=(OPEN,)), "还有3人没有核对。") == YES
    (body,) = wecom.bodies(SEND)
    assert body["msgtype"] == "text"
    assert body["text"]["content"].startswith("还有3人没有核对。\n\n")
    assert "mentioned_list" not in body["text"]


@pytest.mark.parametrize("text", ["今天24:00截止。", "今天24:00截止。" * 200])
async def test_everybody_is_called_once_where_the_message_says_so(wecom: Gateway, hooks: Webhooks, text: str) -> None:
    assert await hooks.send(replace(MESSAGE, calls_everybody=True), text) == YES
    called = [body["text"].get("mentioned_list") for body in wecom.bodies(SEND)]
    assert called == [["@all"], *[None] * (len(called) - 1)]


async def test_words_alone_call_nobody(wecom: Gateway, hooks: Webhooks) -> None:
    assert await hooks.send(MESSAGE, "请班长交表。<@all>") == YES
    (body,) = wecom.bodies(SEND)
    assert body["text"] == {"content": "请班长交表。＜@all>"}


async def test_a_figure_comes_first_and_one_too_large_does_not_come(wecom: Gateway, hooks: Webhooks) -> None:
    await hooks.send(replace(MESSAGE, picture="step-1"), "第一步")
    await hooks.send(replace(MESSAGE, picture="large"), "第二步")
    await hooks.send(replace(MESSAGE, picture="no-such-figure"), "第三步")
    assert [body["msgtype"] for body in wecom.bodies(SEND)] == ["image", "text", "text", "text"]


async def with_file(hooks: Webhooks, name: str, content: bytes) -> OutboundMessage:
    return replace(MESSAGE, files=(Attachment(name=name, digest=await hooks.uploads.put(content)),))


async def test_a_file_is_uploaded_under_a_plain_name_and_goes_before_its_words(wecom: Gateway, hooks: Webhooks) -> None:
    assert await hooks.send(await with_file(hooks, "核对表.xlsx", b"sheet"), "请填表") == YES
    assert wecom.bodies("webhook/upload_media") == [("file.xlsx", b"sheet")]
    file, text = wecom.bodies(SEND)
    assert file == {"msgtype": "file", "file": {"media_id": "media-1"}}
    assert text["text"]["content"] == "请填表"


async def test_a_picture_of_staff_goes_within_the_message(wecom: Gateway, hooks: Webhooks) -> None:
    assert await hooks.send(await with_file(hooks, "map.png", b"a picture"), "看图") == YES
    assert [body["msgtype"] for body in wecom.bodies(SEND)] == ["image", "text"]


async def test_a_message_whose_file_is_gone_is_not_sent(wecom: Gateway, hooks: Webhooks) -> None:
    gone = replace(MESSAGE, files=(Attachment(name="a.xlsx", digest="0" * 64),))
    assert await hooks.send(gone, "请填表") == Refused(why=RefusedWhy.BAD_CONTENT)
    assert wecom.asked(SEND) == []


@pytest.mark.parametrize("answer", [HANG, Response(status_code=502)])
async def test_a_file_whose_upload_was_not_answered_has_reached_nobody(
    wecom: Gateway, hooks: Webhooks, answer: object
) -> None:
    wecom.say("webhook/upload_media", answer)
    assert isinstance(await hooks.send(await with_file(hooks, "a.xlsx", b"sheet"), "请填表"), RetryLater)
    assert wecom.asked(SEND) == []


async def test_a_file_that_is_refused_says_why(wecom: Gateway, hooks: Webhooks) -> None:
    wecom.say("webhook/upload_media", 40123, {"errcode": 0})
    message = await with_file(hooks, "a.xlsx", b"sheet")
    assert await hooks.send(message, "请填表") == Refused(why=RefusedWhy.BAD_CONTENT)
    assert await hooks.send(message, "请填表") == Unknown(why="unreadable-answer")


async def test_too_many_messages_wait_a_minute(wecom: Gateway, hooks: Webhooks) -> None:
    wecom.say(SEND, 45009)
    assert await hooks.send(MESSAGE, "提醒") == RetryLater(
        at=START + timedelta(minutes=1), why="errcode 45009", holds=Holds.CHAT
    )


async def test_a_part_that_is_missing_makes_the_whole_unknown(wecom: Gateway, hooks: Webhooks) -> None:
    wecom.say(SEND, 0, 45009)
    assert await hooks.send(MESSAGE, "请在12月22日前核对学籍信息。\n" * 150) == Unknown(why="partly-sent")


async def test_a_webhook_that_was_removed_is_named_until_it_works_again(wecom: Gateway, hooks: Webhooks) -> None:
    to = refs.group(GroupRoute.HOOK, "removed")
    assert await hooks.send(replace(MESSAGE, to=to), "提醒") == Refused(why=RefusedWhy.UNREACHABLE)
    assert await hooks.send(MESSAGE, "提醒") == YES
    (trouble,) = hooks.troubles()
    assert trouble.values == {"name": "removed", "trouble": Phrase(key="wecom.trouble.hook-key")}
    wecom.say(SEND, 0)
    await hooks.send(replace(MESSAGE, to=to), "提醒")
    assert hooks.troubles() == ()


async def test_only_configured_webhooks_are_reached_and_none_of_them_answers(hooks: Webhooks) -> None:
    route: Route = hooks
    assert hooks.reaches(GROUP)
    assert not hooks.reaches(refs.group(GroupRoute.HOOK, "another"))
    assert not hooks.reaches(refs.group(GroupRoute.ROBOT, "会计19-1"))
    assert not hooks.reaches(refs.person("会计19-1"))
    assert await route.answer(MESSAGE, "好的") is None


async def test_nothing_is_left_to_say_of_an_empty_text(wecom: Gateway, hooks: Webhooks) -> None:
    assert await hooks.send(MESSAGE, " ") == Refused(why=RefusedWhy.BAD_CONTENT)
    assert wecom.calls == []


async def test_the_key_stands_in_no_log_and_no_text_of_an_error(
    wecom: Gateway, hooks: Webhooks, caplog: pytest.LogCaptureFixture
) -> None:
    wecom.say(SEND, 93000, Response(status_code=502), Response("{"), HANG)
    with capture_logs() as logs, caplog.at_level("DEBUG"):
        outcomes = [await hooks.send(MESSAGE, "提醒") for _ in range(4)]
    own = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    assert HOOK_KEY not in f"{logs} {own} {outcomes} {hooks!r} {hooks.troubles()}"
