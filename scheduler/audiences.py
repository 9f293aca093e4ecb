"""From an audience to addresses: who is meant, and where each of them is reached, once. Pure."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.campaigns import NOTHING_YET, Campaign, StudentState
from scheduler.messages import Address
from scheduler.notices import ARRIVED, Arrival, Audience, Notice, Reading, Recipient, Result
from scheduler.roster import Binding, Group, Roster, Student, private_address
from scheduler.staffing import StaffMember, StaffRole


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """What is known of everybody at one moment: `states` and `bindings` by sid, `monitors` sids, `lost` who cannot be
    written to; `staff` are those whose role holds."""

    roster: Roster
    campaign: Campaign | None = None
    states: Mapping[str, StudentState] = field(default_factory=dict)
    groups: Sequence[Group] = ()
    bindings: Mapping[str, Sequence[Binding]] = field(default_factory=dict)
    staff: Sequence[StaffMember] = ()
    monitors: Collection[str] = ()
    lost: Collection[Address] = ()


def classes_of(audience: Audience, roster: Roster, campaign: Campaign | None) -> tuple[str, ...]:
    """The classes an audience speaks of, in their order."""
    if not (audience.everybody or audience.classes or audience.colleges or audience.cohorts or audience.campaign):
        return ()
    return tuple(
        found.id
        for found in sorted(roster.classes.values(), key=lambda one: one.order)
        if (not audience.classes or found.id in audience.classes)
        and (not audience.colleges or found.college in audience.colleges)
        and (not audience.cohorts or found.cohort in audience.cohorts)
        and (not audience.campaign or (campaign is not None and found.id in campaign.classes))
    )


def named_classes(words: Iterable[str], roster: Roster) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The classes that are named, by name alone or with the cohort or college before it; and the words that name none,
    or several."""
    by_name: dict[str, set[str]] = {}
    for found in roster.classes.values():
        for name in (found.name, f"{found.cohort}{found.name}", f"{found.college}{found.name}"):
            by_name.setdefault(_plain(name), set()).add(found.id)
    meant = {word: by_name.get(_plain(word), set()) for word in words}
    classes = dict.fromkeys(class_id for ids in meant.values() if len(ids) == 1 for class_id in ids)
    return tuple(classes), tuple(word for word, ids in meant.items() if len(ids) != 1)


def meant_classes(words: Sequence[str], roster: Roster) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """As `named_classes`; where every word is a cohort (a letter behind it or not) or a college, all classes of any of
    these cohorts in any of these colleges."""
    by_cohort = {_plain(one.cohort): one.cohort for one in roster.classes.values() if one.cohort}
    by_college = {_plain(one.college): one.college for one in roster.classes.values() if one.college}
    cohorts, colleges = list[str](), list[str]()
    for word in map(_plain, words):
        year = word if word[-1:].isdigit() else word[:-1]
        if year in by_cohort:
            cohorts.append(by_cohort[year])
        elif word in by_college:
            colleges.append(by_college[word])
        else:
            return named_classes(words, roster)
    audience = Audience(everybody=bool(words), cohorts=tuple(cohorts), colleges=tuple(colleges))
    return classes_of(audience, roster, None), ()


def numbered_students(numbers: Iterable[str], roster: Roster) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sids behind student numbers, and the numbers that nobody has."""
    by_number = {student.number: student.sid for student in roster.students.values()}
    wanted = dict.fromkeys(numbers)
    known = tuple(by_number[number] for number in wanted if number in by_number)
    return known, tuple(number for number in wanted if number not in by_number)


def students_of(audience: Audience, school: School) -> tuple[Student, ...]:
    """The students an audience means, whichever way they are reached; by student number."""
    classes = set(classes_of(audience, school.roster, school.campaign))
    found = [
        student
        for student in school.roster.students.values()
        if student.sid in audience.sids or (student.class_id in classes and _stands_there(audience, school, student))
    ]
    return tuple(sorted(found, key=lambda student: student.number))


def recipients(audience: Audience, school: School) -> tuple[Recipient, ...]:
    """Everybody an audience means with where they are reached: one message an address, a person once.

    Whoever has no address stands there without one: a class by `class:<id>`, a person by their sid or account.
    """
    students = students_of(audience, school)
    found: list[Recipient] = []
    if audience.roles:
        found += _to_staff(audience, school, students)
    elif audience.each or audience.states:
        found += _to_persons(students, school)
    else:
        found += _to_groups(classes_of(audience, school.roster, school.campaign), school)
        found += _to_persons([student for student in students if student.sid in audience.sids], school)
    return _each_once(found)


def unread(notice: Notice, readings: Mapping[str, Reading], school: School) -> tuple[Recipient, ...]:
    """Who was meant by a notice and has not read it, or not answered all of it: each alone."""

    def has_read(who: str) -> bool:
        return who in readings and readings[who].is_whole(notice)

    audience = notice.audience
    students = students_of(audience, school)
    meant = _to_staff(audience, school, students) if audience.roles else _to_persons(students, school)
    return _each_once(one for one in meant if not has_read(one.target))


def reached(results: Iterable[Result]) -> tuple[Recipient, ...]:
    """Exactly those a notice reached or may have reached, each to be answered where it did."""
    return _each_once(
        Recipient(
            target=result.target,
            to=None if result.state is Arrival.BY_HAND else result.to,
            classes=result.classes,
            sid=result.sid,
            in_group=result.in_group,
            reply_to="" if result.state is Arrival.RECALLED else result.message_id,
        )
        for result in results
        if result.state in ARRIVED
    )


def _stands_there(audience: Audience, school: School, student: Student) -> bool:
    return not audience.states or school.states.get(student.sid, NOTHING_YET).counted in audience.states


def _to_groups(classes: Sequence[str], school: School) -> Iterator[Recipient]:
    wanted = set(classes)
    without_group = dict.fromkeys(classes)
    for group in sorted(school.groups, key=lambda one: str(one.address)):
        own = tuple(class_id for class_id in group.classes if class_id in wanted)
        if own and group.address not in school.lost:
            yield Recipient(target=group.name, to=group.address, classes=own, in_group=True)
            for class_id in own:
                without_group.pop(class_id, None)
    for class_id in without_group:
        yield Recipient(target=f"class:{class_id}", to=None, classes=(class_id,), in_group=True)


def _to_persons(students: Iterable[Student], school: School) -> Iterator[Recipient]:
    for student in students:
        reachable = [one for one in school.bindings.get(student.sid, ()) if one.private not in school.lost]
        to = private_address(reachable)
        yield Recipient(target=student.sid, to=to, classes=(student.class_id,), sid=student.sid)


def _to_staff(audience: Audience, school: School, students: Iterable[Student]) -> Iterator[Recipient]:
    """The monitors among the students, and the staff who look after any class that is meant."""
    if StaffRole.MONITOR in audience.roles:
        yield from _to_persons((student for student in students if student.sid in school.monitors), school)
    classes = [school.roster.classes[one] for one in classes_of(audience, school.roster, school.campaign)]
    for member in sorted(school.staff, key=lambda one: one.account):
        if member.role in audience.roles and any(member.covers(found) for found in classes):
            to = None if member.private in school.lost else member.private
            yield Recipient(target=member.account, to=to)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _each_once(found: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """The first of each target and of each address."""
    targets: set[str] = set()
    addresses: set[Address] = set()
    kept = []
    for one in found:
        if one.target in targets or one.to in addresses:
            continue
        targets.add(one.target)
        if one.to is not None:
            addresses.add(one.to)
        kept.append(one)
    return tuple(kept)
