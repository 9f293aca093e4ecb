"""Whom a notice is for, as it is said at the command line; what cannot be meant is named and refused whole."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from bot.bootstrap import Stores
from scheduler.audiences import named_classes, numbered_students
from scheduler.campaigns import State
from scheduler.notices import Audience
from scheduler.staffing import StaffRole

_BETWEEN = re.compile(r"[\s,\uff0c\u3001;\uff1b]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An audience in the words that were typed; `numbers` are student numbers, one after the other."""

    everybody: bool
    classes: Sequence[str]
    colleges: Sequence[str]
    cohorts: Sequence[str]
    campaign: str
    states: Sequence[State]
    roles: Sequence[StaffRole]
    numbers: str
    each: bool


async def audience_of(named: Named, kept: Stores) -> Audience:
    """The audience; typer.BadParameter names everything nobody could mean by it."""
    roster = await kept.rosters.current()
    classes, unknown = named_classes(named.classes, roster)
    sids, nobody = numbered_students(filter(None, _BETWEEN.split(named.numbers)), roster)
    faults = [
        *_missing("classes that are none, or several (say COHORT and NAME together)", unknown),
        *_missing("colleges", set(named.colleges) - {one.college for one in roster.classes.values()}),
        *_missing("cohorts", set(named.cohorts) - {one.cohort for one in roster.classes.values()}),
        *_missing("student numbers", nobody),
    ]
    if named.campaign and await kept.campaigns.get(named.campaign) is None:
        faults.append(f"no campaign {named.campaign!r}")
    if named.states and not named.campaign:
        faults.append("--state needs --campaign")
    if faults:
        raise typer.BadParameter("; ".join(faults))
    return Audience(
        everybody=named.everybody,
        classes=classes,
        colleges=tuple(named.colleges),
        cohorts=tuple(named.cohorts),
        campaign=named.campaign,
        states=tuple(named.states),
        roles=tuple(named.roles),
        sids=sids,
        each=named.each,
    )


def _missing(what: str, words: Sequence[str] | set[str]) -> list[str]:
    return [f"not in the roster: {what}: {', '.join(sorted(words))}"] if words else []
