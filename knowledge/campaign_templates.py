"""Templates of verification drives as the content writes them; the year comes when one is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from knowledge.topics import Citation


class Owner(StrEnum):
    """Who has to have done a stage by its deadline."""

    STUDENT = "student"
    MONITOR = "monitor"
    COLLEGE = "college"


ALWAYS = ""
"""The season of what is the same in every one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTemplate:
    """One stage, by season of the year where that makes a difference (`ALWAYS` where it does not).

    `words` are the deadline as its source says it; `days` its month and day, missing where the source is vague;
    `time` None is the end of the day (24:00); `before_day`: the source says "before" that day. `waves` are how long
    before the deadline each reminder goes out, longest first.
    """

    id: str
    owner: Owner
    words: Mapping[str, str]
    days: Mapping[str, tuple[int, int]]
    time: time | None
    waves: tuple[timedelta, ...]
    before_day: bool = False

    def words_in(self, season: str) -> str:
        """What the source says of that season."""
        return self.words.get(season) or self.words[ALWAYS]

    def day_in(self, season: str) -> tuple[int, int] | None:
        """Month and day in that season; None where the source is vague."""
        return self.days.get(season) or self.days.get(ALWAYS)


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

    One with `seasons` comes again in each of them, and a clerk sets its dates every time; `for_entrants`: it is for
    those who came that term, and not for everybody of the scope.
    `calls_everybody`: the last reminder before the students' deadline calls the whole group, where a platform can.
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
    seasons: tuple[str, ...] = ()
    for_entrants: bool = False
    calls_everybody: bool = False
    breaks: tuple[tuple[time, time], ...] = ()
    preferred: tuple[tuple[time, time], ...] = ()
