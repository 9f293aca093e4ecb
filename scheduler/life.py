"""A campaign from draft to trial to all: its dates set and moved, its classes found and joined.

Every function is a transition: it returns the changed campaign with its next revision, or why it cannot be. Who
stores the campaign says which revision it saw.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import product

from scheduler.calendar import Deadline
from scheduler.campaigns import Campaign, CampaignStatus, move
from scheduler.roster import Roster, SchoolClass
from scheduler.stages import Owner, Pilot, Stage

Lineage = Callable[[str], Collection[str]]
"""The scopes that a scope belongs to, itself among them."""


class Unfit(StrEnum):
    """Why a campaign cannot go the way that was asked."""

    NO_CLASSES = "no-classes"
    """The roster has no class of its audience."""
    UNDATED = "undated"
    """A stage has no deadline yet."""
    PAST = "past"
    """A deadline, or the moment it should open, has passed already."""
    ORDER = "order"
    """It would open only after its first deadline."""
    NOT_NOW = "not-now"
    """A campaign of this status does not go there."""
    NO_SUCH_STAGE = "no-such-stage"
    THE_SAME = "the-same"
    """It is so already."""
    OVERTAKEN = "overtaken"
    """Somebody else changed it at the same time: look again."""
    NO_PILOT = "no-pilot"
    """No trial is going on that could end."""
    DISK_LOW = "disk-low"
    """The store has too little room on its disk for what a campaign writes."""


_RUNGS = tuple(Owner)
"""Each builds on what the one before has done."""

_BEFORE_OPENING = frozenset({CampaignStatus.DRAFT, CampaignStatus.SCHEDULED})


def of_cohort(cohort: str, named: str) -> bool:
    """Whether a class's cohort is the one that is named: a year covers its terms, nothing named all."""
    return not named or re.fullmatch(rf"{re.escape(named)}(?!\d).*", cohort) is not None


def concerns(campaign: Campaign, found: SchoolClass, lineage: Lineage) -> bool:
    """Whether a class belongs to the campaign's audience."""
    return (
        of_cohort(found.cohort, campaign.cohort)
        and (not campaign.colleges or found.college in campaign.colleges)
        and (not campaign.only or found.id in campaign.only)
        and campaign.scope in lineage(found.scope)
    )


def audience(campaign: Campaign, roster: Roster, lineage: Lineage) -> tuple[str, ...]:
    """The ids of the classes a campaign is for, as the roster is now, in order."""
    return tuple(sorted(found.id for found in roster.classes.values() if concerns(campaign, found, lineage)))


def dated(campaign: Campaign, stage_id: str, deadline: Deadline) -> Campaign | Unfit:
    """A campaign that is not open yet with a stage's deadline set, for the first time or anew; no draft's `words`
    are lost."""
    if campaign.status not in _BEFORE_OPENING:
        return Unfit.NOT_NOW
    bare = {stage.id: stage for stage in campaign.undated}
    have = {stage.id: stage for stage in campaign.stages}
    if stage_id in bare:
        found = bare[stage_id]
        have[stage_id] = Stage(id=stage_id, owner=found.owner, deadline=deadline, waves=found.waves)
    elif stage_id in have:
        if have[stage_id].deadline == deadline:
            return Unfit.THE_SAME
        have[stage_id] = replace(have[stage_id], deadline=deadline)
    else:
        return Unfit.NO_SUCH_STAGE
    stages = sorted(have.values(), key=lambda stage: (_RUNGS.index(stage.owner), stage.deadline.instant))
    undated = tuple(stage for stage in campaign.undated if stage.id != stage_id)
    return replace(campaign, stages=tuple(stages), undated=undated, revision=campaign.revision + 1)


def out_of_turn(campaign: Campaign) -> tuple[Stage, Stage] | None:
    """A stage that ends after one whose owners build on it: students may not be done when their class hands in."""
    for below, above in product(campaign.stages, repeat=2):
        if _RUNGS.index(below.owner) < _RUNGS.index(above.owner) and below.deadline.instant > above.deadline.instant:
            return below, above
    return None


