"""Verification campaigns: their stages and deadlines, what is checked, and how far they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.calendar import QuietHours
from scheduler.stages import TRIAL, Pilot, UndatedStage
from scheduler.stages import Owner as Owner  # noqa: PLC0414 - a campaign's stages are known by its module
from scheduler.stages import Stage as Stage  # noqa: PLC0414
from scheduler.stages import wave_id as wave_id  # noqa: PLC0414
from scheduler.states import DONE as DONE  # noqa: PLC0414 - and so is where its students stand
from scheduler.states import NOTHING_YET as NOTHING_YET  # noqa: PLC0414
from scheduler.states import OWING as OWING  # noqa: PLC0414
from scheduler.states import WITH_OFFICE as WITH_OFFICE  # noqa: PLC0414
from scheduler.states import Grade as Grade  # noqa: PLC0414
from scheduler.states import State as State  # noqa: PLC0414
from scheduler.states import StudentState as StudentState  # noqa: PLC0414


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
    `only` (class ids) where these name some. `stages` are in the order of their owners, the
    students' first, without those `undated`. With `calls_everybody` the last reminder before the students' deadline
    calls whole groups.
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
    calls_everybody: bool = False

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
        trial = TRIAL if self.in_trial else ""
        return f"{wave_id(lead)}{moved}{trial}"

    @property
    def in_trial(self) -> bool:
        """Whether everything goes to a chat of staff for now, and nobody else hears of it."""
        return self.pilot is not None and self.pilot.chat is not None

    def planned_since(self, stage: Stage) -> datetime | None:
        """Since when the waves of a stage are planned as they are: the opening, or the last move of its deadline."""
        return stage.moved_at or self.opened_at


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
    return state.state is State.EXEMPT or (state.counted in OWING and status in campaign.exempt)


def move(campaign: Campaign, to: CampaignStatus, now: datetime) -> Campaign:
    """The campaign in its next status; ValueError where life does not go that way, or a stage has no deadline."""
    if to not in _MOVES[campaign.status]:
        raise ValueError(f"a campaign that is {campaign.status} cannot become {to}")
    if campaign.undated and to in {CampaignStatus.SCHEDULED, CampaignStatus.OPEN}:
        raise ValueError(f"{campaign.id}: no deadline is set for {', '.join(one.id for one in campaign.undated)}")
    opened = now if to is CampaignStatus.OPEN else campaign.opened_at
    return replace(campaign, status=to, opened_at=opened, revision=campaign.revision + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many students of some classes stand where; `total` leaves the exempt out."""

    total: int
    done: int
    with_office: int
    owing: int


def together(several: Iterable[Progress]) -> Progress:
    """Several classes' progress added up."""
    figures = [(one.total, one.done, one.with_office, one.owing) for one in several]
    total, done, with_office, owing = (sum(column) for column in zip(*figures, strict=True)) if figures else (0,) * 4
    return Progress(total=total, done=done, with_office=with_office, owing=owing)
