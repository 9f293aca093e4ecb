"""What the bot remembers of groups, in Redis; a change counts only on what it was decided on."""

from dataclasses import replace

from bot.conversations import GroupTalk
from bot.storage.keys import GroupKeys
from scheduler.messages import Address
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.records import from_json, to_json

_CHANGE = scripting.load(__package__, "change_group")

_SWEEP_MS = 2 * 24 * 3600 * 1_000
"""Longer than anything of a group is of use: a day of quiet."""


class RedisGroups:
    """`bot.ports.GroupStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def talk(self, group: Address) -> GroupTalk:
        """Of a group nothing was stored of: the empty talk."""
        stored = await self._database.hash_values(self._key(group), ["revision", "talk"])
        if not stored:
            return GroupTalk()
        return replace(from_json(GroupTalk, stored["talk"]), revision=int(stored["revision"]))

    async def change(self, group: Address, new: GroupTalk, *, seen_revision: int) -> bool:
        """Store it if the stored revision is still `seen_revision`; False otherwise."""
        args = (seen_revision, to_json(replace(new, revision=0)), _SWEEP_MS)
        return bool(await self._database.run(_CHANGE, [self._key(group)], args))

    def _key(self, group: Address) -> str:
        return GroupKeys(self._database.prefix, str(group)).talk
