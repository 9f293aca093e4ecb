"""Forgetting somebody: who they are on which account, what they wrote, and by which name the evidence knows them.

What the school's own roster says, and the states of its classes, are the school's: they go with the roster.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduler.ports import BindingStore, CampaignStore
from scheduler.recording import CorrectionStore, EvidenceStore, PersonStore
from scheduler.roster import BindingStrength, Student


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was forgotten: how many accounts, corrections and other traces, and whether the evidence knew them."""

    accounts: int = 0
    corrections: int = 0
    known: bool = False
    traces: int = 0


class Erasing:
    """Each part is dropped by itself and a second time without harm: asked again, it drops what was left."""

    def __init__(
        self,
        *,
        bindings: BindingStore,
        corrections: CorrectionStore,
        campaigns: CampaignStore,
        evidence: EvidenceStore,
        persons: PersonStore,
    ) -> None:
        self._bindings = bindings
        self._corrections = corrections
        self._campaigns = campaigns
        self._evidence = evidence
        self._persons = persons

    async def of_account(self, account: str, now: datetime) -> Erased | None:
        """What an account's person asks for: the account, and what they wrote as students they have proved to be.

        By number and name alone anybody could be meant, so that drops the account, what was sent to it, and nothing
        else. None: the account belonged to nobody.
        """
        own = await self._bindings.of_account(account)
        if not own:
            return None
        proved = [one.sid for one in own if one.strength is BindingStrength.STRONG]
        corrections = [await self._corrections.erase(sid, whole=False) for sid in proved]
        known = [await self._evidence.forget(who, now) for who in (account, *proved)]
        for one in own:
            await self._persons.erase_sends(one.sid, [one.private], whole=one.sid in proved)
        await self._bindings.unbind(account)
        return Erased(accounts=1, corrections=sum(corrections), known=any(known))

    async def of_student(self, student: Student, now: datetime) -> Erased:
        """What the office drops of a student: all accounts, every correction, every trace beside the roster.

        By their number alone somebody who is gone is found, so that goes last.
        """
        bound = (await self._bindings.of_students([student.sid])).get(student.sid, ())
        corrections = await self._corrections.erase(student.sid, whole=True)
        dropped = await self._persons.erase_sends(student.sid, [one.private for one in bound], whole=True)
        known = await self._evidence.forget(student.sid, now)
        for binding in bound:
            await self._bindings.release(binding.account, student.sid)
        for waiting in await self._bindings.waiting_in([student.class_id]):
            if waiting.sid == student.sid:
                dropped += await self._bindings.unwait(waiting.id)
        campaigns = [campaign.id for campaign in await self._campaigns.all()]
        dropped += await self._persons.erase(student, campaigns)
        return Erased(accounts=len(bound), corrections=corrections, known=known, traces=dropped)
