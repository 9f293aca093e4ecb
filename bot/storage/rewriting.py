"""The store's log of changes, written anew: what was handled and deleted leaves the disk with it."""

import contextlib
from datetime import date

from redis.exceptions import ResponseError

from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database

_CLAIM = scripting.load(__package__, "claim_night")


class RedisRewriting:
    """Has each server rewrite its log, once a night whoever asks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def claim(self, night: date) -> bool:
        """Whether this process is the one to see to it that night."""
        return bool(await self._database.run(_CLAIM, [self._keys.rewritten], (night.isoformat(),)))

    async def rewrite(self) -> None:
        """Ask for it; it happens in the background. A managed server that does not let us sees to it itself."""
        with contextlib.suppress(ResponseError):
            await self._database.of_each("BGREWRITEAOF")
