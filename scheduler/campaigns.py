"""Verification campaigns: their stages and deadlines, each student's state, and every move between states."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.calendar import Deadline, QuietHours


class Owner(StrEnum):
    """Who has to have done a stage by its deadline."""

    STUDENT = "student"
    MONITOR = "monitor"
    COLLEGE = "college"


class CampaignStatus(StrEnum):
    """The life of a campaign; `move` is the only way from one to the next."""

    DRAFT = "draft"
    """Being prepared: nothing is sent, nobody can confirm."""
    OPEN = "open"
    """Waves go out, students confirm."""
    CLOSED = "closed"
    """Over: nothing is sent, states are kept."""
    CANCELLED = "cancelled"
    """Opened by mistake or given up: nothing is sent."""


_MOVES = {
    CampaignStatus.DRAFT: {CampaignStatus.OPEN, CampaignStatus.CANCELLED},
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


class Grade(StrEnum):
    """How good the evidence for a state is; the first named outweighs the rest."""

    RECORD = "record"
    """学信网's own record of the check."""
    SIGNED = "signed"
    """Signed on paper."""
    STATEMENT = "statement"
    """The student's own statement in a chat."""


class Act(StrEnum):
    """What a person does to a student's state; words are never among them."""

    CONFIRM = "confirm"
    REPORT_WRONG = "report-wrong"
    NOT_FOUND = "not-found"
    NO_LOGIN = "no-login"
    WITHDRAW = "withdraw"
    EXEMPT = "exempt"
    PROXY = "proxy"


_LEADS_TO = {
    Act.CONFIRM: State.CONFIRMED,
    Act.REPORT_WRONG: State.WRONG,
    Act.NOT_FOUND: State.NOT_FOUND,
    Act.NO_LOGIN: State.NO_LOGIN,
    Act.WITHDRAW: State.NONE,
    Act.EXEMPT: State.EXEMPT,
    Act.PROXY: State.PROXY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One part of a campaign with its owner and deadline; `waves` are leads before it, longest first."""

    id: str
    owner: Owner
    deadline: Deadline
    waves: tuple[timedelta, ...]


def wave_id(lead: timedelta) -> str:
    """The name of a wave by its lead before the deadline, in its largest whole unit: `7d`, `3h`, `90m`."""
    minutes = lead // timedelta(minutes=1)
    for unit, size in (("d", 24 * 60), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One item of the check list; `takes_value` false: its right value must never be typed."""

    id: str
    label: str
    takes_value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One verification drive of one year.

    `id` is template and year (`glut-check-2019`). `revision` grows with every change of the plan and
    is part of what a wave claims. `classes` are class ids, `exempt` the roster's statuses left out.
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

    def stage(self, stage_id: str) -> Stage:
        """The stage of that id; KeyError if there is none."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)

    def stage_of(self, owner: Owner) -> Stage | None:
        """The first stage that this owner has to finish."""
        return next((stage for stage in self.stages if stage.owner is owner), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentState:
    """A student's state in a campaign: what, since when (UTC), by whom and on what evidence.

    `by` is the sid of the person who acted, or a staff role with its account's pseudonym. `item` is a
    check item's id for a wrong item. `receipt` is the short number the student was told. `late` marks
    a statement made after the deadline. `count` numbers the changes, so that a writer can say which
    one it saw.
    """

    state: State
    count: int = 0
    at: datetime | None = None
    by: str = ""
    grade: Grade | None = None
    item: str = ""
    receipt: str = ""
    late: bool = False


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


def move(campaign: Campaign, to: CampaignStatus, now: datetime) -> Campaign:
    """The campaign in its next status; ValueError where life does not go that way."""
    if to not in _MOVES[campaign.status]:
        raise ValueError(f"a campaign that is {campaign.status} cannot become {to}")
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
) -> StudentState | NotAllowed:
    """The state after `what`, or why it stays as it is. Pure: the caller stores what is returned.

    Doing the same again is ALREADY and harmless. A statement after the student stage's deadline is
    taken and marked late.
    """
    if campaign.status is not CampaignStatus.OPEN:
        return NotAllowed.CAMPAIGN_OVER
    if current.state is State.EXEMPT:
        return NotAllowed.EXEMPT
    if what is Act.WITHDRAW and current.state is State.NONE:
        return NotAllowed.NOTHING_TO_WITHDRAW
    if current.state is _LEADS_TO[what] and current.item == item and what is not Act.NO_LOGIN:
        return NotAllowed.ALREADY
    stage = campaign.stage_of(Owner.STUDENT)
    return StudentState(
        state=_LEADS_TO[what],
        count=current.count + 1,
        at=now,
        by=by,
        grade=None if what is Act.WITHDRAW else Grade.STATEMENT,
        item=item,
        receipt=receipt,
        late=stage is not None and now >= stage.deadline.instant,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many students of some classes stand where; `total` leaves the exempt out."""

    total: int
    done: int
    with_office: int
    owing: int
