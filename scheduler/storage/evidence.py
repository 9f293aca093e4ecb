"""The chain of evidence in Redis: what the scripts put down is given its pseudonyms and its place in the chain.

Every script that tells somebody something or moves a state writes an entry beside it (`scripts/witness.lua`), so that
there is no change without its entry. Sealing takes the entries that wait, in their order, and binds them to the chain.
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from scheduler.evidence import BEGINNING, Head, follow, pseudonym
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Arg, Database
from scheduler.storage.instants import from_ms
from scheduler.storage.keys import EvidenceKeys

_SEAL = scripting.load(__package__, "seal")

_SEALED_AT_ONCE = 500
"""Entries of one sealing script: others wait for the server meanwhile."""

_NOBODY = frozenset({"office", "record"})
"""Who acted where it was no person: the office by a roster, 学信网 by its record."""


class RedisEvidence:
    """`scheduler.ports.EvidenceStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = EvidenceKeys(database.prefix)

    async def seal(self, now: datetime) -> Head:
        """Bind everything that waits to the chain; the head after it. Any number of processes may do so at once."""
        while waiting := await self._database.call("XRANGE", self._keys.unsealed, "-", "+", "COUNT", _SEALED_AT_ONCE):
            await self._seal([(place, json.loads(fields["e"])) for place, fields in waiting], now)
        return await self.head()

    async def head(self) -> Head:
        """How far the chain reaches now, without what waits."""
        count, digest = await self._database.call("HMGET", self._keys.head, "count", "digest")
        return Head(count=int(count), digest=digest) if count else BEGINNING

    async def entries(self, head: Head) -> AsyncIterator[str]:
        """The lines of the chain from the first up to `head`."""
        for first in range(1, head.count + 1, BATCH):
            last = min(first + BATCH - 1, head.count)
            for _, fields in await self._database.call("XRANGE", self._keys.chain, f"{first}-0", f"{last}-0"):
                yield fields["e"]

    async def key_of(self, who: str) -> str | None:
        """The key by which somebody, a sid or an account, stands in the chain; None if they do not."""
        key: str | None = await self._database.call("HGET", self._keys.people, who)
        return key

    async def forget(self, who: str, now: datetime) -> bool:
        """Drop somebody's key: what the chain says of them holds, and nobody can say any more that it was they.

        False if there was none. What they do later stands under another pseudonym.
        """
        await self.seal(now)
        return bool(await self._database.call("HDEL", self._keys.people, who))

    async def _seal(self, waiting: Sequence[tuple[str, dict[str, Any]]], now: datetime) -> None:
        seen = await self.head()
        people = sorted({who for _, entry in waiting for who in _people(entry)})
        known = await self._database.hash_values(self._keys.people, people)
        keys = {who: known.get(who) or secrets.token_hex(16) for who in people}
        head, lines = seen, list[Arg]()
        for place, entry in waiting:
            line = _line(entry, keys)
            head = follow(head, line)
            lines += [place, line]
        args: list[Arg] = [seen.count, head.digest, now.isoformat(), len(waiting), *lines]
        for who in people:
            args += [who, known.get(who, ""), keys[who]]
        await self._database.run(_SEAL, self._keys.shared, args)


def _people(entry: Mapping[str, Any]) -> set[str]:
    """Who is named in an entry, by sid or account."""
    return {entry.get("who", ""), entry.get("by", "")} - _NOBODY - {""}


def _line(entry: Mapping[str, Any], keys: Mapping[str, str]) -> str:
    """The entry as it stands in the chain: its moment in UTC, pseudonyms for people, `self` for who acted for
    themselves."""
    at, who, by = entry.get("at"), entry.get("who", ""), entry.get("by", "")
    changed = {
        "at": from_ms(at).isoformat() if isinstance(at, int | float) else at,
        "who": pseudonym(keys[who], who) if who in keys else who,
        "by": "self" if by and by == who else pseudonym(keys[by], by) if by in keys else by,
    }
    said = {name: value for name, value in {**entry, **changed}.items() if value not in {"", None}}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