def deadline_moved(campaign: Campaign, stage_id: str, deadline: Deadline, now: datetime) -> Campaign | Unfit:
    """An open campaign with a stage's deadline moved: its waves are planned anew and are no longer those claimed."""
    if campaign.status is not CampaignStatus.OPEN:
        return Unfit.NOT_NOW
    found = next((stage for stage in campaign.stages if stage.id == stage_id), None)
    if found is None:
        return Unfit.NO_SUCH_STAGE
    if found.deadline == deadline:
        return Unfit.THE_SAME
    if deadline.instant <= now:
        return Unfit.PAST
    moved = replace(found, deadline=deadline, moves=found.moves + 1, moved_at=now)
    stages = tuple(moved if stage.id == stage_id else stage for stage in campaign.stages)
    return replace(campaign, stages=stages, revision=campaign.revision + 1)


def scheduled(campaign: Campaign, opens_at: datetime, now: datetime) -> Campaign | Unfit:
    """A draft that will open by itself; one that is scheduled already gets another moment."""
    if campaign.status not in _BEFORE_OPENING:
        return Unfit.NOT_NOW
    if campaign.undated or not campaign.stages:
        return Unfit.UNDATED
    if opens_at <= now:
        return Unfit.PAST
    if opens_at >= campaign.stages[0].deadline.instant:
        return Unfit.ORDER
    again = campaign.status is CampaignStatus.SCHEDULED
    if again and campaign.opens_at == opens_at:
        return Unfit.THE_SAME
    changed = (
        replace(campaign, revision=campaign.revision + 1) if again else move(campaign, CampaignStatus.SCHEDULED, now)
    )
    return replace(changed, opens_at=opens_at)


def opened(
    campaign: Campaign, classes: Iterable[str], now: datetime, *, pilot: Pilot | None = None
) -> Campaign | Unfit:
    """The campaign open for these classes."""
    if campaign.status not in _BEFORE_OPENING:
        return Unfit.NOT_NOW
    if campaign.undated or not campaign.stages:
        return Unfit.UNDATED
    if campaign.stages[0].deadline.instant <= now:
        return Unfit.PAST
    own = tuple(sorted(classes))
    if not own:
        return Unfit.NO_CLASSES
    return replace(move(campaign, CampaignStatus.OPEN, now), classes=own, pilot=pilot)


def aimed(
    campaign: Campaign,
    *,
    cohort: str,
    colleges: Iterable[str],
    only: Iterable[str],
    leave_out: Collection[str] = (),
    take_in: Collection[str] = (),
) -> Campaign | Unfit:
    """A campaign that is not open yet with another audience; `leave_out` and `take_in` are statuses of the roster, to
    be exempt beside those that are, or no longer."""
    if campaign.status not in _BEFORE_OPENING:
        return Unfit.NOT_NOW
    exempt = tuple(status for status in dict.fromkeys((*campaign.exempt, *leave_out)) if status not in take_in)
    other = replace(campaign, cohort=cohort, colleges=tuple(colleges), only=tuple(only), exempt=exempt)
    return Unfit.THE_SAME if other == campaign else replace(other, revision=campaign.revision + 1)


def joined(campaign: Campaign, classes: Iterable[str], *, ends_pilot: bool = False) -> Campaign | Unfit:
    """An open campaign with more classes, for all when it `ends_pilot`; these classes belong to its audience then."""
    if campaign.status is not CampaignStatus.OPEN:
        return Unfit.NOT_NOW
    if ends_pilot and campaign.pilot is None:
        return Unfit.NO_PILOT
    new = set(classes) - set(campaign.classes)
    if not new and not ends_pilot:
        return Unfit.THE_SAME
    return replace(
        campaign,
        classes=tuple(sorted({*campaign.classes, *new})),
        only=tuple(sorted({*campaign.only, *new})) if campaign.only else (),
        pilot=None if ends_pilot else campaign.pilot,
        revision=campaign.revision + 1,
    )
