"""Who acts for the school: roles with their dates, who stands in for whom, and who a class's monitors are.

A right ends with the moment its role does: whoever asks for something is looked up then, never remembered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from scheduler.calendar import ZONE
from scheduler.messages import Address
from scheduler.roster import SchoolClass, Student

_TERMS_BEGIN = (3, 9)
"""The months in which nobody of the term before is staff any more unless they were appointed again."""


class StaffRole(StrEnum):
    """What somebody does for the school, from the class upwards."""

    MONITOR = "monitor"
    COUNSELLOR = "counsellor"
    TEACHER = "teacher"
    """The class teacher of an open university's learning centre, who has no monitor below."""
    COLLEGE = "college"
    REGISTRAR = "registrar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputy:
    """An account that acts for another one, `since` (included) `until` (not included)."""

    account: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """An account that acts for the school: a role, and where it holds. Somebody with several has one of these for each.

    `classes` and `colleges` (by name) say where; a registrar's role holds everywhere. It begins with `since` and
    ends with `until`; None: from ever, for ever. `private` is where to write to them alone. `stands_in_for` is the
    account whose rights these are, for a deputy; nothing with it is ever stored.
    """

    account: str
    role: StaffRole
    private: Address
    classes: tuple[str, ...] = ()
    colleges: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    deputies: tuple[Deputy, ...] = ()
    stands_in_for: str = ""

    def serves(self, now: datetime) -> bool:
        """Whether the role holds at that moment."""
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)

    def covers(self, found: SchoolClass) -> bool:
        """Whether a class is among those it holds for."""
        return self.role is StaffRole.REGISTRAR or found.id in self.classes or found.college in self.colleges


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorWord:
    """What was said of a student since the last roster: that they are a monitor of the class now, or no longer.

    It holds until `until`, in that class, and as long as the roster names the same monitors as when it was said
    (`named`, sids): a new list of the office is newer than any word. `by` is the account that said so.
    """

    sid: str
    class_id: str
    is_monitor: bool
    named: tuple[str, ...]
    until: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A role that waits for whoever shows its code first, before it `expires`; `until` is when the role itself ends.

    With `stands_in_for` it makes a deputy of that account, `since` till `until`. `taken_by` is who has shown it.
    """

    role: StaffRole
    expires: datetime
    until: datetime
    classes: tuple[str, ...] = ()
    colleges: tuple[str, ...] = ()
    since: datetime | None = None
    stands_in_for: str = ""
    taken_by: str = ""

    def open_to(self, account: str, now: datetime) -> bool:
        """Whether an account may still take it; nobody stands in for themselves."""
        return not self.taken_by and now < self.expires and account != self.stands_in_for


def joined(
    own: Iterable[StaffMember], invitation: Invitation, account: str, private: Address, now: datetime
) -> tuple[StaffMember, ...]:
    """What an account is after it took an invitation: what it was, and this beside it, each till its own end.

    The same role with the same end is one with more places, the same role in the same places one with the later end.
    What is over is left out: of a role that has ended no class comes back with the next one.
    """
    held = [replace(one, private=private) for one in own if one.until is None or now < one.until]
    new = StaffMember(
        account=account,
        role=invitation.role,
        private=private,
        classes=invitation.classes,
        colleges=invitation.colleges,
        until=invitation.until,
        deputies=held[0].deputies if held else (),
    )
    for place, one in enumerate(held):
        if one.role is new.role and (one.until == new.until or _same_places(one, new)):
            return (*held[:place], _together(one, new), *held[place + 1 :])
    return (*held, new)


def _same_places(one: StaffMember, other: StaffMember) -> bool:
    return set(one.classes) == set(other.classes) and set(one.colleges) == set(other.colleges)


def _together(one: StaffMember, new: StaffMember) -> StaffMember:
    return replace(
        one,
        classes=tuple(dict.fromkeys((*one.classes, *new.classes))),
        colleges=tuple(dict.fromkeys((*one.colleges, *new.colleges))),
        until=max(one.until, new.until) if one.until and new.until else None,
    )


def deputised(principal: StaffMember, account: str, since: datetime, until: datetime) -> StaffMember:
    """Somebody with one deputy more; one they had before stands in at these dates instead."""
    others = [one for one in principal.deputies if one.account != account]
    return replace(principal, deputies=(*others, Deputy(account=account, since=since, until=until)))


def without_deputy(principal: StaffMember, account: str) -> StaffMember:
    """Somebody for whom this account stands in no more."""
    return replace(principal, deputies=tuple(one for one in principal.deputies if one.account != account))


def has_deputy(principal: StaffMember, account: str) -> bool:
    """Whether this account was named to stand in for somebody, at whatever dates."""
    return any(one.account == account for one in principal.deputies)


def in_force(members: Iterable[StaffMember], account: str, now: datetime) -> tuple[StaffMember, ...]:
    """What an account may act as at a moment: what it is itself, and whom of these it stands in for."""
    found = []
    for member in members:
        if not member.serves(now):
            continue
        if member.account == account:
            found.append(member)
        elif any(one.account == account and one.since <= now < one.until for one in member.deputies):
            found.append(replace(member, account=account, deputies=(), stands_in_for=member.account))
    return tuple(found)


def monitors(members: Iterable[Student], words: Mapping[str, MonitorWord], now: datetime) -> tuple[Student, ...]:
    """The monitors among all the students of a class, by what the roster says and what was said since (by sid)."""
    students = tuple(members)
    named = named_monitors(students)

    def is_one(student: Student) -> bool:
        word = words.get(student.sid)
        holds = word is not None and (word.class_id, word.named) == (student.class_id, named) and now < word.until
        return word.is_monitor if word is not None and holds else student.is_monitor

    return tuple(student for student in students if is_one(student))


def named_monitors(members: Iterable[Student]) -> tuple[str, ...]:
    """Whom the roster itself names as monitors, by sid."""
    return tuple(sorted(student.sid for student in members if student.is_monitor))


def end_of_term(now: datetime) -> datetime:
    """When a role ends that was given without a date: with the next February or August, when both terms are over."""
    local = now.astimezone(ZONE)
    starts = [datetime(local.year + later, month, 1, tzinfo=ZONE) for later in (0, 1) for month in _TERMS_BEGIN]
    return min(start for start in starts if start > local).astimezone(UTC)
