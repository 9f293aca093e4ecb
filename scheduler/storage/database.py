"""One way to the server: commands and scripts, answers decoded, an absent server said in the scheduler's words."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from scheduler.ports import StoreAway
from scheduler.storage.scripting import Script

BATCH = 1_000
"""Most rows one command or script handles: Lua's `unpack` fails above 7,000, and nobody waits long."""

PATIENCE = 5.0
"""Seconds until an answer is given up; every BLOCK of a command stays well below it."""

_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterDownError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.RedisClusterException,
    exceptions.InvalidResponse,  # something else listens there
    exceptions.TryAgainError,
    OSError,
)

_DISK_TROUBLE = "MISCONF"
"""What a server answers that may not write its log; nothing was recorded."""

Arg = str | int | float
Client = Redis | RedisCluster

_BLOCK = "BLOCK"
"""A command with this word waits at the server; nothing may wait behind it."""

_LOAD = 256
"""Most commands that go to the server together."""

_AT_ONCE_ON_A_CLUSTER = 128
"""Most commands on their way to a cluster, where each has a connection of its own."""

_FOR_EACH_MORE = 0.05
"""Seconds by which every further command of a load lengthens the wait: a load of large scripts is no hung server."""

_WRITES = frozenset({"EVAL", "EVALSHA", "SET", "HSET", "HDEL", "DEL", "SADD", "SREM", "XADD", "ZADD", "ZREM"})
"""Commands that may have changed something: with `replicas` they count once those have it, too."""

_REPLICAS_MS = 1_000
_ALONE = exceptions.ConnectionError("too few replicas have it: nothing is known to have been recorded")

_READS = frozenset({"GET", "HGET", "HGETALL", "HMGET", "HSCAN", "SMEMBERS", "ZSCORE"})
"""Commands that change nothing: those who ask the same before it was asked of the server share one answer."""

_Asked = tuple[Sequence[Arg], list[asyncio.Future[Any]]]


class Database:
    """A server, and the first part of every key in it.

    Commands that are asked for at the same time go to the server together, in the order they were asked for,
    one load after the other: a message to the server, and to its disk, costs the same for one command and for many.
    The same thing read by several at the same time is read once.

    Every write is an idempotent script or command, because an answer may be lost after the write was
    done; the client itself never repeats anything. StoreAway: nothing is known to have been recorded.
    """

    def __init__(self, client: Client, prefix: str, *, patience: float = PATIENCE, replicas: int = 0) -> None:
        """`patience`: seconds until an answer is given up. The client itself has none: it would watch each answer.

        `replicas`: how many of them have to have a write before it counts as recorded; not on a cluster, where
        waiting for them would need the connection that wrote.
        """
        self._replicas = replicas
        self.client = client
        self.prefix = prefix
        self._patience = patience
        self._waiting: deque[_Asked] = deque()
        self._reads: dict[Sequence[Arg], list[asyncio.Future[Any]]] = {}
        self._carrier: asyncio.Task[None] | None = None
        self._meeting = asyncio.Lock()
        self._room = asyncio.Semaphore(_AT_ONCE_ON_A_CLUSTER)
        self._met = False

    async def call(self, *command: Arg) -> Any:
        """The server's answer to a command: strings, integers, lists of them, None."""
        if _BLOCK in command or not isinstance(self.client, Redis):  # on a cluster each key has a server of its own
            return await self._on_a_connection_of_its_own(command)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if command[0] not in _READS:
            self._waiting.append((command, [answer]))
        elif command in self._reads:
            self._reads[command].append(answer)
        else:
            self._reads[command] = [answer]
            self._waiting.append((command, self._reads[command]))
        if self._carrier is None:
            self._carrier = asyncio.create_task(self._carry(self.client))
        return await answer

    async def _on_a_connection_of_its_own(self, command: Sequence[Arg]) -> Any:
        if _BLOCK in command:
            return await self._alone(command)
        async with self._room:  # the client of a cluster refuses where a pool would wait
            return await self._alone(command)

    async def of_each(self, *command: Arg) -> list[Any]:
        """The answer of each server that holds data; there are several on a cluster only."""
        if isinstance(self.client, Redis):
            return [await self.call(*command)]
        try:
            await self._meet()
            found = await self.client.execute_command(*command, target_nodes=RedisCluster.PRIMARIES)
        except _AWAY as error:
            return [_checked(error)]
        several = bool(found) and all(":" in str(name) for name in found)  # by node, where there is more than one
        return list(found.values()) if several else [found]

    async def _carry(self, client: Redis) -> None:
        try:
            while self._waiting:
                load = [self._waiting.popleft() for _ in range(min(len(self._waiting), _LOAD))]
                for command, _ in load:
                    self._reads.pop(command, None)
                await self._carried(client, [asked for asked in load if any(not answer.done() for answer in asked[1])])
        finally:
            self._carrier = None
            for _, answers in self._waiting:  # only when the loop ends: nobody would carry them any more
                _give_up(answers)

    async def _carried(self, client: Redis, load: Sequence[_Asked]) -> None:
        """Ask the server all of it at once, and hand out the answers."""
        pipeline = client.pipeline(transaction=False)
        for command, _ in load:
            pipeline.execute_command(*command)
        waits = bool(self._replicas) and any(command[0] in _WRITES for command, _ in load)
        if waits:
            pipeline.execute_command("WAIT", self._replicas, _REPLICAS_MS)
        try:
            async with asyncio.timeout(self._patience + _FOR_EACH_MORE * (len(load) - 1)):
                found: Sequence[Any] = await pipeline.execute(raise_on_error=False)
        except _AWAY as error:
            found = [error] * len(load)
        except exceptions.ResponseError as error:  # what is asked as a connection begins was refused
            found = [exceptions.ConnectionError(str(error))] * len(load)
        except BaseException:
            for _, answers in load:
                _give_up(answers)
            raise
        if waits and not (isinstance(found[-1], int) and found[-1] >= self._replicas):
            found = [_ALONE if command[0] in _WRITES else one for (command, _), one in zip(load, found, strict=False)]
        for (_, answers), one in zip(load, found, strict=False):
            for answer in answers:
                if not answer.done():
                    try:
                        answer.set_result(_checked(one))
                    except (StoreAway, exceptions.ResponseError) as error:
                        answer.set_exception(error)

    async def _meet(self) -> None:
        """Ask a cluster once where its slots are: asked by several at once the client drops what others just use."""
        if isinstance(self.client, RedisCluster) and not self._met:
            async with self._meeting:
                if not self._met:
                    await self.client.initialize()
                    self._met = True

    async def _alone(self, command: Sequence[Arg]) -> Any:
        task = asyncio.current_task()
        cancelled_before = task.cancelling() if task else 0
        try:
            async with asyncio.timeout(self._patience):
                await self._meet()
                return _checked(await self.client.execute_command(*command))
        except (*_AWAY, exceptions.ResponseError) as error:
            return _checked(error)
        finally:
            # redis-py forgets a cancellation that comes as its own wait ends (asyncio.wait_for in Python 3.11)
            # or while it clears up a broken connection.
            if task and task.cancelling() > cancelled_before:
                raise asyncio.CancelledError

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


def _give_up(answers: Sequence[asyncio.Future[Any]]) -> None:
    for answer in answers:
        answer.cancel()


def _checked(answer: Any) -> Any:
    """The answer, or what is the matter where it is an error."""
    if not isinstance(answer, BaseException):
        return answer
    if isinstance(answer, _AWAY) or str(answer).startswith(_DISK_TROUBLE):
        raise StoreAway(str(answer)) from answer
    raise answer
