"""One way to the server: commands and scripts, answers decoded, an absent server said in the scheduler's words."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from scheduler.ports import StoreAway
from scheduler.storage.scripting import Script

BATCH = 1_000
"""Most rows one command or script handles: Lua's `unpack` fails above 7,000, and nobody waits long."""

_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterDownError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.RedisClusterException,
    exceptions.TryAgainError,
    OSError,
)

_DISK_TROUBLE = "MISCONF"
"""What a server answers that may not write its log; nothing was recorded."""

Arg = str | int | float
Client = Redis | RedisCluster


class Database:
    """A server, and the first part of every key in it.

    Every write is an idempotent script or command, because an answer may be lost after the write was
    done; the client itself never repeats anything. StoreAway: nothing is known to have been recorded.
    """

    def __init__(self, client: Client, prefix: str) -> None:
        self.client = client
        self.prefix = prefix

    async def call(self, *command: Arg) -> Any:
        """The server's answer to a command: strings, integers, lists of them, None."""
        task = asyncio.current_task()
        cancelled_before = task.cancelling() if task else 0
        try:
            return await self._execute(command)
        finally:
            # redis-py forgets a cancellation that comes as its own wait ends (asyncio.wait_for in Python 3.11)
            # or while it clears up a broken connection.
            if task and task.cancelling() > cancelled_before:
                raise asyncio.CancelledError

    async def _execute(self, command: Sequence[Arg]) -> Any:
        try:
            return await self.client.execute_command(*command)
        except _AWAY as error:
            raise StoreAway(str(error)) from error
        except exceptions.ResponseError as error:
            if str(error).startswith(_DISK_TROUBLE):
                raise StoreAway(str(error)) from error
            raise

    async def run(self, script: Script, keys: Sequence[str], args: Iterable[Arg] = ()) -> Any:
        """What a script answers; it is loaded when the server does not know it."""
        rest = (len(keys), *keys, *args)
        try:
            return await self.call("EVALSHA", script.sha, *rest)
        except exceptions.NoScriptError:
            return await self.call("EVAL", script.text, *rest)

    async def hash_values(self, key: str, fields: Sequence[str]) -> dict[str, str]:
        """The values of those fields of a hash that exist."""
        found: dict[str, str] = {}
        for part in in_batches(fields):
            values = await self.call("HMGET", key, *part)
            found.update((field, value) for field, value in zip(part, values, strict=True) if value is not None)
        return found

    async def whole_hash(self, key: str) -> dict[str, str]:
        """Every field of a hash, read in parts so that nobody waits behind it; a field may be as of any moment."""
        found: dict[str, str] = {}
        cursor = 0
        while True:
            cursor, part = await self.call("HSCAN", key, cursor, "COUNT", BATCH)
            found.update(part)
            if cursor == 0:
                return found


def in_batches(rows: Sequence[str]) -> Iterator[Sequence[str]]:
    """The rows in parts of at most `BATCH`."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
