"""The web service of one process: its health, its metrics, and the chatroom where there is one."""

import contextlib
import errno
import socket
from asyncio import CancelledError, create_task, shield
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bot.platforms.chatroom.pages import is_loopback

_GRACE_SECONDS = 2
"""How long running requests may take to end when the service stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the web service shows.

    `health` says of each check what is wrong, or None where nothing is; `notes` is what staff should know
    although the bot is ready (a search without its model, a group that cannot be read). `measure` brings the
    gauges of `registry` up to date before they are read. `routers` are the addresses that platforms call.
    `chatroom` is the chatroom's pages, None without one.
    """

    health: Callable[[], Awaitable[Mapping[str, str | None]]]
    registry: CollectorRegistry
    notes: Callable[[], Mapping[str, str]] = dict
    measure: Callable[[], Awaitable[None]] | None = None
    routers: Sequence[APIRouter] = ()
    chatroom: APIRouter | None = None


class NotLoopback(Exception):
    """The chatroom lets anybody play anyone, so it may be served to this machine alone."""


class NotListening(OSError):
    """The web pages' address cannot be had; the message says why in one line."""


def create(parts: WebParts) -> FastAPI:
    """The application; it starts nothing by itself."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.has_chatroom = parts.chatroom is not None
    if parts.chatroom is not None:
        app.include_router(parts.chatroom)
    for router in parts.routers:
        app.include_router(router)

    @app.get("/healthz")
    async def alive() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readiness() -> JSONResponse:
        checks = await parts.health()
        ready = not any(checks.values())
        answer = {"ready": ready, "checks": dict(checks), "notes": dict(parts.notes())}
        return JSONResponse(answer, status_code=200 if ready else 503)

    @app.get("/metrics")
    async def metrics() -> PlainTextResponse:
        if parts.measure is not None:
            await parts.measure()
        return PlainTextResponse(generate_latest(parts.registry), media_type=CONTENT_TYPE_LATEST)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        """Says which field is wrong, and never what stood in it."""
        fields = [".".join(map(str, fault["loc"])) for fault in error.errors()]
        return JSONResponse({"detail": "not-valid", "fields": fields}, status_code=422)

    return app


async def serve(app: FastAPI, *, host: str, port: int, on_ready: Callable[[int], None]) -> None:
    """Serve until cancelled, then end within 3 s; `on_ready` is told the port, which 0 leaves to the system.

    NotListening if the address cannot be had; NotLoopback if the chatroom would be reachable from elsewhere.
    """
    if app.state.has_chatroom and not is_loopback(host):
        raise NotLoopback(f"the chatroom is not served on {host}, only on a loopback address")
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = "another program uses it" if error.errno == errno.EADDRINUSE else str(error.strerror)
        raise NotListening(f"port {port} of {host}: {why}; set XUEJI_PORT to another port") from None
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config, lambda: on_ready(listener.getsockname()[1]))
    running = create_task(server.serve(sockets=[listener]))
    try:
        await shield(running)
    except CancelledError:
        server.should_exit = True
        await running
        raise
    finally:
        listener.close()


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to the process that runs it."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
