"""A line to the server that breaks after the k-th command: the command was done, or its answer is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any


class CuttingProxy:
    """Passes commands on and counts those that matter; from the k-th on nothing gets through until `mend`.

    `after_it_was_done`: the server has done the k-th command and only its answer is lost. Otherwise the
    command itself never arrives.
    """

    def __init__(self, target: str, cut_at: int, *, after_it_was_done: bool) -> None:
        self._target = target
        self._cut_at = cut_at
        self._after = after_it_was_done
        self._seen = 0
        self.cut = asyncio.Event()
        self.refused = 0
        self._ways: set[asyncio.Task[None]] = set()

    def mend(self) -> None:
        """Let everything through again, and for good."""
        self._cut_at = 0
        self.cut.clear()

    def _now_cut(self) -> bool:
        return self.cut.is_set()

    def _count(self) -> None:
        self._seen += 1
        if self._seen == self._cut_at:
            self.cut.set()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client; it ends when either side does, and when the line is cut."""
        up_reader, up_writer = await asyncio.open_unix_connection(self._target)
        ways = [
            asyncio.create_task(self._up(reader, up_writer)),
            asyncio.create_task(self._down(up_reader, writer)),
        ]
        self._ways.update(ways)
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for side in (up_writer, writer):
            side.close()
            with contextlib.suppress(ConnectionError):
                await side.wait_closed()

    async def hang_up(self) -> None:
        """End every connection."""
        for way in self._ways:
            way.cancel()
        while lines := [task for task in asyncio.all_tasks() if is_the_line(task)]:
            await asyncio.gather(*lines, return_exceptions=True)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1 << 20):
            was_cut = self.cut.is_set()
            if b"EVAL" in chunk or b"XREADGROUP" in chunk:
                self._count()
            if was_cut or (self._now_cut() and not self._after):
                self.refused += 1
                return
            writer.write(chunk)
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1 << 20):
            if self._now_cut():
                return
            writer.write(chunk)
            await writer.drain()


@contextlib.asynccontextmanager
async def cutting(
    folder: Path, target: str, cut_at: int, *, after_it_was_done: bool
) -> AsyncIterator[tuple[CuttingProxy, str]]:
    """A proxy before the server's socket, and the path it listens at."""
    proxy = CuttingProxy(target, cut_at, after_it_was_done=after_it_was_done)
    path = folder / f"p{cut_at}{'a' if after_it_was_done else 'b'}.sock"
    server = await asyncio.start_unix_server(proxy.pass_on, path)
    async with server:
        yield proxy, str(path)
        await proxy.hang_up()


def is_the_line(task: asyncio.Task[Any]) -> bool:
    """Whether a task belongs to the line itself, not to those who speak over it."""
    return getattr(task.get_coro(), "__qualname__", "").startswith(CuttingProxy.__name__)
