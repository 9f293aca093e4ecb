"""Who is behind an account, who is reached in which group, in Redis."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.messages import Address
from scheduler.roster import Binding, Group
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Database
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.keys import PeopleKeys
from scheduler.storage.records import from_json, to_json
from scheduler.storage.relations import Relations, record, value

_CODES = scripting.load(__package__, "codes")
_REDEEM = scripting.load(__package__, "redeem")
_MOVE_GROUP = scripting.load(__package__, "move_group")


_LOST_SEEN_AFTER = 60.0
"""Seconds until one process sees who was lost by another."""


class RedisBindingStore:
    """`scheduler.ports.BindingStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = PeopleKeys(database.prefix)
        self._bindings = Relations(database, self._keys.bindings, self._keys.accounts)
        self._groups = Relations(database, self._keys.groups, self._keys.class_groups)

    async def bind(self, binding: Binding) -> None:
        """Bind the account, whatever it was bound to before."""
        await self._bindings.put(binding.account, to_json(binding), [binding.sid])

    async def unbind(self, account: str) -> None:
        """Forget what this account was bound to; nothing happens if it was not."""
        await self._bindings.forget(account)

    async def of_account(self, account: str) -> Binding | None:
        """The binding of an account."""
        found = await self._bindings.values([account])
        return from_json(Binding, found[account]) if found else None

    async def of_students(self, sids: Sequence[str]) -> Mapping[str, tuple[Binding, ...]]:
        """The bindings of each of these students that has any, by sid; the accounts in their own order."""
        accounts = await self._bindings.owners(sids)
        found = await self._bindings.values(sorted({account for own in accounts.values() for account in own}))
        bindings = {account: from_json(Binding, text) for account, text in found.items()}
        return {
            sid: tuple(bindings[account] for account in own if account in bindings) for sid, own in accounts.items()
        }

    async def bind_group(self, group: Group) -> None:
        """Replaces what the group was bound to."""
        if group.classes:
            await self._groups.put(str(group.address), to_json(group), group.classes)
        else:
            await self._groups.forget(str(group.address))

    async def group(self, address: Address) -> Group | None:
        """The group of that address, if it was bound."""
        found = await self._groups.values([str(address)])
        return from_json(Group, found[str(address)]) if found else None

    async def groups_of(self, classes: Sequence[str]) -> tuple[Group, ...]:
        """Every group bound to at least one of the classes, by address."""
        related = await self._groups.owners(classes)
        found = await self._groups.values(sorted({address for own in related.values() for address in own}))
        return tuple(from_json(Group, text) for text in found.values())

    async def groups_on(self, platform: str) -> tuple[Group, ...]:
        """Every bound group of a platform, by address."""
        bound = [from_json(Group, text) for _, text in sorted((await self._groups.all()).items())]
        return tuple(group for group in bound if group.address.platform == platform)

    async def move_group(self, old: Address, new: Address) -> bool:
        """All that is stored of a group moves to its new address in one step; False if nothing was stored.

        A binding the new address already has stays.
        """
        names = [self._keys.groups, self._keys.class_groups, self._keys.unreachable]
        while True:  # decided anew if the group was bound to something else meanwhile
            seen = (await self._database.hash_values(self._keys.groups, [str(old)])).get(str(old), "")
            group = from_json(Group, value(seen)) if seen else None
            becomes = record(to_json(replace(group, address=new)), group.classes) if group else ""
            moved = await self._database.run(_MOVE_GROUP, names, (str(old), seen, str(new), becomes))
            if moved is not None:
                return bool(moved)

    async def codes(self, sids: Sequence[str], fresh: Mapping[str, str]) -> Mapping[str, str]:
        """The one-time binding code of each student; those without one get the one in `fresh`.

        A student whose fresh code belongs to somebody else is missing: ask again with another one.
        """
        pairs = [text for sid in sids if sid in fresh for text in (sid, fresh[sid])]
        for start in range(0, len(pairs), BATCH):
            await self._database.run(_CODES, [self._keys.codes, self._keys.code_owners], pairs[start : start + BATCH])
        return await self._database.hash_values(self._keys.codes, sids)

    async def redeem(self, code: str) -> str | None:
        """The sid a code belongs to, once; None for a wrong or used one."""
        sid: str | None = await self._database.run(_REDEEM, [self._keys.codes, self._keys.code_owners], (code,))
        return sid


class RedisReachStore:
    """`scheduler.ports.ReachStore`. Almost everybody can be reached: whoever is not known to be lost costs nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key = PeopleKeys(database.prefix).unreachable
        self._lost: set[str] = set()
        self._looked: float | None = None

    async def lost(self, address: Address, at: datetime) -> None:
        """A platform said so at that moment; the first time since it was last found counts."""
        self._lost.add(str(address))
        await self._database.call("HSETNX", self._key, str(address), to_ms(at))

    async def found(self, address: Address) -> None:
        """Something came from there; nothing happens if it was not lost, or only in the last minute elsewhere."""
        now = asyncio.get_running_loop().time()
        if self._looked is None or now - self._looked > _LOST_SEEN_AFTER:
            self._looked = now
            self._lost.update(await self._database.whole_hash(self._key))
        if str(address) in self._lost:
            await self._database.call("HDEL", self._key, str(address))
            self._lost.discard(str(address))

    async def unreachable(self) -> Mapping[Address, datetime]:
        """Everybody who is lost now, and since when."""
        stored = await self._database.whole_hash(self._key)
        return {Address.parse(address): from_ms(ms) for address, ms in stored.items()}
