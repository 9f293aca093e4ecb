"""The stand-in calls the bot's addresses as the platform does, and drops what the platform drops."""

import asyncio
import base64
import hashlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException

from bot.standins.loopback import LOOPBACK, QuietServer
from bot.standins.wecom import WecomStandin
from bot.standins.wecom.seal import Seal, decrypt_media, encrypt_media
from bot.standins.wecom.world import Refusal
from bot.standins.wecom.world import Route as By
from tests.integration.wecom.test_standin import BUTTONS, GROUP, NOTICE, STUDENT, connected, markdown, stream

VECTORS = json.loads((Path(__file__).parents[2] / "fixtures" / "wecom" / "vectors.json").read_text("utf-8"))
CARD = {"msgtype": "template_card", "template_card": BUTTONS}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(200))

Answer = Callable[[str], Awaitable[bytes]]


class Bot:
    """A bot behind callback addresses: `heard` is what it was told, `answer` what it says to each."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal
        self.heard: list[str] = []
        self.says: list[dict[str, Any] | str | None] = []
        self.status = 200
        self.hold: asyncio.Event | None = None
        self.sign_with = seal
        self.nonce = ""

    async def handle(self, request: Request) -> Response:
        query = request.query_params
        crypto = WeChatCrypto(self.seal.token, self.seal.aes_key, self.seal.receive_id)
        if request.method == "GET":
            try:
                echo = crypto.check_signature(*_signed(query), query["echostr"])
            except InvalidSignatureException:
                return Response(status_code=403)
            return Response(echo)
        body = await request.body()
        envelope = body if body.startswith(b"<") else {"Encrypt": json.loads(body)["encrypt"]}
        self.heard.append(crypto.decrypt_message(envelope, *_signed(query)))
        if self.hold is not None:
            await self.hold.wait()
        said = self.says.pop(0) if self.says else None
        return Response(self._sealed(said, query) if said else b"", status_code=self.status)

    def _sealed(self, said: dict[str, Any] | str, query: Any) -> bytes | str:
        if isinstance(said, str):
            crypto = WeChatCrypto(self.seal.token, self.seal.aes_key, self.seal.receive_id)
            xml: str = crypto.encrypt_message(said, query["nonce"], query["timestamp"])
            return xml
        encrypted = self.seal.encrypt(json.dumps(said))
        nonce = self.nonce or query["nonce"]
        signature = self.sign_with.sign(query["timestamp"], nonce, encrypted)
        timestamp = int(query["timestamp"])
        return json.dumps(
            {"encrypt": encrypted, "msgsignature": signature, "timestamp": timestamp, "nonce": nonce}
        ).encode()


def _signed(query: Any) -> tuple[str, str, str]:
    return query["msg_signature"], query["timestamp"], query["nonce"]


@pytest.fixture
async def standin() -> AsyncIterator[WecomStandin]:
    async with WecomStandin(refresh_seconds=None, patience=5) as standin:
        standin.world.freeze(1_700_000_000.0)
        standin.world.group(chat=GROUP)
        yield standin


@pytest.fixture
async def served() -> AsyncIterator[Callable[[Bot], str]]:
    """Serves bots on loopback; each one's address."""
    stopping, serving = asyncio.Event(), []

    def serve(bot: Bot) -> str:
        listening = socket.create_server((LOOPBACK, 0))
        app = Starlette(routes=[Route("/wecom", bot.handle, methods=["GET", "POST"])])
        config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1)
        serving.append(asyncio.create_task(QuietServer(config, stopping).serve(sockets=[listening])))
        return f"http://{LOOPBACK}:{listening.getsockname()[1]}/wecom"

    yield serve
    stopping.set()
    await asyncio.gather(*serving)


@pytest.fixture
async def robot(standin: WecomStandin, served: Callable[[Bot], str]) -> Bot:
    """A robot by callback address."""
    bot = Bot(standin.world.robot.seal)
    await standin.set_robot_url(url=served(bot))
    return bot


@pytest.fixture
async def app(standin: WecomStandin, served: Callable[[Bot], str]) -> Bot:
    """An application with a callback address."""
    bot = Bot(standin.world.app.seal)
    await standin.set_app_url(url=served(bot))
    return bot


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.mark.parametrize("vector", VECTORS["callbacks"], ids=lambda vector: vector["id"])
def test_the_platforms_own_vectors_are_sealed_and_opened(vector: dict[str, Any]) -> None:
    seal = Seal(token=vector["token"], aes_key=vector["aes_key"], receive_id=vector["receive_id"])
    random = bytes.fromhex(vector["salt"])
    assert seal.encrypt(vector["message"], random) == vector["encrypt"]
    assert seal.decrypt(vector["encrypt"]) == vector["message"]
    assert seal.sign(vector["timestamp"], vector["nonce"], vector["encrypt"]) == vector["signature"]


