"""Who is asking: bound student, staff, or somebody of a class group, and so whose rules hold for them."""

from bot.dialogue.turns import Asker
from bot.messages import InboundMessage
from knowledge.scopes import ScopeTree
from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.ports import BindingStore, CampaignStore, RosterStore, StaffStore


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
        """The asker of a message. In a group the group's own scope counts, so that nobody's school shows there."""
        binding = await self._bindings.of_account(message.account)
        student = await self._rosters.student(binding.sid) if binding else None
        staff = await self._staff.of_account(message.account)
        classes = await self._classes(message, student.class_id if student else None, staff.classes if staff else ())
        known = [found for class_id in classes if (found := await self._rosters.school_class(class_id))]
        scope = self._tree.common(found.scope for found in known) if known else self._default_scope
        return Asker(
            scope=scope,
            you=self._tree[scope].address,
            office=self._tree[scope].office,
            classes=classes,
            cohorts=tuple(sorted({found.cohort for found in known})),
            binding=binding,
            student=student,
            staff=staff,
            campaign=await self._open_campaign(classes),
        )

    def stranger(self) -> Asker:
        """An asker nothing can be looked up about, while the store is away."""
        scope = self._tree[self._default_scope]
        return Asker(scope=scope.id, you=scope.address, office=scope.office)

    async def _classes(
        self, message: InboundMessage, own: str | None, looked_after: tuple[str, ...]
    ) -> tuple[str, ...]:
        if not message.private:
            group = await self._bindings.group(message.address)
            return group.classes if group else ()
        return (own,) if own else looked_after

    async def _open_campaign(self, classes: tuple[str, ...]) -> Campaign | None:
        """The open campaign of these classes whose first deadline comes soonest."""
        if not classes:
            return None
        concerned = [
            campaign
            for campaign in await self._campaigns.all()
            if campaign.status is CampaignStatus.OPEN and set(campaign.classes) & set(classes)
        ]
        return min(concerned, key=lambda campaign: campaign.stages[0].deadline.instant, default=None)
