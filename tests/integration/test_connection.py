"""What is asked of a server before it is used."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.storage.connection import SCHEMA, Unusable, check, clock_fault, close, connect, health, socket_url
from bot.storage.embedded import EmbeddedServer
from bot.storage.questions import RedisQuestionLog
from knowledge.clustering import Question
from scheduler.clocks import SystemClock
from scheduler.ports import StoreAway
from scheduler.storage import keys
from scheduler.storage.database import Database
from tests.conftest import START
from tests.integration.waiting import wait_until
from tests.servers import free_port

pytestmark = pytest.mark.usefixtures("valkey_url")
"""These look at the embedded server itself."""


@contextlib.asynccontextmanager
async def server_with(folder: Path, *options: str) -> AsyncIterator[Database]:
    """Debian's own Redis, set up as somebody else might have done."""
    path = folder / "r.sock"
    fixed = ["--port", "0", "--unixsocket", str(path), "--dir", str(folder), "--save", ""]
    process = await asyncio.create_subprocess_exec("redis-server", *fixed, *options, stdout=asyncio.subprocess.DEVNULL)
    database = connect(socket_url(str(path)), "t")
    await wait_until(lambda: _answers(database), "the server is up")
    yield database
    await close(database)
    process.terminate()
    await process.wait()


async def _answers(database: Database) -> bool:
    with contextlib.suppress(StoreAway):
        return bool(await database.call("PING"))
    return False


async def test_the_embedded_server_is_as_it_has_to_be(database: Database) -> None:
    report = await check(database, embedded=True)
    assert report.server.startswith("Valkey ")
    assert report.notes == ()
    assert await health(database) is None


async def test_a_clock_that_is_wrong_by_more_than_a_minute_is_said(database: Database) -> None:
    now = SystemClock().now()
    assert await clock_fault(database, now) is None
    for wrong in (timedelta(hours=1), timedelta(hours=-1)):
        assert "differ by 3" in (await clock_fault(database, now + wrong) or "")


@pytest.mark.parametrize("where", ["redis://127.0.0.1:1/0", "redis+sentinel://127.0.0.1:1/college"])
async def test_a_server_that_is_not_there_is_named_by_its_setting_in_one_short_line(where: str) -> None:
    database = connect(where, "t", patience=0.2)
    with pytest.raises(StoreAway, match=r"^XUEJI_REDIS_URL: no answer .*Check that the server runs") as told:
        await check(database, embedded=False)
    assert "<" not in str(told.value)
    await close(database)


async def test_something_else_that_listens_there_is_no_store() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as web:
        database = connect(f"redis://127.0.0.1:{web.sockets[0].getsockname()[1]}", "t")
        with pytest.raises(StoreAway, match=r"^XUEJI_REDIS_URL: no answer .*Check that the server runs"):
            await check(database, embedded=False)
        await close(database)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Debian's redis-server")
@pytest.mark.parametrize(
    "address",
    ["redis://{at}/99", "redis://nobody:secret@{at}", "redis+sentinel://{at}/college", "redis+cluster://{at}"],
)
async def test_a_server_of_another_kind_than_its_address_says_is_named_by_its_setting(
    tmp_path: Path, address: str
) -> None:
    port = free_port()
    async with server_with(tmp_path, "--port", str(port)):
        database = connect(address.format(at=f"127.0.0.1:{port}"), "t")
        with pytest.raises(StoreAway, match=r"^XUEJI_REDIS_URL: no answer .*Check that the server runs"):
            await check(database, embedded=False)
        await close(database)


async def test_data_of_a_newer_program_is_not_touched(database: Database) -> None:
    await database.call("SET", keys.schema(database.prefix), f"{SCHEMA}0")
    with pytest.raises(Unusable, match="schema"):
        await check(database, embedded=False)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Debian's redis-server")
async def test_an_external_server_that_may_lose_writes_is_used_and_noted(tmp_path: Path) -> None:
    async with server_with(tmp_path, "--appendonly", "yes", "--appendfsync", "everysec") as database:
        (note,) = (await check(database, embedded=False)).notes
        assert "appendfsync always" in note
        with pytest.raises(Unusable, match="appendfsync always"):
            await check(database, embedded=True)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Debian's redis-server")
async def test_a_server_that_keeps_its_configuration_to_itself_is_used_and_noted(tmp_path: Path) -> None:
    async with server_with(tmp_path, "--rename-command", "CONFIG", "") as database:
        (note,) = (await check(database, embedded=False)).notes
        assert "does not say" in note


async def test_a_script_the_server_forgot_is_given_to_it_again(database: Database) -> None:
    questions = RedisQuestionLog(database)
    for _ in range(2):
        await questions.keep("a", "national", START)
        await database.call("SCRIPT", "FLUSH")
    assert await questions.kept() == (Question(text="a", times=2),)


def test_a_folder_that_is_too_deep_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    assert EmbeddedServer(tmp_path).socket.is_relative_to(tmp_path)
    deep = tmp_path / ("x" * 120)
    assert len(str(EmbeddedServer(deep).socket).encode()) < 104


@pytest.mark.parametrize("typed", ["\ud83d", "a\udfff\udcff\x00"])
async def test_half_a_character_disturbs_nobody_who_asks_at_the_same_moment(database: Database, typed: str) -> None:
    key = f"{database.prefix}:names"
    await database.call("HSET", key, "alice", "1")
    known, unknown = await asyncio.gather(database.hash_values(key, ["alice"]), database.hash_values(key, [typed]))
    assert (known, unknown) == ({"alice": "1"}, {})


async def test_bytes_that_are_no_text_are_the_same_bytes_again(database: Database) -> None:
    every = bytes(range(256)) * 2
    await database.call("SET", f"{database.prefix}:bytes", every.decode(errors="surrogateescape"))
    stored = await database.call("GET", f"{database.prefix}:bytes")
    assert stored.encode(errors="surrogateescape") == every
