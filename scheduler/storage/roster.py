"""The roster of the last import, whole or not at all, in Redis."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import islice

from scheduler.roster import Roster, SchoolClass, Student
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Database
from scheduler.storage.keys import PeopleKeys
from scheduler.storage.records import from_json, to_json

_IMPORT_ROWS = scripting.load(__package__, "import_rows")
_FLIP = scripting.load(__package__, "flip")

_PARTS = ("students", "classes", "members", "numbers")


class RedisRosterStore:
    """`scheduler.ports.RosterStore`: an import is written beside the current one, then one pointer flips to it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = PeopleKeys(database.prefix)
        self._read: tuple[str, Roster] = ("", Roster(version=0, students={}, classes={}))

    async def apply(self, roster: Roster) -> bool:
        """Make `roster` the current one, whole; False if another import of the same version came first."""
        parts = _rows(roster)
        digest = _digest(roster.version, parts)
        version, current, before = await self._pointer()
        if digest == current:
            return True
        if roster.version != version + 1:
            return False
        for part, rows in parts.items():
            await self._write(digest, part, rows)
        keys = [self._keys.roster, *self._import_keys(digest)]
        flipped = await self._database.run(_FLIP, keys, (roster.version, digest))
        if flipped and before:
            await self._database.call("UNLINK", *self._import_keys(before))
        return bool(flipped)

    async def current(self) -> Roster:
        """Everybody; version 0 with nobody before the first import. Read once, then known by its digest."""
        version, digest, _ = await self._pointer()
        if digest and digest != self._read[0]:
            students = await self._database.whole_hash(self._keys.import_part(digest, "students"))
            classes = await self._database.whole_hash(self._keys.import_part(digest, "classes"))
            roster = Roster(
                version=version,
                students={sid: from_json(Student, text) for sid, text in students.items()},
                classes={class_id: from_json(SchoolClass, text) for class_id, text in classes.items()},
            )
            self._read = digest, roster
        return self._read[1]

    async def student(self, sid: str) -> Student | None:
        """The student of that id."""
        text = await self._field("students", sid)
        return from_json(Student, text) if text else None

    async def school_class(self, class_id: str) -> SchoolClass | None:
        """The class of that id."""
        text = await self._field("classes", class_id)
        return from_json(SchoolClass, text) if text else None

    async def members(self, class_id: str) -> tuple[Student, ...]:
        """The students of a class, by student number."""
        _, digest, _ = await self._pointer()
        sids = await self._database.call("HGET", self._keys.import_part(digest, "members"), class_id)
        if sids is None:
            return ()
        found = await self._database.hash_values(self._keys.import_part(digest, "students"), json.loads(sids))
        return tuple(from_json(Student, text) for text in found.values())

    async def by_number(self, number: str) -> Student | None:
        """The student of that student number."""
        sid = await self._field("numbers", number)
        return await self.student(sid) if sid else None

    async def _pointer(self) -> tuple[int, str, str]:
        version, digest, before = await self._database.call("HMGET", self._keys.roster, "version", "import", "before")
        return int(version or 0), digest or "", before or ""

    async def _field(self, part: str, field: str) -> str | None:
        _, digest, _ = await self._pointer()
        found: str | None = await self._database.call("HGET", self._keys.import_part(digest, part), field)
        return found

    def _import_keys(self, digest: str) -> list[str]:
        return [self._keys.import_part(digest, part) for part in _PARTS]

    async def _write(self, digest: str, part: str, rows: Mapping[str, str]) -> None:
        key = self._keys.import_part(digest, part)
        left = iter(rows.items())
        while batch := list(islice(left, BATCH)):
            await self._database.run(_IMPORT_ROWS, [key], _flat(batch))


def _rows(roster: Roster) -> dict[str, dict[str, str]]:
    """The hashes of an import; a class's members by student number."""
    members: dict[str, list[str]] = {class_id: [] for class_id in roster.classes}
    for student in sorted(roster.students.values(), key=lambda student: student.number):
        members.setdefault(student.class_id, []).append(student.sid)
    return {
        "students": {sid: to_json(student) for sid, student in roster.students.items()},
        "classes": {class_id: to_json(found) for class_id, found in roster.classes.items()},
        "members": {class_id: json.dumps(sids) for class_id, sids in members.items()},
        "numbers": {student.number: student.sid for student in roster.students.values()},
    }


def _digest(version: int, parts: Mapping[str, Mapping[str, str]]) -> str:
    """By what an import is known, so that the same import again is no second one."""
    text = json.dumps([version, parts], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _flat(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [text for row in rows for text in row]
