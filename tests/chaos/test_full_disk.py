"""A disk that is full: the store ends rather than lose what it acknowledged, and comes back once there is room."""

import asyncio
import contextlib
import multiprocessing
import resource
from multiprocessing.connection import Connection
from pathlib import Path

from bot.storage import connection
from bot.storage.embedded import EmbeddedServer
from scheduler.ports import StoreAway
from scheduler.storage.database import Database
from tests.integration.waiting import wait_until

_FRESH = multiprocessing.get_context("spawn")
_FULL_AT = 256 * 1024
_A_VALUE = "x" * 4_096


def guard(folder: Path, here: Connection) -> None:
    """The work of the serving process: the store, none of whose files may grow any larger until there is room."""
    asyncio.run(_guard(folder, here))


async def _guard(folder: Path, here: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FULL_AT, resource.RLIM_INFINITY))
    server = EmbeddedServer(folder)
    with server.serving() as path:
        guarding = asyncio.create_task(server.guard())
        here.send(str(path))
        await asyncio.to_thread(here.recv)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await asyncio.to_thread(here.recv)
        guarding.cancel()


async def test_a_full_disk_ends_the_store_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    here, there = _FRESH.Pipe()
    process = _FRESH.Process(target=guard, args=(tmp_path, there), daemon=True)
    process.start()
    assert await asyncio.to_thread(here.poll, 60), "the store came up"
    database = connection.connect(connection.socket_url(here.recv()), "t")
    acknowledged: list[str] = []
    with contextlib.suppress(StoreAway):
        while True:
            await database.call("SET", f"t:{len(acknowledged)}", _A_VALUE)
            acknowledged.append(f"t:{len(acknowledged)}")
    assert 0 < len(acknowledged) <= _FULL_AT // len(_A_VALUE), "it ended because of its disk"
    assert not await _writable(database), "it cannot be used without room, however often it is started"

    here.send("there is room")
    await wait_until(lambda: _writable(database), "the store is back")
    kept = [await database.call("GET", key) for key in acknowledged]
    assert kept == [_A_VALUE] * len(acknowledged)
    await connection.close(database)
    here.send("enough")
    await asyncio.to_thread(process.join, 30)


async def _writable(database: Database) -> bool:
    with contextlib.suppress(StoreAway):
        return bool(await database.call("SET", "t:probe", _A_VALUE))
    return False
