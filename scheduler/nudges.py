"""A reminder that somebody of the staff sends to a class by hand: whom it reaches, and how often it may be sent."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.campaigns import NOTHING_YET, Campaign, Owner, Stage
from scheduler.deliveries import Delivery, slot_id
from scheduler.letters import NUDGE
from scheduler.messages import Address
from scheduler.planner import Wave, owes
from scheduler.recipients import MOST_A_WEEK, Audience, mailing
from scheduler.roster import private_address

GAP = timedelta(hours=20)
"""The least time between two nudges of a class: at most one a day, and not late one evening and early the next day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """A nudge of one class as it would be sent now: `owing` students, the messages to those who can be reached in
    private, and how many cannot, want no reminder before the last day, or have had enough of them this week."""

    slot: str
    owing: int
    deliveries: tuple[Delivery, ...]
    unreached: int


def stage_of(campaign: Campaign) -> Stage | None:
    """The stage a nudge is about: what the students themselves have to do."""
    return campaign.stage_of(Owner.STUDENT)


def nudge_slot(campaign: Campaign, stage: Stage, class_id: str) -> str:
    """The slot a class's nudges are claimed by, again and again."""
    return slot_id(campaign.id, stage.id, NUDGE, class_id)


def nudge(
    campaign: Campaign,
    stage: Stage,
    class_id: str,
    audience: Audience,
    *,
    lost: Collection[Address],
    now: datetime,
    most_a_week: int = MOST_A_WEEK,
) -> Nudge:
    """Whom a nudge reaches. `audience` is of this class; `lost` are addresses that cannot be written to. A group never
    hears of it, and nobody who has got `most_a_week` reminders, unless it is the last day."""
    wave = Wave(stage=stage.id, id=NUDGE, at=now)
    reached = tuple(
        replace(delivery, id=f"{delivery.id}#{now.isoformat()}")
        for delivery in mailing(campaign, wave, replace(audience, groups=()), most_a_week=most_a_week).deliveries
        if delivery.message.to not in lost
    )
    owing = [
        student
        for student in audience.members[class_id]
        if owes(campaign, student, audience.states.get(student.sid, NOTHING_YET))
    ]
    to = {delivery.message.to for delivery in reached}
    met = [one for one in owing if private_address(audience.bindings.get(one.sid, ())) in to]
    return Nudge(
        slot=nudge_slot(campaign, stage, class_id),
        owing=len(owing),
        deliveries=reached,
        unreached=len(owing) - len(met),
    )
