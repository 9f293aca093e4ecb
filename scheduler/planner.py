"""When a campaign's reminders go out: pure rules over values, nothing is stored or sent here.

A slot is named `campaign:stage:wave:class`. The plan's revision is not part of the name but of the
slot's value: were it in the name, any change of a running campaign (a class added, other quiet hours)
would make slots that nobody has claimed yet, and every reminder already given would go out again.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from scheduler.calendar import QuietHours, WorkingDay, student_day, working_day
from scheduler.campaigns import (
    DONE,
    NOTHING_YET,
    OWING,
    WITH_OFFICE,
    Campaign,
    Owner,
    Progress,
    Stage,
    StudentState,
    is_exempt,
)
from scheduler.roster import Roster, SchoolClass, Student
from scheduler.stages import announcement, wave_id

CATCH_UP = timedelta(hours=2)
"""How late a wave may still go out, after a restart or a machine that slept."""

GAP = timedelta(hours=3)
"""The least time between two waves to the same people."""

MOST = 6
"""The most waves of one stage; those nearest to the deadline are kept."""

_SPREAD_FROM, _SPREAD_TO = 10, 29
"""A wave goes out this many minutes before its moment, so that one moved to the edge of the quiet hours
is said before they begin, and not every campaign of a school speaks at once."""

_SPREAD_MOST = timedelta(minutes=_SPREAD_TO + 1)


class Moved(StrEnum):
    """Why a wave does not go out exactly its lead before the deadline (but for the minutes of its spread)."""

    HOURS = "hours"
    """Its moment lies in the quiet hours, or outside those in which its people read best."""
    DAY_OFF = "day-off"
    """Staff do not work on its day."""
    NEW_YEAR = "new-year"
    """Its day is one of those around the Spring Festival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One reminder of a stage at one moment (UTC). `id` is its lead before the deadline: `7d`, `3h`."""

    stage: str
    id: str
    at: datetime
    moved: Moved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a campaign's waves come to, as of one moment; each tuple is in the order of time.

    `due` go out now, `coming` later; `missed` passed longer ago than the catch-up window allows;
    `merged` would have come too close before another wave to the same people, or were too many, and are left to
    those nearer to the deadline. `holidays_known` false: some wave lies beyond the holiday table.
    """

    due: tuple[Wave, ...]
    coming: tuple[Wave, ...]
    missed: tuple[Wave, ...]
    merged: tuple[Wave, ...]
    holidays_known: bool


def plan(campaign: Campaign, now: datetime, *, catch_up: timedelta = CATCH_UP, gap: timedelta = GAP) -> Plan:
    """The campaign's waves as seen at `now`. The same campaign and moment always give the same plan.

    A draft is planned as if it were open, for looking at. A wave that is overdue while the quiet hours
    last waits for their end, if it may still go out then or that is on the same day.
    """
    named = sorted(
        ((stage, lead) for stage in campaign.stages for lead in stage.waves),
        key=lambda one: (one[0].deadline.aim - one[1], one[0].id),
    )
    placed = [_place(campaign, stage, lead) for stage, lead in named]
    kept, merged = _thinned(campaign, placed, gap)
    due: list[Wave] = []
    coming: list[Wave] = []
    missed: list[Wave] = []
    for wave in sorted((*kept, *_announcements(campaign, kept, gap)), key=lambda wave: wave.at):
        sent_at = campaign.quiet.first_after(max(wave.at, now))
        if now > wave.at + catch_up or (
            sent_at > wave.at + catch_up and _day(campaign, sent_at) != _day(campaign, wave.at)
        ):
            missed.append(wave)
        elif sent_at > now:
            coming.append(replace(wave, at=sent_at))
        else:
            due.append(wave)
    return Plan(
        due=tuple(due),
        coming=tuple(sorted(coming, key=lambda wave: wave.at)),
        missed=tuple(missed),
        merged=tuple(merged),
        holidays_known=all(_days_of(campaign, wave.stage)(_day(campaign, wave.at)).known for wave in placed),
    )


def _day(campaign: Campaign, at: datetime) -> date:
    return at.astimezone(campaign.quiet.zone).date()


def _days_of(campaign: Campaign, stage: str) -> Callable[[date], WorkingDay]:
    """The days on which those who have to finish a stage are written to."""
    return student_day if campaign.stage(stage).owner is Owner.STUDENT else working_day


def _place(campaign: Campaign, stage: Stage, lead: timedelta) -> Wave:
    """The wave at the moment it should go out.

    A moment in the quiet hours, or on a day on which nobody is written to, is moved earlier: nobody is left less
    time than the lead promises. Only if the campaign was not open then, it is moved later, as long as that
    is still before the deadline. Students are written to in the hours they prefer, where any are known.
    """
    name = campaign.wave_name(stage, lead)
    moment = stage.deadline.aim - lead
    spread = _spread(f"{campaign.id}:{stage.id}:{wave_id(lead)}")
    hours = campaign.quiet
    if stage.owner is Owner.STUDENT and hours.preferred:
        hours = hours.preferring()
    days = _days_of(campaign, stage.id)
    at = before = _before(moment, spread, hours)
    at = earlier = _on_a_day(before, hours, days, -1)
    since = campaign.planned_since(stage)
    if since is not None and earlier < since <= moment:
        after = _after(moment, spread, hours)
        later = _on_a_day(after, hours, days, 1)
        if later < stage.deadline.aim:
            before, at = after, later
    moved = Moved.HOURS if abs(at - moment) > _SPREAD_MOST else None
    if at != before:
        moved = Moved.NEW_YEAR if stage.owner is Owner.STUDENT else Moved.DAY_OFF
    return Wave(stage=stage.id, id=name, at=at, moved=moved)


