"""Who of the staff has to see to a class, rung by rung: its monitor, counsellor or class teacher, college, registrar.

Any rung may be missing: an open university has no monitor, a class may have no counsellor with an account. While
somebody's deputy is named, the deputy is asked in their place. Whoever was asked and gave no sign for a working day
is not asked alone any more: the next rung is. One who has seen it keeps it. All rules here are pure; who was asked
when is known by the slots that were claimed, and who gave a sign by the moment of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from scheduler.calendar import ZONE, working_day
from scheduler.campaigns import Campaign, Owner, Stage
from scheduler.deliveries import slot_id
from scheduler.messages import Address
from scheduler.roster import SchoolClass
from scheduler.staffing import StaffMember, StaffRole


class Rung(StrEnum):
    """The rungs, from the class upwards."""

    MONITOR = "monitor"
    COUNSELLOR = "counsellor"
    """The counsellor, or the class teacher of a learning centre."""
    COLLEGE = "college"
    REGISTRAR = "registrar"


RUNG_OF: Mapping[StaffRole, Rung] = {
    StaffRole.MONITOR: Rung.MONITOR,
    StaffRole.COUNSELLOR: Rung.COUNSELLOR,
    StaffRole.TEACHER: Rung.COUNSELLOR,
    StaffRole.COLLEGE: Rung.COLLEGE,
    StaffRole.REGISTRAR: Rung.REGISTRAR,
}
"""On which rung a role stands."""

_FIRST: Mapping[Owner, Rung] = {
    Owner.STUDENT: Rung.MONITOR,
    Owner.MONITOR: Rung.MONITOR,
    Owner.COLLEGE: Rung.COLLEGE,
}
"""Where the ladder of a stage begins: with who is nearest to those who have to do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody on a rung: their account, where to write to them, and since when they are there (None: from ever)."""

    account: str
    private: Address
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rung that somebody stands on."""

    rung: Rung
    holders: tuple[Holder, ...]


def holders(member: StaffMember, now: datetime) -> tuple[Holder, ...]:
    """Who acts as this member at a moment: the deputies named for it, else the member; nobody once the role is over."""
    if not member.serves(now):
        return ()
    standing_in = [deputy for deputy in member.deputies if deputy.since <= now < deputy.until]
    if standing_in:
        return tuple(
            Holder(account=deputy.account, private=Address.parse(deputy.account), since=deputy.since)
            for deputy in standing_in
        )
    return (Holder(account=member.account, private=member.private, since=member.since),)


def ladder(found: SchoolClass, staff: Iterable[StaffMember], owner: Owner, now: datetime) -> tuple[Step, ...]:
    """The rungs of a class for a stage of this owner, the lowest first; one that nobody stands on is left out.

    `staff` may hold others' staff too, and holds the class's monitors as members with that role.
    """
    standing: dict[Rung, dict[str, Holder]] = {}
    for member in staff:
        if member.covers(found):
            rung = standing.setdefault(RUNG_OF[member.role], {})
            rung.update((holder.account, holder) for holder in holders(member, now))
    rungs = list(Rung)
    return tuple(
        Step(rung=rung, holders=tuple(one for _, one in sorted(standing[rung].items())))
        for rung in rungs[rungs.index(_FIRST[owner]) :]
        if standing.get(rung)
    )


def stands_at(
    steps: Sequence[Step], asked: Mapping[Rung, datetime], seen: Mapping[str, datetime], now: datetime
) -> Step | None:
    """The step at which a matter stands: the first whose holders were not asked yet, have seen it, or still have time.

    `asked` says when each rung was asked, `seen` when each account last gave a sign. None: nobody is there at all. A
    matter that nobody saw stays with the last step.
    """
    for step in steps:
        at = asked.get(step.rung)
        if at is None or any(_has_seen(holder, at, seen) or _has_time(holder, at, now) for holder in step.holders):
            return step
    return steps[-1] if steps else None


def pressing(campaign: Campaign, now: datetime) -> Iterator[Stage]:
    """The stages somebody of the staff has to see to now: a student stage after its deadline, one of papers from the
    working day of its first reminder on."""
    for stage in campaign.stages:
        if stage.owner is Owner.STUDENT:
            begun = now >= stage.deadline.instant
        else:
            begun = now.astimezone(stage.deadline.zone).date() >= _first_reminder(stage)
        if begun:
            yield stage


def _first_reminder(stage: Stage) -> date:
    """The working day on which a stage of papers is first spoken of."""
    moment = stage.deadline.aim - max(stage.waves, default=timedelta())
    day = moment.astimezone(stage.deadline.zone).date()
    while not working_day(day).works:
        day -= timedelta(days=1)
    return day


def asking_slot(campaign_id: str, stage: str, rung: Rung, class_id: str) -> str:
    """The slot by which it is known that a rung was asked about a class, and when."""
    return slot_id(campaign_id, stage, f"ask-{rung}", class_id)


def _has_seen(holder: Holder, asked_at: datetime, seen: Mapping[str, datetime]) -> bool:
    return holder.account in seen and seen[holder.account] >= asked_at


def _has_time(holder: Holder, asked_at: datetime, now: datetime) -> bool:
    """Whether no working day has begun since they were asked, or since they took over if that was later."""
    told = asked_at if holder.since is None else max(asked_at, holder.since)
    day, today = told.astimezone(ZONE).date(), now.astimezone(ZONE).date()
    while (day := day + timedelta(days=1)) <= today:
        if working_day(day).works:
            return False
    return True
