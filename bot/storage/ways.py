"""The ways to answer what came in, in Redis: any process can use them, and one that is good for once only once."""

from collections.abc import Sequence
from datetime import datetime

from bot.ports import Way, WayKind
from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Arg, Database
from scheduler.storage.instants import to_ms
from scheduler.storage.records import from_json, to_json

_KEEP = scripting.load(__package__, "keep_ways")
_TAKE = scripting.load(__package__, "take_way")


class RedisAnswerWays:
    """`bot.ports.AnswerWays`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def keep(self, reference: str, ways: Sequence[Way], now: datetime) -> None:
        """These take the place of all that were kept there before; none: there is no way any more."""
        args: list[Arg] = [max([0, *(to_ms(way.until) - to_ms(now) for way in ways)])]
        for way in ways:
            args += [way.kind, to_json(way)]
        await self._database.run(_KEEP, [self._keys.ways(reference)], args)

    async def peek(self, reference: str, kind: WayKind, now: datetime) -> Way | None:
        """The way, if it is still open; it stays."""
        found = await self._look(reference, kind, now)
        return found and found[0]

    async def take(self, reference: str, kind: WayKind, now: datetime) -> Way | None:
        """The way, if it is still open; one that is good for one answer is gone with this."""
        found = await self._look(reference, kind, now)
        if found is None or found[0].many:
            return found and found[0]
        way, stored = found
        return way if await self._database.run(_TAKE, [self._keys.ways(reference)], (kind, stored)) else None

    async def _look(self, reference: str, kind: WayKind, now: datetime) -> tuple[Way, str] | None:
        stored = await self._database.call("HGET", self._keys.ways(reference), kind)
        if stored is None:
            return None
        way = from_json(Way, stored)
        return (way, stored) if now < way.until else None
