"""Acts on a student's state, recorded: decided anew as often as somebody was quicker."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.acts import Act, NotAllowed, act
from scheduler.campaigns import Campaign, Owner, StudentState
from scheduler.ports import CampaignStore
from scheduler.roster import Student
from scheduler.states import State

_TRIES = 5
"""How often a state is written anew when somebody else changed it in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What came of an act: the state it found, and the one there is now; `refused` says why they are the same."""

    before: StudentState
    state: StudentState
    refused: NotAllowed | None = None


class Stating:
    """Records what students, and others for them, state."""

    def __init__(self, campaigns: CampaignStore, new_receipt: Callable[[], str]) -> None:
        self._campaigns = campaigns
        self._new_receipt = new_receipt

    async def state(
        self,
        campaign: Campaign,
        student: Student,
        what: Act,
        *,
        by: str,
        now: datetime,
        item: str = "",
        claimed: bool = False,
    ) -> Stated:
        """Record an act; a harmless repeat and what is not allowed change nothing and are said.

        `claimed`: by somebody who has not proved to be the student.
        """
        takes_back = what is Act.WITHDRAW
        current = await self._campaigns.state(campaign.id, student.class_id, student.sid)
        for _ in range(_TRIES):
            handed_in = takes_back and await self._campaigns.hand_in(campaign.id, student.class_id) is not None
            receipt = self._new_receipt()
            new = act(
                campaign, current, what, by=by, now=now, receipt=receipt, item=item, handed_in=handed_in,
                claimed=claimed, exempt=student.status in campaign.exempt,
            )  # fmt: skip
            if isinstance(new, NotAllowed):
                return Stated(before=current, state=current, refused=new)
            only_before = takes_back and current.state is not State.PROXY  # what others stated is always theirs to undo
            if await self._campaigns.record(
                campaign.id, student.class_id, student.sid, new, before_hand_in=only_before
            ):
                return Stated(before=current, state=new)
            current = await self._campaigns.state(campaign.id, student.class_id, student.sid)
        return Stated(before=current, state=current, refused=NotAllowed.BUSY)

    async def vouch(
        self, campaign: Campaign, student: Student, *, by: str, now: datetime, reason: str, most: int
    ) -> Stated:
        """Record what somebody states for a student, for a reason of the content; `most` students a class and stage,
        0: any number."""
        stage = campaign.stage_of(Owner.STUDENT)
        current = await self._campaigns.state(campaign.id, student.class_id, student.sid)
        for _ in range(_TRIES):
            new = act(campaign, current, Act.PROXY, by=by, now=now, receipt=self._new_receipt())
            if isinstance(new, NotAllowed):
                return Stated(before=current, state=current, refused=new)
            new = replace(new, reason=reason)
            written = await self._campaigns.vouch(
                campaign.id, student.class_id, student.sid, new, stage=stage.id if stage else "", most=most
            )
            if written is None:
                return Stated(before=current, state=current, refused=NotAllowed.LIMIT)
            if written:
                return Stated(before=current, state=new)
            current = await self._campaigns.state(campaign.id, student.class_id, student.sid)
        return Stated(before=current, state=current, refused=NotAllowed.BUSY)
