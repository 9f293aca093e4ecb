"""The 智能机器人's long connection: kept up by one process at a time, and never fought over.

WeCom allows one connection a robot; a second one throws the first out. So a process connects only while it holds
the lease, and what was thrown out comes back at most a few times an hour: two that both came back at once would
throw each other out for ever. What comes in is handed on in order, beside the reading, so that answers to frames
of ours are read even while the store is slow.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State

from bot.platforms.wecom import frames
from bot.platforms.wecom.api import Answer, Answered, Lost, NotSent
from bot.platforms.wecom.frames import Ack, Callback, Command
from bot.platforms.wecom.refs import PLATFORM
from bot.platforms.wecom.sharing import Sharing
from bot.ports import ConnectionLease, StoreAway, TryCounter
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

Pause = Callable[[float], Awaitable[None]]
"""Waits that many seconds."""

HandOn = Callable[[Callback], Awaitable[None]]
"""Takes what came in; StoreAway: it is tried again."""

PING_SECONDS = 30.0
ACK_SECONDS = 5.0
"""How long WeCom has for its answer to a frame; it takes less than half a second."""

_MOST_MISSED = 2
"""Pings without an answer after which the connection is dead although nobody closed it."""

_RENEW_SECONDS = 3.0
_CLOSE_SECONDS = 1.0
_DRAIN_SECONDS = 2.0
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_CREDENTIAL_SECONDS = 600.0
"""Subscribing with a wrong secret is limited by WeCom; somebody has to mend it anyway."""

_REFUSED_SECONDS = 60.0
_TAKEN_OVER_SECONDS = 60.0
_MOST_TAKEN_BACK = 3
"""How often in an hour the connection is taken up again after another one took it over."""

BAD_CREDENTIAL = 853000


class Trouble(StrEnum):
    """What keeps the connection from working now."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke."""
    SILENT = "silent"
    """It stood, but nothing was answered any more."""
    CREDENTIAL = "credential"
    """WeCom does not accept the robot's id and secret."""
    REFUSED = "refused"
    """WeCom refused the subscription for another reason."""
    TAKEN_OVER = "taken-over"
    """Another connection of the same robot took its place."""
    STORE_AWAY = "store-away"


_PAUSES = {
    Trouble.CREDENTIAL: _CREDENTIAL_SECONDS,
    Trouble.REFUSED: _REFUSED_SECONDS,
    Trouble.TAKEN_OVER: _TAKEN_OVER_SECONDS,
    Trouble.STORE_AWAY: _SHORTEST_PAUSE,
}


_GIVE_WAY = frozenset({Trouble.CREDENTIAL, Trouble.REFUSED, Trouble.TAKEN_OVER})
"""Troubles that keep this process away for long: another one may have the connection meanwhile."""

IN_DOUBT = NotSent(why="in-doubt")
"""The last frame under this `req_id` was never answered: its answer, if it comes, could not be told from this one's."""

_NOT_SENT = NotSent(why="not-connected")
_LOST = Lost(why="no-answer")


@dataclass(slots=True, kw_only=True)
class ConnectionHealth:
    """How the connection is: when WeCom was last heard, what is wrong now (empty: nothing), whether it is another
    process's to have, how many frames could not be read."""

    heard_at: datetime | None = None
    trouble: str = ""
    elsewhere: bool = False
    set_aside: int = 0


