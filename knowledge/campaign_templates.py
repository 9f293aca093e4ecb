"""Templates of verification drives as the content writes them; the year comes when one is opened."""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from knowledge.topics import Citation


class Owner(StrEnum):
    """Who has to have done a stage by its deadline."""

    STUDENT = "student"
    MONITOR = "monitor"
    COLLEGE = "college"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTemplate:
    """One stage; `words` is the deadline as its source says it, `time` None is the end of the day (24:00).

    `waves` are how long before the deadline each reminder goes out, longest first.
    """

    id: str
    owner: Owner
    words: str
    month: int
    day: int
    time: time | None
    waves: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """Something that looks like a wrong item and is none: how people put it, and what they are told."""

    label: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One thing to compare on 学信网; `takes_value` is false where the right value must never be typed.

    `alarms` are what looks wrong and is right. `office_only`: that somebody reported it is for counsellor and office
    alone, and it stands on no list that others read.
    """

    id: str
    label: str
    takes_value: bool
    alarms: tuple[FalseAlarm, ...] = ()
    office_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTemplate:
    """A verification drive without its year.

    `breaks` are stretches of the day in which nothing is sent either, `preferred` those in which its students read
    best; each from and to.
    """

    id: str
    title: str
    scope: str
    stages: tuple[StageTemplate, ...]
    quiet_from: time
    quiet_to: time
    expected_status: str
    checklist: tuple[CheckItem, ...]
    exempt: tuple[str, ...]
    remarks: tuple[str, ...]
    sources: tuple[Citation, ...]
    breaks: tuple[tuple[time, time], ...] = ()
    preferred: tuple[tuple[time, time], ...] = ()
