"""The day of the staff: of which campaigns they hear, what lies on whose desk, when they are told. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from scheduler.calendar import ZONE
from scheduler.campaigns import Campaign, CampaignStatus, Owner
from scheduler.deliveries import slot_id
from scheduler.ladder import Holder, Rung
from scheduler.messages import Address
from scheduler.planner import plan
from scheduler.seats import Seating
from scheduler.staff_letters import Part, is_day_for_staff, spoken_of

OPENS, CLOSES, LASTS_UNTIL = time(8, 30), time(12), time(20)
"""From when on and until when a day's digests are queued, and until when they are still worth sending (local)."""

_SPREAD_MINUTES = 25
"""Within so many minutes they go out, never at a full one, and to each person always at the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What concerns one of the staff: where to write to them, and their classes."""

    holder: Holder
    parts: Sequence[Part]


def running(campaigns: Iterable[Campaign], now: datetime) -> list[Campaign]:
    """The open campaigns staff hears of on this day, the one with the next deadline first."""
    known = [one for one in campaigns if one.status is CampaignStatus.OPEN and not one.in_trial]
    found = [one for one in known if spoken_of(one, now) and is_day_for_staff(one, now)]
    return sorted(found, key=lambda one: (one.stages[0].deadline.instant, one.id))


def desks_of(
    campaigns: Sequence[Campaign], seatings: Mapping[str, Seating], offices: Sequence[Address]
) -> dict[str, Desk]:
    """The seats of all campaigns together, person by person; the office has a desk even with nothing on it."""
    people = {str(chat): Holder(account=str(chat), private=chat) for chat in offices}
    for found in seatings.values():
        people.update(found.people)
    return {
        account: Desk(
            holder=holder,
            parts=[
                (campaign, seatings[campaign.id].seats[account])
                for campaign in campaigns
                if account in seatings[campaign.id].seats
            ],
        )
        for account, holder in sorted(people.items())
    }


def goes_out(day: date, account: str) -> datetime:
    """When on a day somebody is told."""
    drawn = int.from_bytes(hashlib.sha256(account.encode()).digest()[:4])
    spread = timedelta(minutes=drawn % _SPREAD_MINUTES, seconds=1 + drawn // 64 % 59)
    return datetime.combine(day, OPENS, ZONE).astimezone(UTC) + spread


def told_anyway(campaign: Campaign, seating: Seating, told: Collection[str], now: datetime) -> list[str]:
    """The slots of reminders to monitors that fall on this day and are part of the digest of a class's monitor, where
    that is among the accounts `told`."""
    planned = plan(campaign, now)
    today = now.astimezone(ZONE).date()
    waves = [
        wave
        for wave in (*planned.due, *planned.coming)
        if campaign.stage(wave.stage).owner is Owner.MONITOR and wave.at.astimezone(ZONE).date() == today
    ]
    classes = {
        seat.found.id
        for account, seats in seating.seats.items()
        if account in told
        for seat in seats
        if seat.rung is Rung.MONITOR
    }
    return [slot_id(campaign.id, wave.stage, wave.id, class_id) for wave in waves for class_id in sorted(classes)]
