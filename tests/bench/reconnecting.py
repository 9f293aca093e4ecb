"""How long WeCom's long connection is away after its socket was dropped, and what comes in afterwards."""

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.bootstrap import stores
from bot.platforms.wecom import frames
from bot.platforms.wecom.api import Answered
from bot.platforms.wecom.connection import Connection
from bot.platforms.wecom.frames import Callback, Command
from bot.settings import read
from bot.storage.leases import RedisConnectionLease
from scheduler.clocks import SystemClock
from tests.bench.figures import Figure, Measured, rounds
from tests.integration.waiting import wait_until
from tests.integration.wecom.line import Line

_ROUNDS = 15
_SECONDS = 25
_AFTERWARDS = 20
"""Messages that WeCom delivers as soon as the connection stands again."""


def figures() -> Iterator[Measured]:
    """The median time from the drop to an answered frame, and the messages that were delivered and not taken in."""
    away, lost = asyncio.run(_take())
    yield Figure(name="reconnect after a dropped socket", value=statistics.median(away), unit="s", aim=2.0)
    yield Figure(name="messages lost after a reconnect", value=lost, unit="", aim=0.0)


async def _take() -> tuple[list[float], int]:
    heard: list[Any] = []

    async def hear(callback: Callback) -> None:
        heard.append(callback.body["n"])

    with tempfile.TemporaryDirectory() as folder:
        async with stores(read(data=Path(folder)), serving=True) as (kept, _), Line() as line:
            connection = Connection(
                url=line.url,
                bot_id="bench",
                secret="bench",
                lease=RedisConnectionLease(kept.database, "bench", alone=True),
                tries=kept.tries,
                clock=SystemClock(),
                hand_on=hear,
            )
            running = asyncio.create_task(connection.run())
            try:
                return await _drops(line, connection, heard)
            finally:
                running.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await running


async def _drops(line: Line, connection: Connection, heard: list[Any]) -> tuple[list[float], int]:
    """Drop the socket again and again: how long each took, and how many messages were lost."""
    away: list[float] = []
    await line.subscribed()
    for number in rounds(_ROUNDS, seconds=_SECONDS):
        begun = time.perf_counter()
        await line.cut()
        await line.subscribed(number + 2)
        answer = await connection.ask(Command.SEND, frames.markdown("?"))
        if not isinstance(answer, Answered):
            raise TypeError("the frame after a reconnect was not answered")
        away.append(time.perf_counter() - begun)
        await _deliver(line, range(number * _AFTERWARDS, (number + 1) * _AFTERWARDS), heard)
    return away, len(away) * _AFTERWARDS - len(set(heard))


async def _deliver(line: Line, numbers: range, heard: list[Any]) -> None:
    for number in numbers:
        await line.say({"cmd": "aibot_msg_callback", "headers": {"req_id": f"r{number}"}, "body": {"n": number}})
    with contextlib.suppress(AssertionError):  # what never comes is counted
        await wait_until(lambda: numbers[-1] in heard, "the last message")
