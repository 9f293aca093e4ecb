"""Who of the staff opened which names, and when each last gave a sign, in Redis."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.keys import EvidenceKeys, StaffKeys

_LOOK = scripting.load(__package__, "look", uses=("witness",))


class RedisLooks:
    """`scheduler.ports.LookStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = StaffKeys(database.prefix)
        self._unsealed = EvidenceKeys(database.prefix).unsealed

    async def remember(self, campaign_id: str, class_id: str, by: str, at: datetime, *, press: str) -> None:
        """Put down that an account opened the names of a class, and in the evidence; once for each `press`."""
        record = json.dumps({"class": class_id, "by": by, "at": at.isoformat()}, ensure_ascii=False)
        keys = [self._keys.looks(campaign_id), self._keys.look_counts(campaign_id), self._unsealed]
        await self._database.run(_LOOK, keys, (press, record, class_id, campaign_id, by, to_ms(at)))

    async def count(self, campaign_id: str, class_id: str) -> int:
        """How often the names of a class were opened."""
        return int(await self._database.call("HGET", self._keys.look_counts(campaign_id), class_id) or 0)

    async def total(self, campaign_id: str) -> int:
        """How often names were opened in a campaign."""
        return int(await self._database.call("HLEN", self._keys.looks(campaign_id)))

    async def sign(self, account: str, at: datetime) -> None:
        """Somebody of the staff pressed or asked for something: they have seen what was sent to them before."""
        await self._database.call("HSET", self._keys.signs, account, to_ms(at))

    async def signs(self, accounts: Sequence[str]) -> Mapping[str, datetime]:
        """When each of these accounts last gave a sign; who never did is missing."""
        found = await self._database.hash_values(self._keys.signs, accounts)
        return {account: from_ms(ms) for account, ms in found.items()}