def test_what_is_meant_for_somebody_else_is_not_opened() -> None:
    seal = Seal(token="t", aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", receive_id="ww1")
    with pytest.raises(ValueError, match="receiveid"):
        Seal(token="t", aes_key=seal.aes_key).decrypt(seal.encrypt("hello"))


async def test_an_address_is_saved_only_if_it_proves_itself(
    standin: WecomStandin, served: Callable[[Bot], str]
) -> None:
    stranger = Bot(Seal(token="another", aes_key=standin.world.robot.seal.aes_key))
    with pytest.raises(Refusal, match="something else"):
        await standin.set_robot_url(url=served(stranger))
    with pytest.raises(Refusal, match="within a second"):
        await standin.set_robot_url(url="http://127.0.0.1:1/wecom")
    assert standin.world.robot.url == ""


async def test_a_message_is_answered_by_a_stream_that_is_asked_for_until_it_ends(
    standin: WecomStandin, robot: Bot
) -> None:
    robot.says = [stream("请"), stream("请稍候"), stream("请稍候。", finish=True)]
    delivery = await standin.people.say(user=STUDENT, text="何时选课", chat=GROUP)
    assert delivery is not None
    assert delivery.reply == stream("请")
    for expected in ("请稍候", "请稍候。"):
        (again,) = await standin.refresh(msgid=delivery.msgid)
        assert (await standin.messages(chat=GROUP))[0]["text"] == expected
        assert again.msgid != delivery.msgid
    assert await standin.refresh(msgid=delivery.msgid) == []
    first, second, _ = (json.loads(heard) for heard in robot.heard)
    assert first["response_url"].startswith(standin.http_url)
    assert (second["msgtype"], second["stream"]) == ("stream", {"id": "s1"})
    assert "response_url" not in second
    assert standin.world.complaints == []


async def test_it_asks_for_more_by_itself_at_its_pace(served: Callable[[Bot], str]) -> None:
    async with WecomStandin(refresh_seconds=0) as standin:
        robot = Bot(standin.world.robot.seal)
        await standin.set_robot_url(url=served(robot))
        robot.says = [stream("一"), stream("二"), stream("三", finish=True)]
        await standin.people.say(user=STUDENT, text="在吗")
        await standin.until(lambda: standin.world.messages[0].body["stream"]["finish"])


async def test_nobody_asks_for_more_after_six_minutes(standin: WecomStandin, robot: Bot) -> None:
    robot.says = [stream("请")]
    delivery = await standin.people.say(user=STUDENT, text="在吗")
    assert delivery is not None
    standin.world.clock(advance=361)
    assert await standin.refresh(msgid=delivery.msgid) == []


@pytest.mark.parametrize(
    "said",
    [
        {"msgtype": "text", "text": {"content": "在"}},
        markdown("在"),
        stream("x" * 20481),
        stream("图", msg_item=[{"msgtype": "image", "image": {}}]),
        {"msgtype": "stream_with_template_card", "stream": {"id": "s1"}, "template_card": {}},
    ],
)
async def test_what_the_platform_drops_is_complained_of(
    standin: WecomStandin, robot: Bot, said: dict[str, Any]
) -> None:
    robot.says = [said]
    delivery = await standin.people.say(user=STUDENT, text="在吗")
    assert delivery is not None
    assert standin.world.complaints == [delivery.complaint] != [""]
    assert await standin.messages(user=STUDENT) == []


async def test_an_answer_is_sealed_signed_and_carries_the_callbacks_nonce(standin: WecomStandin, robot: Bot) -> None:
    robot.says = [stream("在"), stream("在")]
    robot.sign_with = Seal(token="another", aes_key=robot.seal.aes_key)
    forged = await standin.people.say(user=STUDENT, text="在吗")
    robot.sign_with, robot.nonce = robot.seal, "fixed"
    stale = await standin.people.say(user=STUDENT, text="在吗")
    assert forged is not None
    assert stale is not None
    assert "signature" in forged.complaint
    assert "nonce" in stale.complaint


async def test_pictures_come_with_the_end_of_a_stream_and_one_card_with_the_whole(
    standin: WecomStandin, robot: Bot
) -> None:
    digest = hashlib.md5(PICTURE, usedforsecurity=False).hexdigest()
    item = {"msgtype": "image", "image": {"base64": base64.b64encode(PICTURE).decode(), "md5": digest}}
    with_card = {"msgtype": "stream_with_template_card", "template_card": BUTTONS, "stream": {"id": "s1"}}
    robot.says = [with_card, with_card, stream("看图", finish=True, msg_item=[item])]
    delivery = await standin.people.say(user=STUDENT, text="在吗")
    assert delivery is not None
    (again,) = await standin.refresh(msgid=delivery.msgid)
    assert "second card" in again.complaint
    await standin.refresh(msgid=delivery.msgid)
    shown = await standin.messages(user=STUDENT)
    assert sorted(one["kind"] for one in shown) == ["stream", "template_card"]
    assert [one["text"] for one in shown] == ["", "看图"]


async def test_a_response_url_is_good_once_within_an_hour_and_for_messages_only(
    standin: WecomStandin, robot: Bot, http: httpx.AsyncClient
) -> None:
    await standin.people.say(user=STUDENT, text="在吗")
    await standin.people.say(user=STUDENT, text="还在吗")
    first, second = (json.loads(heard)["response_url"] for heard in robot.heard)

    async def post(url: str, body: dict[str, Any]) -> int:
        return int((await http.post(url, json=body)).json()["errcode"])

    update = {"response_type": "update_template_card", "template_card": NOTICE}
    assert await post(first, update) == 40008
    assert [await post(first, markdown("在")) for _ in range(2)] == [0, 93000]
    standin.world.clock(advance=3601)
    assert await post(second, markdown("在")) == 93000


async def test_a_press_that_is_answered_too_late_changes_nothing(
    served: Callable[[Bot], str], http: httpx.AsyncClient
) -> None:
    async with WecomStandin(refresh_seconds=None, patience=0.2) as standin:
        robot = Bot(standin.world.robot.seal)
        await standin.set_robot_url(url=served(robot))
        robot.says = [CARD, None, {"response_type": "update_template_card", "template_card": NOTICE}]
        await standin.people.say(user=STUDENT, text="在吗")
        robot.hold = asyncio.Event()
        late = await standin.people.press(user=STUDENT, message=1, label="核对无误")
        robot.hold.set()
        assert late.status is None
        assert (await standin.messages(user=STUDENT))[0]["buttons"] == ["核对无误", "有错误"]
        assert (await standin.people.press(user=STUDENT, message=1, label="核对无误")).reply is not None
        assert (await standin.messages(user=STUDENT))[0]["buttons"] == []


async def test_a_rating_is_answered_with_nothing_and_an_opened_chat_with_a_text(
    standin: WecomStandin, robot: Bot
) -> None:
    robot.says = [{"msgtype": "text", "text": {"content": "你好"}}, stream("谢谢")]
    entered = await standin.people.enter(user=STUDENT)
    assert entered.complaint == ""
    assert "chattype" not in json.loads(robot.heard[0])
    rated = await standin.people.rate_by_id(user=STUDENT, feedback="f1", kind=2)
    assert json.loads(robot.heard[1])["event"]["feedback_event"]["type"] == 2
    assert rated.complaint


async def test_what_a_member_sent_is_ciphered_with_the_robots_key_for_five_minutes(
    standin: WecomStandin, robot: Bot, http: httpx.AsyncClient
) -> None:
    await standin.people.say(user=STUDENT, picture=base64.b64encode(PICTURE).decode())
    told = json.loads(robot.heard[0])["image"]
    assert decrypt_media((await http.get(told["url"])).content, robot.seal.key) == PICTURE
    standin.world.clock(advance=301)
    assert (await http.get(told["url"])).status_code == 404


def test_media_are_ciphered_as_the_official_client_expects() -> None:
    vector = VECTORS["media"]
    key, ciphered = base64.b64decode(vector["aes_key"]), base64.b64decode(vector["ciphertext"])
    assert encrypt_media(vector["plain"].encode(), key) == ciphered


async def test_the_application_hears_xml_and_answers_with_a_text(standin: WecomStandin, app: Bot) -> None:
    app.says = ["<xml><MsgType>text</MsgType><Content>在</Content></xml>"]
    delivery = await standin.people.tell(user=STUDENT, text="<在吗> ]]>")
    assert (delivery.tries, delivery.complaint) == (1, "")
    assert "<FromUserName><![CDATA[Stu01]]></FromUserName>" in app.heard[0]
    assert [shown["text"] for shown in await standin.messages(user=STUDENT)] == ["在"]
    app.says = ["<xml><MsgType>stream</MsgType></xml>"]
    assert (await standin.people.happen(user=STUDENT, event="enter_agent")).complaint


async def test_the_application_is_called_three_times_while_it_does_not_answer_200(
    standin: WecomStandin, app: Bot
) -> None:
    app.status = 503
    delivery = await standin.people.tell(user=STUDENT, text="在吗")
    assert (delivery.status, delivery.tries, len(set(app.heard))) == (503, 3, 1)
    app.status = 200
    await standin.people.repeat(msgid=delivery.msgid)
    assert len(app.heard) == 4
    assert len(set(app.heard)) == 1


async def test_a_press_on_the_applications_card_brings_a_new_way_to_change_it(
    standin: WecomStandin, app: Bot, http: httpx.AsyncClient
) -> None:
    standin.world.member(user=STUDENT)
    corp = standin.world.app
    asked = {"corpid": corp.corp_id, "corpsecret": corp.secret}
    token = (await http.get(f"{standin.http_url}/cgi-bin/gettoken", params=asked)).json()["access_token"]

    async def call(path: str, **body: Any) -> int:
        url = f"{standin.http_url}/cgi-bin/message/{path}"
        answer = await http.post(url, params={"access_token": token}, json={"agentid": corp.agent_id, **body})
        return int(answer.json()["errcode"])

    assert await call("send", touser=STUDENT, **CARD) == 0
    await standin.people.press(user=STUDENT, message=1, label="有错误", selected={"which": ["a", "b"]})
    heard = app.heard[0]
    assert "<EventKey><![CDATA[k2]]></EventKey>" in heard
    assert heard.count("<OptionId>") == 2
    code = heard.partition("<ResponseCode><![CDATA[")[2].partition("]]>")[0]
    change = {"response_code": code, "userids": [STUDENT], "button": {"replace_name": "已收到"}}
    assert [await call("update_template_card", **change) for _ in range(2)] == [0, 40058]
    (shown,) = await standin.messages(user=STUDENT)
    assert (shown["buttons"], shown["card"]["replaced"]) == ([], "已收到")


async def test_the_answer_to_a_press_on_the_applications_card_may_be_another_card(
    standin: WecomStandin, app: Bot
) -> None:
    world = standin.world
    for user in (STUDENT, "Stu02"):
        world.member(user=user)
    world.keep(By.APP, STUDENT, CARD, to=(STUDENT, "Stu02"))
    card = """<CardType>button_interaction</CardType><MainTitle><Title>已登记</Title></MainTitle>
        <ButtonList><Text>改主意</Text><Style>1</Style><Key>k9</Key></ButtonList>"""
    app.says = [f"<xml><MsgType>update_template_card</MsgType><TemplateCard>{card}</TemplateCard></xml>"]
    assert (await standin.people.press(user=STUDENT, message=1, label="有错误")).complaint == ""
    (own,), (others,) = await standin.messages(user=STUDENT), await standin.messages(user="Stu02")
    assert own["buttons"] == ["改主意"]
    assert others["buttons"] == ["核对无误", "有错误"]


async def test_while_three_answers_have_not_ended_the_robot_does_not_hear_a_fourth_message(
    standin: WecomStandin, robot: Bot
) -> None:
    robot.says = [stream(f"{number}", id=f"s{number}") for number in range(3)]
    robot.says += [stream("完", id="s0", finish=True), stream("又", id="s3")]
    first, *_ = [await standin.people.say(user=STUDENT, text="在吗") for _ in range(3)]
    assert first is not None
    assert await standin.people.say(user=STUDENT, text="在吗") is None
    await standin.refresh(msgid=first.msgid)
    assert await standin.people.say(user=STUDENT, text="在吗") is not None


async def test_what_nobody_is_sure_of_can_be_had_both_ways(standin: WecomStandin, robot: Bot) -> None:
    standin.change_robot(keeps_msgid=True, gives_response_url=True)
    robot.says = [stream("请")]
    delivery = await standin.people.say(user=STUDENT, text="在吗")
    assert delivery is not None
    (again,) = await standin.refresh(msgid=delivery.msgid)
    assert again.msgid == delivery.msgid
    await standin.set_robot_url(url="")
    async with connected(standin) as client:
        await standin.people.say(user=STUDENT, text="在吗")
        assert (await client.hear())["body"]["response_url"].startswith(standin.http_url)