def _before(moment: datetime, spread: timedelta, hours: QuietHours) -> datetime:
    """The last moment at or before `moment` at which may be sent, moved forward by the spread."""
    at = hours.last_before(moment) - spread
    while hours.covers(at):  # the moment lay just after quiet hours and the spread fell into them
        at = hours.last_before(at) - spread
    return at


def _after(moment: datetime, spread: timedelta, hours: QuietHours) -> datetime:
    """The first moment after `moment` at which may be sent, moved back by the spread."""
    at = hours.first_after(moment) + spread
    while hours.covers(at):
        at = hours.first_after(at) + spread
    return at


def _on_a_day(at: datetime, hours: QuietHours, days: Callable[[date], WorkingDay], step: int) -> datetime:
    """The same time of the nearest day on which those it is for are written to, going day by day by `step`."""
    local = at.astimezone(hours.zone)
    while not days(local.date()).works:
        local += timedelta(days=step)
    return local.astimezone(at.tzinfo)


def _spread(name: str) -> timedelta:
    """Some minutes and seconds that belong to a wave for good, never ending on a full minute."""
    drawn = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
    minutes = _SPREAD_FROM + drawn % (_SPREAD_TO - _SPREAD_FROM)
    return timedelta(minutes=minutes, seconds=1 + drawn // 64 % 59)


def _announcements(campaign: Campaign, kept: Sequence[Wave], gap: timedelta) -> Iterator[Wave]:
    """The news of each moved deadline, as soon as it may be said; a reminder that comes soon says it as well."""
    for stage in campaign.stages:
        if stage.moved_at is not None:
            at = campaign.quiet.first_after(stage.moved_at)
            if not any(wave.stage == stage.id and at <= wave.at < at + gap for wave in kept):
                yield Wave(stage=stage.id, id=announcement(stage.moves), at=at)


def _thinned(campaign: Campaign, placed: Sequence[Wave], gap: timedelta) -> tuple[list[Wave], list[Wave]]:
    """The waves that keep the gap and the most of a stage, in the order of time, and those left to a later one. The
    nearer to the deadline, the surer it stays; they come in the order of their leads."""
    kept: list[Wave] = []
    merged: list[Wave] = []
    next_at: dict[Owner, datetime] = {}
    of_stage: Counter[str] = Counter()
    for wave in reversed(placed):
        owner = campaign.stage(wave.stage).owner
        if of_stage[wave.stage] == MOST or (owner in next_at and next_at[owner] - wave.at < gap):
            merged.append(wave)
        else:
            kept.append(wave)
            next_at[owner] = wave.at
            of_stage[wave.stage] += 1
    return sorted(kept, key=lambda wave: wave.at), merged[::-1]


def owes(campaign: Campaign, student: Student, state: StudentState) -> bool:
    """Whether this student is to be reminded: nothing stated that ends it, and not exempt by the roster's status."""
    return state.counted in OWING and not is_exempt(campaign, student.status, state)


def progress_of(campaign: Campaign, members: Iterable[Student], states: Mapping[str, StudentState]) -> Progress:
    """Where these students stand, counted from their states (by sid; a missing one has stated nothing)."""
    total = done = with_office = owing = 0
    for student in members:
        state = states.get(student.sid, NOTHING_YET)
        if is_exempt(campaign, student.status, state):
            continue
        total += 1
        done += state.counted in DONE
        owing += state.counted in OWING
        with_office += state.counted in WITH_OFFICE
    return Progress(total=total, done=done, with_office=with_office, owing=owing)


def classes_after(
    campaign: Campaign, before: Roster, after: Roster, *, concerns: Callable[[SchoolClass], bool]
) -> tuple[str, ...]:
    """The classes of a campaign when the roster changes: those that are left, and new ones that belong to it.

    A new class it `concerns` (by cohort and scope) belongs to a campaign that had all such classes; one that had
    only some, a pilot, takes in a new class with a student of its own.
    """
    own = set(campaign.classes)
    had_all = all(found.id in own for found in before.classes.values() if concerns(found))
    followed = {
        student.class_id
        for sid, student in after.students.items()
        if (old := before.students.get(sid)) is not None and old.class_id in own
    }
    new = [found for found in after.classes.values() if found.id not in before.classes and concerns(found)]
    joining = {found.id for found in new if had_all or found.id in followed}
    return tuple(sorted((own & after.classes.keys()) | joining))
