"""Who acts for the school, in Redis."""

from collections.abc import Mapping, Sequence

from scheduler.staffing import MonitorWord, StaffMember
from scheduler.storage.database import Arg, Database
from scheduler.storage.keys import PeopleKeys
from scheduler.storage.records import from_json, to_json
from scheduler.storage.relations import Relations


class RedisStaffStore:
    """`scheduler.ports.StaffStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        keys = PeopleKeys(database.prefix)
        self._members = Relations(database, keys.staff, keys.deputies)
        self._monitors = keys.monitors

    async def appoint(self, member: StaffMember) -> None:
        """Replaces what the account was before."""
        await self._members.put(member.account, to_json(member), [deputy.account for deputy in member.deputies])

    async def dismiss(self, account: str) -> None:
        """Nothing happens if the account had no role."""
        await self._members.forget(account)

    async def of_account(self, account: str) -> StaffMember | None:
        """What the account itself was appointed to, whether or not that holds now."""
        found = await self._members.values([account])
        return from_json(StaffMember, found[account]) if found else None

    async def about(self, account: str) -> tuple[StaffMember, ...]:
        """What the account was appointed to, and everybody it was named the deputy of."""
        own, others = await self.of_account(account), await self._members.owners([account])
        principals = await self._members.values(others.get(account, ()))
        deputised = tuple(from_json(StaffMember, text) for text in principals.values())
        return (own, *deputised) if own else deputised

    async def all(self) -> tuple[StaffMember, ...]:
        """Everybody who was appointed, by account."""
        return tuple(from_json(StaffMember, text) for _, text in sorted((await self._members.all()).items()))

    async def say_monitors(self, words: Sequence[MonitorWord]) -> None:
        """All of them in one step; each replaces what was said of that student before."""
        fields: list[Arg] = [text for word in words for text in (word.sid, to_json(word))]
        await self._database.call("HSET", self._monitors, *fields)

    async def monitor_words(self, sids: Sequence[str]) -> Mapping[str, MonitorWord]:
        """What was said of those of these students of whom anything was, by sid."""
        found = await self._database.hash_values(self._monitors, sids)
        return {sid: from_json(MonitorWord, text) for sid, text in found.items()}
