"""The server the bot brings along: who holds it, what it survives, and what it is recovered from."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bot.ports import StoreAway
from bot.storage.connection import close, connect, socket_url
from bot.storage.embedded import EmbeddedServer, HeldBy
from scheduler.storage.database import Database
from tests.integration.waiting import wait_until

_FRESH = multiprocessing.get_context("spawn")


@contextlib.asynccontextmanager
async def database_at(path: Path) -> AsyncIterator[Database]:
    database = connect(socket_url(str(path)), "t")
    yield database
    await close(database)


def server_pid(folder: Path) -> int:
    return int((folder / "valkey" / "valkey.pid").read_text())


def serve_forever(folder: Path, ready: Connection) -> None:
    """The work of another process: holds the folder until it is killed."""
    with EmbeddedServer(folder).serving() as path:
        ready.send(str(path))
        signal.pause()


def another_serve(folder: Path) -> BaseProcess:
    here, there = _FRESH.Pipe()
    process = _FRESH.Process(target=serve_forever, args=(folder, there), daemon=True)
    process.start()
    assert here.poll(20), "the other process came up"
    here.recv()
    return process


def runs(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be buried."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip()) and not found.stdout.startswith("Z")


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join()


@pytest.mark.parametrize("name", ["data", "a folder with spaces", 'quote " and back\\slash', "deep/" + "x" * 120])
async def test_data_survives_stop_and_start_in_any_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    for expected in (None, "kept"):
        with EmbeddedServer(folder).serving() as path:
            async with database_at(path) as database:
                assert await database.call("GET", "t:key") == expected
                await database.call("SET", "t:key", "kept")
        assert not EmbeddedServer(folder).is_alive()


async def test_a_second_serve_on_the_folder_is_told_who_holds_it(tmp_path: Path) -> None:
    before = time.time()
    other = another_serve(tmp_path)
    with pytest.raises(HeldBy) as held, EmbeddedServer(tmp_path).serving():
        pass
    assert held.value.pid == other.pid
    assert before - 1 <= held.value.since.timestamp() <= time.time()
    kill(other)
    EmbeddedServer(tmp_path).stop()


async def test_other_commands_use_the_running_server_and_leave_it_running(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path).serving() as path:
        pid = server_pid(tmp_path)
        with EmbeddedServer(tmp_path).attached() as same:
            assert same == path
        assert server_pid(tmp_path) == pid
        assert EmbeddedServer(tmp_path).is_alive()


async def test_the_last_to_leave_stops_the_server(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path).attached():
        with EmbeddedServer(tmp_path).serving():
            pass
        assert EmbeddedServer(tmp_path).is_alive(), "the command still uses it"
    assert not EmbeddedServer(tmp_path).is_alive()


async def test_an_orphaned_server_is_adopted_with_all_it_knows_and_stopped_at_the_end(tmp_path: Path) -> None:
    killed = another_serve(tmp_path)
    async with database_at(EmbeddedServer(tmp_path).socket) as database:
        await database.call("SET", "t:key", "kept")
    orphan = server_pid(tmp_path)
    kill(killed)
    with EmbeddedServer(tmp_path).serving() as path:
        assert server_pid(tmp_path) == orphan
        async with database_at(path) as database:
            assert await database.call("GET", "t:key") == "kept"
    assert not EmbeddedServer(tmp_path).is_alive()


async def test_a_stale_socket_and_pid_are_no_obstacle(tmp_path: Path) -> None:
    killed = another_serve(tmp_path)
    os.kill(server_pid(tmp_path), signal.SIGKILL)
    kill(killed)
    assert EmbeddedServer(tmp_path).socket.exists()
    with EmbeddedServer(tmp_path).serving() as path:
        async with database_at(path) as database:
            assert await database.call("PING")


async def test_a_server_that_cannot_be_reached_is_replaced_not_joined_by_a_second(tmp_path: Path) -> None:
    killed = another_serve(tmp_path)
    orphan = server_pid(tmp_path)
    EmbeddedServer(tmp_path).socket.unlink()
    kill(killed)
    with EmbeddedServer(tmp_path).serving() as path:
        assert server_pid(tmp_path) != orphan
        assert not runs(orphan)
        async with database_at(path) as database:
            assert await database.call("PING")


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed_under_writes(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path)
    acknowledged = 0
    with server.serving() as path:
        for _ in range(3):
            async with database_at(path) as database:
                acknowledged = await write_until_killed(database, acknowledged, server_pid(tmp_path))
            server.start()
            async with database_at(path) as database:
                kept = await database.call("LRANGE", "t:list", 0, -1)
                assert kept[:acknowledged] == [str(number) for number in range(acknowledged)]
                acknowledged = len(kept)


async def write_until_killed(database: Database, start: int, pid: int) -> int:
    """Append numbers, kill the server in the midst of it; how many it has acknowledged."""
    number = start
    with contextlib.suppress(StoreAway):
        while True:
            await database.call("RPUSH", "t:list", number)
            number += 1
            if number == start + 50:
                asyncio.get_running_loop().call_later(0.01, os.kill, pid, signal.SIGKILL)
    return number


async def test_the_guard_starts_a_server_that_died_again(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path)
    with server.serving() as path:
        guard = asyncio.create_task(server.guard())
        async with database_at(path) as database:
            await database.call("SET", "t:key", "kept")
            os.kill(server_pid(tmp_path), signal.SIGKILL)
            await wait_until(lambda: _has(database, "kept"), "the data is back")
        guard.cancel()


async def _has(database: Database, value: str) -> bool:
    try:
        return bool(await database.call("GET", "t:key") == value)
    except StoreAway:
        return False
