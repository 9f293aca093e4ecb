"""Every call a bot makes, held against what Telegram's documentation says of the method: names, types, what is needed.

Independent of this project's code and of any stand-in: the facts lie in `tests/fixtures/telegram/bot_api.json`.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FACTS = json.loads((Path(__file__).parents[2] / "fixtures/telegram/bot_api.json").read_text("utf-8"))

_UNIONS = {"InputMedia": "InputMediaPhoto"}
"""Which of a union's members this project sends."""


@dataclass(slots=True)
class Calls:
    """The calls that passed, as name and parameters, and what was wrong with any of them."""

    base_url: str
    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def of(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of a method."""
        return [given for name, given in self.made if name == method]


def faults_of(method: str, given: Mapping[str, Any]) -> list[str]:
    """What Telegram's documentation does not allow in a call; parameters as HTTP carries them."""
    known = _FACTS["methods"].get(method)
    return [f"no facts of {method}"] if known is None else _misfits(method, known, given)


def _misfits(where: str, known: Mapping[str, str], given: Mapping[str, Any]) -> list[str]:
    strange = [f"{where} has no {name}" for name in given if name not in known]
    missing = [f"{where} needs {name}" for name, kind in known.items() if kind.endswith("!") and name not in given]
    wrong = [
        fault
        for name, value in given.items()
        if name in known
        for fault in _misfit(f"{where}.{name}", known[name].rstrip("!"), value)
    ]
    return strange + missing + wrong


def _misfit(where: str, kind: str, value: Any) -> list[str]:
    kinds = kind.split(" or ")
    if "String" in kinds and isinstance(value, str):
        return []
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return [f"{where} is no {kind}"]
    return min((_unlike(where, one, value) for one in kinds), key=len)


def _unlike(where: str, kind: str, value: Any) -> list[str]:
    inner = kind.removeprefix("Array of ")
    if inner != kind:
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [fault for one in value for fault in _misfit(where, inner, one)]
    kind = _UNIONS.get(kind, kind)
    if kind in _FACTS["types"]:
        return _misfits(where, _FACTS["types"][kind], value) if isinstance(value, dict) else [f"{where} is no {kind}"]
    plain = {"Integer": int, "Boolean": bool, "Float": float, "String": str}.get(kind)
    if plain is None or type(value) is not plain:
        return [f"{where} is no {kind}"]
    return []


@asynccontextmanager
async def recording(target: str, *, unknown_there: frozenset[str] = frozenset()) -> AsyncIterator[Calls]:
    """A Bot API address that passes every call on to `target` and notes it, without what is `unknown_there`."""
    listener = socket.create_server(("127.0.0.1", 0))
    calls = Calls(f"http://127.0.0.1:{listener.getsockname()[1]}")
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:

        async def pass_on(request: Request) -> Response:
            method, body = request.path_params["method"], await request.body()
            given = _given(request.headers.get("content-type", ""), body) | dict(request.query_params)
            calls.made.append((method, given))
            calls.faults += faults_of(method, given)
            if unknown_there & set(given):
                body = urlencode({name: value for name, value in given.items() if name not in unknown_there}).encode()
            kind = {"content-type": request.headers["content-type"]} if body else {}
            url = f"{target}{request.url.path}"
            answer = await http.post(url, content=body, headers=kind, params=dict(request.query_params))
            return Response(answer.content, status_code=answer.status_code, media_type="application/json")

        app = Starlette(routes=[Route("/bot{token}/{method}", pass_on, methods=["GET", "POST"])])
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield calls
        finally:
            server.should_exit = True
            await serving


def _given(kind: str, body: bytes) -> dict[str, Any]:
    if kind.startswith("application/json"):
        return dict(json.loads(body))
    if not kind.startswith("multipart/form-data"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    fields: dict[str, Any] = {}
    for part in whole.iter_parts():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename() is None:
            fields[str(name)] = content.decode()
    return {name: value for name, value in _with_files(fields, whole).items() if not name.startswith("attached")}


def _with_files(fields: dict[str, Any], whole: Any) -> dict[str, Any]:
    """Files that stand for a parameter of their own; those a parameter refers to are no parameters."""
    referred = json.dumps(fields)
    names = [part.get_param("name", header="content-disposition") for part in whole.iter_parts() if part.get_filename()]
    return fields | {name: "file" for name in names if f"attach://{name}" not in referred}
