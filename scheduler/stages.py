"""The stages of a campaign, each with its owner and deadline, and the trial before all are told."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from scheduler.calendar import Deadline
from scheduler.messages import Address


class Owner(StrEnum):
    """Who has to have done a stage by its deadline."""

    STUDENT = "student"
    MONITOR = "monitor"
    COLLEGE = "college"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One part of a campaign with its owner and deadline; `waves` are leads before it, longest first.

    `moves` counts how often the deadline was moved while the campaign was open, the last time at `moved_at`.
    """

    id: str
    owner: Owner
    deadline: Deadline
    waves: tuple[timedelta, ...]
    moves: int = 0
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndatedStage:
    """A stage of a draft whose deadline no clerk has set yet.

    `words` is what its source says; `day` (None where the words are vague), `at` and `before_day` are what they
    propose, and hold for nothing until the clerk says so.
    """

    id: str
    owner: Owner
    words: str
    waves: tuple[timedelta, ...]
    day: date | None = None
    at: time | None = None
    before_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A trial before all are told: only the classes the campaign has so far, or everything to one chat of staff."""

    chat: Address | None = None


TRIAL = ".trial"
"""How the name of a wave ends that goes to a chat of staff."""

_ANNOUNCES = "moved."


def announcement(moves: int) -> str:
    """The name of the wave that says to those who heard the old deadline that it was moved."""
    return f"{_ANNOUNCES}{moves}"


def is_trial(wave: str) -> bool:
    """Whether a wave, by its name, went to a chat of staff in place of those it is about."""
    return wave.endswith(TRIAL)


def announces(wave: str) -> bool:
    """Whether a wave, by its name, says that a deadline was moved."""
    return wave.startswith(_ANNOUNCES)


def wave_id(lead: timedelta) -> str:
    """The name of a wave by its lead before the deadline, in its largest whole unit: `7d`, `3h`, `90m`."""
    minutes = lead // timedelta(minutes=1)
    for unit, size in (("d", 24 * 60), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
