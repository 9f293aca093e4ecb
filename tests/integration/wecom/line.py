"""WeCom's end of a long connection, scripted frame by frame, on loopback."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.integration.waiting import wait_until

Frame = dict[str, Any]
Reaction = Callable[[Frame], Frame | str | None]
"""What comes back for a frame: a frame, anything at all as text, or nothing."""


def acknowledged(frame: Frame, code: int = 0, **body: Any) -> Frame:
    """The answer to a frame of the robot's."""
    return {"headers": frame["headers"], "errcode": code, "errmsg": "", **({"body": body} if body else {})}


class Line:
    """Listens from `async with` to its end, and acknowledges whatever comes unless `react` says otherwise.

    `came` are the frames that came, pings left out; `connections` how many were opened so far.
    """

    def __init__(self) -> None:
        self.came: list[Frame] = []
        self.pings = 0
        self.connections = 0
        self.react: Reaction = acknowledged
        self._open: list[ServerConnection] = []
        self._server: Server | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await serve(self._take, "127.0.0.1", 0)
        host, port = next(iter(self._server.sockets)).getsockname()[:2]
        self.url = f"ws://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def commands(self) -> list[str]:
        """The commands that came, in order."""
        return [frame["cmd"] for frame in self.came]

    async def say(self, frame: Frame | str) -> None:
        """Send a frame, or any text, to the newest connection."""
        await self._open[-1].send(frame if isinstance(frame, str) else json.dumps(frame))

    async def close(self, code: int = 1000) -> None:
        """Close the newest connection properly."""
        await self._open[-1].close(code)

    async def cut(self) -> None:
        """Break the newest connection off without a word."""
        self._open[-1].transport.abort()

    async def subscribed(self, times: int = 1) -> None:
        """Return when so many subscriptions came."""
        await wait_until(lambda: self.commands().count("aibot_subscribe") >= times, f"subscription {times}")

    async def _take(self, connection: ServerConnection) -> None:
        self.connections += 1
        self._open.append(connection)
        try:
            async for text in connection:
                frame = json.loads(text)
                if frame["cmd"] == "ping":
                    self.pings += 1
                else:
                    self.came.append(frame)
                answer = self.react(frame)
                if answer is not None:
                    await connection.send(answer if isinstance(answer, str) else json.dumps(answer))
        except ConnectionClosed:
            await asyncio.sleep(0)
