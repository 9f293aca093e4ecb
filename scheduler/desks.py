"""What lies on the desk of each of the staff: looked up in the stores, said in numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.campaigns import Campaign
from scheduler.corrections import Step
from scheduler.evidence import Head
from scheduler.ladder import Rung, holders
from scheduler.letters import Letter
from scheduler.messages import Address
from scheduler.ports import (
    BindingStore,
    CampaignStore,
    CorrectionStore,
    EvidenceStore,
    LookStore,
    Outbox,
    PaperStore,
    RosterStore,
    StaffStore,
)
from scheduler.roster import Binding, BindingStrength, SchoolClass
from scheduler.seats import Seating, View, ladder_slots, seating
from scheduler.staff_days import Desk, desks_of, running
from scheduler.staff_letters import Part, digest_letter
from scheduler.staffing import StaffMember, StaffRole, in_force, monitors

_WAITS_FOR = {Rung.COLLEGE: frozenset({Step.REPORTED}), Rung.REGISTRAR: frozenset({Step.REPORTED, Step.RECEIVED})}
"""At which steps a reported item waits for whom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """Looks up how the open campaigns concern the staff, as of one moment.

    `offices` are the office's own chats: where there are any, they hear what is the registrar's.
    """

    staff: StaffStore
    rosters: RosterStore
    bindings: BindingStore
    campaigns: CampaignStore
    papers: PaperStore
    outbox: Outbox
    looks: LookStore
    evidence: EvidenceStore
    corrections: CorrectionStore
    offices: Sequence[Address] = ()

    async def running(self, now: datetime) -> list[Campaign]:
        """The open campaigns staff hears of on this day, the one with the next deadline first."""
        return running(await self.campaigns.all(), now)

    async def all(self, running: Sequence[Campaign], now: datetime) -> tuple[Mapping[str, Desk], Mapping[str, Seating]]:
        """Everybody's desk by account, and the seating of each of these campaigns by its id."""
        seatings = await self._seatings(running, await self.rosters.classes(), now)
        return desks_of(running, seatings, self.offices), seatings

    async def letter(self, account: str, now: datetime) -> Letter | None:
        """The digest of one of the staff as it stands now; None: nothing of theirs is open, or they are none."""
        heard_of = await self.running(now)
        seatings = await self._seatings(heard_of, await self._own_classes(account, now), now)
        desks = desks_of(heard_of, seatings, self.offices)
        return await self.worded(desks[account], now) if account in desks else None

    async def worded(self, desk: Desk, now: datetime) -> Letter | None:
        """The digest of a desk as it was looked up; None: nothing on it is open."""
        account = desk.holder.account
        return digest_letter(
            desk.parts,
            now,
            head=await self._head(account, desk.parts),
            claims=await self._claims(desk.parts),
            corrections=await self._corrections(desk.parts),
            to_chat=account in self._office_accounts,
        )

    async def _claims(self, parts: Sequence[Part]) -> int:
        """How many accounts wait for their counsellor to say whose they are."""
        own = {seat.found.id for _, seats in parts for seat in seats if seat.rung is Rung.COUNSELLOR}
        return len(await self.bindings.waiting_in(sorted(own))) if own else 0

    async def _corrections(self, parts: Sequence[Part]) -> Mapping[Rung, int]:
        """How many reported items wait for somebody as a college, or as the registrar."""
        own = {
            (campaign.id, seat.found.id): seat.rung
            for campaign, seats in parts
            for seat in seats
            if seat.rung in _WAITS_FOR
        }
        if not own:
            return {}
        rungs = [
            rung
            for one in await self.corrections.all()
            if (rung := own.get((one.campaign, one.class_id))) is not None and one.step in _WAITS_FOR[rung]
        ]
        return Counter(rungs)

    async def _head(self, account: str, parts: Sequence[Part]) -> Head | None:
        """The head of the evidence, for the registrar; None for others, and as long as nothing is in it."""
        registrar = any(seat.rung is Rung.REGISTRAR for _, seats in parts for seat in seats)
        if account not in self._office_accounts and not registrar:
            return None
        head = await self.evidence.head()
        return head if head.count else None

    @property
    def _office_accounts(self) -> tuple[str, ...]:
        return tuple(str(chat) for chat in self.offices)

    async def _own_classes(self, account: str, now: datetime) -> Mapping[str, SchoolClass]:
        """The classes an account acts for: by appointment, as a deputy, or as their monitor."""
        classes = await self.rosters.classes()
        if account in self._office_accounts:
            return classes
        acting = in_force(await self.staff.about(account), account, now)
        own = {one.id: one for one in classes.values() if any(member.covers(one) for member in acting)}
        for binding in await self.bindings.of_account(account):
            student = await self.rosters.student(binding.sid)
            if student is not None and student.class_id in classes:
                own[student.class_id] = classes[student.class_id]
        return own

    async def _seatings(
        self, running: Sequence[Campaign], classes: Mapping[str, SchoolClass], now: datetime
    ) -> dict[str, Seating]:
        wanted = {class_id for campaign in running for class_id in campaign.classes} & classes.keys()
        staff = await self.staff_of({class_id: classes[class_id] for class_id in wanted}, now)
        accounts = {one.account for members in staff.values() for member in members for one in holders(member, now)}
        seen = await self.looks.signs(sorted(accounts))
        found: dict[str, Seating] = {}
        for campaign in running:
            own = {class_id: classes[class_id] for class_id in campaign.classes if class_id in classes}
            view = View(
                classes=own,
                staff=staff,
                progress=await self.campaigns.progress_of_each(campaign.id, tuple(own)),
                handed_in=(await self.papers.all(campaign.id)).keys(),
                asked=await self.outbox.claimed_at(campaign.id, ladder_slots(campaign, own, now)),
                seen=seen,
            )
            found[campaign.id] = seating(campaign, view, now)
        return found

    async def staff_of(self, classes: Mapping[str, SchoolClass], now: datetime) -> dict[str, list[StaffMember]]:
        """Everybody who acts for each class: who was appointed, and its monitors."""
        offices = [_chat(chat) for chat in self.offices]
        appointed = [one for one in await self.staff.all() if _writes_to(one, has_office=bool(offices))]
        members = await self.rosters.members_of(sorted(classes))
        words = await self.staff.monitor_words([one.sid for students in members.values() for one in students])
        named = {class_id: monitors(students, words, now) for class_id, students in members.items()}
        bound = await self.bindings.of_students([one.sid for students in named.values() for one in students])
        monitor = {sid: member for sid, own in bound.items() if (member := _monitor(own)) is not None}
        return {
            class_id: [
                *(member for member in (*appointed, *offices) if member.covers(found)),
                *(
                    replace(monitor[student.sid], classes=(class_id,))
                    for student in named.get(class_id, ())
                    if student.sid in monitor
                ),
            ]
            for class_id, found in classes.items()
        }


def _writes_to(member: StaffMember, *, has_office: bool) -> bool:
    """Whether a member is written to by appointment: a monitor is one by the roster, and a registrar's office that has
    a chat hears everything there."""
    if member.role is StaffRole.REGISTRAR:
        return not has_office
    return member.role is not StaffRole.MONITOR


def _monitor(bindings: Sequence[Binding]) -> StaffMember | None:
    """A monitor as staff, by the one account of theirs that is written to; None without one that is surely theirs."""
    strong = [binding for binding in bindings if binding.strength is BindingStrength.STRONG]
    if not strong:
        return None
    chosen = min(strong, key=lambda binding: str(binding.private))
    return StaffMember(account=chosen.account, role=StaffRole.MONITOR, private=chosen.private)


def _chat(chat: Address) -> StaffMember:
    """A chat of the office in the registrar's place."""
    return StaffMember(account=str(chat), role=StaffRole.REGISTRAR, private=chat)
