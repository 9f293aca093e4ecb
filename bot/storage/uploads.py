"""What platforms call the files they were given, in Redis."""

from datetime import timedelta

from bot.storage.keys import AuxKeys
from scheduler.storage.database import Database


class RedisUploads:
    """`bot.ports.Uploads`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def find(self, owner: str, digest: str) -> str | None:
        """The platform's name for the file, if it was uploaded and still lasts."""
        name = await self._database.call("GET", self._keys.upload(owner, digest))
        return None if name is None else str(name)

    async def keep(self, owner: str, digest: str, name: str, lasts: timedelta | None = None) -> None:
        """Remember the name for as long as the platform keeps the file; None: for good."""
        expires = () if lasts is None else ("PX", lasts // timedelta(milliseconds=1))
        await self._database.call("SET", self._keys.upload(owner, digest), name, *expires)

    async def forget(self, owner: str, digest: str) -> None:
        """The platform does not know that name (any more)."""
        await self._database.call("DEL", self._keys.upload(owner, digest))
