"""Where the bot reaches people: groups that move, chats that are lost and found again; the same for every platform."""

from dataclasses import replace

import structlog

from bot.conversations import GroupTalk
from bot.ports import GroupStore, StoreAway
from scheduler.messages import Address
from scheduler.ports import BindingStore, Clock, GroupCodes, ReachStore, RosterStore
from scheduler.roster import Group

_log = structlog.get_logger(__name__)


class Whereabouts:
    """Writes down what platforms say about chats. That a chat is lost is expected and no error."""

    def __init__(
        self,
        *,
        bindings: BindingStore,
        groups: GroupCodes,
        rosters: RosterStore,
        reach: ReachStore,
        talks: GroupStore,
        clock: Clock,
    ) -> None:
        self._bindings = bindings
        self._groups = groups
        self._rosters = rosters
        self._reach = reach
        self._talks = talks
        self._clock = clock

    async def bound(self, platform: str) -> tuple[Group, ...]:
        """The groups of a platform that were bound to classes."""
        return await self._bindings.groups_on(platform)

    async def classes_of(self, group: Group) -> str:
        """The classes of a group by their names."""
        found = [await self._rosters.school_class(class_id) for class_id in group.classes]
        return " / ".join(one.name for one in found if one)

    async def moved(self, old: Address, new: Address) -> None:
        """A group has another id: its binding moves in one step, then what it asked the bot for."""
        if old == new:
            return
        moved = await self._bindings.move_group(old, new)
        talk = await self._talks.talk(old)
        if talk != GroupTalk():
            await self._talks.change(new, talk, seen_revision=0)  # what is known of the new one already stands
        _log.info("group moved", platform=new.platform, bound=moved)

    async def owner_changed(self, group: Address) -> None:
        """A group belongs to somebody else from now on: it is looked at again."""
        await self._groups.change(group, lambda one: replace(one, looked_at=None))

    async def lost(self, address: Address) -> None:
        """Nothing can be written there; that it is so is forgotten rather than waited for when the store is away."""
        _log.info("chat lost", platform=address.platform)
        try:
            await self._reach.lost(address, self._clock.now())
        except StoreAway:
            _log.warning("store away, lost chat not noted", platform=address.platform)

    async def found(self, address: Address) -> None:
        """Something came from there."""
        await self._reach.found(address)
