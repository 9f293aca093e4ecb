"""Whose account it is: what a claim to be a student comes to, beside those who claimed the same before.

A number with a name is known to every classmate and parent. It binds an account only where nobody else is bound, and
gives way to anything better; two such claims are for somebody who knows the person.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength


class Verdict(StrEnum):
    """What a claim comes to."""

    BOUND = "bound"
    CONTESTED = "contested"
    """Somebody else was there first: staff decides, until then the claim is worth nothing."""
    ANOTHERS = "anothers"
    """The account is somebody else's: it has to be let go first."""
    USED = "used"
    """The code it rests on is no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a claim comes to: the account's bindings afterwards, whose give way, and who has to hear of it: whoever was
    there before, be it that the claim is worth nothing or that it stands beside theirs."""

    verdict: Verdict
    own: tuple[Binding, ...]
    displaced: tuple[Binding, ...] = ()
    alerted: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An account that staff has to say whose it is: of that class, of that student if one was claimed (`sid`).

    `name` is what the person calls themselves; it is forgotten with the claim.
    """

    account: str
    private: Address
    class_id: str
    at: datetime
    sid: str = ""
    name: str = ""

    @property
    def id(self) -> str:
        """The claim's id."""
        return claim_id(self.account)


def claim_id(account: str) -> str:
    """The id of what an account waits for: short enough for a button, the same for its next claim."""
    return hashlib.blake2b(account.encode(errors="surrogatepass"), digest_size=6).hexdigest()


def decide(
    claim: Binding, own: Sequence[Binding], others: Sequence[Binding], *, same_person: Collection[str]
) -> Decision:
    """What a claim comes to.

    `own` is what its account is bound to now, `others` who else is bound to its student, `same_person` the sids among
    `own` that are further records of the same person.
    """
    strong = claim.strength is BindingStrength.STRONG
    foreign = [one for one in own if one.sid != claim.sid and one.sid not in same_person]
    if any(not strong or one.strength is BindingStrength.STRONG for one in foreign):
        return Decision(verdict=Verdict.ANOTHERS, own=tuple(own))
    before = next((one for one in own if one.sid == claim.sid), None)
    if before is not None and (before.strength is BindingStrength.STRONG or not strong):
        return Decision(verdict=Verdict.BOUND, own=tuple(own))
    if others and not strong:
        return Decision(verdict=Verdict.CONTESTED, own=tuple(own), alerted=tuple(others))
    spared = any(one.last_day_only for one in own)
    kept = [one for one in own if one.sid != claim.sid and one not in foreign]
    displaced = tuple(one for one in others if one.strength is BindingStrength.PROVISIONAL)
    proved = tuple(one for one in others if one.strength is BindingStrength.STRONG)
    bound = replace(claim, last_day_only=spared)
    return Decision(verdict=Verdict.BOUND, own=(*kept, bound), displaced=displaced, alerted=proved)
