"""A line to the server that breaks after the k-th command: the command was done, or its answer is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path


class CuttingProxy:
    """Passes commands on and counts those that matter; from the k-th on nothing gets through until `mend`.

    `after_it_was_done`: the server has done the k-th command and only its answer is lost. Otherwise the
    command itself never arrives.
    """

    def __init__(self, target: str, cut_at: int, *, after_it_was_done: bool) -> None:
        self._target = target
        self._cut_at = cut_at
        self._after = after_it_was_done
        self.seen = 0

    @property
    def is_cut(self) -> bool:
        return 0 < self._cut_at <= self.seen

    def mend(self) -> None:
        """Let everything through again, and for good."""
        self._cut_at = 0

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        up_reader, up_writer = await asyncio.open_unix_connection(self._target)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._commands(reader, up_writer, up_reader, writer)
        for side in (up_writer, writer):
            side.close()
            with contextlib.suppress(ConnectionError):
                await side.wait_closed()

    async def _commands(
        self,
        reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        while chunk := await reader.read(1 << 20):
            if self.is_cut:
                return
            if b"EVAL" in chunk or b"XREADGROUP" in chunk:
                self.seen += 1
            if self.is_cut and not self._after:
                return
            up_writer.write(chunk)
            await up_writer.drain()
            answer = await up_reader.read(1 << 20)
            if self.is_cut:
                return
            writer.write(answer)
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
