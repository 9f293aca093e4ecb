"""Whose a group is: somebody the school knows, when it is bound and every day after.

Whoever owns a group reads all that is said there and can let anybody in. Where its owner is neither staff nor a monitor
of its classes it is answered what holds everywhere, reminded of nothing, and the office hears of it.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue.askers import Askers
from bot.dialogue.wording import ContentWording
from bot.ports import GroupLook
from scheduler.messages import Address, Phrase
from scheduler.ports import BindingStore, GroupCodes, RosterStore, StaffRoom
from scheduler.roster import Group

_LOOK_AGAIN = timedelta(days=1)
_AT_ONCE = 5
"""So many groups a minute: a day has room for thousands, and a platform that does not answer holds nobody up."""

Look = Callable[[Address], Awaitable[GroupLook | None]]
"""What a platform tells about a group; None where it cannot be asked now, or ever."""


class Owners:
    """Looks at groups from outside, with the platforms of which `looks` can tell about one."""

    def __init__(
        self,
        looks: Mapping[str, Look],
        *,
        bindings: BindingStore,
        groups: GroupCodes,
        rosters: RosterStore,
        askers: Askers,
        office: StaffRoom,
        wording: ContentWording,
    ) -> None:
        self._looks = looks
        self._bindings = bindings
        self._groups = groups
        self._rosters = rosters
        self._askers = askers
        self._office = office
        self._wording = wording

    async def look(self, address: Address) -> GroupLook | None:
        """What can be said of a group now."""
        look = self._looks.get(address.platform)
        return await look(address) if look else None

    async def are_known(self, seen: GroupLook | None, classes: Collection[str], now: datetime) -> bool:
        """Whether the group's owner is staff or a monitor of one of its classes; nobody is, once the owner has left.
        Where the platform does not tell it is for the eye of the one who binds it."""
        if seen is None:
            return True
        acting = await self._askers.acting(seen.owner, now) if seen.owner else ()
        return any(class_id in member.classes for class_id in classes for member in acting)

    async def alarm(self, key: str, group: Group, now: datetime) -> None:
        """The office hears of a group, once an hour."""
        found = [await self._rosters.school_class(class_id) for class_id in group.classes]
        names = self._wording.label("list.comma").join(one.name for one in found if one)
        said = Phrase(key=key, values={"classes": names, "group": str(group.address)})
        await self._office.tell(said, f"{key}:{group.address}:{now:%Y%m%dT%H}")

    async def review(self, now: datetime) -> None:
        """Look at some of the groups that nobody has looked at for a day, or whose owner has changed since."""
        for platform in self._looks:
            due = [group for group in await self._bindings.groups_on(platform) if _is_due(group, now)]
            for group in due[:_AT_ONCE]:
                await self._review(group, now)

    async def _review(self, group: Group, now: datetime) -> None:
        """A group that cannot be looked at stays what it is."""
        seen = await self.look(group.address)
        faq_only = group.faq_only if seen is None else not await self.are_known(seen, group.classes, now)
        await self._groups.change(group.address, lambda one: replace(one, faq_only=faq_only, looked_at=now))
        if faq_only != group.faq_only:
            await self.alarm("group.owner-unknown" if faq_only else "group.owner-back", group, now)


def _is_due(group: Group, now: datetime) -> bool:
    return group.looked_at is None or now - group.looked_at >= _LOOK_AGAIN
