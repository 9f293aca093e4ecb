"""The files that staff gave, and what platforms call them, in Redis."""

import base64
import hashlib
from datetime import timedelta

from bot.storage.keys import AuxKeys
from scheduler.storage.database import Database

_KEPT = timedelta(days=60)
"""As long as a notice may wait for its moment, and its failed addresses for another try."""


class RedisUploads:
    """`bot.ports.Uploads`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def put(self, content: bytes, lasts: timedelta = _KEPT) -> str:
        """Keep a file of staff for that long from now, sixty days unless said otherwise; its digest."""
        digest = hashlib.sha256(content).hexdigest()
        encoded = base64.b64encode(content).decode()
        await self._database.call("SET", self._keys.file(digest), encoded, "PX", lasts // timedelta(milliseconds=1))
        return digest

    async def content(self, digest: str) -> bytes | None:
        """A file of staff; None for one that was never put, or too long ago."""
        encoded = await self._database.call("GET", self._keys.file(digest))
        return None if encoded is None else base64.b64decode(encoded)

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
