"""A disk that is full: the store ends rather than lose what it acknowledged, and comes back once there is room."""

import asyncio
import contextlib
import multiprocessing
import resource
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bot.storage import connection
from bot.storage.embedded import EmbeddedServer
from scheduler.ports import StoreAway
from scheduler.storage.database import Database
from tests.integration.waiting import wait_until

_FRESH = multiprocessing.get_context("spawn")
FULL_AT = 256 * 1024
_A_VALUE = "x" * 4_096

MOST = FULL_AT // len(_A_VALUE)
"""Values for which there is room."""


def guard(folder: Path, here: Connection) -> None:
    """The work of the serving process: the store, none of whose files may grow any larger until there is room."""
    asyncio.run(_guard(folder, here))


async def _guard(folder: Path, here: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_AT, resource.RLIM_INFINITY))
    server = EmbeddedServer(folder)
    with server.serving() as path:
        guarding = asyncio.create_task(server.guard())
        here.send(str(path))
        await asyncio.to_thread(here.recv)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await asyncio.to_thread(here.recv)
        guarding.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a store with a full disk had acknowledged, how much of that is gone, and whether it could be used yet."""

    acknowledged: int
    lost: int
    usable: bool


async def filling(folder: Path) -> Filled:
    """Write until the disk is full, make room, and see what is there."""
    here, there = _FRESH.Pipe()
    process = _FRESH.Process(target=guard, args=(folder, there), daemon=True)
    process.start()
    assert await asyncio.to_thread(here.poll, 60), "the store came up"
    database = connection.connect(connection.socket_url(here.recv()), "t")
    acknowledged: list[str] = []
    with contextlib.suppress(StoreAway):
        while True:
            await database.call("SET", f"t:{len(acknowledged)}", _A_VALUE)
            acknowledged.append(f"t:{len(acknowledged)}")
    usable = await _writable(database)
    here.send("there is room")
    await wait_until(lambda: _writable(database), "the store is back")
    kept = [await database.call("GET", key) for key in acknowledged]
    await connection.close(database)
    here.send("enough")
    await asyncio.to_thread(process.join, 30)
    return Filled(acknowledged=len(acknowledged), lost=sum(value != _A_VALUE for value in kept), usable=usable)


async def _writable(database: Database) -> bool:
    with contextlib.suppress(StoreAway):
        return bool(await database.call("SET", "t:probe", _A_VALUE))
    return False
