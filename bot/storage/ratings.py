"""What people thought of the answers, counted in Redis."""

from collections.abc import Mapping

from bot.ports import Verdict
from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database

_RATE = scripting.load(__package__, "rate")

_REMEMBERED_SECONDS = 30 * 24 * 3600


class RedisRatings:
    """`bot.ports.RatingLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def rate(self, topic: str, verdict: Verdict, by: str) -> bool:
        """Count it; whoever rated the topic before changes their verdict, False if it is the same again."""
        keys = [self._keys.rated(topic, by), self._keys.ratings]
        return bool(await self._database.run(_RATE, keys, (topic, verdict.value, _REMEMBERED_SECONDS)))

    async def counts(self) -> Mapping[tuple[str, Verdict], int]:
        """How often each verdict stands on each topic; none that stands on nothing."""
        counted: dict[tuple[str, Verdict], int] = {}
        for field, number in (await self._database.whole_hash(self._keys.ratings)).items():
            topic, _, verdict = field.rpartition("/")
            if int(number) > 0:
                counted[topic, Verdict(verdict)] = int(number)
        return counted
