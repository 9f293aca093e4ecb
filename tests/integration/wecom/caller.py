"""WeCom's side of callbacks, over real HTTP: it seals and calls, asks again, and takes what is posted to it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from fastapi import APIRouter, Request

from bot.buttons import ButtonSeal
from bot.dialogue.wording import ContentWording
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.callbacks import Callbacks
from bot.platforms.wecom.cards import Cards
from bot.platforms.wecom.envelope import Envelope, Sealed
from bot.platforms.wecom.lane import WeCom
from bot.platforms.wecom.receiver import Reader
from bot.platforms.wecom.streams import PassiveReplies, RobotUrl
from bot.ports import TakenUpdate
from bot.storage.intake import RedisIntake
from bot.storage.replies import RedisPendingReplies, RedisUsedSignatures
from bot.storage.ways import RedisAnswerWays
from bot.web import WebParts, create, serve
from knowledge.loading import CONTENT, phrases
from scheduler.clocks import VirtualClock
from scheduler.messages import OutboundMessage, Outcome
from scheduler.storage.database import Database

ROBOT = Envelope(token="QDG6eK", aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C")
APP = Envelope(token="other", aes_key="kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", receive_id="wx1")

SEAL = ButtonSeal(b"a secret of the tests")

T = TypeVar("T")

Talk = Callable[[InboundMessage], list[tuple[OutboundMessage, str]]]
"""What is said in answer to a message."""


@dataclass(slots=True, kw_only=True)
class Bot:
    """The bot behind the callbacks: what it heard, and what came of what it said. `talk` is set by the test."""

    lane: WeCom
    intake: RedisIntake
    callbacks: Callbacks
    metrics: Metrics
    clock: VirtualClock
    talk: Talk = field(default=lambda message: [])
    heard: list[InboundMessage] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    async def handle(self) -> None:
        """Answer what is stored."""
        await self.intake.run_until_idle(self._handle)

    async def handling(self, call: Coroutine[Any, Any, T]) -> T:
        """What comes of a call, while what is stored is answered."""
        calling = asyncio.create_task(call)
        while not calling.done():
            await self.handle()
            await asyncio.wait([calling], timeout=0.005)
        return await calling

    async def _handle(self, taken: TakenUpdate) -> None:
        message = await self.lane.receive(taken.update)
        if message is not None:
            self.heard.append(message)
            self.outcomes += [await self.lane.send(outbound, text) for outbound, text in self.talk(message)]
        await self.lane.handled(taken.update)

    def counted(self, route: str, outcome: str) -> float:
        """How many callbacks of a route came to this."""
        sample = self.metrics.registry.get_sample_value("xueji_callbacks_total", {"route": route, "outcome": outcome})
        return sample or 0.0


@dataclass(slots=True, kw_only=True)
class Platform:
    """WeCom, as far as it calls: `posted` is what came by the address that a callback gives for one more message."""

    bot: Bot
    url: str = ""
    posted: list[dict[str, Any]] = field(default_factory=list)
    answer_to_post: Mapping[str, Any] = field(default_factory=lambda: {"errcode": 0, "errmsg": "ok"})
    http: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    def message(self, msgid: str = "m1", **more: Any) -> dict[str, Any]:
        """A private text to the robot."""
        return {
            "msgid": msgid,
            "aibotid": "aibX",
            "chattype": "single",
            "from": {"userid": "Stu01"},
            "response_url": f"{self.url}/response?response_code={msgid}",
            "msgtype": "text",
            "text": {"content": "何时选课"},
            **more,
        }

    def in_group(self, msgid: str = "m1", **more: Any) -> dict[str, Any]:
        return self.message(msgid, chattype="group", chatid="wrX", **more)

    def event(self, name: str, inner: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        event = {"eventtype": name, name: inner or {}}
        return self.message(**{"msgtype": "event", "create_time": 1, "event": event, **more})

    def press(self, key: str, msgid: str = "p1", **more: Any) -> dict[str, Any]:
        return self.event("template_card_event", {"event_key": key, "task_id": "xj-1"}, msgid=msgid, **more)

    def sealed(self, message: str, envelope: Envelope = ROBOT) -> Sealed:
        now = str(int(self.bot.clock.now().timestamp()))
        return envelope.seal(message, timestamp=now, nonce="nonce")

    async def verify(self, path: str, sealed: Sealed) -> httpx.Response:
        """What the console does when the address is saved."""
        return await self.http.get(f"{self.url}{path}", params={**_query(sealed), "echostr": sealed.encrypt})

    async def post(self, path: str, sealed: Sealed, body: bytes | None = None) -> httpx.Response:
        """A callback as it is."""
        if body is None and path.endswith("/app"):
            body = f"<xml><ToUserName>wx1</ToUserName><Encrypt><![CDATA[{sealed.encrypt}]]></Encrypt></xml>".encode()
        return await self.http.post(
            f"{self.url}{path}",
            params=_query(sealed),
            content=body if body is not None else json.dumps({"encrypt": sealed.encrypt}).encode(),
        )

    async def call(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Call the robot with a message; what it is answered, opened, and None for nothing."""
        answer = await self.post("/wecom/robot", self.sealed(json.dumps(message)))
        assert answer.status_code == 200
        if not answer.content:
            return None
        sealed = answer.json()
        assert set(sealed) == {"encrypt", "msgsignature", "timestamp", "nonce"}
        assert sealed["nonce"] == "nonce"
        opened: dict[str, Any] = json.loads(
            ROBOT.open(
                Sealed(
                    encrypt=sealed["encrypt"],
                    signature=sealed["msgsignature"],
                    timestamp=str(sealed["timestamp"]),
                    nonce=sealed["nonce"],
                ),
                self.bot.clock.now(),
            )
        )
        return opened

    async def call_and_handle(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Call with something that is answered by the callback itself, while the bot handles it."""
        return await self.bot.handling(self.call(message))

    async def refresh(self, stream: str) -> dict[str, Any]:
        """Ask for a stream again."""
        asked = {"msgid": "again", "from": {"userid": "Stu01"}, "msgtype": "stream", "stream": {"id": stream}}
        answer = await self.call(asked)
        assert answer is not None
        return answer

    def router(self) -> APIRouter:
        """Where a callback's one more message is posted."""
        router = APIRouter()

        async def take(request: Request) -> Mapping[str, Any]:
            self.posted.append({"code": request.query_params["response_code"], **await request.json()})
            return self.answer_to_post

        router.add_api_route("/response", take, methods=["POST"])
        return router


def bot_on(
    database: Database,
    clock: VirtualClock,
    calls: Caller,
    wait: float = 5.0,
    robot: Envelope = ROBOT,
    app: Envelope = APP,
) -> Bot:
    """A bot behind callbacks; `wait`: how many seconds a callback waits for an answer."""
    wording = ContentWording(phrases(CONTENT), informal="你")
    cards = Cards(seal=SEAL, wording=wording, thumbs=True)
    replies, ways = RedisPendingReplies(database), RedisAnswerWays(database)
    url = RobotUrl(replies=replies, ways=ways, cards=cards, calls=calls, clock=clock)
    intake, metrics = RedisIntake(database, alone=True), Metrics()
    passive = PassiveReplies(
        replies=replies, cards=cards, wording=wording, figures=CONTENT / "figures", clock=clock, wait=wait
    )
    callbacks = Callbacks(
        robot=robot,
        app=app,
        passive=passive,
        intake=intake,
        signatures=RedisUsedSignatures(database),
        clock=clock,
        count=lambda route, outcome: metrics.callbacks.labels(route, outcome).inc(),
    )
    lane = WeCom(routes=[url], reader=Reader(seal=SEAL, robot_name="答疑机器人"), ways=ways, url=url)
    return Bot(lane=lane, intake=intake, callbacks=callbacks, metrics=metrics, clock=clock)


@asynccontextmanager
async def calling(database: Database, clock: VirtualClock, *, wait: float = 5.0) -> AsyncIterator[Platform]:
    """WeCom, with the bot's web service listening on loopback; `wait`: how long a callback waits for an answer."""
    async with Caller("http://127.0.0.1:1") as calls, listening(bot_on(database, clock, calls, wait)) as platform:
        yield platform


@asynccontextmanager
async def listening(bot: Bot) -> AsyncIterator[Platform]:
    """The bot's web service on loopback, with WeCom beside it."""
    platform = Platform(bot=bot)
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    parts = WebParts(health=_well, registry=bot.metrics.registry, routers=(bot.callbacks.router(), platform.router()))
    serving = asyncio.create_task(serve(create(parts), host="127.0.0.1", port=0, on_ready=port.set_result))
    platform.url = f"http://127.0.0.1:{await port}"
    try:
        yield platform
    finally:
        await platform.http.aclose()
        serving.cancel()
        await asyncio.wait([serving])


async def raw_request(url: str, head: str, body: bytes = b"") -> bytes:
    """The first bytes of the answer to a request that a client would not make."""
    address = httpx.URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port, family=socket.AF_INET)
    try:
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        await writer.drain()
        async with asyncio.timeout(5):
            return await reader.read(64)
    finally:
        writer.close()
        await writer.wait_closed()


def _query(sealed: Sealed) -> dict[str, str]:
    return {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}


def _well() -> Awaitable[Mapping[str, str | None]]:
    async def well() -> Mapping[str, str | None]:
        return {}

    return well()
