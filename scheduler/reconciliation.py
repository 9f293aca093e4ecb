"""The roster beside an export of 学信网 and our own states: who is missing where, and why. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.campaigns import DONE, NOTHING_YET, OWING, WITH_OFFICE, Campaign, Grade, State, StudentState, is_exempt
from scheduler.deliveries import Delivery, Kind
from scheduler.letters import GUIDE
from scheduler.messages import Action, Address, Choice, OutboundMessage, Phrase, Purpose, Verb
from scheduler.roster import RecordRow, Roster, Student

BY_RECORD = "record"
"""Who acted where 学信网's own record is the statement."""

SHOWS_AFTER = timedelta(days=1)
"""How long 学信网's own record may take: what was stated later than this before an export need not be in it yet."""

_NOT_COUNTED = re.compile(r"[\W_]+")
"""Dots, dashes and blanks, by which one name is written in several ways."""


class Finding(StrEnum):
    """What is the matter with somebody of the roster or of the export."""

    NO_RECORD = "no-record"
    """Stated here that all was looked at; 学信网 has no record of it, though the export has others of the class."""
    NOT_CHECKED = "not-checked"
    """Neither stated here nor on record there."""
    NOT_IN_EXPORT = "not-in-export"
    """The roster has them, the export does not: perhaps not registered at 学信网 yet."""
    NOT_IN_ROSTER = "not-in-roster"
    """The export has them, the roster does not."""
    SEVERAL = "several"
    """A row without a number whose name and college fit several, or a student on several rows that differ."""
    WITH_OFFICE = "with-office"
    """On record there, while here a wrong item or a missing record was reported: the office looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding: the student, if the roster has one, and the export's row, 0 if it has none."""

    finding: Finding
    student: Student | None
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What is the matter with whom, how many 学信网 has on record, and the states that follow from it."""

    found: tuple[Found, ...]
    on_record: int
    states: tuple[tuple[Student, StudentState], ...]


def reconcile(
    campaign: Campaign,
    roster: Roster,
    records: Sequence[RecordRow],
    states: Mapping[str, StudentState],
    now: datetime,
    *,
    as_of: datetime,
) -> Reconciled:
    """Everybody of the campaign's classes beside the export, in the order of the student numbers.

    `states` are by sid; a missing one has stated nothing. `as_of` is when the export was made. Who is exempt is
    missed nowhere. Rows about students of other classes of the roster say nothing here.
    """
    rows, strays = _matched(roster, records)
    covered = {roster.students[sid].class_id for sid in rows}
    found: list[Found] = []
    follow: list[tuple[Student, StudentState]] = []
    on_record = 0
    own = [student for student in roster.students.values() if student.class_id in campaign.classes]
    for student in sorted(own, key=lambda one: one.number):
        state, about = states.get(student.sid, NOTHING_YET), rows.get(student.sid, [])
        checked = {row.checked for row in about}
        on_record += checked == {True}
        if checked == {True} and (new := with_record(state, now)) is not None:
            follow.append((student, new))
        finding = None
        if not is_exempt(campaign, student.status, state):
            recent = state.at is not None and state.at > as_of - SHOWS_AFTER
            finding = _finding(state, checked, recent=recent, covered=student.class_id in covered)
        if finding is not None:
            found.append(Found(finding=finding, student=student, row=about[0].row if about else 0))
    return Reconciled(found=(*found, *strays), on_record=on_record, states=tuple(follow))


def with_record(state: StudentState, now: datetime) -> StudentState | None:
    """The state of somebody whose check 学信网 has on record; None if that changes nothing.

    A record outweighs a statement and a proxy. It says that somebody looked, not that all was right: a reported
    item, and an exemption, stay.
    """
    if state.state is State.CONFIRMED:
        return None if state.grade is Grade.RECORD else replace(state, grade=Grade.RECORD, count=state.count + 1)
    if (state.counted in OWING and not state.items) or state.state is State.PROXY:
        return replace(
            state, state=State.CONFIRMED, count=state.count + 1, at=now, by=BY_RECORD, grade=Grade.RECORD, receipt=""
        )
    return None


def no_record_note(
    campaign: Campaign, student: Student, to: Address, *, you: str, label: str, now: datetime
) -> Delivery:
    """What is said in private to somebody whose statement 学信网 has no record of.

    Its id allows one a person and campaign, whenever it is asked for. It keeps the quiet hours. `you` is how they
    are addressed, `label` is on the button that begins the guide.
    """
    body = Phrase(key="record.not-there", values={"you": you, "title": campaign.title})
    guide = Choice(label=label, action=Action(verb=Verb.GUIDE, subject=GUIDE))
    sent_at = campaign.quiet.first_after(now)
    return Delivery(
        id=f"{campaign.id}:no-record:{student.sid}",
        kind=Kind.NOTE,
        message=OutboundMessage(to=to, body=body, purpose=Purpose.NOTICE, choices=(guide,)),
        campaign=campaign.id,
        classes=(student.class_id,),
        sid=student.sid,
        not_before=sent_at if sent_at > now else None,
    )


def _finding(state: StudentState, checked: set[bool], *, recent: bool, covered: bool) -> Finding | None:
    """What is the matter with a state beside the rows about its student; `recent`: too new for the export to have it,
    `covered`: the export has somebody of the class."""
    if len(checked) > 1:
        return Finding.SEVERAL
    if checked == {True}:
        return Finding.WITH_OFFICE if state.counted in WITH_OFFICE else None
    if state.counted in DONE:
        if recent:
            return None
        return Finding.NO_RECORD if checked or covered else Finding.NOT_IN_EXPORT
    if not checked:
        return Finding.NOT_IN_EXPORT
    return Finding.NOT_CHECKED if state.counted in OWING else None


def _matched(roster: Roster, records: Sequence[RecordRow]) -> tuple[dict[str, list[RecordRow]], list[Found]]:
    """The rows of each student by sid, and those that are nobody's or somebody's among several."""
    by_number = {student.number: student for student in roster.students.values()}
    by_name: defaultdict[tuple[str, str], list[Student]] = defaultdict(list)
    for student in roster.students.values():
        by_name[_folded(student.name), _folded(student.college)].append(student)
    rows: defaultdict[str, list[RecordRow]] = defaultdict(list)
    strays: list[Found] = []
    for record in records:
        fitting = list(_fitting(record, by_number, by_name))
        if len(fitting) == 1:
            rows[fitting[0].sid].append(record)
        else:
            finding = Finding.SEVERAL if fitting else Finding.NOT_IN_ROSTER
            strays.append(Found(finding=finding, student=None, row=record.row))
    return dict(rows), strays


def _fitting(
    record: RecordRow,
    by_number: Mapping[str, Student],
    by_name: Mapping[tuple[str, str], Sequence[Student]],
) -> Iterator[Student]:
    if record.number:
        if record.number in by_number:
            yield by_number[record.number]
    else:
        yield from by_name.get((_folded(record.name), _folded(record.college)), ())


def _folded(name: str) -> str:
    """A name for comparing: without dots, dashes, blanks, width and case."""
    return _NOT_COUNTED.sub("", unicodedata.normalize("NFKC", name)).casefold()
