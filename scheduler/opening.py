"""Campaigns opened, whoever says so: a clerk at the desk, or the moment that was set.

What opens and what joins comes in one step of the store: the campaign, its classes' counters and who is exempt. A
crash leaves all of it or nothing, and whoever comes second changes nothing.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from scheduler.acts import Act, act
from scheduler.campaigns import NOTHING_YET, Campaign, CampaignStatus, StudentState
from scheduler.disk import DiskSpace
from scheduler.life import Lineage, Unfit, audience, joined, opened
from scheduler.ports import CampaignStore, RosterStore
from scheduler.roster import Roster
from scheduler.stages import Pilot

_OFFICE = "office"
"""Who acts where no person does: the rule of the template."""

_TRIES = 5
"""How often it is tried anew when the campaign or the roster changed in between."""

_Change = Callable[[Campaign, Roster], Campaign | Unfit]


class Opening:
    """Opens campaigns and lets classes join them, and leaves out whom their template leaves out."""

    def __init__(self, rosters: RosterStore, campaigns: CampaignStore, lineage: Lineage, disk: DiskSpace) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._lineage = lineage
        self._disk = disk

    async def open(
        self, campaign_id: str, now: datetime, *, pilot: Pilot | None = None, classes: Collection[str] = ()
    ) -> Campaign | Unfit:
        """Open a stored campaign for its audience, or as a trial, with these classes of it where some are named."""

        def change(campaign: Campaign, roster: Roster) -> Campaign | Unfit:
            everybody = audience(campaign, roster, self._lineage)
            own = [class_id for class_id in everybody if class_id in classes] if classes else everybody
            return opened(campaign, own, now, pilot=pilot)

        return await self._enter(campaign_id, change, now)

    async def join(self, campaign_id: str, classes: Collection[str], now: datetime) -> Campaign | Unfit:
        """Let these classes of the roster join an open campaign."""
        return await self._enter(campaign_id, lambda campaign, _: joined(campaign, classes), now)

    async def go(self, campaign_id: str, now: datetime) -> Campaign | Unfit:
        """End the trial: from now on the campaign is for its whole audience."""

        def change(campaign: Campaign, roster: Roster) -> Campaign | Unfit:
            return joined(campaign, audience(campaign, roster, self._lineage), ends_pilot=True)

        return await self._enter(campaign_id, change, now)

    async def open_due(self, now: datetime) -> Mapping[str, Campaign | Unfit]:
        """Open every scheduled campaign whose moment has come; by id what came of it, but of those that somebody else
        opened or gave up meanwhile."""
        found: dict[str, Campaign | Unfit] = {}
        for campaign in await self._campaigns.all():
            if campaign.status is CampaignStatus.SCHEDULED and campaign.opens_at and campaign.opens_at <= now:
                came = await self.open(campaign.id, now)
                if came is not Unfit.NOT_NOW:
                    found[campaign.id] = came
        return found

    async def _enter(self, campaign_id: str, change: _Change, now: datetime) -> Campaign | Unfit:
        if self._disk.is_low():
            return Unfit.DISK_LOW
        for _ in range(_TRIES):
            campaign, roster = await self._campaigns.get(campaign_id), await self._rosters.current()
            if campaign is None:
                return Unfit.NOT_NOW
            changed = change(campaign, roster)
            if isinstance(changed, Unfit):
                return changed
            known = campaign.classes if campaign.status is CampaignStatus.OPEN else ()
            sizes = _sizes(roster, [class_id for class_id in changed.classes if class_id not in known])
            if await self._campaigns.enter(
                changed,
                seen_revision=campaign.revision,
                roster_version=roster.version,
                sizes=sizes,
                exempt=exemptions(changed, roster, sizes, now),
                now=now,
            ):
                return changed
        return Unfit.OVERTAKEN


def exemptions(
    campaign: Campaign, roster: Roster, classes: Collection[str], now: datetime
) -> Mapping[str, Mapping[str, StudentState]]:
    """The states of those of some classes whom their status exempts, by class and sid."""
    found: dict[str, dict[str, StudentState]] = {}
    for student in roster.students.values():
        if student.class_id in classes and student.status in campaign.exempt:
            new = act(campaign, NOTHING_YET, Act.EXEMPT, by=_OFFICE, now=now, receipt="")
            if isinstance(new, StudentState):
                found.setdefault(student.class_id, {})[student.sid] = new
    return found


def _sizes(roster: Roster, classes: Collection[str]) -> Mapping[str, int]:
    sizes = dict.fromkeys(classes, 0)
    for student in roster.students.values():
        if student.class_id in sizes:
            sizes[student.class_id] += 1
    return sizes
