"""What staff said of the outside world, in Redis."""

from bot.ports import Switch, SwitchKind
from bot.storage.keys import AuxKeys
from scheduler.storage.database import Database
from scheduler.storage.records import from_json, to_json


class RedisSwitches:
    """`bot.ports.SwitchStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key = AuxKeys(database.prefix).switches

    async def put(self, switch: Switch) -> None:
        """Replaces what was said of the same before."""
        await self._database.call("HSET", self._key, _field(switch.kind, switch.subject), to_json(switch))

    async def end(self, kind: SwitchKind, subject: str) -> bool:
        """Forget it; False if there was nothing."""
        return bool(await self._database.call("HDEL", self._key, _field(kind, subject)))

    async def all(self) -> tuple[Switch, ...]:
        """Those that hold and those that have ended by themselves."""
        stored = await self._database.whole_hash(self._key)
        return tuple(from_json(Switch, stored[field]) for field in sorted(stored))


def _field(kind: SwitchKind, subject: str) -> str:
    return f"{kind}:{subject}"
