"""A template of the content opened as a campaign of one year, for the classes it concerns."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from knowledge.campaign_templates import CampaignTemplate
from knowledge.scopes import ScopeTree
from scheduler.acts import Act, NotAllowed, act
from scheduler.calendar import Deadline, QuietHours, Stretch
from scheduler.campaigns import Campaign, CampaignStatus, CheckItem, FalseAlarm, Owner, Stage, move
from scheduler.ports import CampaignStore, RosterStore
from scheduler.roster import Roster, SchoolClass

_OFFICE = "office"
"""Who acts where no person does: the rule of the template."""


class CannotOpen(Exception):
    """The campaign cannot be opened; the message says why, for staff."""


def draft(template: CampaignTemplate, year: int, cohort: str, classes: Iterable[SchoolClass]) -> Campaign:
    """The campaign of a template in one year; its id is the template's and the year."""
    return Campaign(
        id=f"{template.id}-{year}",
        title=template.title,
        scope=template.scope,
        cohort=cohort,
        status=CampaignStatus.DRAFT,
        stages=tuple(
            Stage(
                id=stage.id,
                owner=Owner(stage.owner),
                deadline=Deadline(words=stage.words, day=date(year, stage.month, stage.day), at=stage.time),
                waves=stage.waves,
            )
            for stage in template.stages
        ),
        classes=tuple(sorted(school_class.id for school_class in classes)),
        quiet=QuietHours(
            start=template.quiet_from,
            end=template.quiet_to,
            breaks=tuple(Stretch(start=start, end=end) for start, end in template.breaks),
            preferred=tuple(Stretch(start=start, end=end) for start, end in template.preferred),
        ),
        expected_status=template.expected_status,
        checklist=tuple(
            CheckItem(
                id=item.id,
                label=item.label,
                takes_value=item.takes_value,
                alarms=tuple(FalseAlarm(label=alarm.label, answer=alarm.answer) for alarm in item.alarms),
                office_only=item.office_only,
            )
            for item in template.checklist
        ),
        exempt=template.exempt,
        remarks=template.remarks,
    )


def concerned(template: CampaignTemplate, cohort: str, roster: Roster, tree: ScopeTree) -> tuple[SchoolClass, ...]:
    """The classes of a cohort that a template's scope covers."""
    return tuple(
        school_class
        for school_class in roster.classes.values()
        if school_class.cohort == cohort and template.scope in tree.lineage(school_class.scope)
    )


class Opening:
    """Opens campaigns, and leaves out whom their template leaves out."""

    def __init__(self, rosters: RosterStore, campaigns: CampaignStore, new_receipt: Callable[[], str]) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._new_receipt = new_receipt

    async def open(self, campaign: Campaign, now: datetime) -> Campaign:
        """Store a drafted campaign, count its classes, open it, and exempt by roster status.

        CannotOpen if it has no class or one of its id exists already: opening twice changes nothing.
        """
        if not campaign.classes:
            raise CannotOpen("no class of the roster belongs to this template and cohort")
        if campaign.stages[0].deadline.instant <= now:
            raise CannotOpen(f"the first deadline of {campaign.id} has passed already: is the year right?")
        if not await self._campaigns.save(campaign, seen_revision=0):
            raise CannotOpen(f"{campaign.id} exists already")
        members = {class_id: await self._rosters.members(class_id) for class_id in campaign.classes}
        await self._campaigns.enrol(campaign.id, {class_id: len(students) for class_id, students in members.items()})
        opened = move(campaign, CampaignStatus.OPEN, now)
        if not await self._campaigns.save(opened, seen_revision=campaign.revision):
            raise CannotOpen(f"{campaign.id} was changed by somebody else at the same time")
        for class_id, students in members.items():
            for student in students:
                if student.status in campaign.exempt:
                    await self._exempt(opened, class_id, student.sid, now)
        return opened

    async def _exempt(self, campaign: Campaign, class_id: str, sid: str, now: datetime) -> None:
        current = await self._campaigns.state(campaign.id, class_id, sid)
        new = act(campaign, current, Act.EXEMPT, by=_OFFICE, now=now, receipt=self._new_receipt())
        if not isinstance(new, NotAllowed):
            await self._campaigns.record(campaign.id, class_id, sid, new)
