"""Who is asking: bound student, staff, or somebody of a class group, and so whose rules hold for them."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from bot.dialogue.turns import Asker
from bot.messages import InboundMessage
from knowledge.scopes import NATIONAL, ScopeTree
from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.ports import BindingStore, CampaignStore, RosterStore, StaffStore
from scheduler.roster import Binding, BindingStrength, Group, Student
from scheduler.staffing import StaffMember, StaffRole, in_force, monitors


class Askers:
    """Finds out who is behind a message."""

    def __init__(
        self,
        *,
        rosters: RosterStore,
        bindings: BindingStore,
        staff: StaffStore,
        campaigns: CampaignStore,
        tree: ScopeTree,
        default_scope: str,
    ) -> None:
        self._rosters = rosters
        self._bindings = bindings
        self._staff = staff
        self._campaigns = campaigns
        self._tree = tree
        self._default_scope = default_scope

    async def who(self, message: InboundMessage, now: datetime) -> Asker:
        """The asker of a message, as of `now`. In a group the group's own scope counts, so that nobody's school shows
        there; in one that no school has bound, what holds for the whole country."""
        (binding, student, monitor), staff, group, campaigns = await asyncio.gather(
            self._own(message, now), self._acting(message.account, now), self._group(message), self._campaigns.all()
        )
        if not message.private:
            classes = group.classes if group else ()
        elif student is not None:
            classes = (student.class_id,)
        else:
            classes = tuple(dict.fromkeys(class_id for member in staff for class_id in member.classes))
        known = [found for class_id in classes if (found := await self._rosters.school_class(class_id))]
        unconfirmed = not message.private and not known
        scope = self._tree.common(found.scope for found in known) if known else self._default_scope
        if unconfirmed:
            scope = NATIONAL
        return Asker(
            scope=scope,
            you=self._tree[scope].address,
            office=self._tree[scope].office,
            classes=classes,
            cohorts=tuple(sorted({found.cohort for found in known})),
            binding=binding,
            student=student,
            staff=(*staff, *monitor),
            campaign=_open_campaign(campaigns, classes),
            unconfirmed=unconfirmed,
        )

    def stranger(self) -> Asker:
        """An asker nothing can be looked up about, while the store is away."""
        scope = self._tree[self._default_scope]
        return Asker(scope=scope.id, you=scope.address, office=scope.office)

    async def _own(
        self, message: InboundMessage, now: datetime
    ) -> tuple[Binding | None, Student | None, tuple[StaffMember, ...]]:
        """The account's binding, its student, and what that student is in the class."""
        binding = await self._bindings.of_account(message.account)
        student = await self._rosters.student(binding.sid) if binding else None
        if student is None or binding is None or binding.strength is not BindingStrength.STRONG:
            return binding, student, ()
        if not await self._is_monitor(student, now):
            return binding, student, ()
        monitor = StaffMember(
            account=message.account, role=StaffRole.MONITOR, private=binding.private, classes=(student.class_id,)
        )
        return binding, student, (monitor,)

    async def _is_monitor(self, student: Student, now: datetime) -> bool:
        words = await self._staff.monitor_words([student.sid])
        if not words:
            return student.is_monitor
        return student in monitors(await self._rosters.members(student.class_id), words, now)

    async def _acting(self, account: str, now: datetime) -> tuple[StaffMember, ...]:
        """What the account acts as by appointment; a class's monitor is one by the roster and by nothing else."""
        acting = in_force(await self._staff.about(account), account, now)
        return tuple([await self._with_classes(member) for member in acting if member.role is not StaffRole.MONITOR])

    async def _with_classes(self, member: StaffMember) -> StaffMember:
        """The member with the classes of its colleges by id, and a registrar with all of them."""
        if member.role is StaffRole.REGISTRAR or member.colleges:
            classes = (await self._rosters.classes()).values()
            return replace(member, classes=tuple(found.id for found in classes if member.covers(found)))
        return member

    async def _group(self, message: InboundMessage) -> Group | None:
        """The group as it was bound; the topics of a forum are one group, unless one of them was bound by itself."""
        if message.private:
            return None
        group = await self._bindings.group(message.address)
        if group is None and message.address.thread is not None:
            group = await self._bindings.group(replace(message.address, thread=None))
        return group


def _open_campaign(campaigns: Iterable[Campaign], classes: Collection[str]) -> Campaign | None:
    """The open campaign of these classes whose first deadline comes soonest."""
    concerned = [
        campaign
        for campaign in campaigns
        if campaign.status is CampaignStatus.OPEN and not set(classes).isdisjoint(campaign.classes)
    ]
    return min(concerned, key=lambda campaign: campaign.stages[0].deadline.instant, default=None)
