"""Replies a platform waits for, and the signatures its callbacks came with, in Redis for all processes."""

import asyncio
from datetime import datetime
from typing import Any

from bot.ports import ReplySoFar, Said
from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.records import from_json, to_json

_BEGIN = scripting.load(__package__, "begin_reply")
_ADD = scripting.load(__package__, "add_to_reply")
_FINISH = scripting.load(__package__, "finish_reply")
_USE = scripting.load(__package__, "use_signature")

_REPLY_SWEEP_MS = 15 * 60 * 1_000
"""Longer than any platform fetches a reply."""

_SIGNATURE_SWEEP_MS = 11 * 60 * 1_000
"""A callback is taken for fresh from five minutes before its clock to five after."""

_LISTEN_MS = 1_000
"""How long one look waits: well below the time after which the server counts as away."""


class RedisPendingReplies:
    """`bot.ports.PendingReplies`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def begin(self, reply: str, now: datetime) -> None:
        """Nothing happens if it was begun before."""
        await self._database.run(_BEGIN, [self._keys.reply(reply)], (to_ms(now), _REPLY_SWEEP_MS))

    async def add(self, reply: str, said: Said, *, room: int) -> bool:
        """Say one thing more; see the port."""
        args = (to_json(said), said.text, room)
        return bool(await self._database.run(_ADD, [self._keys.reply(reply)], args))

    async def finish(self, reply: str) -> None:
        """Nothing can be added any more."""
        await self._database.run(_FINISH, [self._keys.reply(reply)])

    async def so_far(self, reply: str) -> ReplySoFar | None:
        """None for a reply that was never begun, or long ago."""
        return _reply(await self._database.call("XRANGE", self._keys.reply(reply), "-", "+"))

    async def whole(self, reply: str, *, wait: float) -> ReplySoFar | None:
        """The reply when it is over, or as it is after `wait` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        key = self._keys.reply(reply)
        while True:
            entries = await self._database.call("XRANGE", key, "-", "+")
            found = _reply(entries)
            left = int((until - loop.time()) * 1_000)
            if found is None or found.over or left <= 0:
                return found
            await self._database.call("XREAD", "BLOCK", min(left, _LISTEN_MS), "STREAMS", key, entries[-1][0])


class RedisUsedSignatures:
    """`bot.ports.UsedSignatures`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def fits(self, signature: str, message: str) -> bool:
        """Whether this signature never came around another message."""
        return bool(await self._database.run(_USE, [self._keys.signature(signature)], (message, _SIGNATURE_SWEEP_MS)))


def _reply(entries: Any) -> ReplySoFar | None:
    if not entries:
        return None
    rows = [fields for _, fields in entries]
    return ReplySoFar(
        begun_at=from_ms(rows[0]["begun"]),
        said=tuple(from_json(Said, row["said"]) for row in rows if "said" in row),
        over="over" in rows[-1],
    )
