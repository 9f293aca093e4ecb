"""What every stand-in needs on loopback: a time of its own, a bell for who waits, a web server that stops at once."""

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import uvicorn

LOOPBACK = "127.0.0.1"


class Bell:
    """Wakes everybody who waits for something to happen."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Something happened."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until something happens, at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()


class OwnTime:
    """The time of a stand-in, in seconds since 1970: that of `clock`, with what was added by hand."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ahead = 0.0
        self.bell = Bell()

    @property
    def now(self) -> float:
        """The stand-in's present."""
        return self._clock() + self._ahead

    def clock(self, *, advance: float) -> dict[str, Any]:
        """Let seconds pass at once: windows empty, tokens, presses and ways to answer grow old."""
        self._ahead += advance
        self.bell.ring()
        return {"now": self.now}

    def freeze(self, at: float) -> None:
        """Let time stand still, so that only `clock` moves it."""
        self._clock, self._ahead = (lambda: at), 0.0


class QuietServer(uvicorn.Server):
    """Leaves signals to the process it runs in, and stops at once instead of at the next tick of a clock."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        await self.on_tick(0)
        await self._stopping.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield


async def said_and_stopped(line: Mapping[str, Any]) -> None:
    """Print one JSON line about a stand-in that runs alone, and return at SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print(json.dumps(line), flush=True)  # noqa: T201
    await stop.wait()
