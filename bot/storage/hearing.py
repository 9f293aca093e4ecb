"""When platforms were last heard, in Redis."""

from datetime import datetime

from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.instants import from_ms, to_ms

_HEARD = scripting.load(__package__, "heard")


class RedisHearingLog:
    """`bot.ports.HearingLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key = AuxKeys(database.prefix).heard

    async def heard(self, platform: str, at: datetime) -> datetime | None:
        """It is heard now; the moment noted before, None for the first time. One process gets each moment."""
        before = await self._database.run(_HEARD, [self._key], (platform, to_ms(at)))
        return from_ms(before) if before else None
