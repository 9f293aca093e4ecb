"""The roster of the last import, whole or not at all, in Redis."""

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.ports import ClassesOf
from scheduler.roster import Roster, RosterVersion, SchoolClass, Student, Transfer, diff, transfers
from scheduler.storage import scripting
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import BATCH, Arg, Database
from scheduler.storage.keys import CampaignKeys, EvidenceKeys, PeopleKeys
from scheduler.storage.records import from_json, to_json

_IMPORT_ROWS = scripting.load(__package__, "import_rows")
_FLIP = scripting.load(__package__, "flip", uses=("witness", "counted"))

_PARTS = ("students", "classes", "members", "numbers")
_NOWHERE = "-"
_DONE, _AGAIN = "done", "again"


def _as_it_is(campaign: Campaign) -> Sequence[str]:
    return campaign.classes


class RedisRosterStore:
    """`scheduler.ports.RosterStore`: an import is written beside the current one, then one pointer flips to it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = PeopleKeys(database.prefix)
        self._campaigns = RedisCampaignStore(database)
        self._read: tuple[str, Roster] = ("", Roster(version=0, students={}, classes={}))
        self._read_classes: tuple[str, Mapping[str, SchoolClass]] = ("", {})
        self._reading = asyncio.Lock()

    async def apply(self, roster: Roster, *, now: datetime, classes_of: ClassesOf = _as_it_is) -> bool:
        """Make `roster` the current one, whole; False if another import of the same version came first.

        The states of whom it moves go with them in every open campaign, whose classes are then `classes_of` it.
        """
        parts = _rows(roster)
        digest = _digest(roster.version, parts)
        version, current, _ = await self._pointer()
        if digest == current:
            return True
        if roster.version != version + 1:
            return False
        for part in _PARTS:
            await self._write(digest, part, parts.pop(part).items())
        return await self._flip(digest, await self.current(), roster, now, classes_of, restores=0)

    async def earlier(self) -> Roster | None:
        """The version before the current one, as it would come back; None if there is none to go back to."""
        version, _, before = await self._pointer()
        return await self._load(version + 1, before) if before else None

    async def restore(self, roster: Roster, *, now: datetime, classes_of: ClassesOf = _as_it_is) -> bool:
        """Make the version before (`earlier`) the current one again; False if that is no longer it.

        What was stated since stays with the person. The version left is forgotten: it can be imported again.
        """
        version, _, before = await self._pointer()
        if roster.version == version:  # done before, and the answer was lost
            return roster == await self.current()
        if not before or roster.version != version + 1:
            return False
        return await self._flip(before, await self.current(), roster, now, classes_of, restores=version - 1)

    async def versions(self) -> tuple[RosterVersion, ...]:
        """Every version there was, oldest first."""
        stored = await self._database.whole_hash(self._keys.versions)
        found = [from_json(RosterVersion, text) for text in stored.values()]
        return tuple(sorted(found, key=lambda one: one.version))

    async def former(self, numbers: Sequence[str]) -> Mapping[str, Student]:
        """Those of these student numbers whose student was in the roster once and is not now, by number."""
        gone: list[str] = await self._database.call("HKEYS", self._keys.former)  # few, where the numbers may be many
        stored = await self._database.hash_values(self._keys.former, sorted(set(gone).intersection(numbers)))
        return {number: from_json(Student, text) for number, text in stored.items()}

    async def current(self) -> Roster:
        """Everybody; version 0 with nobody before the first import. Read once, then known by its digest."""
        version, digest, _ = await self._pointer()
        async with self._reading:
            if digest and (digest != self._read[0] or version != self._read[1].version):
                self._read = digest, await self._load(version, digest)
            return self._read[1]

    async def student(self, sid: str) -> Student | None:
        """The student of that id."""
        text = await self._field("students", sid)
        return from_json(Student, text) if text else None

    async def students(self, sids: Sequence[str]) -> Mapping[str, Student]:
        """Those of these students that the roster has, by sid."""
        return await (await self.as_imported()).students(sids)

    async def as_imported(self) -> "RedisImported":
        """The roster of now, to be read part by part."""
        _, digest, _ = await self._pointer()
        return RedisImported(self._database, digest)

    async def school_class(self, class_id: str) -> SchoolClass | None:
        """The class of that id."""
        return (await self.classes()).get(class_id)

    async def classes(self) -> Mapping[str, SchoolClass]:
        """Every class, by id. Read once, whoever asks meanwhile, then known by the import's digest."""
        _, digest, _ = await self._pointer()
        async with self._reading:
            if digest != self._read_classes[0]:
                found = await self._database.whole_hash(self._keys.import_part(digest, "classes"))
                read = {class_id: from_json(SchoolClass, text) for class_id, text in found.items()}
                self._read_classes = digest, read
            return self._read_classes[1]

    async def members(self, class_id: str) -> tuple[Student, ...]:
        """The students of a class, by student number."""
        return (await self.members_of([class_id])).get(class_id, ())

    async def members_of(self, classes: Sequence[str]) -> Mapping[str, tuple[Student, ...]]:
        """The students of each class that the roster has, by student number."""
        return await (await self.as_imported()).members_of(classes)

    async def by_number(self, number: str) -> Student | None:
        """The student of that student number."""
        sid = await self._field("numbers", number)
        return await self.student(sid) if sid else None

    async def _flip(
        self,
        digest: str,
        before: Roster,
        after: Roster,
        now: datetime,
        classes_of: ClassesOf,
        *,
        restores: int,
    ) -> bool:
        """Flip the pointer, with what that moves in the campaigns open at that instant: their states are looked at
        by the script alone, so nothing stated meanwhile is lost."""
        returned = await self._returned(before, after)
        record = to_json(_record(before, after, now, restores))
        while True:
            campaigns = [one for one in await self._campaigns.all() if one.status is CampaignStatus.OPEN]
            statuses = {status for campaign in campaigns for status in campaign.exempt}
            moving = transfers(before, after, returned=returned, statuses=statuses)
            for part, rows in _staged(moving).items():
                await self._write(digest, part, rows.items())
            args: list[Arg] = [after.version, digest, int(restores > 0), now.isoformat(), record]
            for campaign in campaigns:
                changed = _with_classes(campaign, classes_of(campaign))
                args += [campaign.id, campaign.revision, changed.revision, to_json(changed)]
            answer = await self._database.run(_FLIP, self._flip_keys(), args)
            if answer != _AGAIN:
                return bool(answer == _DONE)

    async def _returned(self, before: Roster, after: Roster) -> set[str]:
        """Who of the new ones was here before, by sid."""
        new = {after.students[sid].number for sid in after.students.keys() - before.students.keys()}
        return {student.sid for student in (await self.former(sorted(new))).values()}

    def _flip_keys(self) -> list[str]:
        own, campaigns = self._keys, CampaignKeys(self._database.prefix)
        families = (campaigns.campaign_of, campaigns.states, campaigns.counts_of, campaigns.departed_of)
        unsealed = EvidenceKeys(self._database.prefix).unsealed
        return [own.roster, own.versions, own.former, campaigns.campaigns, own.imports, *families, unsealed]

    async def _load(self, version: int, digest: str) -> Roster:
        students = await self._database.whole_hash(self._keys.import_part(digest, "students"))
        classes = await self._database.whole_hash(self._keys.import_part(digest, "classes"))
        words: dict[str, str] = {}
        return Roster(
            version=version,
            students={sid: _sharing(from_json(Student, text), words) for sid, text in students.items()},
            classes={class_id: from_json(SchoolClass, text) for class_id, text in classes.items()},
        )

    async def _pointer(self) -> tuple[int, str, str]:
        version, digest, before = await self._database.call("HMGET", self._keys.roster, "version", "import", "before")
        return int(version or 0), digest or "", before or ""

    async def _field(self, part: str, field: str) -> str | None:
        _, digest, _ = await self._pointer()
        found: str | None = await self._database.call("HGET", self._keys.import_part(digest, part), field)
        return found

    async def _write(self, digest: str, part: str, rows: Iterable[tuple[str, str]]) -> None:
        key = self._keys.import_part(digest, part)
        left = iter(rows)
        while batch := list(islice(left, BATCH)):
            await self._database.run(_IMPORT_ROWS, [key], _flat(batch))


