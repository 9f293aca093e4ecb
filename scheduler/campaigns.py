"""Verification campaigns: their stages and deadlines, each student's state, and every move between states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.calendar import QuietHours
from scheduler.stages import Owner as Owner  # noqa: PLC0414 - a campaign's stages are known by its module
from scheduler.stages import Pilot, UndatedStage
from scheduler.stages import Stage as Stage  # noqa: PLC0414
from scheduler.stages import wave_id as wave_id  # noqa: PLC0414


class CampaignStatus(StrEnum):
    """The life of a campaign; `move` is the only way from one to the next."""

    DRAFT = "draft"
    """Being prepared: nothing is sent, nobody can confirm."""
    SCHEDULED = "scheduled"
    """Ready, and opens by itself at `opens_at`: nothing is sent before, nobody can confirm."""
    OPEN = "open"
    """Waves go out, students confirm."""
    CLOSED = "closed"
    """Over: nothing is sent, states are kept."""
    CANCELLED = "cancelled"
    """Opened by mistake or given up: nothing is sent."""


_MOVES = {
    CampaignStatus.DRAFT: {CampaignStatus.SCHEDULED, CampaignStatus.OPEN, CampaignStatus.CANCELLED},
    CampaignStatus.SCHEDULED: {CampaignStatus.DRAFT, CampaignStatus.OPEN, CampaignStatus.CANCELLED},
    CampaignStatus.OPEN: {CampaignStatus.CLOSED, CampaignStatus.CANCELLED},
    CampaignStatus.CLOSED: set[CampaignStatus](),
    CampaignStatus.CANCELLED: set[CampaignStatus](),
}


class State(StrEnum):
    """Where a student stands in a campaign."""

    NONE = "none"
    """Nothing stated yet."""
    CONFIRMED = "confirmed"
    """Stated to have looked at 学信网 item by item and found all right."""
    WRONG = "wrong"
    """Reported a wrong item: the office is on it."""
    NOT_FOUND = "not-found"
    """学信网 shows no record."""
    NO_LOGIN = "no-login"
    """Could not log in; still owes."""
    EXEMPT = "exempt"
    """Need not take part; reasons are seen by counsellor and office only."""
    PROXY = "proxy"
    """Confirmed by somebody else for a named reason."""


OWING = frozenset({State.NONE, State.NO_LOGIN})
"""Who is reminded: with a wrong item or no record it is the office that owes the next step."""

DONE = frozenset({State.CONFIRMED, State.PROXY})

WITH_OFFICE = frozenset({State.WRONG, State.NOT_FOUND})
"""Reported: it is the office that looks into it."""


class Grade(StrEnum):
    """How good the evidence for a state is; each outweighs those named after it."""

    RECORD = "record"
    """学信网's own record of the check."""
    SIGNED = "signed"
    """Signed on paper."""
    STATEMENT = "statement"
    """The student's own statement in a chat."""

    def outweighs(self, other: "Grade | None") -> bool:
        """Whether it is better evidence than the other, or than none."""
        order = list(Grade)
        return other is None or order.index(self) < order.index(other)


class Act(StrEnum):
    """What a person does to a student's state; words are never among them."""

    CONFIRM = "confirm"
    REPORT_WRONG = "report-wrong"
    NOT_FOUND = "not-found"
    NO_LOGIN = "no-login"
    WITHDRAW = "withdraw"
    EXEMPT = "exempt"
    PROXY = "proxy"
    SETTLE = "settle"
    """The office is done with a reported item: corrected, or not to be corrected."""


MOST_TRIES = 20
"""How many tries to log in are kept of a student: the first ones and the last."""


