"""When students are not reminded although they owe: what they are to do cannot be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.campaigns import Campaign
from scheduler.letters import deadline_words, moment_words
from scheduler.life import of_cohort
from scheduler.messages import Phrase
from scheduler.roster import SchoolClass


class SuspendedWhy(StrEnum):
    """What keeps students from doing it."""

    INCIDENT = "incident"
    """学信网 does not work."""
    UNREGISTERED = "unregistered"
    """Their cohort is not registered there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Waves to students are held from `since` until `until` (UTC), when it ends by itself.

    `cohort` is whose; a year covers its terms, and empty means everybody's.
    """

    why: SuspendedWhy
    since: datetime
    until: datetime
    cohort: str = ""


def suspended(classes: Iterable[SchoolClass], suspensions: Iterable[Suspension]) -> Mapping[str, Suspension]:
    """By class id, what holds the reminders of these classes; of several the one that lasts longest."""
    longest = sorted(suspensions, key=lambda one: one.until)
    return {found.id: one for one in longest for found in classes if of_cohort(found.cohort, one.cohort)}


def suspended_note(campaign: Campaign, stage: str, at: datetime, suspension: Suspension, *, classes: int) -> Phrase:
    """What staff hear when a wave that was to go out at `at` is held for so many classes."""
    return Phrase(
        key=f"wave.held.{suspension.why}",
        values={**_values(campaign, stage, at, classes), "until": moment_words(suspension.until)},
    )


def dropped_note(campaign: Campaign, stage: str, at: datetime, why: str, *, classes: int) -> Phrase:
    """What staff hear when a wave does not go out at all; `why` is what became of its slots."""
    return Phrase(key=f"wave.dropped.{why}", values=_values(campaign, stage, at, classes))


def _values(campaign: Campaign, stage: str, at: datetime, classes: int) -> dict[str, str | int | Phrase]:
    deadline = deadline_words(campaign.stage(stage).deadline)
    return {"title": campaign.title, "at": moment_words(at), "classes": classes, "deadline": deadline}
