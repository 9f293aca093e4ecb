"""The robot's long connections: one that lives, kicked by the next; frames taken, answered and, on demand, not."""

import asyncio
import contextlib
import json
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bot.standins.loopback import LOOPBACK
from bot.standins.wecom.faults import Code, Fault, FaultKind, Faults, WecomError
from bot.standins.wecom.robot import Callback, CallbackKind, RobotRules
from bot.standins.wecom.world import World

Json = dict[str, Any]

_MOST_BYTES = 4 * 1024 * 1024


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """One connection; `silent` when nothing goes through any more although it stays open."""

    socket: ServerConnection
    silent: bool = False

    async def send(self, frame: Json) -> None:
        """Send a frame, if it can still be sent."""
        if not self.silent:
            with contextlib.suppress(ConnectionClosed):
                await self.socket.send(json.dumps(frame, ensure_ascii=False))


class Connections:
    """The WebSocket server. `kick_seconds` is how long a kicked connection stays open after it was told."""

    def __init__(
        self, world: World, rules: RobotRules, faults: Faults, *, kick_seconds: float, release: asyncio.Event
    ) -> None:
        self._world = world
        self._rules = rules
        self._faults = faults
        self._kick_seconds = kick_seconds
        self._release = release
        self._server: Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._sessions: set[Session] = set()
        self.live: Session | None = None
        """The connection that gets the messages."""
        self.refusing = False
        """Whether new connections are turned away with 503."""
        self.subscribed = 0
        """How often somebody subscribed with the right secret."""
        self.kicked = 0
        self.received: list[Json] = []
        """Every frame that came, as it came."""

    async def start(self, port: int, tls: ssl.SSLContext | None) -> str:
        """Listen; the address to connect to."""
        self._server = await serve(
            self._serve,
            LOOPBACK,
            port,
            ssl=tls,
            ping_interval=None,
            process_request=self._admit,
            max_size=_MOST_BYTES,
            close_timeout=1,
        )
        bound = next(iter(self._server.sockets)).getsockname()[1]
        return f"{'wss' if tls else 'ws'}://{'localhost' if tls else LOOPBACK}:{bound}"

    async def stop(self) -> None:
        """Close everything at once."""
        for task in self._tasks:
            task.cancel()
        for session in self._sessions:
            session.socket.transport.abort()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def push(self, callback: Callback) -> bool:
        """Hand a callback to whoever is connected; False: nobody is, and it is lost."""
        if self.live is None:
            return False
        event = callback.kind is not CallbackKind.MESSAGE
        cmd = "aibot_event_callback" if event else "aibot_msg_callback"
        await self.live.send({"cmd": cmd, "headers": {"req_id": callback.req_id}, "body": callback.body})
        return True

    # -- what a script does to the connection

    def silence(self) -> None:
        """Half open: nothing is read or written any more, and nobody is told."""
        if self.live is not None:
            self.live.silent = True
            self.live.socket.transport.pause_reading()

    async def close(self, code: int = 1000) -> None:
        """Close the living connection in the regular way."""
        if self.live is not None:
            await self.live.socket.close(code)

    def cut(self) -> None:
        """Break the living connection off."""
        if self.live is not None:
            self.live.socket.transport.abort()

    # -- inside

    def _admit(self, connection: ServerConnection, _: Request) -> Response | None:
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "busy\n") if self.refusing else None

    async def _serve(self, socket: ServerConnection) -> None:
        session = Session(socket=socket)
        self._sessions.add(session)
        try:
            async for text in socket:
                await self._take(session, text)
        except ConnectionClosed:
            pass
        finally:
            self._sessions.discard(session)
            if self.live is session:
                self.live = None
            self._world.bell.ring()

    async def _take(self, session: Session, text: str | bytes) -> None:
        frame = _frame(text)
        if frame is None:
            self._world.complain("a frame that is none")
            await session.send({"headers": {"req_id": ""}, **WecomError(Code.BAD_FIELD, "invalid frame").as_json()})
            return
        self.received.append(frame)
        cmd, req_id, body = frame["cmd"], frame["headers"]["req_id"], frame.get("body") or {}
        fault = self._faults.next(cmd, frozenset({str(body.get("chatid"))}))
        ack: Json = {"headers": {"req_id": req_id}, "errcode": 0, "errmsg": "ok"}
        if fault is not None and fault.kind is FaultKind.ERROR:
            ack |= WecomError(fault.code).as_json()
        elif fault is not None and fault.kind is FaultKind.SERVER_ERROR:
            session.socket.transport.abort()
            return
        else:
            try:
                result = await self._carry_out(session, cmd, req_id, body)
                ack |= {"body": result} if result else {}
            except WecomError as error:
                ack |= error.as_json()
        self._world.bell.ring()
        await self._acknowledge(session, ack, fault)

    async def _carry_out(self, session: Session, cmd: str, req_id: str, body: Json) -> Json | None:
        if cmd == "aibot_subscribe":
            await self._subscribe(session, body)
            return None
        if cmd == "ping":
            return None
        if session is not self.live:
            raise WecomError(Code.BAD_ROBOT_SECRET, "not subscribed")
        rules = self._rules
        answers: dict[str, Callable[[Callback, Json], None]] = {
            "aibot_respond_msg": rules.respond,
            "aibot_respond_welcome_msg": rules.welcome,
            "aibot_respond_update_msg": rules.update,
        }
        asked: dict[str, Callable[[Json], Json | None]] = {
            "aibot_send_msg": rules.send,
            "aibot_upload_media_init": rules.begin_upload,
            "aibot_upload_media_chunk": rules.take_chunk,
            "aibot_upload_media_finish": rules.end_upload,
        }
        if cmd in answers:
            answers[cmd](rules.by_req_id(req_id), body)
            return None
        if cmd not in asked:
            raise WecomError(Code.BAD_FIELD, "invalid cmd")
        return asked[cmd](body)

    async def _subscribe(self, session: Session, body: Json) -> None:
        robot = self._world.robot
        if robot.url or (body.get("bot_id"), body.get("secret")) != (robot.id, robot.secret):
            raise WecomError(Code.BAD_ROBOT_SECRET)
        older, self.live = self.live, session
        self.subscribed += 1
        if older is not None and older is not session:
            self._spawn(self._kick(older))

    async def _kick(self, session: Session) -> None:
        self.kicked += 1
        told = {
            "msgid": secrets.token_urlsafe(16),
            "create_time": int(self._world.now),
            "aibotid": self._world.robot.id,
            "msgtype": "event",
            "event": {"eventtype": "disconnected_event"},
        }
        await session.send({"cmd": "aibot_event_callback", "headers": {"req_id": secrets.token_hex(8)}, "body": told})
        await self._let_go(self._kick_seconds)
        await session.socket.close()

    async def _acknowledge(self, session: Session, ack: Json, fault: Fault | None) -> None:
        match fault.kind if fault is not None else None:
            case FaultKind.HANG:
                return
            case FaultKind.CUT:
                session.socket.transport.abort()
            case FaultKind.BROKEN_JSON:
                await session.socket.send(json.dumps(ack)[: len(json.dumps(ack)) // 2])
            case FaultKind.SLOW if fault is not None:
                self._spawn(self._acknowledge_later(session, ack, fault.seconds))
            case _:
                await session.send(ack)

    async def _acknowledge_later(self, session: Session, ack: Json, seconds: float) -> None:
        await self._let_go(seconds)
        await session.send(ack)

    async def _let_go(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._release.wait()

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _frame(text: str | bytes) -> Json | None:
    """What came, if it has the shape of a frame."""
    try:
        frame = json.loads(text)
        shaped = (
            isinstance(frame["cmd"], str)
            and isinstance(frame["headers"]["req_id"], str)
            and bool(frame["headers"]["req_id"])
            and isinstance(frame.get("body") or {}, dict)
        )
    except (ValueError, TypeError, KeyError):
        return None
    return frame if shaped else None