_LEADS_TO = {
    Act.CONFIRM: State.CONFIRMED,
    Act.NOT_FOUND: State.NOT_FOUND,
    Act.NO_LOGIN: State.NO_LOGIN,
    Act.EXEMPT: State.EXEMPT,
    Act.PROXY: State.PROXY,
}
"""Of acts on the whole; what is said about one item, or taken back, depends on what stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """Something that looks like a wrong item and is none: how people put it, and what they are told."""

    label: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One item of the check list; `takes_value` false: its right value must never be typed.

    `alarms` are what looks wrong and is right. `office_only`: that somebody reported it is for counsellor and office
    alone; it is offered to who reports and stands on no list that others read.
    """

    id: str
    label: str
    takes_value: bool
    alarms: tuple[FalseAlarm, ...] = ()
    office_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One verification drive of one year.

    `id` is template and year (`glut-check-2019`). `revision` grows with every change of the plan and
    is part of what a wave claims. `classes` are class ids, `exempt` the roster's statuses left out.
    Its audience are the classes of `scope`, of `cohort` (a year covers its terms, empty: any), of `colleges` and
    `only` (class ids) where these name some. `stages` are in the order of their deadlines, without those `undated`.
    """

    id: str
    title: str
    scope: str
    cohort: str
    status: CampaignStatus
    stages: tuple[Stage, ...]
    classes: tuple[str, ...]
    quiet: QuietHours
    expected_status: str
    checklist: tuple[CheckItem, ...]
    exempt: tuple[str, ...]
    remarks: tuple[str, ...]
    revision: int = 1
    opened_at: datetime | None = None
    colleges: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    undated: tuple[UndatedStage, ...] = ()
    opens_at: datetime | None = None
    pilot: Pilot | None = None

    def stage(self, stage_id: str) -> Stage:
        """The stage of that id; KeyError if there is none."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)

    def item(self, item_id: str) -> CheckItem | None:
        """The check item of that id; None for one that a later version of the template took out."""
        return next((item for item in self.checklist if item.id == item_id), None)

    @property
    def to_check(self) -> tuple[CheckItem, ...]:
        """What everybody looks at; what only the office may know of stands on no list."""
        return tuple(item for item in self.checklist if not item.office_only)

    @property
    def paper_labels(self) -> Mapping[str, str]:
        """What each item is called on papers that others read, by id; empty for what is for the office alone."""
        return {item.id: "" if item.office_only else item.label for item in self.checklist}

    def stage_of(self, owner: Owner) -> Stage | None:
        """The first stage that this owner has to finish."""
        return next((stage for stage in self.stages if stage.owner is owner), None)

    def wave_name(self, stage: Stage, lead: timedelta) -> str:
        """The name of a wave in its slots: its lead, which moved deadline it belongs to, and whether it is a trial.

        What was claimed for another deadline, or sent to the staff's chat, is another wave.
        """
        moved = f".{stage.moves}" if stage.moves else ""
        trial = ".trial" if self.pilot is not None and self.pilot.chat is not None else ""
        return f"{wave_id(lead)}{moved}{trial}"

    def planned_since(self, stage: Stage) -> datetime | None:
        """Since when the waves of a stage are planned as they are: the opening, or the last move of its deadline."""
        return stage.moved_at or self.opened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentState:
    """A student's state in a campaign: what, since when (UTC), by whom and on what evidence.

    `by` is the sid of the person who acted, an account of staff, or `office`. `items` are the ids of the check items
    reported wrong and not settled yet, in the order of their reports. `tries` are the moments at which logging in did
    not work, whatever came after. `receipt` is the short number the student was told. `late` marks a statement made
    after the deadline. `own_word`: they took back what somebody else had stated for them, so nobody does it again.
    `signed_at` is when
    their signature on the class's sheet was ticked, whatever they stated. `count` numbers the changes, so that a
    writer can say which one it saw.
    """

    state: State
    count: int = 0
    at: datetime | None = None
    by: str = ""
    grade: Grade | None = None
    items: tuple[str, ...] = ()
    tries: tuple[datetime, ...] = ()
    receipt: str = ""
    late: bool = False
    own_word: bool = False
    signed_at: datetime | None = None


NOTHING_YET = StudentState(state=State.NONE)


