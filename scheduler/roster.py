"""Who should do what: students, classes and the staff who look after them, and who is reached where.

A student has an opaque id (`sid`) given at the first import; the student number is an attribute: it
may change, it is personal, and it never stands in a key, a stream or a log.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from scheduler.messages import Address


class Role(StrEnum):
    """What a person of the roster is in a class."""

    STUDENT = "student"
    MONITOR = "monitor"
    COUNSELLOR = "counsellor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """One row of the roster. `cohort` is the year, with its term where the file gives one (2026秋)."""

    sid: str
    number: str
    name: str
    college: str
    class_id: str
    cohort: str
    major: str = ""
    level: str = ""
    status: str = ""
    is_monitor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolClass:
    """A class of the roster; `counsellor` is a name for people, not an account."""

    id: str
    name: str
    college: str
    cohort: str
    scope: str
    counsellor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody, as of one import; `version` counts the imports."""

    version: int
    students: Mapping[str, Student]
    classes: Mapping[str, SchoolClass]

    def members(self, class_id: str) -> tuple[Student, ...]:
        """The students of a class, by student number."""
        own = [student for student in self.students.values() if student.class_id == class_id]
        return tuple(sorted(own, key=lambda student: student.number))


class BindingStrength(StrEnum):
    """How surely an account is the student's own."""

    PROVISIONAL = "provisional"
    """By student number and name, which every classmate knows: reminders and one's own receipt only."""
    STRONG = "strong"
    """By a personal code, the platform's directory, or the demo's own accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """An account (`platform:id`) and the student it is bound to; `private` is where to write to them alone."""

    account: str
    sid: str
    strength: BindingStrength
    private: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group chat and the classes it was bound to by staff."""

    address: Address
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong in a roster file, by row and column as the spreadsheet shows them (row 1 is the first)."""

    row: int
    column: str
    fault: str
    values: Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One student as a file gives them, before an id is known."""

    row: int
    number: str
    name: str
    college: str
    class_name: str
    cohort: str
    major: str = ""
    level: str = ""
    status: str = ""
    is_monitor: bool = False
    counsellor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFile:
    """What a file says: its rows, its faults (by phrase key `fault`), what was mended and what was not read."""

    rows: tuple[RosterRow, ...]
    faults: tuple[Fault, ...]
    mended: tuple[Fault, ...]
    unread_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterDiff:
    """What an import would change, by student number."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    moved: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """An account that acts for the school: its role and the classes it may look into."""

    account: str
    role: Role
    classes: tuple[str, ...]
    private: Address


def class_id_of(college: str, cohort: str, class_name: str) -> str:
    """The id of a class, the same at every import: `c` and eight hex digits over what tells classes apart."""
    return "c" + hashlib.sha256(f"{college}|{cohort}|{class_name}".encode()).hexdigest()[:8]


def diff(current: Roster, rows: Iterable[RosterRow]) -> RosterDiff:
    """What making these rows the roster would change; a student whose class changed is moved and not also changed."""
    known = {student.number: student for student in current.students.values()}
    new, changed, moved, seen = [], [], [], set()
    for row in rows:
        seen.add(row.number)
        before = known.get(row.number)
        if before is None:
            new.append(row.number)
        elif before.class_id != class_id_of(row.college, row.cohort, row.class_name):
            moved.append(row.number)
        elif before != _student(row, before.sid):
            changed.append(row.number)
    return RosterDiff(
        new=tuple(sorted(new)),
        changed=tuple(sorted(changed)),
        moved=tuple(sorted(moved)),
        gone=tuple(sorted(known.keys() - seen)),
    )


def merge(
    current: Roster, rows: Iterable[RosterRow], *, scope_of: Callable[[RosterRow], str], new_sid: Callable[[], str]
) -> Roster:
    """The next version of the roster, holding these rows and nobody else; a known number keeps its sid.

    `scope_of` gives a class's scope from its first row. ValueError if two classes come to the same id.
    """
    sids = {student.number: student.sid for student in current.students.values()}
    students: dict[str, Student] = {}
    classes: dict[str, SchoolClass] = {}
    for row in rows:
        student = _student(row, sids.get(row.number) or new_sid())
        students[student.sid] = student
        its_class = classes.get(student.class_id)
        if its_class is None:
            classes[student.class_id] = _class(row, student.class_id, scope_of(row))
        elif (its_class.name, its_class.college, its_class.cohort) != (row.class_name, row.college, row.cohort):
            raise ValueError(f"two classes have the id {student.class_id}")
        elif row.counsellor and not its_class.counsellor:
            classes[student.class_id] = replace(its_class, counsellor=row.counsellor)
    return Roster(version=current.version + 1, students=students, classes=classes)


def _student(row: RosterRow, sid: str) -> Student:
    return Student(
        sid=sid,
        number=row.number,
        name=row.name,
        college=row.college,
        class_id=class_id_of(row.college, row.cohort, row.class_name),
        cohort=row.cohort,
        major=row.major,
        level=row.level,
        status=row.status,
        is_monitor=row.is_monitor,
    )


def _class(row: RosterRow, class_id: str, scope: str) -> SchoolClass:
    return SchoolClass(
        id=class_id,
        name=row.class_name,
        college=row.college,
        cohort=row.cohort,
        scope=scope,
        counsellor=row.counsellor,
    )
