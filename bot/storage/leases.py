"""Leases in Redis on connections that a platform allows only once."""

from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database

_LEASE = scripting.load(__package__, "lease")
_RELEASE = scripting.load(__package__, "release")

_LEASE_MS = 10_000


class RedisConnectionLease:
    """`bot.ports.ConnectionLease` on the connection of this name.

    `alone`: no other process serves this data, so that what a dead one left is free at once.
    """

    def __init__(self, database: Database, name: str, *, alone: bool = False) -> None:
        self._database = database
        keys = AuxKeys(database.prefix)
        self._lease, self._counter = keys.lease(name), keys.lease_fence(name)
        self._alone = alone
        self._fence = ""

    async def take(self) -> bool:
        """Take it, or hold on to it, for ten seconds; False while another process has it."""
        args = (self._fence, _LEASE_MS, "alone" if self._alone and not self._fence else "")
        self._fence = await self._database.run(_LEASE, [self._lease, self._counter], args) or ""
        return bool(self._fence)

    async def release(self) -> None:
        """Let another process have it at once; nothing happens if it is not held."""
        fence, self._fence = self._fence, ""
        await self._database.run(_RELEASE, [self._lease], (fence,))
