"""Changes that are decided from what is stored: read, decide in Python, written in one step if nothing changed since.

For what people and staff do by hand. Where thousands meet, a script decides by itself.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.relations import record, value

_EXCHANGE = scripting.load(__package__, "exchange")

Result = TypeVar("Result")


class Draft:
    """Fields of hashes as they were read, and what they are to become."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[tuple[str, str], str] = {}
        self._becomes: dict[tuple[str, str], str] = {}

    async def get(self, key: str, fields: Sequence[str]) -> Mapping[str, str]:
        """Those of the fields that hold something, as this draft has them."""
        unread = [field for field in fields if (key, field) not in self._seen]
        found = await self._database.hash_values(key, unread)
        self._seen.update({(key, field): found.get(field, "") for field in unread})
        now = {field: self._becomes.get((key, field), self._seen[key, field]) for field in fields}
        return {field: text for field, text in now.items() if text}

    def put(self, key: str, field: str, text: str) -> None:
        """What a field that was read becomes; an empty text forgets it."""
        self._becomes[key, field] = text

    async def relate(self, owners: str, targets: str, owner: str, text: str, related: Sequence[str]) -> None:
        """An owner's record with its way back from each target (see `Relations`); an empty text forgets it."""
        before = await self.get(owners, [owner])
        former = json.loads(before[owner])["targets"] if before else []
        known = await self.get(targets, [*former, *related])
        for target in {*former, *related}:
            others = {*json.loads(known.get(target, "[]"))} - {owner}
            kept = sorted(others | ({owner} if text and target in related else set()))
            self.put(targets, target, json.dumps(kept, ensure_ascii=False) if kept else "")
        self.put(owners, owner, record(text, related) if text else "")

    async def value(self, owners: str, owner: str) -> str:
        """The value of an owner's record; empty for none."""
        found = await self.get(owners, [owner])
        return value(found[owner]) if found else ""

    async def owners(self, targets: str, target: str) -> Sequence[str]:
        """The owners that are related to a target."""
        found: Sequence[str] = json.loads((await self.get(targets, [target])).get(target, "[]"))
        return found

    async def commit(self) -> bool:
        """Write it; False if anything that was read has changed since."""
        if not self._becomes:
            return True
        keys = sorted({key for key, _ in self._seen})
        args: list[str | int] = []
        for (key, field), seen in self._seen.items():
            args += [keys.index(key) + 1, field, seen, self._becomes.get((key, field), seen)]
        return bool(await self._database.run(_EXCHANGE, keys, args))


async def exchange(database: Database, work: Callable[[Draft], Awaitable[Result]]) -> Result:
    """What `work` comes to, done whole; it is done anew when somebody changes what it read."""
    while True:
        draft = Draft(database)
        result = await work(draft)
        if await draft.commit():
            return result
