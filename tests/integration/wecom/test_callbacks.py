"""Callbacks of WeCom over HTTP: only what is WeCom's own gets in, and what gets in is stored before it hears 200."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from structlog.testing import capture_logs

from bot.platforms.bodies import MOST_BYTES
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.envelope import Envelope
from bot.storage.connection import close, connect, socket_url
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.integration.proxy import cutting
from tests.integration.wecom.caller import APP, ROBOT, Platform, bot_on, calling, listening, raw_request

TEXT_TO_APP = (
    "<xml><ToUserName><![CDATA[wx1]]></ToUserName><FromUserName><![CDATA[Stu01]]></FromUserName>"
    "<CreateTime>1576285200</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[何时选课]]></Content><MsgId>45612</MsgId><AgentID>218</AgentID></xml>"
)
PRESS_TO_APP = (
    "<xml><ToUserName>wx1</ToUserName><FromUserName>Stu01</FromUserName><CreateTime>1576285200</CreateTime>"
    "<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>k{key}</EventKey><TaskId>xj-1</TaskId>"
    "<ResponseCode>RC</ResponseCode><AgentID>218</AgentID></xml>"
)
LIBRARIES = ("httpx", "httpcore", "uvicorn")
"""Kept quiet by `bot.logs`."""

MOST_STEPS = 20
"""More than a callback has commands that matter."""

ROUTES = [("/wecom/robot", "robot-url", ROBOT), ("/wecom/app", "app", APP)]


@pytest.fixture
async def wecom(database: Database, clock: VirtualClock) -> AsyncIterator[Platform]:
    async with calling(database, clock) as platform:
        yield platform


@pytest.mark.parametrize(("path", "route", "envelope"), ROUTES)
async def test_the_console_gets_back_the_text_of_its_check_and_nothing_else(
    wecom: Platform, path: str, route: str, envelope: Envelope
) -> None:
    answer = await wecom.verify(path, wecom.sealed("1616140317555161061", envelope))
    assert (answer.status_code, answer.content) == (200, b"1616140317555161061")
    assert wecom.bot.counted(route, "verified") == 1


@pytest.mark.parametrize(("path", "route", "envelope"), ROUTES)
async def test_a_check_by_somebody_else_gets_nothing(
    wecom: Platform, path: str, route: str, envelope: Envelope
) -> None:
    forged = wecom.sealed("1616140317555161061", replace(envelope, token="guessed"))
    answer = await wecom.verify(path, forged)
    assert (answer.status_code, answer.content) == (403, b"")
    assert wecom.bot.counted(route, "rejected-signature") == 1


async def test_a_plus_that_arrives_as_a_space_fails_the_check(wecom: Platform) -> None:
    sealed = next(one for n in range(99) if "+" in (one := wecom.sealed(str(n))).encrypt)
    query = f"msg_signature={sealed.signature}&timestamp={sealed.timestamp}&nonce={sealed.nonce}"
    answer = await wecom.http.get(f"{wecom.url}/wecom/robot?{query}&echostr={sealed.encrypt}")
    assert answer.status_code == 403


async def test_a_page_that_is_not_configured_is_not_there(wecom: Platform) -> None:
    alone = replace(wecom.bot.callbacks, app=None)
    assert [route.path for route in alone.router().routes] == ["/wecom/robot"] * 2  # type: ignore[attr-defined]
    assert replace(alone, robot=None).router().routes == []


async def test_a_message_to_the_robot_is_in_the_intake_before_wecom_hears_yes(wecom: Platform) -> None:
    assert await wecom.call(wecom.message()) is not None
    assert await wecom.bot.intake.waiting() == 1
    await wecom.bot.handle()
    assert [message.text for message in wecom.bot.heard] == ["何时选课"]


async def test_a_message_to_the_application_is_answered_by_an_empty_yes_and_read_afterwards(wecom: Platform) -> None:
    answer = await wecom.post("/wecom/app", wecom.sealed(TEXT_TO_APP, APP))
    assert (answer.status_code, answer.content) == (200, b"")
    await wecom.bot.handle()
    assert [message.text for message in wecom.bot.heard] == ["何时选课"]


async def test_a_repeat_gets_its_yes_and_is_dropped(wecom: Platform) -> None:
    first = await wecom.call(wecom.message())
    assert await wecom.call(wecom.message()) == first
    for _ in range(3):
        assert (await wecom.post("/wecom/app", wecom.sealed(TEXT_TO_APP, APP))).status_code == 200
    await wecom.bot.handle()
    assert await wecom.call(wecom.message()) == first
    await wecom.bot.handle()
    assert len(wecom.bot.heard) == 2


async def test_events_of_the_application_are_told_apart_although_they_have_no_id(wecom: Platform) -> None:
    for key in "112":
        await wecom.post("/wecom/app", wecom.sealed(PRESS_TO_APP.format(key=key), APP))
    await wecom.bot.handle()
    assert len(wecom.bot.heard) == 2


async def test_the_same_envelope_again_is_a_repeat(wecom: Platform) -> None:
    sealed = wecom.sealed(json.dumps(wecom.message()))
    assert [(await wecom.post("/wecom/robot", sealed)).status_code for _ in range(2)] == [200, 200]
    assert await wecom.bot.intake.waiting() == 1


async def test_a_used_signature_around_another_body_is_rejected(wecom: Platform) -> None:
    sealed = wecom.sealed(json.dumps(wecom.message()))
    assert (await wecom.post("/wecom/robot", sealed)).status_code == 200
    other = json.dumps({"encrypt": sealed.encrypt, "agentid": "another"}).encode()
    assert (await wecom.post("/wecom/robot", sealed, other)).status_code == 403
    assert wecom.bot.counted("robot-url", "rejected-used") == 1


@pytest.mark.parametrize("off", [timedelta(minutes=-6), timedelta(minutes=6)])
async def test_a_callback_of_another_time_is_rejected(wecom: Platform, clock: VirtualClock, off: timedelta) -> None:
    sealed = wecom.sealed(json.dumps(wecom.message()))
    clock.advance_to(clock.now() + off)
    assert (await wecom.post("/wecom/robot", sealed)).status_code == 403
    assert wecom.bot.counted("robot-url", "rejected-stale") == 1
    assert await wecom.bot.intake.waiting() == 0


async def test_an_envelope_of_the_other_route_is_rejected(wecom: Platform) -> None:
    assert (await wecom.post("/wecom/robot", wecom.sealed("{}", APP))).status_code == 403
    as_robot = replace(ROBOT, token=APP.token, aes_key=APP.aes_key)
    assert (await wecom.post("/wecom/app", wecom.sealed(TEXT_TO_APP, as_robot))).status_code == 403
    assert wecom.bot.counted("app", "rejected-receiver") == 1


async def test_a_callback_cut_off_anywhere_is_rejected(wecom: Platform) -> None:
    sealed = wecom.sealed(json.dumps(wecom.message()))
    whole = json.dumps({"encrypt": sealed.encrypt}).encode()
    for end in range(0, len(whole), 16):
        assert (await wecom.post("/wecom/robot", sealed, whole[:end])).status_code == 403
    xml = wecom.sealed(TEXT_TO_APP, APP)
    whole = f"<xml><Encrypt><![CDATA[{xml.encrypt}]]></Encrypt></xml>".encode()
    for end in range(0, whole.index(b"]]>"), 16):
        assert (await wecom.post("/wecom/app", xml, whole[:end])).status_code == 403
    assert await wecom.bot.intake.waiting() == 0


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
async def test_a_callback_without_a_part_of_its_envelope_is_rejected(wecom: Platform, missing: str) -> None:
    sealed = wecom.sealed(json.dumps(wecom.message()))
    query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
    del query[missing]
    answer = await wecom.http.post(f"{wecom.url}/wecom/robot", params=query, json={"encrypt": sealed.encrypt})
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["msgsignature", "signature"])
@pytest.mark.parametrize("field", ["encrypt", "Encrypt"])
async def test_other_spellings_that_are_about_are_understood(wecom: Platform, name: str, field: str) -> None:
    sealed = wecom.sealed(json.dumps(wecom.message()))
    query = {name: sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
    answer = await wecom.http.post(f"{wecom.url}/wecom/robot", params=query, json={field: sealed.encrypt})
    assert answer.status_code == 200


async def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(wecom: Platform) -> None:
    head = f"POST /wecom/robot HTTP/1.1\nHost: bot\nContent-Length: {MOST_BYTES + 1}"
    assert b" 413 " in await raw_request(wecom.url, head)
    assert wecom.bot.counted("robot-url", "too-long") == 1


async def test_a_body_that_announces_nothing_is_refused_once_it_is_too_long(wecom: Platform) -> None:
    head = "POST /wecom/robot HTTP/1.1\nHost: bot\nTransfer-Encoding: chunked"
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    assert b" 413 " in await raw_request(wecom.url, head, chunk * (MOST_BYTES // 0x10000 + 1))


async def test_a_caller_who_hangs_up_is_counted_and_nothing_breaks(
    wecom: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    head = "POST /wecom/robot HTTP/1.1\nHost: bot\nContent-Length: 100"
    address = wecom.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(address[0], int(address[1]))
    writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await wecom.http.get(f"{wecom.url}/healthz")).status_code == 200
    assert await wecom.call(wecom.message()) is not None
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("path", "envelope", "text"),
    [
        ("/wecom/robot", ROBOT, "no JSON"),
        ("/wecom/robot", ROBOT, "[1]"),
        ("/wecom/robot", ROBOT, "[" * 100_000),
        ("/wecom/robot", ROBOT, '{"msgtype": "stream"}'),
        ("/wecom/app", APP, "no XML"),
        ("/wecom/app", APP, "<xml/>"),
        ("/wecom/app", APP, "<other><MsgType>text</MsgType></other>"),
        ("/wecom/app", APP, '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><FromUserName>&a;</FromUserName></xml>'),
        ("/wecom/app", APP, '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml>&a;</xml>'),
    ],
)
async def test_what_wecom_itself_sends_malformed_is_set_aside_and_not_asked_for_again(
    wecom: Platform, path: str, envelope: Envelope, text: str
) -> None:
    answer = await wecom.post(path, wecom.sealed(text, envelope))
    assert (answer.status_code, answer.content) == (200, b"")
    assert await wecom.bot.intake.waiting() == 0
    assert wecom.bot.counted("robot-url" if path.endswith("robot") else "app", "unreadable") == 1


async def test_what_nobody_said_gets_its_yes_and_is_not_stored(wecom: Platform) -> None:
    assert await wecom.call({**wecom.message(), "from": {"userid": "sys"}}) is None
    assert await wecom.bot.intake.waiting() == 0


async def test_no_word_and_no_id_of_a_callback_stands_in_a_log(
    wecom: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sealed = wecom.sealed(json.dumps(wecom.message(text={"content": "SECRETWORD"})))
    with capture_logs() as logs:
        await wecom.post("/wecom/robot", sealed)
        await wecom.post("/wecom/robot", replace(sealed, signature="0" * 40))
        await wecom.post("/wecom/robot", wecom.sealed('{"SECRETWORD"'))
        await wecom.bot.handle()
    said = repr(logs) + "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(LIBRARIES)
    )
    assert "callback rejected" in said
    for secret in ("SECRETWORD", "Stu01", sealed.signature, sealed.encrypt, ROBOT.token):
        assert secret not in said


async def test_a_body_that_does_not_come_to_its_end_holds_no_connection(
    database: Database, clock: VirtualClock
) -> None:
    async with Caller("http://127.0.0.1:1") as calls:
        bot = bot_on(database, clock, calls)
        bot.callbacks = replace(bot.callbacks, patience=0.05)
        async with listening(bot) as wecom:
            sealed = wecom.sealed(json.dumps(wecom.message()))
            asked = f"/wecom/robot?msg_signature={sealed.signature}&timestamp={sealed.timestamp}&nonce=nonce"
            head = f"POST {asked} HTTP/1.1\nHost: wecom\nContent-Length: 1000\n"
            assert (await raw_request(wecom.url, head, b'{"encrypt":')).startswith(b"HTTP/1.1 400")
            assert bot.counted("robot-url", "broken-off") == 1


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
async def test_while_nothing_can_be_stored_wecom_is_asked_to_come_again_and_nothing_is_lost_or_doubled(
    valkey_url: str, tmp_path: Path, database: Database, clock: VirtualClock, after_it_was_done: bool
) -> None:
    target = unquote(valkey_url.removeprefix("unix://"))
    for step in range(1, MOST_STEPS):
        async with cutting(tmp_path, target, step, after_it_was_done=after_it_was_done) as (proxy, path):
            line = connect(socket_url(path), f"{database.prefix}{step}")
            async with calling(line, clock) as wecom:
                sealed = wecom.sealed(json.dumps(wecom.message()))
                first = await wecom.post("/wecom/robot", sealed)
                was_cut = proxy.cut.is_set()
                proxy.mend()
                assert first.status_code == (503 if was_cut else 200)
                assert (await wecom.post("/wecom/robot", sealed)).status_code == 200
                await wecom.bot.handle()
                assert len(wecom.bot.heard) == 1
            await close(line)
        if not was_cut:
            assert step > 2, "the way has steps that were cut"
            return
    raise AssertionError(f"the way has more than {MOST_STEPS} steps")
