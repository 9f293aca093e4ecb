"""Reported items, what becomes of them, and what was written of them, in Redis."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from scheduler.corrections import CLOSED, Correction
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Arg, Database
from scheduler.storage.instants import to_ms
from scheduler.storage.keys import CorrectionKeys, EvidenceKeys
from scheduler.storage.records import from_json, to_json

_REPORT = scripting.load(__package__, "report_item", uses=("witness",))
_ADVANCE = scripting.load(__package__, "advance_correction", uses=("witness",))
_FORGET = scripting.load(__package__, "forget_texts")
_ERASE = scripting.load(__package__, "erase_corrections")
_RESEAL = scripting.load(__package__, "reseal")

_RESEALED_AT_ONCE = 200


class RedisCorrections:
    """`scheduler.ports.CorrectionStore`. A text is stored as it is handed in: sealed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = CorrectionKeys(database.prefix)
        self._unsealed = EvidenceKeys(database.prefix).unsealed

    async def report(self, correction: Correction, text: str = "") -> str | None:
        """Keep it, or find the open one of the same item; the id it has. None: the id is taken, ask with another."""
        keys = [self._keys.all, self._keys.open, self._keys.owners, self._keys.texts, self._unsealed]
        row = (correction.id, to_json(correction), _place(correction), correction.sid, text, correction.campaign)
        found: str | None = await self._database.run(_REPORT, keys, row)
        return found

    async def advance(self, new: Correction, text: str = "") -> bool:
        """Store its next step if the stored one is `new.count - 1`; False if somebody was quicker."""
        keys = [self._keys.all, self._keys.open, self._keys.texts, self._keys.closed, self._unsealed]
        closed = to_ms(new.at) if new.step in CLOSED else 0
        return bool(await self._database.run(_ADVANCE, keys, (new.id, to_json(new), _place(new), closed, text)))

    async def get(self, correction_id: str) -> Correction | None:
        """The correction of that id."""
        text = await self._database.call("HGET", self._keys.all, correction_id)
        return from_json(Correction, text) if text else None

    async def all(self) -> tuple[Correction, ...]:
        """Every correction, the oldest report first."""
        found = await self._database.whole_hash(self._keys.all)
        read = [from_json(Correction, text) for text in found.values()]
        return tuple(sorted(read, key=lambda one: (one.reported_at, one.id)))

    async def of_student(self, sid: str) -> tuple[Correction, ...]:
        """A student's, in the order of their reports."""
        own = json.loads(await self._database.call("HGET", self._keys.owners, sid) or "[]")
        found = await self._database.hash_values(self._keys.all, own)
        return tuple(from_json(Correction, found[one]) for one in own if one in found)

    async def texts(self, ids: Sequence[str]) -> Mapping[str, str]:
        """What was written of these, sealed, by id; nothing of those of which nothing is kept."""
        return await self._database.hash_values(self._keys.texts, ids)

    async def forget_texts(self, closed_before: datetime) -> int:
        """Drop what was written of those that were closed before that moment; how many."""
        dropped = 0
        while part := await self._database.run(
            _FORGET, [self._keys.closed, self._keys.texts], (to_ms(closed_before), BATCH)
        ):
            dropped += int(part)
        return dropped

    async def erase(self, sid: str, *, whole: bool) -> int:
        """Drop what a student wrote, and with `whole` the corrections themselves; how many there were."""
        keys = [self._keys.all, self._keys.open, self._keys.owners, self._keys.texts, self._keys.closed]
        return int(await self._database.run(_ERASE, keys, (sid, int(whole))))

    async def all_texts(self) -> Mapping[str, str]:
        """Everything that was written, sealed, by id."""
        return await self._database.whole_hash(self._keys.texts)

    async def reseal(self, renewed: Mapping[str, tuple[str, str]]) -> int:
        """Put the second text in the place of the first, by id, where that still stands; how many were."""
        rows = [(one, *texts) for one, texts in renewed.items()]
        done = 0
        for start in range(0, len(rows), _RESEALED_AT_ONCE):
            part: list[Arg] = [cell for row in rows[start : start + _RESEALED_AT_ONCE] for cell in row]
            done += int(await self._database.run(_RESEAL, [self._keys.texts], part))
        return done


def _place(correction: Correction) -> str:
    return f"{correction.campaign}/{correction.sid}/{correction.item}"
