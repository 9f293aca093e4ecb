"""Who is asking: bound student, staff, or somebody of a class group, and so whose rules hold for them."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import replace

from bot.dialogue.turns import Asker
from bot.messages import InboundMessage
from knowledge.scopes import NATIONAL, ScopeTree
from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.ports import BindingStore, CampaignStore, RosterStore, StaffStore
from scheduler.roster import Binding, Group, Student


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

    async def who(self, message: InboundMessage) -> Asker:
        """The asker of a message. In a group the group's own scope counts, so that nobody's school shows there; in one
        that no school has bound, what holds for the whole country."""
        (binding, student), staff, group, campaigns = await asyncio.gather(
            self._own(message.account), self._staff.of_account(message.account), self._group(message),
            self._campaigns.all(),
        )  # fmt: skip
        if not message.private:
            classes = group.classes if group else ()
        else:
            classes = (student.class_id,) if student else staff.classes if staff else ()
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
            staff=staff,
            campaign=_open_campaign(campaigns, classes),
            unconfirmed=unconfirmed,
        )

    def stranger(self) -> Asker:
        """An asker nothing can be looked up about, while the store is away."""
        scope = self._tree[self._default_scope]
        return Asker(scope=scope.id, you=scope.address, office=scope.office)

    async def _own(self, account: str) -> tuple[Binding | None, Student | None]:
        binding = await self._bindings.of_account(account)
        return binding, await self._rosters.student(binding.sid) if binding else None

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
