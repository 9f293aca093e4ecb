"""WeCom's HTTP API over real HTTP: its tokens and keys are checked, what it answers to a call is the test's to say."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bot import web
from bot.metrics import Metrics
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.tokens import AppCalls
from bot.ports import TokenStore
from scheduler.ports import Clock

CORP_ID, SECRET, HOOK_KEY = "ww1", "the-secret", "0f-key-1"

HANG = "hang"
"""An answer that never comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it arrived; a file that was uploaded stands in `body` as its bytes, behind its name."""

    path: str
    query: Mapping[str, str]
    body: Any


@dataclass(slots=True, kw_only=True)
class Gateway:
    """`good` are the tokens it takes; `answers` are said first, one a call: a code, an object, a response, HANG."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    answers: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, path: str, *answers: Any) -> None:
        """What the next calls of `path` are answered."""
        self.answers[path].extend(answers)

    def asked(self, path: str) -> list[Call]:
        """The calls of `path`."""
        return [call for call in self.calls if call.path == path]

    def bodies(self, path: str) -> list[Any]:
        """What was sent to `path`."""
        return [call.body for call in self.asked(path)]

    async def answer(self, path: str, request: Request) -> Response:
        """WeCom's answer."""
        query = dict(request.query_params)
        self.calls.append(Call(path=path, query=query, body=await _body(request)))
        scripted = self.answers[path]
        said = scripted.popleft() if scripted else self._refusal(path, query) or self._yes(path)
        if said == HANG:
            await self.closing.wait()
            said = 0
        if isinstance(said, Response):
            return said
        if isinstance(said, int):
            said = {"errcode": said, "errmsg": "hint: [1], from ip: 203.0.113.9"}
        return JSONResponse(said)

    def _refusal(self, path: str, query: Mapping[str, str]) -> int:
        if path == "gettoken":
            return 0 if query == {"corpid": CORP_ID, "corpsecret": SECRET} else 40001
        if path.startswith("webhook/"):
            return 0 if query["key"] == HOOK_KEY else 93000
        return 0 if query.get("access_token") in self.good else 42001

    def _yes(self, path: str) -> Mapping[str, Any]:
        yes: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
        number = len(self.asked(path))
        match path:
            case "gettoken":
                self.good.add(f"token-{number}")
                return {**yes, "access_token": f"token-{number}", "expires_in": 7200}
            case "message/send":
                return {**yes, "invaliduser": "", "msgid": f"m{number}"}
            case "media/upload" | "webhook/upload_media":
                return {**yes, "type": "image", "media_id": f"media-{number}", "created_at": "1"}
        return yes


async def _body(request: Request) -> Any:
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return await request.json()
    content = await request.body()
    if not kind.startswith("multipart/"):
        return content
    head, _, rest = content.partition(b"\r\n\r\n")
    name = head.partition(b'filename="')[2].partition(b'"')[0].decode()
    return name, rest.rpartition(b"\r\n--")[0]


async def _well() -> Mapping[str, str | None]:
    return {}


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    """WeCom's HTTP API on a free port of this machine."""
    there = Gateway()
    router = APIRouter()

    @router.api_route("/cgi-bin/{path:path}", methods=["GET", "POST"])
    async def call(path: str, request: Request) -> Response:
        return await there.answer(path, request)

    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    pages = web.create(web.WebParts(health=_well, registry=Metrics().registry, routers=(router,)))
    serving = asyncio.create_task(web.serve(pages, host="127.0.0.1", port=0, on_ready=port.set_result))
    there.url = f"http://127.0.0.1:{await port}"
    try:
        yield there
    finally:
        there.closing.set()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def app_calls(caller: Caller, store: TokenStore, clock: Clock, *, secret: str = SECRET) -> AppCalls:
    """The calls of the application; while another one fetches a token there is no pause."""
    return AppCalls(caller, store, clock, corp_id=CORP_ID, secret=secret, pause=lambda seconds: asyncio.sleep(0))
