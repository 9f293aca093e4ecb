"""Notices: what staff broadcast, whom it is for, and its life from a draft to its end.

A notice has a short number by which people speak of it. Its words are fixed when it is approved: what went out wrong
is taken back or corrected by another notice, never changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from scheduler.calendar import QuietHours, Stretch
from scheduler.campaigns import State
from scheduler.messages import Address, Attachment, Link
from scheduler.staffing import StaffRole

QUIET = QuietHours(start=time(22), end=time(8))
"""The night, in which no notice goes out unless it was said why it must."""

FARTHEST = timedelta(days=30)
"""How far ahead a notice can be set; its file is kept for twice as long."""


class NoticeStatus(StrEnum):
    """The life of a notice."""

    DRAFT = "draft"
    """Being written: can be changed, nothing goes out."""
    APPROVED = "approved"
    """Released; goes out at its moment, if it has one."""
    SENDING = "sending"
    PAUSED = "paused"
    """What did not go out yet waits."""
    DONE = "done"
    """Everything has an outcome."""
    CANCELLED = "cancelled"
    """What did not go out yet never will."""


class ReadLevel(StrEnum):
    """What is wanted of who reads it."""

    TELL = "tell"
    """Nothing."""
    CLICK = "click"
    """One press: read."""
    ANSWER = "answer"
    """An answer to each of its questions."""


class Form(StrEnum):
    """What a notice is beside the one it is about."""

    PLAIN = "plain"
    CORRECTION = "correction"
    """Says what was wrong in another notice, to whom that one reached."""
    NUDGE = "nudge"
    """Another notice once more, for who has not read or answered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of a notice and the answers it takes."""

    text: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a notice is for.

    `classes` (ids), `colleges` and `cohorts` (by name) narrow each other down; with `everybody` nothing has to. So
    does `campaign`, to its classes, and `states`, to its students who stand there. `sids` are persons by themselves.
    A class is written to in its groups, unless persons are meant: by `each` (every student alone), `states`, `sids`,
    or by `roles`, the staff of these classes. `reached_by` is whom another notice reached, `unread_of` who has not
    read or answered another one; nothing else is said beside these two.
    """

    everybody: bool = False
    classes: tuple[str, ...] = ()
    colleges: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    campaign: str = ""
    states: tuple[State, ...] = ()
    roles: tuple[StaffRole, ...] = ()
    sids: tuple[str, ...] = ()
    each: bool = False
    reached_by: int = 0
    unread_of: int = 0

    @property
    def is_nobody(self) -> bool:
        """Whether nothing was said of whom it is for."""
        by_class = self.everybody or self.classes or self.colleges or self.cohorts or self.campaign
        return not (by_class or self.sids or self.reached_by or self.unread_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One broadcast.

    `author`, `changed_by` (the draft, last) and `approved_by` are accounts, or `office:<name>` at the command line.
    `about` is the number of the notice that its `form` speaks of. `count` is how many addresses it had when it was
    approved, `hours` when its people rest, as of then: it waits unless `quiet_reason` says why not. `written`: all its
    deliveries are in the outbox, to so many `addresses` the first time. `round` counts how often what failed was sent
    again, `unknown_too`: with what may have arrived. `recalled`: whatever arrives is to be taken back. It has come to
    rest at `ended_at`.
    """

    number: int
    title: str
    text: str
    author: str
    audience: Audience
    created_at: datetime
    status: NoticeStatus = NoticeStatus.DRAFT
    level: ReadLevel = ReadLevel.TELL
    questions: tuple[Question, ...] = ()
    files: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()
    form: Form = Form.PLAIN
    about: int = 0
    changed_by: str = ""
    approved_by: str = ""
    count: int = 0
    hours: QuietHours = QUIET
    scheduled_for: datetime | None = None
    quiet_reason: str = ""
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    written: bool = False
    addresses: int = 0
    round: int = 0
    unknown_too: bool = False
    recalled: bool = False
    revision: int = 1


class NotAllowed(StrEnum):
    """Why a notice stays as it is."""

    ALREADY = "already"
    """It is so: somebody was quicker, or pressed twice."""
    NOT_NOW = "not-now"
    """Its life does not go that way from where it stands."""
    SECOND_PERSON = "second-person"
    """So large a notice is released by somebody else than its author."""
    RELEASED = "released"
    """Its words are fixed by now."""
    CHANGED = "changed"
    """It is no more what was looked at: somebody changed it, or its addresses are others by now."""
    NOT_ITS_OWN = "not-its-own"
    """It takes that from the notice it is about."""
    NOBODY = "nobody"
    """There is nobody it could reach."""
    PAST = "past"
    TOO_FAR = "too-far"
    DISK_LOW = "disk-low"
    """The store has too little room on its disk to send so much."""


Step = Notice | NotAllowed


def resting(hours: Iterable[QuietHours]) -> QuietHours:
    """When a notice rests that is for people of all these hours: at night, and while any of them rest; at night alone
    where that would leave no hour of the day."""
    stretches = (stretch for one in hours for stretch in (Stretch(start=one.start, end=one.end), *one.breaks))
    night = Stretch(start=QUIET.start, end=QUIET.end)
    breaks = tuple(sorted({one for one in stretches if one != night}, key=lambda one: (one.start, one.end)))
    try:
        return replace(QUIET, breaks=breaks)
    except ValueError:
        return QUIET


def approve(notice: Notice, *, by: str, count: int, most_alone: int, hours: QuietHours = QUIET) -> Step:
    """Released: a notice to more than `most_alone` addresses by somebody else than who wrote it so."""
    if notice.status is not NoticeStatus.DRAFT:
        return _no(notice, NoticeStatus.APPROVED)
    if not count:
        return NotAllowed.NOBODY
    if count > most_alone and by == (notice.changed_by or notice.author):
        return NotAllowed.SECOND_PERSON
    return _moved(notice, status=NoticeStatus.APPROVED, approved_by=by, count=count, hours=hours)


def schedule(notice: Notice, *, at: datetime, now: datetime, quiet_reason: str = "") -> Step:
    """To go out at that moment: `now`, or later, and not while its people rest unless it is said why."""
    if notice.status is not NoticeStatus.APPROVED:
        return _no(notice, NoticeStatus.SENDING)
    if notice.scheduled_for is not None and notice.scheduled_for <= now:
        return NotAllowed.ALREADY
    if at < now:
        return NotAllowed.PAST
    if at > now + FARTHEST:
        return NotAllowed.TOO_FAR
    moment = at if quiet_reason else notice.hours.first_after(at)
    if (notice.scheduled_for, notice.quiet_reason) == (moment, quiet_reason):
        return NotAllowed.ALREADY
    return _moved(notice, scheduled_for=moment, quiet_reason=quiet_reason)


def begin(notice: Notice, now: datetime) -> Step:
    """Its moment has come."""
    due = notice.scheduled_for is not None and notice.scheduled_for <= now
    if notice.status is not NoticeStatus.APPROVED:
        return _no(notice, NoticeStatus.SENDING)
    return _moved(notice, status=NoticeStatus.SENDING, begun_at=now) if due else NotAllowed.NOT_NOW


def written(notice: Notice, addresses: int) -> Step:
    """Every delivery is in the outbox; so many addresses it had."""
    if notice.written:
        return NotAllowed.ALREADY
    return (
        _moved(notice, written=True, addresses=notice.addresses or addresses)
        if notice.status is NoticeStatus.SENDING
        else NotAllowed.NOT_NOW
    )


def finish(notice: Notice, waiting: int, now: datetime) -> Step:
    """Nothing of it waits any more: it is done, or the last of a cancelled one has been refused."""
    if notice.ended_at is not None:
        return NotAllowed.ALREADY
    if notice.status is NoticeStatus.CANCELLED and not waiting:
        return _moved(notice, ended_at=now)
    if notice.status is NoticeStatus.SENDING and notice.written and not waiting:
        return _moved(notice, status=NoticeStatus.DONE, ended_at=now)
    return NotAllowed.NOT_NOW


def pause(notice: Notice) -> Step:
    """Nothing more goes out until it is resumed."""
    if notice.status is not NoticeStatus.SENDING:
        return _no(notice, NoticeStatus.PAUSED)
    return _moved(notice, status=NoticeStatus.PAUSED)


def resume(notice: Notice) -> Step:
    """It goes on where it stopped."""
    if notice.status is not NoticeStatus.PAUSED:
        return _no(notice, NoticeStatus.SENDING)
    return _moved(notice, status=NoticeStatus.SENDING)


def cancel(notice: Notice) -> Step:
    """What did not go out yet never will."""
    if notice.status in {NoticeStatus.DONE, NoticeStatus.CANCELLED}:
        return _no(notice, NoticeStatus.CANCELLED)
    return _moved(notice, status=NoticeStatus.CANCELLED)


def take_back(notice: Notice) -> Step:
    """Cancelled, also where it is done: nobody gets it any more. What arrives all the same is to be taken back, too."""
    if notice.recalled:
        return NotAllowed.ALREADY
    return _moved(notice, status=NoticeStatus.CANCELLED, recalled=True, ended_at=None)


def again(notice: Notice, *, unknown_too: bool = False) -> Step:
    """Once more for those it did not reach, and if asked for those it may have reached; the rest is left alone."""
    if notice.status not in {NoticeStatus.DONE, NoticeStatus.SENDING}:
        return NotAllowed.NOT_NOW
    return _moved(
        notice,
        status=NoticeStatus.SENDING,
        ended_at=None,
        round=notice.round + 1,
        written=False,
        unknown_too=unknown_too,
    )


def waking_hours(now: datetime, hours: QuietHours = QUIET) -> tuple[datetime, ...]:
    """When nobody is disturbed on the local day of an instant, in UTC: from and until, from and until, and so on."""
    day = now.astimezone(hours.zone).date()
    at, end = (datetime.combine(one, time(), hours.zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    found: list[datetime] = []
    while (at := hours.first_after(at)) < end:
        until = min(hours.next_quiet(at) or end, end)
        found += (at, until)
        at = until
    return tuple(found)


def _no(notice: Notice, wanted: NoticeStatus) -> NotAllowed:
    return NotAllowed.ALREADY if notice.status is wanted else NotAllowed.NOT_NOW


def _moved(notice: Notice, **changes: object) -> Notice:
    return replace(notice, revision=notice.revision + 1, **changes)  # type: ignore[arg-type]


class Arrival(StrEnum):
    """Where a notice stands with one of those it is for."""

    WAITING = "waiting"
    """On its way."""
    ACCEPTED = "accepted"
    """The platform said yes."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """Asked, and no answer came: it may have arrived."""
    UNREACHED = "unreached"
    """There is no address: a class without a group, a person without an account."""
    BY_HAND = "by-hand"
    """A person has passed it on."""
    RECALLED = "recalled"
    """It had arrived, and was taken back."""
    ERASED = "erased"
    """Whom it was for is not kept any more."""


RECALL_ASKED = "asked"
"""Of a result's `recall`: the platform has been, or will be, asked to take it back."""

ARRIVED = frozenset({Arrival.ACCEPTED, Arrival.UNKNOWN, Arrival.BY_HAND, Arrival.RECALLED})
"""Whom it reached, or may have."""

FAILED = frozenset({Arrival.REFUSED, Arrival.UNREACHED})
"""Whom it surely did not reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One of those a notice is for: `target` names it for good, a person's sid, a staff account, a group's
    first address.

    `to` None: there is no address. `reply_to` is the platform's id of the message that this one answers.
    """

    target: str
    to: Address | None
    classes: tuple[str, ...] = ()
    sid: str = ""
    in_group: bool = False
    reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a notice for one recipient: since when (UTC), the platform's id of the message, why it was refused.

    `recall` is what came of taking it back: empty (nobody tried), `RECALL_ASKED`, or why it stays.
    """

    target: str
    to: Address | None
    state: Arrival
    at: datetime
    classes: tuple[str, ...] = ()
    sid: str = ""
    in_group: bool = False
    message_id: str = ""
    why: str = ""
    recall: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """That somebody has read a notice, when (UTC), and what they answered, by the question's place from 0."""

    at: datetime
    answers: Mapping[str, int]

    def is_whole(self, notice: Notice) -> bool:
        """Whether nothing is left to be answered."""
        return all(str(place) in self.answers for place in range(len(notice.questions)))


def current(results: Iterable[Result]) -> tuple[Result, ...]:
    """The results that still say something: a class without a group may have got one since. By class, then target."""
    found = sorted(results, key=lambda one: (one.classes, one.target))
    reached = {class_id for one in found if one.to is not None for class_id in one.classes}
    return tuple(
        one
        for one in found
        if one.state is not Arrival.UNREACHED or not one.in_group or not reached.issuperset(one.classes)
    )
