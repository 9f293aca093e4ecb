"""Who acts for the school, in Redis."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.messages import Address
from scheduler.staffing import Invitation, MonitorWord, StaffMember, deputised, has_deputy, joined, without_deputy
from scheduler.storage.database import Arg, Database
from scheduler.storage.exchanges import Draft, exchange
from scheduler.storage.keys import PeopleKeys
from scheduler.storage.records import from_json, to_json
from scheduler.storage.relations import Relations


class RedisStaffStore:
    """`scheduler.ports.StaffStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = PeopleKeys(database.prefix)
        self._members = Relations(database, self._keys.staff, self._keys.deputies)

    async def appoint(self, member: StaffMember) -> None:
        """Replaces what the account was before."""
        await self._members.put(member.account, to_json(member), [deputy.account for deputy in member.deputies])

    async def change(self, account: str, change: Callable[[StaffMember], StaffMember]) -> StaffMember | None:
        """Change what an account was appointed to; None if it was not."""

        async def work(draft: Draft) -> StaffMember | None:
            stored = await draft.value(self._keys.staff, account)
            if not stored:
                return None
            becomes = change(from_json(StaffMember, stored))
            await self._keep(draft, becomes)
            return becomes

        return await exchange(self._database, work)

    async def dismiss(self, account: str) -> None:
        """End an account's own role and its deputies', and let it stand in for nobody any more."""

        async def work(draft: Draft) -> None:
            for principal in await draft.owners(self._keys.deputies, account):
                member = from_json(StaffMember, await draft.value(self._keys.staff, principal))
                await self._keep(draft, without_deputy(member, account))
            await draft.relate(self._keys.staff, self._keys.deputies, account, "", ())

        await exchange(self._database, work)

    async def of_account(self, account: str) -> StaffMember | None:
        """What the account itself was appointed to, whether or not that holds now."""
        found = await self._members.values([account])
        return from_json(StaffMember, found[account]) if found else None

    async def about(self, account: str) -> tuple[StaffMember, ...]:
        """What the account was appointed to, and everybody it was named the deputy of."""
        own, others = await asyncio.gather(self.of_account(account), self._members.owners([account]))
        principals = await self._members.values(others.get(account, ()))
        deputised = tuple(from_json(StaffMember, text) for text in principals.values())
        return (own, *deputised) if own else deputised

    async def all(self) -> tuple[StaffMember, ...]:
        """Everybody who was appointed, by account."""
        return tuple(from_json(StaffMember, text) for _, text in sorted((await self._members.all()).items()))

    async def invite(self, code: str, invitation: Invitation, now: datetime) -> None:
        """Keep an invitation under its code; what has expired is forgotten."""
        kept = await self._database.whole_hash(self._keys.invitations)
        expired = [field for field, text in kept.items() if from_json(Invitation, text).expires <= now]
        if expired:
            await self._database.call("HDEL", self._keys.invitations, *expired)
        await self._database.call("HSET", self._keys.invitations, _digest(code), to_json(invitation))

    async def accept(self, code: str, account: str, private: Address, now: datetime) -> StaffMember | None:
        """What the account is from now on (a deputy: whom it stands in for); None for a code that is wrong, expired
        or taken by somebody else. Shown again by who took it, it says the same while that holds."""
        field = _digest(code)

        async def work(draft: Draft) -> StaffMember | None:
            found = await draft.get(self._keys.invitations, [field])
            if not found:
                return None
            invitation = from_json(Invitation, found[field])
            whose = invitation.stands_in_for or account
            stored = await draft.value(self._keys.staff, whose)
            member = from_json(StaffMember, stored) if stored else None
            if not invitation.open_to(account, now):
                holds = member is not None and (whose == account or has_deputy(member, account))
                return member if holds and invitation.taken_by == account else None
            if invitation.stands_in_for:
                if member is None:
                    return None
                since = invitation.since or now
                becomes = deputised(member, account, since, invitation.until)
            else:
                becomes = joined(member, invitation, account, private, now)
            await self._keep(draft, becomes)
            draft.put(self._keys.invitations, field, to_json(replace(invitation, taken_by=account)))
            return becomes

        return await exchange(self._database, work)

    async def say_monitors(self, words: Sequence[MonitorWord]) -> None:
        """All of them in one step; each replaces what was said of that student before."""
        fields: list[Arg] = [text for word in words for text in (word.sid, to_json(word))]
        await self._database.call("HSET", self._keys.monitors, *fields)

    async def monitor_words(self, sids: Sequence[str]) -> Mapping[str, MonitorWord]:
        """What was said of those of these students of whom anything was, by sid."""
        found = await self._database.hash_values(self._keys.monitors, sids)
        return {sid: from_json(MonitorWord, text) for sid, text in found.items()}

    async def _keep(self, draft: Draft, member: StaffMember) -> None:
        deputies = [deputy.account for deputy in member.deputies]
        await draft.relate(self._keys.staff, self._keys.deputies, member.account, to_json(member), deputies)


def _digest(code: str) -> str:
    """By what a code is kept: who reads the store cannot use it."""
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()[:32]