class RedisImported:
    """`scheduler.ports.Imported`."""

    def __init__(self, database: Database, digest: str) -> None:
        self._database = database
        keys = PeopleKeys(database.prefix)
        self._students, self._members = keys.import_part(digest, "students"), keys.import_part(digest, "members")

    async def students(self, sids: Sequence[str]) -> Mapping[str, Student]:
        """Those of these students that it has, by sid."""
        found = await self._database.hash_values(self._students, sids)
        return {sid: from_json(Student, text) for sid, text in found.items()}

    async def members_of(self, classes: Sequence[str]) -> Mapping[str, tuple[Student, ...]]:
        """The students of each class that it has, by student number."""
        stored = await self._database.hash_values(self._members, classes)
        sids = {class_id: json.loads(text) for class_id, text in stored.items()}
        found = await self.students([sid for own in sids.values() for sid in own])
        return {class_id: tuple(found[sid] for sid in own if sid in found) for class_id, own in sids.items()}


def _sharing(student: Student, words: dict[str, str]) -> Student:
    """The same student, with what many have in common kept in memory once."""

    def shared(text: str) -> str:
        return words.setdefault(text, text)

    return replace(
        student,
        college=shared(student.college),
        class_id=shared(student.class_id),
        cohort=shared(student.cohort),
        major=shared(student.major),
        level=shared(student.level),
        status=shared(student.status),
    )


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
    digest = hashlib.blake2b(str(version).encode(), digest_size=12)
    for part in _PARTS:
        for field in sorted(parts[part]):
            for text in (part, field, parts[part][field]):
                digest.update(b"%d " % len(text))
                digest.update(text.encode(errors="surrogatepass"))
    return digest.hexdigest()


def _record(before: Roster, after: Roster, now: datetime, restores: int) -> RosterVersion:
    changes = diff(before, after)
    return RosterVersion(
        version=after.version,
        at=now,
        students=len(after.students),
        classes=len(after.classes),
        new=len(changes.new),
        changed=len(changes.changed),
        moved=len(changes.moved),
        gone=len(changes.gone),
        restores=restores,
    )


def _staged(moving: Iterable[Transfer]) -> dict[str, dict[str, str]]:
    """What the script has to know of whom it moves: who goes which way together, which status each has now, and the
    people who are gone (empty for those who are back), by number."""
    ways: defaultdict[str, list[str]] = defaultdict(list)
    statuses: dict[str, str] = {}
    people: dict[str, str] = {}
    for one in moving:
        student = one.student
        ways[f"{one.origin or _NOWHERE} {one.target or _NOWHERE}"].append(student.sid)
        if one.target:
            statuses[student.sid] = one.becomes
        if not one.target:
            people[student.number] = to_json(student)
        elif not one.origin:
            people[student.number] = ""
    return {"moves": {way: json.dumps(sids) for way, sids in ways.items()}, "statuses": statuses, "people": people}


def _with_classes(campaign: Campaign, classes: Sequence[str]) -> Campaign:
    if tuple(classes) == campaign.classes:
        return campaign
    return replace(campaign, classes=tuple(classes), revision=campaign.revision + 1)


def _flat(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [text for row in rows for text in row]
