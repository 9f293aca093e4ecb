"""Who should do what: students, classes and the staff who look after them, and who is reached where.

A student has an opaque id (`sid`) given at the first import; the student number is an attribute: it
may change, it is personal, and it never stands in a key, a stream or a log.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from scheduler.messages import Address

_NUMBER = re.compile(r"\d+")


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
    """A class of the roster; `counsellor` is a name for people, not an account.

    `order` is what classes are listed by: college, then name, with the numbers in them by their value (2班, 10班).
    """

    id: str
    name: str
    college: str
    cohort: str
    scope: str
    counsellor: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        college, name = (_NUMBER.sub(lambda found: found[0].zfill(12), one) for one in (self.college, self.name))
        return college, name, self.cohort, self.id


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
    """An account (`platform:id`) and a student it is bound to; `private` is where to write to them alone.

    An account has one for each student record of its person. `at` is when it was bound (UTC). `last_day_only`: they
    want to be reminded in private on a deadline's last day and not before; the same in all of an account's bindings.
    """

    account: str
    sid: str
    strength: BindingStrength
    private: Address
    last_day_only: bool = False
    at: datetime | None = None


def private_address(bindings: Sequence[Binding]) -> Address | None:
    """Where to write to a person, on whatever platforms they are: the surest binding, then the newest, and among
    equals always the same."""
    if len(bindings) == 1:  # as almost everybody has
        return bindings[0].private
    strong = [binding for binding in bindings if binding.strength is BindingStrength.STRONG]

    def by_age(binding: Binding) -> tuple[float, str]:
        return -binding.at.timestamp() if binding.at else 0.0, str(binding.private)

    return min(strong or bindings, key=by_age).private if bindings else None


def reached(bindings: Mapping[str, Sequence[Binding]], lost: Collection[Address]) -> Mapping[str, Sequence[Binding]]:
    """The same bindings, without those that are known to lead nowhere now where the person has another one."""
    found = {sid: [one for one in own if one.private not in lost] or own for sid, own in bindings.items()}
    return found if lost else bindings


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group chat and the classes it was bound to by staff.

    `faq_only`: its owner is nobody the school knows, so it is answered what holds everywhere and reminded of nothing.
    `looked_at`: when that was looked at last (UTC); None: it is to be looked at. `moved_from`: the first address it
    had, if it has another one by now.
    """

    address: Address
    classes: tuple[str, ...]
    faq_only: bool = False
    looked_at: datetime | None = None
    moved_from: Address | None = None

    @property
    def name(self) -> str:
        """What it is known by for good, wherever it moves."""
        return str(self.moved_from or self.address)

    def moved(self, to: Address) -> "Group":
        """The same group at another address."""
        return replace(self, address=to, moved_from=self.moved_from or self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCode:
    """What a code that staff posts in a group is good for: these classes, by that account, before it `expires`.

    `used_in` is the address of the group it was posted in.
    """

    classes: tuple[str, ...]
    by: str
    expires: datetime
    used_in: str = ""


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
    """What a file says: its rows, its faults (by phrase key `fault`), what was mended and what was not read.

    `set_aside` are rows that are not to be applied now, `faulty` those with a fault, as far as they could be read.
    `header_row` 0: none was found.
    """

    rows: tuple[RosterRow, ...]
    faults: tuple[Fault, ...]
    mended: tuple[Fault, ...]
    unread_columns: tuple[str, ...]
    set_aside: tuple[RosterRow, ...] = ()
    faulty: tuple[RosterRow, ...] = ()
    header_row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One row of an export of 学信网: who, by number or by name and college, and whether the check is on record."""

    row: int
    number: str
    name: str
    college: str
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFile:
    """What an export says, with its faults; one with any fault is not to be used."""

    rows: tuple[RecordRow, ...]
    faults: tuple[Fault, ...]
    unread_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseridRow:
    """One row of a list of WeCom's members: an account, and the student number that is its person's."""

    row: int
    userid: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseridFile:
    """What such a list says, with its faults; one with any fault has no rows."""

    rows: tuple[UseridRow, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterDiff:
    """What an import would change, by student number; whoever moved is not also changed."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    moved: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterVersion:
    """One change of the whole roster: when (UTC), how many it has, and how many it made new, changed and so on.

    `restores` is the version it brought back, 0 for an import.
    """

    version: int
    at: datetime
    students: int
    classes: int
    new: int
    changed: int
    moved: int
    gone: int
    restores: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A student whose class or status another version of the roster changes.

    `origin` and `target` are class ids, empty for somebody who was not there or is no longer; `was` and `becomes` are
    the roster's statuses. `student` is as the version says that has them: the new one, or the old one for who is gone.
    """

    student: Student
    origin: str
    target: str
    was: str
    becomes: str


@cache
def class_id_of(college: str, cohort: str, class_name: str) -> str:
    """The id of a class, the same at every import: `c` and eight hex digits over what tells classes apart."""
    return "c" + hashlib.sha256(f"{college}|{cohort}|{class_name}".encode()).hexdigest()[:8]


def diff(before: Roster, after: Roster) -> RosterDiff:
    """What another version changes; who has another counsellor is changed too."""
    old = {student.number: student for student in before.students.values()}
    new = {student.number: student for student in after.students.values()}
    both = old.keys() & new.keys()
    moved = {number for number in both if old[number].class_id != new[number].class_id}

    def told(roster: Roster, student: Student) -> tuple[Student, str]:
        return student, roster.classes[student.class_id].counsellor

    changed = [number for number in both - moved if told(before, old[number]) != told(after, new[number])]
    return RosterDiff(
        new=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(changed)),
        moved=tuple(sorted(moved)),
        gone=tuple(sorted(old.keys() - new.keys())),
    )


def merge(
    current: Roster,
    rows: Iterable[RosterRow],
    *,
    scope_of: Callable[[RosterRow], str],
    new_sid: Callable[[], str],
    former: Mapping[str, Student] = MappingProxyType({}),
    staying: Iterable[Student] = (),
) -> Roster:
    """The next version of the roster, holding these rows, those who stay as they were, and nobody else.

    A known number keeps its sid, and so does one that was gone (`former`, by number). `scope_of` gives a class's
    scope from its first row. ValueError if two classes come to the same id.
    """
    sids = {student.number: student.sid for student in (*former.values(), *current.students.values())}
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
    for student in staying:
        students[student.sid] = student
        before = current.classes[student.class_id]
        its_class = classes.setdefault(student.class_id, before)
        if not its_class.counsellor:
            classes[student.class_id] = replace(its_class, counsellor=before.counsellor)
    return Roster(version=current.version + 1, students=students, classes=classes)


def staying(current: Roster, rows: Iterable[RosterRow], set_aside: Iterable[RosterRow]) -> tuple[Student, ...]:
    """Who of the roster the rows set aside are about: these are neither changed nor gone.

    Found by number; where that is damaged by name, in the row's own class if there is one of that name.
    """
    applied = {row.number for row in rows}
    left = {student.number: student for student in current.students.values() if student.number not in applied}
    kept: dict[str, Student] = {}
    for row in set_aside:
        namesakes = [student for student in left.values() if row.name and student.name == row.name]
        class_id = class_id_of(row.college, row.cohort, row.class_name)
        of_the_class = [student for student in namesakes if student.class_id == class_id]
        found = [left[row.number]] if row.number in left else of_the_class or namesakes
        kept.update((student.sid, student) for student in found)
    return tuple(kept.values())


def lost_zeros(current: Roster, rows: Sequence[RosterRow], *, column: str) -> tuple[Fault, ...]:
    """A fault for each number that nobody has, but somebody the file does not have has it behind zeros."""
    numbers = {student.number for student in current.students.values()}
    given = {row.number for row in rows}
    with_zeros = {number.lstrip("0") for number in numbers - given if number.startswith("0")}
    return tuple(
        Fault(row=row.row, column=column, fault="roster.fault.known-with-zeros", values={})
        for row in rows
        if row.number not in numbers and row.number in with_zeros
    )


def transfers(before: Roster, after: Roster, *, returned: Collection[str], statuses: Collection[str]) -> list[Transfer]:
    """Whom a change of the roster concerns beyond it: who moved, went or came back (`returned`, sids), and who gets or
    loses one of the `statuses`."""
    found = []
    for sid in before.students.keys() | after.students.keys():
        old, new = before.students.get(sid), after.students.get(sid)
        student = new or old
        if student is None:
            continue
        transfer = Transfer(
            student=student,
            origin=old.class_id if old else "",
            target=new.class_id if new else "",
            was=old.status if old else "",
            becomes=new.status if new else "",
        )
        elsewhere = old is not None and transfer.origin != transfer.target
        restated = transfer.was != transfer.becomes and (transfer.was in statuses or transfer.becomes in statuses)
        if elsewhere or restated or sid in returned:
            found.append(transfer)
    return found


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
