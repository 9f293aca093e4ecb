"""What was handled leaves the disk in the night after."""

from datetime import timedelta
from pathlib import Path

from bot.housekeeping import Housekeeping
from bot.storage.connection import close, connect, socket_url
from bot.storage.embedded import EmbeddedServer
from bot.storage.rewriting import RedisRewriting
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.integration.waiting import wait_until

SAID = "something a student wrote"


def on_disk(folder: Path) -> bool:
    return any(SAID.encode() in file.read_bytes() for file in folder.rglob("*.aof"))


async def test_what_was_deleted_is_gone_from_the_disk_after_a_night_and_once_a_night_is_enough(
    tmp_path: Path, clock: VirtualClock
) -> None:
    server = EmbeddedServer(tmp_path)
    with server.serving() as path:
        database = connect(socket_url(str(path)), "t")
        keeping = Housekeeping(RedisRewriting(database), clock)
        await keeping.sweep()
        for number in range(2):
            await wait_until(lambda: _rests(database), "no rewrite runs")
            await database.call("SET", f"said{number}", SAID)
            await database.call("DEL", f"said{number}")
            assert on_disk(tmp_path), "a log keeps what was deleted"
            await keeping.sweep()
            assert on_disk(tmp_path), "this night's work was done before"
            clock.advance_to(clock.now() + timedelta(days=1))
            await keeping.sweep()
            await wait_until(lambda: not on_disk(tmp_path), "it is gone")
        await close(database)


async def _rests(database: Database) -> bool:
    info = await database.call("INFO", "persistence")
    return not int(info["aof_rewrite_in_progress"]) and not int(info["aof_rewrite_scheduled"])
