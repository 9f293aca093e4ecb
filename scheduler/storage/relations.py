"""Who is related to whom, found from either side: one script stores a record with its way back."""

import json
from collections.abc import Mapping, Sequence

from scheduler.storage import scripting
from scheduler.storage.database import Database

_RELATE = scripting.load(__package__, "relate")


class Relations:
    """A hash owner -> record with its targets, and a hash target -> owners beside it."""

    def __init__(self, database: Database, owners: str, targets: str) -> None:
        self._database = database
        self._keys = [owners, targets]

    async def put(self, owner: str, value: str, targets: Sequence[str]) -> None:
        """The owner's record from now on, whatever it was."""
        await self._database.run(_RELATE, self._keys, (owner, record(value, targets), *targets))

    async def forget(self, owner: str) -> None:
        """Nothing happens if there is no record."""
        await self._database.run(_RELATE, self._keys, (owner, ""))

    async def values(self, owners: Sequence[str]) -> Mapping[str, str]:
        """The values of those owners that have any, in the order they were asked for."""
        found = await self._database.hash_values(self._keys[0], owners)
        return {owner: value(text) for owner, text in found.items()}

    async def all(self) -> Mapping[str, str]:
        """The value of every owner."""
        return {owner: value(text) for owner, text in (await self._database.whole_hash(self._keys[0])).items()}

    async def owners(self, targets: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The owners of each of those targets that has any, in their own order."""
        related = await self._database.hash_values(self._keys[1], targets)
        return {target: tuple(json.loads(text)) for target, text in related.items()}


def record(text: str, targets: Sequence[str]) -> str:
    """A record as the scripts read it."""
    return json.dumps({"targets": list(targets), "value": text}, ensure_ascii=False)


def value(text: str) -> str:
    """What a record holds."""
    held: str = json.loads(text)["value"]
    return held
