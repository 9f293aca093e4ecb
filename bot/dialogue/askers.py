"""Who is asking: bound student, staff, or somebody of a class group, and so whose rules hold for them."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from bot.dialogue.turns import Asker, Record
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
        bindings, staff, group, campaigns = await asyncio.gather(
            self._bindings.of_account(message.account), self._appointed(message.account, now), self.group_of(message),
            self._campaigns.all(),
        )  # fmt: skip
        records = await self._records(bindings)
        if not message.private:
            classes = group.classes if group and not group.faq_only else ()
        elif records:
            classes = tuple(dict.fromkeys(record.student.class_id for record in records))
        else:
            classes = tuple(dict.fromkeys(class_id for member in staff for class_id in member.classes))
        known = [found for class_id in classes if (found := await self._rosters.school_class(class_id))]
        unconfirmed = not message.private and not known
        scope = self._tree.common(found.scope for found in known) if known else self._default_scope
        if unconfirmed:
            scope = NATIONAL
        asker = Asker(
            scope=scope,
            you=self._tree[scope].address,
            office=self._tree[scope].office,
            classes=classes,
            cohorts=tuple(sorted({found.cohort for found in known})),
            records=records,
            binding=bindings[0] if bindings else None,
            staff=(*staff, *await self._monitoring(records, now)),
            campaigns=_open(campaigns, classes, now),
            unconfirmed=unconfirmed,
        )
        meant = next(iter((*asker.concerned, *records)), None)
        return asker.meaning(meant.student.sid) if meant else asker

    async def acting(self, account: str, now: datetime) -> tuple[StaffMember, ...]:
        """What an account acts as for the school at that moment."""
        records = await self._records(await self._bindings.of_account(account))
        return (*await self._appointed(account, now), *await self._monitoring(records, now))

    def stranger(self) -> Asker:
        """An asker nothing can be looked up about, while the store is away."""
        scope = self._tree[self._default_scope]
        return Asker(scope=scope.id, you=scope.address, office=scope.office)

    async def _records(self, bindings: Iterable[Binding]) -> tuple[Record, ...]:
        """Those of the bindings whose student is in the roster."""
        found = [(binding, await self._rosters.student(binding.sid)) for binding in bindings]
        return tuple(Record(binding=binding, student=student) for binding, student in found if student is not None)

    async def _monitoring(self, records: Iterable[Record], now: datetime) -> list[StaffMember]:
        return [member for record in records if (member := await self._as_monitor(record, now))]

    async def _as_monitor(self, record: Record, now: datetime) -> StaffMember | None:
        """What the student is in their class, if the account is surely theirs."""
        binding, student = record.binding, record.student
        if binding.strength is not BindingStrength.STRONG or not await self._is_monitor(student, now):
            return None
        return StaffMember(
            account=binding.account, role=StaffRole.MONITOR, private=binding.private, classes=(student.class_id,)
        )

    async def _is_monitor(self, student: Student, now: datetime) -> bool:
        words = await self._staff.monitor_words([student.sid])
        if not words:
            return student.is_monitor
        return student in monitors(await self._rosters.members(student.class_id), words, now)

    async def _appointed(self, account: str, now: datetime) -> tuple[StaffMember, ...]:
        """What the account acts as by appointment; a class's monitor is one by the roster and by nothing else."""
        acting = in_force(await self._staff.about(account), account, now)
        return tuple([await self._with_classes(member) for member in acting if member.role is not StaffRole.MONITOR])

    async def _with_classes(self, member: StaffMember) -> StaffMember:
        """The member with the classes of its colleges by id, and a registrar with all of them."""
        if member.role is StaffRole.REGISTRAR or member.colleges:
            classes = (await self._rosters.classes()).values()
            return replace(member, classes=tuple(found.id for found in classes if member.covers(found)))
        return member

    async def group_of(self, message: InboundMessage) -> Group | None:
        """The group as it was bound; the topics of a forum are one group, unless one of them was bound by itself."""
        if message.private:
            return None
        group = await self._bindings.group(message.address)
        if group is None and message.address.thread is not None:
            group = await self._bindings.group(replace(message.address, thread=None))
        return group


def _open(campaigns: Iterable[Campaign], classes: Collection[str], now: datetime) -> tuple[Campaign, ...]:
    """The open campaigns of these classes: as their first deadlines come, and then those whose deadline is over."""
    concerned = [
        campaign
        for campaign in campaigns
        if campaign.status is CampaignStatus.OPEN and not set(classes).isdisjoint(campaign.classes)
    ]
    firsts = {campaign.id: campaign.stages[0].deadline.instant for campaign in concerned}
    return tuple(sorted(concerned, key=lambda campaign: (firsts[campaign.id] <= now, firsts[campaign.id])))