class Departure(StrEnum):
    """Why somebody is in no class of an open campaign any more."""

    GONE = "gone"
    """The roster has no such student any more."""
    MOVED = "moved"
    """Moved to a class that is not part of the campaign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """Where somebody stood who left a campaign with a change of the roster: evidence, and out of every total."""

    class_id: str
    why: Departure
    at: datetime
    state: StudentState


def is_exempt(campaign: Campaign, status: str, state: StudentState) -> bool:
    """Whether a student of this roster status need not take part; a statement made all the same counts."""
    return state.state is State.EXEMPT or (state.state in OWING and status in campaign.exempt)


class NotAllowed(StrEnum):
    """Why an act does not change a state."""

    CAMPAIGN_OVER = "campaign-over"
    ALREADY = "already"
    NOTHING_TO_WITHDRAW = "nothing-to-withdraw"
    EXEMPT = "exempt"
    BETTER_EVIDENCE = "better-evidence"
    """What stands there rests on better evidence than what is said now."""
    HANDED_IN = "handed-in"
    """The class has handed in: what was stated is changed by the counsellor only."""
    OWN_WORD = "own-word"
    """They took back what was stated for them: it is theirs to state."""


def move(campaign: Campaign, to: CampaignStatus, now: datetime) -> Campaign:
    """The campaign in its next status; ValueError where life does not go that way, or a stage has no deadline."""
    if to not in _MOVES[campaign.status]:
        raise ValueError(f"a campaign that is {campaign.status} cannot become {to}")
    if campaign.undated and to in {CampaignStatus.SCHEDULED, CampaignStatus.OPEN}:
        raise ValueError(f"{campaign.id}: no deadline is set for {', '.join(one.id for one in campaign.undated)}")
    opened = now if to is CampaignStatus.OPEN else campaign.opened_at
    return replace(campaign, status=to, opened_at=opened, revision=campaign.revision + 1)


def act(
    campaign: Campaign,
    current: StudentState,
    what: Act,
    *,
    by: str,
    now: datetime,
    receipt: str,
    item: str = "",
    grade: Grade = Grade.STATEMENT,
    handed_in: bool = False,
) -> StudentState | NotAllowed:
    """The state after `what`, or why it stays as it is. Pure: the caller stores what is returned.

    Doing the same again is ALREADY and harmless, unless the evidence is better now. A statement after the student
    stage's deadline is taken and marked late. `handed_in`: the student's class has handed in.
    """
    refused = _refused(campaign, current, what, grade, handed_in=handed_in)
    if refused is not None:
        return refused
    state, items = _moved(current, what, item, grade)
    best = current.grade if current.grade is not None and current.grade.outweighs(grade) else grade
    if current.signed_at is not None and state in DONE and best is Grade.STATEMENT:
        best = Grade.SIGNED
    stage = campaign.stage_of(Owner.STUDENT)
    new = StudentState(
        state=state,
        count=current.count + 1,
        at=now,
        by=by,
        grade=None if state is State.NONE else best,
        items=items,
        tries=_tries(current, what, now),
        receipt=receipt,
        late=stage is not None and now >= stage.deadline.instant,
        own_word=current.own_word or (what is Act.WITHDRAW and current.state is State.PROXY),
        signed_at=current.signed_at,
    )
    return NotAllowed.ALREADY if _standing(new) == _standing(current) else new


def _refused(
    campaign: Campaign, current: StudentState, what: Act, grade: Grade, *, handed_in: bool
) -> NotAllowed | None:
    """Why an act does not change this state; None if it may."""
    if campaign.status is not CampaignStatus.OPEN:
        return NotAllowed.CAMPAIGN_OVER
    if current.state is State.EXEMPT:
        return NotAllowed.EXEMPT
    outweighed = current.grade is not None and current.grade.outweighs(grade)
    match what:
        case Act.WITHDRAW if current.state is State.NONE:
            return NotAllowed.NOTHING_TO_WITHDRAW
        case Act.WITHDRAW if current.state is State.PROXY:  # what others stated for somebody is always theirs to undo
            return None
        case Act.WITHDRAW if handed_in:
            return NotAllowed.HANDED_IN
        case Act.WITHDRAW if outweighed and current.state is State.CONFIRMED:
            return NotAllowed.BETTER_EVIDENCE
        case Act.WITHDRAW | Act.REPORT_WRONG | Act.SETTLE:
            return None
        case Act.PROXY if current.own_word:
            return NotAllowed.OWN_WORD
        case Act.PROXY if current.state not in OWING:
            return NotAllowed.ALREADY
        case Act.NO_LOGIN if current.state in DONE:
            return NotAllowed.ALREADY
        case _ if outweighed and current.state is not _LEADS_TO[what]:
            return NotAllowed.BETTER_EVIDENCE
    return None


def _moved(current: StudentState, what: Act, item: str, grade: Grade) -> tuple[State, tuple[str, ...]]:
    """The state after an act that may be done, and what is reported and not settled then.

    Evidence better than a statement says that somebody looked or signed, not that a report was none: reports stay.
    """
    match what:
        case Act.REPORT_WRONG:
            return State.WRONG, tuple(dict.fromkeys((*current.items, item)))
        case Act.SETTLE:
            left = tuple(one for one in current.items if one != item)
            return (State.NONE if current.state is State.WRONG and not left else current.state), left
        case Act.WITHDRAW:  # of a report that came on top of better evidence this is left
            looked = current.grade is not None and current.grade.outweighs(Grade.STATEMENT)
            return (State.CONFIRMED if looked else State.NONE), ()
        case Act.NO_LOGIN if current.state in WITH_OFFICE:
            return current.state, current.items
        case Act.CONFIRM if current.state in WITH_OFFICE and grade.outweighs(Grade.STATEMENT):
            return current.state, current.items
        case _:
            return _LEADS_TO[what], current.items if what is Act.NOT_FOUND else ()


def _tries(current: StudentState, what: Act, now: datetime) -> tuple[datetime, ...]:
    """The tries to log in after an act; one that was said by mistake is taken back."""
    if what is Act.NO_LOGIN:
        return (*current.tries[: MOST_TRIES - 1], now)
    if what is Act.WITHDRAW and current.state is State.NO_LOGIN:
        return current.tries[:-1]
    return current.tries


def _standing(state: StudentState) -> tuple[object, ...]:
    """What of a state can be the same twice."""
    return state.state, state.items, state.grade, state.tries


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many students of some classes stand where; `total` leaves the exempt out."""

    total: int
    done: int
    with_office: int
    owing: int