class _Ended(Exception):
    """The connection is over; None: another process has the lease."""

    def __init__(self, trouble: Trouble | None) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """The connection of one robot. `hand_on` gets every callback but what concerns the connection itself.

    With `sharing` other processes can send by it, and this one by theirs.
    """

    url: str
    bot_id: str
    secret: str = field(repr=False)
    lease: ConnectionLease
    tries: TryCounter
    clock: Clock
    hand_on: HandOn
    sharing: Sharing | None = None
    pause: Pause = asyncio.sleep
    ack_seconds: float = ACK_SECONDS
    health: ConnectionHealth = field(default_factory=ConnectionHealth)
    _socket: ClientConnection | None = None
    _subscribed: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[str, asyncio.Future[Answer]] = field(default_factory=dict)
    _in_doubt: set[str] = field(default_factory=set)
    _came: asyncio.Queue[Callback] = field(default_factory=asyncio.Queue)
    _heard: int = 0
    _failures: int = 0

    async def run(self) -> None:
        """Be connected whenever this process may; until cancelled."""
        logging.getLogger("websockets").setLevel(logging.WARNING)  # below, it writes whole frames
        handing_on = asyncio.create_task(self._hand_on_forever())
        try:
            while True:
                await self._wait_out(await self._connected())
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.join(), _DRAIN_SECONDS)
            handing_on.cancel()
            await asyncio.gather(handing_on, return_exceptions=True)
            with contextlib.suppress(StoreAway):
                await self.lease.release()

    async def ask(self, command: Command, body: frames.Body | None = None, *, req_id: str | None = None) -> Answer:
        """Send a frame and wait for its answer; one frame at a time under a `req_id`, IN_DOUBT after one that was
        never answered.

        While the connection is being taken up again it is waited for, as long as for an answer.
        """
        if self.health.elsewhere and self.sharing is not None:
            return await self.sharing.ask(command, body, req_id, wait=2 * self.ack_seconds)
        req_id = req_id or frames.new_req_id(command)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.ack_seconds):
                await self._subscribed.wait()
                while req_id in self._waiting:
                    await asyncio.wait([self._waiting[req_id]])
        socket = self._socket
        if socket is None or not self._subscribed.is_set() or req_id in self._waiting:
            return _NOT_SENT
        if req_id in self._in_doubt:
            return IN_DOUBT
        return await self._ask(socket, command, body, req_id)

    async def _ask(self, socket: ClientConnection, command: Command, body: frames.Body | None, req_id: str) -> Answer:
        if socket.state is not State.OPEN:
            return _NOT_SENT
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[req_id] = answer
        try:
            async with asyncio.timeout(self.ack_seconds):
                await socket.send(frames.write(command, req_id, body))
                return await answer
        except TimeoutError:
            self._in_doubt.add(req_id)
            return _LOST
        except ConnectionClosed:
            return _LOST
        finally:
            del self._waiting[req_id]
            if not answer.done():
                answer.set_result(_LOST)

    async def _connected(self) -> Trouble | None:
        """Connect, if this process may, and stay connected; why that ended. None: another process has the lease."""
        try:
            if await self.tries.too_many((self._kicks,), _MOST_TAKEN_BACK + 1, self.clock.now()):
                return Trouble.TAKEN_OVER
            if not await self.lease.take():
                return None
            async with connect(self.url, ping_interval=None, close_timeout=_CLOSE_SECONDS) as socket:
                return await self._serve(socket)
        except StoreAway:
            return Trouble.STORE_AWAY
        except (OSError, TimeoutError, ValueError, WebSocketException):
            return Trouble.UNREACHABLE

    async def _serve(self, socket: ClientConnection) -> Trouble | None:
        why: Trouble | None = Trouble.UNREACHABLE
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(socket))
                group.create_task(self._keep_lease())
                group.create_task(self._stay(socket))
                group.create_task(self._share())
        except* _Ended as ended:
            why = next(error.trouble for error in ended.exceptions if isinstance(error, _Ended))
        finally:
            self._socket = None
            self._subscribed.clear()
            self._in_doubt.clear()  # no answer comes over another connection
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_result(_LOST)
        return why

    async def _stay(self, socket: ClientConnection) -> None:
        """Subscribe, then ask for a sign of life again and again."""
        who = {"bot_id": self.bot_id, "secret": self.secret}
        answer = await self._ask(socket, Command.SUBSCRIBE, who, frames.new_req_id(Command.SUBSCRIBE))
        if not isinstance(answer, Answered):
            raise _Ended(Trouble.SILENT)
        if answer.code != 0:
            raise _Ended(Trouble.CREDENTIAL if answer.code == BAD_CREDENTIAL else Trouble.REFUSED)
        _log.info("connected", platform=PLATFORM)
        self._socket, self.health.trouble, self.health.elsewhere = socket, "", False
        self._subscribed.set()
        missed = 0
        while missed < _MOST_MISSED:
            await self.pause(PING_SECONDS)
            heard = self._heard
            await self._ask(socket, Command.PING, None, frames.new_req_id(Command.PING))
            missed = missed + 1 if self._heard == heard else 0
        raise _Ended(Trouble.SILENT)

    async def _share(self) -> None:
        if self.sharing is not None:
            await self._subscribed.wait()
            await self.sharing.serve(self.ask)

    async def _keep_lease(self) -> None:
        """While the store is away nobody else can take the lease either."""
        while True:
            await self.pause(_RENEW_SECONDS)
            with contextlib.suppress(StoreAway):
                if not await self.lease.take():
                    raise _Ended(None)

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                self._heard += 1
                self.health.heard_at = self.clock.now()
                await self._take(frames.read(text))
        raise _Ended(Trouble.UNREACHABLE)  # closed, by whichever code

    async def _take(self, frame: Callback | Ack | None) -> None:
        match frame:
            case None:
                self.health.set_aside += 1
                _log.warning("frame set aside", platform=PLATFORM)
                return
            case Ack():
                self._in_doubt.discard(frame.req_id)
                answer = self._waiting.get(frame.req_id)
                if answer is not None and not answer.done():
                    answer.set_result(Answered(code=frame.code, body=frame.body))
            case Callback() if frame.event == frames.DISCONNECTED:
                with contextlib.suppress(StoreAway):
                    if not await self.lease.take():  # it was a process of ours, and rightly so
                        raise _Ended(None)
                    await self.tries.count((self._kicks,), self.clock.now())
                raise _Ended(Trouble.TAKEN_OVER)
            case Callback():
                self._came.put_nowait(frame)
        if self._subscribed.is_set():
            self._failures = 0

    async def _hand_on_forever(self) -> None:
        while True:
            callback = await self._came.get()
            try:
                while not await self._handed_on(callback):
                    await self.pause(_SHORTEST_PAUSE)
            finally:
                self._came.task_done()

    async def _handed_on(self, callback: Callback) -> bool:
        """Whether it was taken or set aside; False: the store is away."""
        try:
            await self.hand_on(callback)
        except StoreAway:
            return False
        except Exception as error:  # noqa: BLE001 - one bad frame must not hold up the others
            self.health.set_aside += 1
            _log.error("frame set aside", platform=PLATFORM, why=type(error).__name__)
        return True

    async def _wait_out(self, trouble: Trouble | None) -> None:
        """Wait before the next try: longer with each failure in a row."""
        self.health.elsewhere = trouble is None or trouble in _GIVE_WAY
        if trouble is None:
            self.health.trouble = ""
            await self.pause(_RENEW_SECONDS)
            return
        if trouble != self.health.trouble:
            _log.warning("connection lost", platform=PLATFORM, why=trouble)
        self.health.trouble = trouble
        if trouble in _GIVE_WAY:
            with contextlib.suppress(StoreAway):
                await self.lease.release()
        longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2.0 ** min(self._failures, 10))
        self._failures += 1
        # Jitter, so that the robots of one server do not come back in step.
        await self.pause(_PAUSES.get(trouble, longest) * random.uniform(0.5, 1.0))  # noqa: S311

    @property
    def _kicks(self) -> str:
        return f"{PLATFORM}:{self.bot_id}:taken-over"
