"""Who acts for the school, in Redis."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.messages import Address
from scheduler.staffing import (
    Invitation,
    MonitorWord,
    StaffMember,
    StaffRole,
    deputised,
    has_deputy,
    joined,
    without_deputy,
)
from scheduler.storage.database import Arg, Database
from scheduler.storage.exchanges import Draft, exchange
from scheduler.storage.keys import PeopleKeys
from scheduler.storage.records import from_json, from_json_union, to_json
from scheduler.storage.relations import Relations

_MEMBERS = tuple[StaffMember, ...]


class RedisStaffStore:
    """`scheduler.ports.StaffStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = PeopleKeys(database.prefix)
        self._members = Relations(database, self._keys.staff, self._keys.deputies)

    async def appoint(self, member: StaffMember) -> None:
        """In place of what the account was in this role; other roles of it stay."""

        async def work(draft: Draft) -> None:
            others = [one for one in await self._own(draft, member.account) if one.role is not member.role]
            await self._keep(draft, member.account, [*others, member])

        await exchange(self._database, work)

    async def change(self, account: str, change: Callable[[StaffMember], StaffMember]) -> tuple[StaffMember, ...]:
        """Change each role an account was appointed to; what they are now."""

        async def work(draft: Draft) -> tuple[StaffMember, ...]:
            becomes = tuple(change(one) for one in await self._own(draft, account))
            if becomes:
                await self._keep(draft, account, becomes)
            return becomes

        return await exchange(self._database, work)

    async def dismiss(self, account: str, role: StaffRole | None = None) -> None:
        """End this role of an account, or all of them, and its deputies'. With its last role it also stands in for
        nobody any more."""

        async def work(draft: Draft) -> None:
            left = [one for one in await self._own(draft, account) if role not in (None, one.role)]
            for principal in () if left else await draft.owners(self._keys.deputies, account):
                theirs = await self._own(draft, principal)
                await self._keep(draft, principal, [without_deputy(one, account) for one in theirs])
            await self._keep(draft, account, left)

        await exchange(self._database, work)

    async def of_account(self, account: str) -> tuple[StaffMember, ...]:
        """What the account itself was appointed to, whether or not that holds now."""
        return _members((await self._members.values([account])).get(account, ""))

    async def about(self, account: str) -> tuple[StaffMember, ...]:
        """What the account was appointed to, and everybody it was named the deputy of."""
        own, others = await asyncio.gather(self.of_account(account), self._members.owners([account]))
        principals = await self._members.values(others.get(account, ()))
        return (*own, *(one for text in principals.values() for one in _members(text)))

    async def all(self) -> tuple[StaffMember, ...]:
        """Every role somebody was appointed to, by account."""
        return tuple(one for _, text in sorted((await self._members.all()).items()) for one in _members(text))

    async def invite(self, code: str, invitation: Invitation, now: datetime) -> None:
        """Keep an invitation under its code; what has expired is forgotten."""
        kept = await self._database.whole_hash(self._keys.invitations)
        expired = [field for field, text in kept.items() if from_json(Invitation, text).expires <= now]
        if expired:
            await self._database.call("HDEL", self._keys.invitations, *expired)
        await self._database.call("HSET", self._keys.invitations, _digest(code), to_json(invitation))

    async def invited(self, code: str, account: str, now: datetime) -> Invitation | None:
        """What a code offers an account; None where it may not take it, or has taken it."""
        found = await self._database.hash_values(self._keys.invitations, [_digest(code)])
        invitation = from_json(Invitation, found[_digest(code)]) if found else None
        return invitation if invitation is not None and invitation.open_to(account, now) else None

    async def accept(self, code: str, account: str, private: Address, now: datetime) -> tuple[StaffMember, ...]:
        """All that the account is from now on (a deputy: whom it stands in for); empty for a code that is wrong,
        expired or taken by somebody else. Shown again by who took it, it says the same while that holds."""
        field = _digest(code)

        async def work(draft: Draft) -> tuple[StaffMember, ...]:
            found = await draft.get(self._keys.invitations, [field])
            if not found:
                return ()
            invitation = from_json(Invitation, found[field])
            whose = invitation.stands_in_for or account
            own = await self._own(draft, whose)
            if not invitation.open_to(account, now):
                held = [one for one in own if one.serves(now) and (whose == account or has_deputy(one, account))]
                return tuple(held) if invitation.taken_by == account else ()
            becomes = _after(invitation, own, account, private, now)
            if becomes:
                await self._keep(draft, whose, becomes)
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

    async def _own(self, draft: Draft, account: str) -> tuple[StaffMember, ...]:
        return _members(await draft.value(self._keys.staff, account))

    async def _keep(self, draft: Draft, account: str, members: Sequence[StaffMember]) -> None:
        text = to_json(tuple(members), _MEMBERS) if members else ""
        deputies = dict.fromkeys(deputy.account for member in members for deputy in member.deputies)
        await draft.relate(self._keys.staff, self._keys.deputies, account, text, list(deputies))


def _members(text: str) -> tuple[StaffMember, ...]:
    """What is stored of an account; a record of the time when it had but one role is that one."""
    whole = f"[{text}]" if text.startswith("{") else text
    found: tuple[StaffMember, ...] = from_json_union(_MEMBERS, whole) if whole else ()
    return found


def _after(
    invitation: Invitation, own: Sequence[StaffMember], account: str, private: Address, now: datetime
) -> tuple[StaffMember, ...]:
    """What those who are concerned become when an account takes an invitation."""
    if not invitation.stands_in_for:
        return joined(own, invitation, account, private, now)
    since = invitation.since or now
    return tuple(deputised(one, account, since, invitation.until) for one in own)


def _digest(code: str) -> str:
    """By what a code is kept: who reads the store cannot use it."""
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()[:32]
