"""The stand-in over HTTP on loopback: the Bot API on one side, persons and scripts on the other.

Bot side, as Telegram's: /bot<token>/<method>, GET or POST, parameters as a form, as multipart or as JSON.

User side, JSON in and out, on /user/…:
  POST group   {"chat": -1001, "title": "…", "admin": false, "topics": [7]}     a group with the bot in it
               further: owner (a person), size (members)
  POST say     {"user": 11, "text": "…"}                          to the bot alone; in a group with "chat": -1001
               further: name, reply_to, thread, photo, sticker, anonymous, bot, raw
  POST edit    {"chat": 11, "message": 3, "text": "…"}            a person changes a message
  POST press   {"user": 11, "chat": 11, "message": 4, "label": "…"}   or "data": "…" as a tampered client can
  POST follow  {"user": 11, "chat": -1001, "message": 4, "label": "…"}   a person opens a button's link to the bot
  POST block   {"user": 11, "blocked": true}                      a person blocks the bot
  POST invite  {"user": 11, "chat": -1001}                        a person brings the bot into a group
  POST promote {"user": 11, "chat": -1001, "admin": true}         a person makes the bot an admin
  POST kick    {"chat": -1001}                                    a group throws the bot out
  POST migrate {"chat": -77, "to": -10077}                        a group becomes a supergroup
  POST inject  {"update": {…}}                                    any update at all
  GET  messages?chat=11&after=0&wait=5    what the bot wrote there or changed, after change number `after`
  GET  presses    every press: was it answered?            GET commands    the menu the bot has set

Scripts, on /script/…:
  POST fault   {"method": "sendMessage", "kind": "flood", "times": 1, "chat": 11, "retry_after": 3}
               kinds: flood flood-bare forbidden bad-request unauthorized server-error hang cut broken-json no-result
  POST limits  {"overall": [30, 1], "chat": [3, 3], "group": [20, 60]}   calls and seconds; null: no limit
  POST clock   {"advance": 151}                            let seconds pass
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.standins.loopback import LOOPBACK, QuietServer, said_and_stopped
from bot.standins.telegram.caller import Caller
from bot.standins.telegram.faults import AFTERWARDS, ApiError, Fault, FaultKind, Faults, error_of
from bot.standins.telegram.methods import Methods
from bot.standins.telegram.pace import Limits, Pace
from bot.standins.telegram.shapes import Json
from bot.standins.telegram.world import Refusal, World

_LONGEST_HANG = 60.0


class TelegramStandin:
    """The stand-in, listening from `async with` to its end; `port` 0 takes any free one.

    `retry_seconds` is how long it waits before a webhook that failed twice is called again, doubled each time.
    """

    def __init__(
        self, *, port: int = 0, limits: Limits | None = None, world: World | None = None, retry_seconds: float = 2.0
    ) -> None:
        self.world = world or World()
        self.faults = Faults()
        self._pace = Pace(limits=limits or Limits())
        self._methods = Methods(self.world, self._pace)
        self._port = port
        self._stopping = asyncio.Event()
        config = uvicorn.Config(
            self._app(), lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = QuietServer(config, self._stopping)
        self._serving: asyncio.Task[None] | None = None
        self._caller = Caller(self.world, retry_seconds=retry_seconds)
        self._calling: asyncio.Task[None] | None = None
        self.base_url = ""

    @property
    def token(self) -> str:
        """The one bot token it accepts."""
        return self.world.token

    @property
    def waiting_polls(self) -> int:
        """How many calls of getUpdates wait for an update now."""
        return self._methods.waiting_polls

    @property
    def polls(self) -> int:
        """How many calls of getUpdates there were."""
        return self._methods.polls

    async def __aenter__(self) -> Self:
        listening = socket.create_server((LOOPBACK, self._port))
        self.base_url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        self._calling = asyncio.create_task(self._caller.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._methods.closing = True
        self._stopping.set()
        self.world.bell.ring()
        if self._calling is not None:
            self._calling.cancel()
            await asyncio.gather(self._calling, return_exceptions=True)
        if self._serving is not None:
            await self._serving

    def limit(self, *, overall: Any = None, chat: Any = None, group: Any = None) -> Json:
        """Set the flood limits, each as (calls, seconds) or None for no limit."""
        given = {"overall": overall, "chat": chat, "group": group}
        self._pace.limits = Limits(**{name: tuple(limit) if limit else None for name, limit in given.items()})
        return {}

    def fault(self, **asked: Any) -> Json:
        """Let the next calls of a method go wrong; see `Fault`."""
        self.faults.add(Fault(**asked))
        return {}

    async def messages(self, chat: int, *, after: int = 0, wait: float = 0.0) -> list[Json]:
        """What the bot wrote in a chat or changed since change number `after`; waits for the first, `wait` seconds."""
        until = asyncio.get_running_loop().time() + wait
        while True:
            found = self._written(chat, after)
            left = until - asyncio.get_running_loop().time()
            if found or left <= 0 or self._methods.closing:
                return found
            await self.world.bell.wait(left)

    def _written(self, chat: int, after: int) -> list[Json]:
        kept = self.world.chats[chat].messages.values() if chat in self.world.chats else ()
        mine = [one for one in kept if one.body["from"]["id"] == self.world.me["id"] and one.number > after]
        return [
            {
                "message_id": one.body["message_id"],
                "number": one.number,
                "text": one.body.get("text", one.body.get("caption", "")),
                "document": one.body["document"]["file_unique_id"] if "document" in one.body else None,
                "photo": one.body["photo"][0]["file_unique_id"] if "photo" in one.body else None,
                "buttons": [
                    [b["text"] for b in row] for row in one.body.get("reply_markup", {}).get("inline_keyboard", [])
                ],
                "reply_to": one.body.get("reply_to_message", {}).get("message_id"),
                "thread": one.body.get("message_thread_id"),
                "only_for": one.body.get("receiver_user", {}).get("id"),
                "edits": one.edits,
                "deleted": one.deleted,
            }
            for one in sorted(mine, key=lambda one: one.number)
        ]

    # -- HTTP

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._bot_side, methods=["GET", "POST"]),
                Route("/user/messages", self._read, methods=["GET"]),
                Route("/user/presses", self._presses, methods=["GET"]),
                Route("/user/commands", self._commands, methods=["GET"]),
                Route("/user/{verb}", self._act, methods=["POST"]),
                Route("/script/{verb}", self._act, methods=["POST"]),
            ]
        )

    async def _bot_side(self, request: Request) -> Response:
        if request.path_params["token"] != self.token:
            return _error(ApiError(401, "Unauthorized"))
        try:
            method = request.path_params["method"]
            given, files = await _parameters(request)
            fault = self.faults.next(method, str(given.get("chat_id")))
            if fault is not None and fault.kind not in AFTERWARDS:
                return _broken(fault)
            answer: Json = {"ok": True, "result": await self._methods.call(method, given, files)}
        except ApiError as error:
            return _error(error)
        return JSONResponse(answer) if fault is None else await self._spoilt(fault, answer)

    async def _spoilt(self, fault: Fault, answer: Json) -> Response:
        whole = json.dumps(answer).encode()
        match fault.kind:
            case FaultKind.BROKEN_JSON:
                return Response(whole[: len(whole) // 2], media_type="application/json")
            case FaultKind.NO_RESULT:
                return JSONResponse({"ok": True})
            case FaultKind.CUT:
                return StreamingResponse(_half(whole), headers={"content-length": str(len(whole))})
            case _:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LONGEST_HANG):
                        await self._stopping.wait()
                return Response(status_code=504)

    async def _read(self, request: Request) -> Response:
        asked = request.query_params
        found = await self.messages(
            int(asked["chat"]), after=int(asked.get("after", 0)), wait=float(asked.get("wait", 0))
        )
        return JSONResponse(found)

    async def _presses(self, _: Request) -> Response:
        presses = self.world.presses.values()
        return JSONResponse([{"press": one.id, "answered": one.answered, "toast": one.toast} for one in presses])

    async def _commands(self, _: Request) -> Response:
        return JSONResponse(self.world.commands)

    async def _act(self, request: Request) -> Response:
        world = self.world
        verbs: Mapping[str, Callable[..., Json]] = {
            "group": world.group, "say": world.say, "edit": world.edit, "press": world.press, "block": world.block,
            "kick": world.kick, "migrate": world.migrate, "inject": world.inject, "invite": world.invite,
            "promote": world.promote, "follow": world.follow,
            "clock": world.clock, "limits": self.limit, "fault": self.fault,
        }  # fmt: skip
        verb = verbs.get(request.path_params["verb"])
        if verb is None:
            return JSONResponse({"error": "no such verb"}, status_code=404)
        try:
            return JSONResponse(verb(**json.loads(await request.body() or b"{}")))
        except (Refusal, TypeError, ValueError, KeyError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)


async def _parameters(request: Request) -> tuple[Json, dict[str, bytes]]:
    given: Json = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "")
    files: dict[str, bytes] = {}
    try:
        if kind.startswith("application/json"):
            given |= json.loads(body)
        elif kind.startswith("multipart/form-data"):
            fields, files = _multipart(kind, body)
            given |= fields
        elif body:
            given |= dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    except (ValueError, TypeError):
        raise ApiError(400, "Bad Request: can't parse the request") from None
    return given, files


def _multipart(kind: str, body: bytes) -> tuple[Json, dict[str, bytes]]:
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    fields: Json = {}
    files: dict[str, bytes] = {}
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise TypeError("a part without a name")
        if part.get_filename() is None:
            fields[name] = content.decode()
        else:
            files[name] = content
    return fields, files


def _error(error: ApiError) -> Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return JSONResponse(body, status_code=error.code)


def _broken(fault: Fault) -> Response:
    if fault.kind is FaultKind.SERVER_ERROR:
        return HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", status_code=502)
    return _error(error_of(fault))


async def _half(whole: bytes) -> AsyncIterator[bytes]:
    yield whole[: len(whole) // 2]
    raise ConnectionAbortedError


def main(port: int) -> None:
    """Run the stand-in alone until SIGINT or SIGTERM; prints one JSON line: its addresses and the token it accepts."""
    asyncio.run(_alone(port))


async def _alone(port: int) -> None:
    async with TelegramStandin(port=port) as standin:
        await said_and_stopped(
            {
                "base_url": standin.base_url,
                "user_url": f"{standin.base_url}/user",
                "script_url": f"{standin.base_url}/script",
                "token": standin.token,
                "username": standin.world.me["username"],
            }
        )
