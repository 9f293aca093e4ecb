"""Which classes of a campaign concern whom of the staff, on which rung, and what they are asked to see to: pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.campaigns import Campaign, Owner, Progress, Stage
from scheduler.handing_in import college_field
from scheduler.ladder import RUNG_OF, Holder, Rung, Step, asking_slot, holders, ladder, pressing, stands_at
from scheduler.roster import SchoolClass
from scheduler.staffing import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known of a campaign's classes at one moment; what is missing is empty.

    `classes`, `staff` (monitors among them) and `progress` are by class id. `handed_in` are classes and college
    fields. `asked` says when each slot of the ladder was claimed, `seen` when each account last gave a sign.
    """

    classes: Mapping[str, SchoolClass]
    staff: Mapping[str, Sequence[StaffMember]]
    progress: Mapping[str, Progress]
    handed_in: Collection[str]
    asked: Mapping[str, datetime]
    seen: Mapping[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A class of a campaign as it concerns one of the staff: how it stands, on which rung they are for it, and which
    stages they are asked to see to."""

    found: SchoolClass
    progress: Progress
    rung: Rung
    asked: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """The seats of everybody in a campaign, by account in the order of the classes' names; where to write to each; and
    the slots of those rungs that are asked now for the first time."""

    seats: Mapping[str, Sequence[Seat]]
    people: Mapping[str, Holder]
    fresh: tuple[str, ...]


def seating(campaign: Campaign, view: View, now: datetime) -> Seating:
    """Who sits where at a moment."""
    stages = tuple(pressing(campaign, now))
    seats: dict[str, list[Seat]] = {}
    people: dict[str, Holder] = {}
    fresh: list[str] = []
    for found in sorted(view.classes.values(), key=lambda one: one.order):
        staff = view.staff.get(found.id, ())
        asked: dict[str, list[tuple[Rung, Stage]]] = {}
        for stage, step in _steps(campaign, stages, found, view, now):
            slot = asking_slot(campaign.id, stage.id, step.rung, found.id)
            if slot not in view.asked:
                fresh.append(slot)
            for holder in step.holders:
                asked.setdefault(holder.account, []).append((step.rung, stage))
        for account, (rung, holder) in _standing(staff, now).items():
            own = asked.get(account, [])
            people[account] = holder
            seats.setdefault(account, []).append(
                Seat(
                    found=found,
                    progress=view.progress[found.id],
                    rung=own[0][0] if own else rung,
                    asked=tuple(stage for _, stage in own),
                )
            )
    return Seating(seats=seats, people=people, fresh=tuple(fresh))


def ladder_slots(campaign: Campaign, classes: Collection[str], now: datetime) -> tuple[str, ...]:
    """Every slot by which it may be known that somebody was asked about one of these classes."""
    return tuple(
        asking_slot(campaign.id, stage.id, rung, class_id)
        for stage in pressing(campaign, now)
        for class_id in classes
        for rung in Rung
    )


def _steps(
    campaign: Campaign, stages: Sequence[Stage], found: SchoolClass, view: View, now: datetime
) -> Iterator[tuple[Stage, Step]]:
    """For each stage that is open in a class, the step at which it stands."""
    for stage in stages:
        if not _is_open(stage, found, view):
            continue
        slots = {rung: asking_slot(campaign.id, stage.id, rung, found.id) for rung in Rung}
        asked = {rung: view.asked[slot] for rung, slot in slots.items() if slot in view.asked}
        step = stands_at(ladder(found, view.staff.get(found.id, ()), stage.owner, now), asked, view.seen, now)
        if step is not None:
            yield stage, step


def _is_open(stage: Stage, found: SchoolClass, view: View) -> bool:
    match stage.owner:
        case Owner.STUDENT:
            return view.progress[found.id].owing > 0
        case Owner.MONITOR:
            return view.progress[found.id].total > 0 and found.id not in view.handed_in
        case Owner.COLLEGE:
            return view.progress[found.id].total > 0 and college_field(found.college) not in view.handed_in


def _standing(staff: Sequence[StaffMember], now: datetime) -> dict[str, tuple[Rung, Holder]]:
    """Everybody who acts for a class, by account, on the lowest of their rungs."""
    rungs = list(Rung)
    found: dict[str, tuple[Rung, Holder]] = {}
    for member in sorted(staff, key=lambda one: rungs.index(RUNG_OF[one.role]), reverse=True):
        found.update((holder.account, (RUNG_OF[member.role], holder)) for holder in holders(member, now))
    return found
