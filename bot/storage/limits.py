"""How often somebody was answered, counted in Redis."""

from datetime import datetime, timedelta

from bot.ports import Admission
from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.instants import to_ms

_ADMIT = scripting.load(__package__, "admit")


class RedisRateLimiter:
    """`bot.ports.RateLimiter`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def admit(self, who: str, what: str, *, most: int, within: timedelta, now: datetime) -> Admission:
        """Count `what` for `who`, unless `most` were counted `within` the time before; then for as long nothing."""
        keys = [self._keys.answered(who), self._keys.held_back(who)]
        args = (what, to_ms(now), to_ms(now - within), to_ms(now + within), most)
        return Admission(await self._database.run(_ADMIT, keys, args))
