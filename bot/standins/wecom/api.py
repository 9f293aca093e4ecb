"""WeCom's HTTP API: /cgi-bin/…, always with status 200, unless a script wants it otherwise; and members' files."""

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from bot.standins.wecom.application import Application
from bot.standins.wecom.faults import AFTERWARDS, Code, Fault, FaultKind, Faults, WecomError
from bot.standins.wecom.hooks import Hooks
from bot.standins.wecom.people import FILE_LIVES
from bot.standins.wecom.robot import RobotRules
from bot.standins.wecom.world import World

Json = dict[str, Any]

_LONGEST_HANG = 60.0
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[01])[0-9a-fA-F]{4}")


class Api:
    """Takes requests apart, carries them out, and spoils the answers that a script wants spoilt."""

    def __init__(
        self, world: World, faults: Faults, rules: RobotRules, app: Application, hooks: Hooks, *, release: asyncio.Event
    ) -> None:
        self._world = world
        self._faults = faults
        self._rules = rules
        self._app = app
        self._hooks = hooks
        self._release = release
        self.calls: Counter[str] = Counter()
        """How often each path was called."""

    async def handle(self, request: Request) -> Response:
        """One call."""
        path = request.path_params["path"]
        self.calls[path] += 1
        content = await request.body()
        fault = self._faults.next(path, _addressees(content))
        if fault is not None and fault.kind not in AFTERWARDS:
            return _refused(fault)
        try:
            done = self._carry_out(path, request, content)
            answer: Json = {"errcode": 0, "errmsg": "ok", **done}
        except WecomError as error:
            answer = error.as_json()
        self._world.bell.ring()
        return JSONResponse(answer) if fault is None else await self._spoilt(fault, answer)

    async def file(self, request: Request) -> Response:
        """What a member sent, ciphered, for five minutes."""
        found = self._world.files.get(request.path_params["name"])
        if found is None or self._world.now - found.at > FILE_LIVES:
            return Response(status_code=404)
        return Response(found.content, media_type="application/octet-stream")

    def _carry_out(self, path: str, request: Request, content: bytes) -> Json:
        query = request.query_params
        kind = request.headers.get("content-type", "")
        match path:
            case "gettoken":
                return self._app.get_token(query)
            case "media/upload":
                return self._app.upload(query, _uploaded(kind, content))
            case "webhook/upload_media":
                return self._hooks.upload(query, _uploaded(kind, content))
            case "webhook/send":
                return self._hooks.send(query, _parsed(content))
            case "aibot/response":
                self._rules.late_reply(query.get("response_code", ""), _parsed(content))
                return {}
            case _ if path in self._app.methods:
                return self._app.call(path, query, _parsed(content) if content else {})
        raise WecomError(40066, "invalid url")

    async def _spoilt(self, fault: Fault, answer: Json) -> Response:
        whole = json.dumps(answer).encode()
        match fault.kind:
            case FaultKind.BROKEN_JSON:
                return Response(whole[: len(whole) // 2], media_type="application/json")
            case FaultKind.CUT:
                return StreamingResponse(_half(whole), headers={"content-length": str(len(whole))})
            case FaultKind.SLOW:
                await self._wait_for(self._release, fault.seconds)
                return JSONResponse(answer)
            case _:
                await self._wait_for(self._world.stopping, _LONGEST_HANG)
                return Response(status_code=504)

    async def _wait_for(self, event: asyncio.Event, seconds: float) -> None:
        waits = [asyncio.ensure_future(one.wait()) for one in {event, self._world.stopping}]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()


def _refused(fault: Fault) -> Response:
    if fault.kind is FaultKind.SERVER_ERROR:
        return HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", status_code=502)
    return JSONResponse(WecomError(fault.code).as_json())


def _parsed(content: bytes) -> Json:
    """The JSON of a call; WeCom wants it in UTF-8 itself, not in escapes."""
    if _ESCAPED.search(content):
        raise WecomError(Code.BAD_ENCODING, "invalid charset")
    try:
        asked = json.loads(content)
    except ValueError:
        raise WecomError(47001, "data format error") from None
    if not isinstance(asked, dict):
        raise WecomError(47001, "data format error")
    return asked


def _uploaded(kind: str, body: bytes) -> bytes:
    """The file in a form: its field is `media`, and it has a plain filename."""
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    for part in whole.iter_parts():
        given = part.get_payload(decode=True)
        named = part.get_param("name", header="content-disposition")
        if named == "media" and isinstance(given, bytes) and _has_plain_filename(str(part["content-disposition"])):
            return given
    raise WecomError(41005, "missing media data")


def _has_plain_filename(disposition: str) -> bool:
    return re.search(r"""\bfilename=\S""", disposition) is not None


def _addressees(content: bytes) -> frozenset[str]:
    """Whom a call names, so that a fault can hit one of them alone."""
    with contextlib.suppress(ValueError, AttributeError):
        asked = json.loads(content)
        return frozenset([*str(asked.get("touser", "")).split("|"), str(asked.get("chatid", ""))])
    return frozenset()


async def _half(whole: bytes) -> AsyncIterator[bytes]:
    yield whole[: len(whole) // 2]
    raise ConnectionAbortedError
