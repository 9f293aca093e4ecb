"""Codes by which a group is bound to classes, in Redis."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from scheduler.messages import Address
from scheduler.roster import Group, GroupCode
from scheduler.storage.database import Database
from scheduler.storage.exchanges import Draft, exchange
from scheduler.storage.keys import PeopleKeys
from scheduler.storage.records import from_json, to_json


class RedisGroupCodes:
    """`scheduler.ports.GroupCodes`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = PeopleKeys(database.prefix)

    async def keep(self, code: str, asked: GroupCode, now: datetime) -> None:
        """Keep what a code is good for; what has expired is forgotten."""
        kept = await self._database.whole_hash(self._keys.group_codes)
        expired = [field for field, text in kept.items() if from_json(GroupCode, text).expires <= now]
        if expired:
            await self._database.call("HDEL", self._keys.group_codes, *expired)
        await self._database.call("HSET", self._keys.group_codes, code, to_json(asked))

    async def find(self, code: str) -> GroupCode | None:
        """What a code is good for; None for a wrong one."""
        found = await self._database.hash_values(self._keys.group_codes, [code])
        return from_json(GroupCode, found[code]) if found else None

    async def use(self, code: str, address: Address, now: datetime, *, faq_only: bool = False) -> Group | None:
        """The group with the code's classes beside those it has; None if the code is wrong, expired, or was used in
        another group."""

        async def work(draft: Draft) -> Group | None:
            found = await draft.get(self._keys.group_codes, [code])
            asked = from_json(GroupCode, found[code]) if found else None
            if asked is None or asked.used_in not in ("", str(address)) or now >= asked.expires:
                return None
            before = await self._group(draft, address)
            classes = tuple(dict.fromkeys((*before.classes, *asked.classes)))
            group = replace(before, classes=classes, faq_only=faq_only, looked_at=now)
            await self._put(draft, group)
            draft.put(self._keys.group_codes, code, to_json(replace(asked, used_in=str(address))))
            return group

        return await exchange(self._database, work)

    async def change(self, address: Address, change: Callable[[Group], Group]) -> Group | None:
        """Change a group that is bound; what it is now, None if it is not bound. Without classes it is not any more."""

        async def work(draft: Draft) -> Group | None:
            before = await self._group(draft, address)
            if not before.classes:
                return None
            group = change(before)
            await self._put(draft, group)
            return group

        return await exchange(self._database, work)

    async def _group(self, draft: Draft, address: Address) -> Group:
        stored = await draft.value(self._keys.groups, str(address))
        return from_json(Group, stored) if stored else Group(address=address, classes=())

    async def _put(self, draft: Draft, group: Group) -> None:
        names = (self._keys.groups, self._keys.class_groups)
        await draft.relate(*names, str(group.address), to_json(group) if group.classes else "", group.classes)
