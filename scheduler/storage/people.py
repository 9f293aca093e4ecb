"""Who is behind an account, who is reached in which group, in Redis."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.claims import Decision, Verdict, Waiting, claim_id, decide
from scheduler.messages import Address
from scheduler.roster import Binding, Group
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Database
from scheduler.storage.exchanges import Draft, exchange
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.keys import PeopleKeys
from scheduler.storage.records import from_json, from_json_union, to_json
from scheduler.storage.relations import Relations, record, value

_CODES = scripting.load(__package__, "codes")
_MOVE_GROUP = scripting.load(__package__, "move_group")


_BINDINGS = tuple[Binding, ...]

_LOST_SEEN_AFTER = 60.0
"""Seconds until one process sees who was lost by another."""


class RedisBindingStore:
    """`scheduler.ports.BindingStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = PeopleKeys(database.prefix)
        self._bindings = Relations(database, self._keys.bindings, self._keys.accounts)
        self._claims = Relations(database, self._keys.claims, self._keys.class_claims)
        self._groups = Relations(database, self._keys.groups, self._keys.class_groups)

    async def bind(self, binding: Binding) -> None:
        """Bind the account to that student, beside others it is bound to."""

        async def work(draft: Draft) -> None:
            own = [one for one in await self._own(draft, binding.account) if one.sid != binding.sid]
            await self._keep(draft, binding.account, [*own, binding])

        await exchange(self._database, work)

    async def claim(
        self,
        binding: Binding,
        *,
        same_person: Collection[str] = (),
        code: str = "",
        settles: str = "",
        waiting: Waiting | None = None,
    ) -> Decision:
        """What the claim to be a student comes to (`scheduler.claims.decide`), done with all that goes with it.

        `code` is the student's one-time code the claim rests on, `settles` the id of the waiting claim staff decides:
        gone before, the claim is USED. Where it is contested `waiting` is kept for staff.
        """

        async def work(draft: Draft) -> Decision:
            own = await self._own(draft, binding.account)
            accounts = [one for one in await draft.owners(self._keys.accounts, binding.sid) if one != binding.account]
            others = [one for account in accounts for one in await self._own(draft, account) if one.sid == binding.sid]
            decision = decide(binding, own, others, same_person=same_person)
            if decision.verdict is Verdict.BOUND and decision.own != tuple(own):
                if not await self._stands(draft, binding.sid, code, settles):
                    return replace(decision, verdict=Verdict.USED)
                await self._settle(draft, binding, decision, code)
            elif decision.verdict is Verdict.CONTESTED and waiting is not None:
                await self._wait(draft, waiting)
            return decision

        return await exchange(self._database, work)

    async def unbind(self, account: str) -> None:
        """Forget what this account was bound to, and its claim; nothing happens if there is none."""

        async def work(draft: Draft) -> None:
            await self._keep(draft, account, ())
            await self._unwait(draft, claim_id(account))

        await exchange(self._database, work)

    async def release(self, account: str, sid: str) -> None:
        """Forget that this account was bound to that student."""

        async def work(draft: Draft) -> None:
            await self._keep(draft, account, [one for one in await self._own(draft, account) if one.sid != sid])

        await exchange(self._database, work)

    async def of_account(self, account: str) -> tuple[Binding, ...]:
        """The bindings of an account, one for each student record of its person."""
        found = await self._bindings.values([account])
        return _bindings(found.get(account, ""))

    async def of_students(self, sids: Sequence[str]) -> Mapping[str, tuple[Binding, ...]]:
        """The bindings of each of these students that has any, by sid; the accounts in their own order."""
        found, _ = await self._of_students(sids)
        return found

    async def of_people(self, sids: Sequence[str]) -> Mapping[str, tuple[Binding, ...]]:
        """As `of_students`, with every other student record behind the same accounts."""
        found, others = await self._of_students(sids)
        return {**found, **await self.of_students(sorted(others))} if others else found

    async def _of_students(self, sids: Sequence[str]) -> tuple[dict[str, tuple[Binding, ...]], set[str]]:
        """Their bindings, and who else is behind their accounts."""
        accounts = await self._bindings.owners(sids)
        stored = await self._bindings.values(sorted({account for own in accounts.values() for account in own}))
        bindings = {account: _bindings(text) for account, text in stored.items()}
        found = {
            sid: tuple(one for account in own for one in bindings.get(account, ()) if one.sid == sid)
            for sid, own in accounts.items()
        }
        return found, {one.sid for own in bindings.values() for one in own} - set(sids)

    async def wait(self, waiting: Waiting) -> None:
        """Keep for staff that somebody has to be told apart; replaces the account's claim before."""
        await exchange(self._database, lambda draft: self._wait(draft, waiting))

    async def unwait(self, claim: str) -> bool:
        """Staff has seen to it; False if somebody had before."""
        return await exchange(self._database, lambda draft: self._unwait(draft, claim))

    async def waiting(self, claim: str) -> Waiting | None:
        """Who waits under that id."""
        found = await self._claims.values([claim])
        return from_json(Waiting, found[claim]) if found else None

    async def waiting_in(self, classes: Sequence[str]) -> tuple[Waiting, ...]:
        """Who waits for staff of these classes, the longest first."""
        related = await self._claims.owners(classes)
        found = await self._claims.values(sorted({claim for own in related.values() for claim in own}))
        waiting = [from_json(Waiting, text) for text in found.values()]
        return tuple(sorted(waiting, key=lambda one: (one.at, one.account)))

    async def forget_waiting(self, before: datetime) -> int:
        """Drop the claims that nobody decided since then, with the names that were typed; how many there were."""
        kept = [from_json(Waiting, text) for text in (await self._claims.all()).values()]
        old = [one.id for one in kept if one.at < before]
        return sum([await self.unwait(claim) for claim in old])

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

    async def groups_of(self, classes: Sequence[str], *, whosever: bool = False) -> tuple[Group, ...]:
        """Every group bound to at least one of the classes that may be reminded, or `whosever` it is, by address."""
        related = await self._groups.owners(classes)
        found = await self._groups.values(sorted({address for own in related.values() for address in own}))
        groups = (from_json(Group, text) for text in found.values())
        return tuple(group for group in groups if whosever or not group.faq_only)

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
            becomes = record(to_json(group.moved(new)), group.classes) if group else ""
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

    async def owner_of(self, code: str) -> str | None:
        """The sid a one-time code belongs to; None for a wrong or used one."""
        return (await self._database.hash_values(self._keys.code_owners, [code])).get(code)

    async def _own(self, draft: Draft, account: str) -> tuple[Binding, ...]:
        return _bindings(await draft.value(self._keys.bindings, account))

    async def _keep(self, draft: Draft, account: str, bindings: Sequence[Binding]) -> None:
        text = to_json(tuple(bindings), _BINDINGS) if bindings else ""
        await draft.relate(
            self._keys.bindings, self._keys.accounts, account, text, sorted({one.sid for one in bindings})
        )

    async def _stands(self, draft: Draft, sid: str, code: str, settles: str) -> bool:
        """Whether what a claim rests on is still there."""
        if code:
            return (await draft.get(self._keys.code_owners, [code])).get(code) == sid
        return not settles or bool(await draft.value(self._keys.claims, settles))

    async def _settle(self, draft: Draft, binding: Binding, decision: Decision, code: str) -> None:
        """Write what was decided, and forget what it rests on."""
        await self._keep(draft, binding.account, decision.own)
        for other in decision.displaced:
            kept = [one for one in await self._own(draft, other.account) if one != other]
            await self._keep(draft, other.account, kept)
        await self._unwait(draft, claim_id(binding.account))
        if code:
            await draft.get(self._keys.codes, [binding.sid])
            draft.put(self._keys.codes, binding.sid, "")
            draft.put(self._keys.code_owners, code, "")

    async def _wait(self, draft: Draft, waiting: Waiting) -> None:
        names = (self._keys.claims, self._keys.class_claims)
        await draft.relate(*names, waiting.id, to_json(waiting), [waiting.class_id])

    async def _unwait(self, draft: Draft, claim: str) -> bool:
        waits = bool(await draft.value(self._keys.claims, claim))
        if waits:
            await draft.relate(self._keys.claims, self._keys.class_claims, claim, "", ())
        return waits


def _bindings(text: str) -> tuple[Binding, ...]:
    found: tuple[Binding, ...] = from_json_union(_BINDINGS, text) if text else ()
    return found


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
