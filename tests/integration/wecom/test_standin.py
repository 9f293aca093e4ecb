"""The stand-in's long connection and its user side are as strict as the platform, and usable by anybody."""

import asyncio
import base64
import hashlib
import json
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus

from bot.standins.wecom import WecomStandin

GROUP = "wrClass1"
STUDENT = "Stu01"
BUTTONS = {
    "card_type": "button_interaction",
    "main_title": {"title": "请选择"},
    "button_list": [{"text": "核对无误", "style": 1, "key": "k1"}, {"text": "有错误", "style": 2, "key": "k2"}],
    "task_id": "xj-1",
}
NOTICE = {
    "card_type": "text_notice",
    "main_title": {"title": "学籍通"},
    "card_action": {"type": 1, "url": "https://www.chsi.com.cn/"},
    "task_id": "xj-1",
}


class Client:
    """A bare client of the long connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._asked = 0

    async def ask(self, cmd: str, body: dict[str, Any] | None = None, req_id: str = "") -> dict[str, Any]:
        """Send a frame and return the answer to it."""
        self._asked += 1
        req_id = req_id or f"{cmd}_{self._asked}"
        await self.socket.send(json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": body}))
        answer = await self.hear()
        assert answer["headers"]["req_id"] == req_id
        return answer

    async def code(self, cmd: str, body: dict[str, Any] | None = None, req_id: str = "") -> int:
        return int((await self.ask(cmd, body, req_id))["errcode"])

    async def hear(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.socket.recv())
        return frame


@asynccontextmanager
async def connected(standin: WecomStandin, secret: str = "") -> AsyncIterator[Client]:
    async with connect(standin.ws_url, ping_interval=None, close_timeout=0.1) as socket:
        client = Client(socket)
        robot = standin.world.robot
        answer = await client.ask("aibot_subscribe", {"bot_id": robot.id, "secret": secret or robot.secret})
        assert answer["errcode"] == (853000 if secret else 0)
        yield client


@pytest.fixture
async def standin() -> AsyncIterator[WecomStandin]:
    async with WecomStandin(kick_seconds=0) as standin:
        standin.world.freeze(1_700_000_000.0)
        standin.world.group(chat=GROUP)
        yield standin


@pytest.fixture
async def client(standin: WecomStandin) -> AsyncIterator[Client]:
    async with connected(standin) as client:
        yield client


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=20) as client:
        yield client


Said = Callable[..., Awaitable[str]]


@pytest.fixture
def said(standin: WecomStandin, client: Client) -> Said:
    """Somebody says something, and the client hears it: its req_id."""

    async def say(text: str = "在吗", user: str = STUDENT, **more: Any) -> str:
        await standin.people.say(user=user, text=text, **more)
        return str((await client.hear())["headers"]["req_id"])

    return say


def markdown(content: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": content}}


def stream(content: str = "", *, finish: bool = False, **more: Any) -> dict[str, Any]:
    return {"msgtype": "stream", "stream": {"id": "s1", "finish": finish, "content": content, **more}}


def push(chat: str, body: dict[str, Any], kind: int = 2) -> dict[str, Any]:
    return {"chatid": chat, "chat_type": kind, **body}


async def test_a_message_of_a_group_arrives_with_the_robots_name_and_without_the_senders(
    standin: WecomStandin, client: Client
) -> None:
    await standin.people.say(user=STUDENT, text="何时选课", chat=GROUP, quote="通知")
    frame = await client.hear()
    body = frame["body"]
    assert frame["cmd"] == "aibot_msg_callback"
    assert (body["chatid"], body["chattype"], body["from"]) == (GROUP, "group", {"userid": STUDENT})
    assert body["text"] == {"content": f"@{standin.world.robot.name} 何时选课"}
    assert body["quote"] == {"msgtype": "text", "text": {"content": "通知"}}
    assert {"/", "+", "="} & set(body["msgid"])
    assert "response_url" not in body


async def test_the_robot_hears_nothing_in_a_group_that_does_not_name_it(standin: WecomStandin, client: Client) -> None:
    assert await standin.people.say(user=STUDENT, text="大家好", chat=GROUP, at=False) is None
    assert await standin.people.say(user=STUDENT, chat=GROUP, voice=True, text="大家好") is None
    await standin.people.say(user=STUDENT, text="你好")
    assert (await client.hear())["body"]["text"]["content"] == "你好"


async def test_a_wrong_secret_leaves_a_connection_that_hears_nothing(standin: WecomStandin) -> None:
    async with connected(standin, secret="wrong") as client:
        delivery = await standin.people.say(user=STUDENT, text="在吗")
        assert delivery is not None
        assert delivery.lost
        assert await client.code("aibot_send_msg", push(STUDENT, markdown("在"), 1)) == 853000
        assert await client.code("ping") == 0


async def test_a_second_connection_takes_over_and_the_first_is_told_and_closed(standin: WecomStandin) -> None:
    async with connected(standin) as first, connected(standin) as second:
        told = (await first.hear())["body"]
        assert (told["event"], told["msgtype"]) == ({"eventtype": "disconnected_event"}, "event")
        assert "from" not in told
        with pytest.raises(ConnectionClosedOK):
            await first.hear()
        await standin.people.say(user=STUDENT, text="在吗")
        assert (await second.hear())["body"]["text"] == {"content": "在吗"}


async def test_a_stream_grows_until_it_is_finished(standin: WecomStandin, client: Client, said: Said) -> None:
    req_id = await said()
    for content, finish in (("请", False), ("请稍候", True)):
        assert await client.code("aibot_respond_msg", stream(content, finish=finish), req_id) == 0
    assert await client.code("aibot_respond_msg", stream("还有"), req_id) == 846608
    (shown,) = await standin.messages(user=STUDENT)
    assert (shown["text"], shown["finished"], shown["edits"]) == ("请稍候", True, 1)


async def test_a_stream_can_be_changed_for_six_minutes_and_answered_for_a_day(
    standin: WecomStandin, client: Client, said: Said
) -> None:
    req_id = await said()
    await client.ask("aibot_respond_msg", stream("请"), req_id)
    standin.world.clock(advance=361)
    assert await client.code("aibot_respond_msg", stream("请稍候"), req_id) == 846608
    assert await client.code("aibot_respond_msg", markdown("在"), req_id) == 0
    standin.world.clock(advance=24 * 3600)
    assert await client.code("aibot_respond_msg", markdown("在"), req_id) == 846605


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (stream("学" * 6826 + "ab"), 0),
        (stream("学" * 6826 + "abc"), 45002),
        (stream("\ud800"), 40033),
        (stream(id=""), 40058),
        (stream("好", finish=True, msg_item=[]), 40058),
        (markdown("x" * 20480), 0),
        (markdown("x" * 20481), 45002),
        (markdown(" "), 44004),
        ({"msgtype": "text", "text": {"content": "在"}}, 40008),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
        ({"msgtype": "template_card", "template_card": BUTTONS}, 0),
        ({"msgtype": "template_card", "template_card": {**BUTTONS, "task_id": "有字"}}, 40058),
        ({"msgtype": "template_card", "template_card": {**BUTTONS, "button_list": []}}, 40058),
        ({"msgtype": "template_card", "template_card": {**BUTTONS, "buton_list": []}}, 40058),
        (
            {
                "msgtype": "template_card",
                "template_card": {
                    **BUTTONS,
                    "button_list": [{"text": str(n), "key": str(n)} for n in range(7)],
                },
            },
            40058,
        ),
        ({"msgtype": "template_card", "template_card": {**NOTICE, "card_action": {"type": 0}}}, 40058),
    ],
)
async def test_what_the_platform_refuses_is_refused(
    client: Client, said: Said, body: dict[str, Any], code: int
) -> None:
    assert await client.code("aibot_respond_msg", body, await said()) == code


async def test_every_answer_needs_the_request_it_is_made_for(standin: WecomStandin, client: Client, said: Said) -> None:
    welcome = {"msgtype": "text", "text": {"content": "你好"}}
    assert await client.code("aibot_respond_msg", markdown("在"), "made-up") == 846605
    assert await client.code("aibot_respond_welcome_msg", welcome, await said()) == 846605
    await standin.people.enter(user=STUDENT)
    entered = (await client.hear())["headers"]["req_id"]
    assert await client.code("aibot_respond_msg", markdown("在"), entered) == 846605
    assert await client.code("aibot_respond_welcome_msg", welcome, entered) == 0
    assert await client.code("aibot_respond_welcome_msg", welcome, entered) == 846605


async def test_a_press_changes_the_card_for_who_pressed_alone(
    standin: WecomStandin, client: Client, said: Said
) -> None:
    await client.ask(
        "aibot_respond_msg", {"msgtype": "template_card", "template_card": BUTTONS}, await said(chat=GROUP)
    )
    await standin.people.press(user="Stu02", message=1, label="核对无误")
    event = await client.hear()
    told = event["body"]["event"]
    assert told["template_card_event"] == {"card_type": "button_interaction", "event_key": "k1", "task_id": "xj-1"}
    update = {"response_type": "update_template_card", "userids": ["Stu02"], "template_card": NOTICE}
    req_id = event["headers"]["req_id"]
    other = {**update, "template_card": {**NOTICE, "task_id": "xj-2"}}
    assert await client.code("aibot_respond_update_msg", other, req_id) == 40058
    assert await client.code("aibot_respond_update_msg", update, req_id) == 0
    (theirs,) = await standin.messages(chat=GROUP, user="Stu02")
    (others,) = await standin.messages(chat=GROUP, user=STUDENT)
    assert (theirs["buttons"], others["buttons"]) == ([], ["核对无误", "有错误"])


async def test_a_press_is_answered_within_five_seconds_or_never(
    standin: WecomStandin, client: Client, said: Said
) -> None:
    await client.ask("aibot_respond_msg", {"msgtype": "template_card", "template_card": BUTTONS}, await said())
    await standin.people.press(user=STUDENT, message=1, label="有错误", flat=True, camel=True)
    event = await client.hear()
    assert event["body"]["event"]["EventKey"] == "k2"
    standin.world.clock(advance=6)
    update = {"response_type": "update_template_card", "template_card": NOTICE}
    assert await client.code("aibot_respond_update_msg", update, event["headers"]["req_id"]) == 846605


async def test_a_conversation_is_written_to_only_after_somebody_there_spoke(
    standin: WecomStandin, client: Client, said: Said
) -> None:
    assert await client.code("aibot_send_msg", push(GROUP, markdown("在"))) == 93006
    await said(chat=GROUP)
    assert await client.code("aibot_send_msg", push(GROUP, markdown("在"))) == 0
    assert await client.code("aibot_send_msg", push(GROUP.lower(), markdown("在"))) == 93006
    assert await client.code("aibot_send_msg", push(STUDENT, markdown("在"), 1)) == 93006
    standin.world.group(chat=GROUP, robot_in=False)
    assert await client.code("aibot_send_msg", push(GROUP, markdown("在"))) == 93008


async def test_a_conversation_takes_thirty_messages_a_minute_and_a_thousand_an_hour(
    standin: WecomStandin, client: Client, said: Said
) -> None:
    req_id = await said()
    for _ in range(15):
        assert await client.code("aibot_respond_msg", markdown("在"), req_id) == 0
        assert await client.code("aibot_send_msg", push(STUDENT, markdown("在"), 1)) == 0
    assert await client.code("aibot_send_msg", push(STUDENT, markdown("在"), 1)) == 45009
    standin.world.clock(advance=61)
    assert await client.code("aibot_send_msg", push(STUDENT, markdown("在"), 1)) == 0
    standin.limit(conversation=[(32, 3600)])
    codes = [await client.code("aibot_send_msg", push(STUDENT, markdown("在"), 1)) for _ in range(2)]
    assert codes == [0, 45009]


async def upload(client: Client, content: bytes, *, base: int, md5: str = "") -> dict[str, Any]:
    chunks = [content[:100], content[100:]]
    digest = md5 or hashlib.md5(content, usedforsecurity=False).hexdigest()
    begun = await client.ask(
        "aibot_upload_media_init",
        {"type": "file", "filename": "a.txt", "total_size": len(content), "total_chunks": len(chunks), "md5": digest},
    )
    name = begun["body"]["upload_id"]
    for index, chunk in reversed(list(enumerate(chunks, start=base))):
        data = base64.b64encode(chunk).decode()
        asked = {"upload_id": name, "chunk_index": index, "base64_data": data}
        assert await client.code("aibot_upload_media_chunk", asked) == 0
    return await client.ask("aibot_upload_media_finish", {"upload_id": name})


@pytest.mark.parametrize("base", [0, 1])
async def test_a_file_is_uploaded_in_chunks_and_lives_three_days(
    standin: WecomStandin, client: Client, said: Said, base: int
) -> None:
    done = await upload(client, bytes(range(250)), base=base)
    body = {"msgtype": "file", "file": {"media_id": done["body"]["media_id"]}}
    assert await client.code("aibot_respond_msg", body, await said()) == 0
    standin.world.clock(advance=3 * 24 * 3600 + 1)
    assert await client.code("aibot_respond_msg", body, await said()) == 40007
    assert (await upload(client, bytes(250), base=base, md5="0" * 32))["errcode"] == 40058


async def test_a_half_open_connection_says_nothing_and_a_new_one_works(standin: WecomStandin, client: Client) -> None:
    standin.connections.silence()
    await client.socket.send(json.dumps({"cmd": "ping", "headers": {"req_id": "p"}}))
    delivery = await standin.people.say(user=STUDENT, text="在吗")
    assert delivery is not None
    assert not delivery.lost
    async with connected(standin) as second:
        assert await second.code("ping") == 0
    assert [frame["cmd"] for frame in standin.connections.received].count("ping") == 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.socket.recv(), 0)


async def test_a_connection_is_closed_cut_or_turned_away(standin: WecomStandin) -> None:
    async with connected(standin) as client:
        await standin.connections.close(1000)
        with pytest.raises(ConnectionClosedOK):
            await client.hear()
    async with connected(standin) as client:
        await standin.break_connection(how="cut")
        with pytest.raises(ConnectionClosed):
            await client.hear()
    await standin.break_connection(how="refuse")
    with pytest.raises(InvalidStatus):
        async with connect(standin.ws_url):
            pass


async def test_faults_hit_the_frames_they_name(standin: WecomStandin, client: Client, said: Said) -> None:
    await said()
    await said(user="Stu02")
    standin.fault(call="aibot_send_msg", code=45033, chat="Stu02")
    codes = [await client.code("aibot_send_msg", push(who, markdown("在"), 1)) for who in (STUDENT, "Stu02", "Stu02")]
    assert codes == [0, 45033, 0]
    standin.fault(call="aibot_send_msg", kind="slow", seconds=60)
    asking = asyncio.create_task(client.ask("aibot_send_msg", push(STUDENT, markdown("迟"), 1)))
    await standin.until(lambda: standin.world.messages[-1].text == "迟")
    assert not asking.done()
    standin.release()
    assert (await asking)["errcode"] == 0
    standin.fault(call="aibot_send_msg", kind="broken-json")
    with pytest.raises(json.JSONDecodeError):
        await client.ask("aibot_send_msg", push(STUDENT, markdown("碎"), 1))
    standin.fault(call="aibot_send_msg", kind="hang")
    frame = {"cmd": "aibot_send_msg", "headers": {"req_id": "h"}, "body": push(STUDENT, markdown("哑"), 1)}
    await client.socket.send(json.dumps(frame))
    assert await client.code("ping") == 0
    assert [shown["text"] for shown in await standin.messages(user=STUDENT)] == ["在", "迟", "碎", "哑"]


async def test_an_ordinary_members_robot_gets_hidden_ids(standin: WecomStandin, client: Client) -> None:
    standin.change_robot(hides_ids=True)
    await standin.people.say(user=STUDENT, text="在吗")
    hidden = (await client.hear())["body"]["from"]["userid"]
    assert re.fullmatch("wo[A-Za-z0-9_-]{30}", hidden)
    assert await client.code("aibot_send_msg", push(hidden, markdown("在"), 1)) == 0
    assert await client.code("aibot_send_msg", push(STUDENT, markdown("在"), 1)) == 93006


async def test_the_same_message_is_delivered_again_on_demand(standin: WecomStandin, client: Client) -> None:
    delivery = await standin.people.say(user=STUDENT, text="在吗")
    assert delivery is not None
    await standin.people.repeat(msgid=delivery.msgid)
    first, second = await client.hear(), await client.hear()
    assert first == second


async def test_a_frame_that_is_none_is_complained_of(standin: WecomStandin, client: Client) -> None:
    await client.socket.send("{")
    assert (await client.hear())["errcode"] == 40058
    assert await client.code("aibot_fly") == 40058
    assert standin.world.complaints == ["a frame that is none"]


async def test_a_member_is_played_over_http_from_question_to_press(
    http: httpx.AsyncClient, standin: WecomStandin, client: Client
) -> None:
    async def do(verb: str, **asked: Any) -> Any:
        answer = await http.post(f"{standin.http_url}/{verb}", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert await do("user/say", user=STUDENT, chat=GROUP, text="大家好", at=False) == {"heard": False}
    await do("user/say", user=STUDENT, chat=GROUP, text="在吗")
    req_id = (await client.hear())["headers"]["req_id"]
    await client.ask("aibot_respond_msg", {"msgtype": "template_card", "template_card": BUTTONS}, req_id)
    found = await http.get(f"{standin.http_url}/user/messages", params={"chat": GROUP, "wait": 5})
    (shown,) = found.json()
    assert shown["buttons"] == ["核对无误", "有错误"]
    pressed = await do("user/press", user=STUDENT, message=shown["id"], label="有错误")
    assert (await client.hear())["body"]["msgid"] == pressed["msgid"]
    await do("script/clock", advance=6)
    await do("script/limits", conversation=[])
    assert (await http.get(f"{standin.http_url}/user/complaints")).json() == []


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("user/say", {"user": STUDENT, "chat": "wrNone", "text": "在"}),
        ("user/press", {"user": STUDENT, "message": 99, "label": "好"}),
        ("user/say", {"text": "在"}),
        ("script/fault", {"call": "*", "kind": "earthquake"}),
        ("script/robot", {"clever": True}),
        ("script/connection", {"how": "melt"}),
    ],
)
async def test_what_a_member_or_a_script_cannot_do_is_said(
    http: httpx.AsyncClient, standin: WecomStandin, verb: str, asked: dict[str, Any]
) -> None:
    assert (await http.post(f"{standin.http_url}/{verb}", json=asked)).status_code == 400


async def test_it_runs_alone_says_where_it_is_and_stops_when_told(http: httpx.AsyncClient) -> None:
    program = "from bot.standins.wecom import main; main(0)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    said = json.loads(await process.stdout.readline())
    asked = {"corpid": said["corp_id"], "corpsecret": said["app_secret"]}
    assert (await http.get(f"{said['http_url']}/cgi-bin/gettoken", params=asked)).json()["errcode"] == 0
    async with connect(said["ws_url"]) as socket:
        answer = await Client(socket).ask(
            "aibot_subscribe", {"bot_id": said["robot_id"], "secret": said["robot_secret"]}
        )
        assert answer["errcode"] == 0
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
