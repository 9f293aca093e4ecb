"""Many say that 学信网 does not let them in, or shows nothing: staff is told how many, once an hour."""

from datetime import datetime, timedelta

from scheduler.campaigns import Campaign
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import OutboundMessage, Phrase, Purpose
from scheduler.ports import CampaignStore, Outbox, StaffRoom, StaffStore
from scheduler.staffing import StaffMember, StaffRole
from scheduler.suspicion import WITHIN, needs_total, suspicion, suspicious

_STILL_TOLD = timedelta(minutes=2)
"""How long whoever reports something sees to it that the office was told: the process that began to may have died."""


class Suspecting:
    """Counts with each report, and tells the office and the colleges concerned."""

    def __init__(self, campaigns: CampaignStore, staff: StaffStore, staff_room: StaffRoom, outbox: Outbox) -> None:
        self._campaigns = campaigns
        self._staff = staff
        self._staff_room = staff_room
        self._outbox = outbox

    async def reported(self, campaign: Campaign, now: datetime) -> None:
        """Somebody has just said so in this campaign."""
        people = await self._campaigns.troubled(campaign.id, now - WITHIN)
        total = await self._total(campaign) if needs_total(people) else 0
        if not suspicious(people, total):
            return
        moment = await self._campaigns.suspect(campaign.id, now, WITHIN)
        if now - moment > _STILL_TOLD:
            return
        said = suspicion(campaign, people)
        key = f"trouble:{campaign.id}:{moment:%Y%m%dT%H%M%S}"
        await self._staff_room.tell(said, key)
        for member in await self._staff.all():
            if member.role is StaffRole.COLLEGE and member.serves(now) and _concerned(member, campaign):
                await self._outbox.queue(_note(member, said, key), now)

    async def _total(self, campaign: Campaign) -> int:
        return (await self._campaigns.progress(campaign.id, campaign.classes)).total


def _concerned(member: StaffMember, campaign: Campaign) -> bool:
    """A college's staff by its name or its classes."""
    return bool(member.colleges) or not set(member.classes).isdisjoint(campaign.classes)


def _note(member: StaffMember, said: Phrase, key: str) -> Delivery:
    """The same delivery as the office's own, for a college that hears it in the office's place."""
    message = OutboundMessage(to=member.private, body=said, purpose=Purpose.ALARM)
    return Delivery(id=f"office:{key}@{member.private}", kind=Kind.NOTE, message=message)
