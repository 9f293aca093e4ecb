"""Paper on its way: who signed by hand, which class has handed in, which college has passed everything on.

A tick says that somebody's signature stands on the class's sheet. It makes the evidence for a statement better and
never takes the place of one: who signed and stated nothing has stated nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scheduler.campaigns import DONE, NOTHING_YET, Campaign, Grade, StudentState, is_exempt
from scheduler.roster import Student


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """That a class's or a college's papers were handed in: when (UTC) and by whom."""

    at: datetime
    by: str


class Taken(StrEnum):
    """What came of putting something down about papers."""

    DONE = "done"
    SAME = "same"
    """It is so already."""
    OVER = "over"
    """The campaign is not open."""
    HANDED = "handed"
    """The class has handed in its papers: what is on them stands."""
    AGAIN = "again"
    """Somebody changed one of the states at the same time: look again."""


def college_field(college: str) -> str:
    """How a college stands among the hand-ins, where a class stands by its id."""
    return f"college:{college}"


def ticked(state: StudentState, *, signed: bool, now: datetime) -> StudentState | None:
    """The state after somebody's signature was seen on paper, or was not there after all; None: it is so already.

    The signature makes a statement's evidence better, but never what 学信网 has on record, and states nothing itself.
    """
    if signed == (state.signed_at is not None):
        return None
    grade = state.grade
    if state.state in DONE and grade in {Grade.CLAIMED, Grade.STATEMENT, Grade.SIGNED}:
        unsigned = Grade.CLAIMED if state.claimed else Grade.STATEMENT
        grade = Grade.SIGNED if signed else unsigned
    return replace(state, signed_at=now if signed else None, grade=grade, count=state.count + 1)


def ticks(
    campaign: Campaign,
    members: Sequence[Student],
    states: Mapping[str, StudentState],
    *,
    said: Mapping[str, bool],
    now: datetime,
) -> dict[str, StudentState]:
    """What changes in a class when it is said whose signatures stand on its sheet and whose do not, by sid.

    Of whom nothing is said stay as they are, and so do the exempt, who sign nothing.
    """
    new = {}
    for student in members:
        state = states.get(student.sid, NOTHING_YET)
        if student.sid not in said or is_exempt(campaign, student.status, state):
            continue
        after = ticked(state, signed=said[student.sid], now=now)
        if after is not None:
            new[student.sid] = after
    return new


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """How many of those who take part in a class have signed by hand."""

    signed: int
    total: int


def signatures(campaign: Campaign, members: Iterable[Student], states: Mapping[str, StudentState]) -> Signatures:
    """The signatures of a class; the exempt are not counted."""
    taking_part = [
        state
        for student in members
        if not is_exempt(campaign, student.status, state := states.get(student.sid, NOTHING_YET))
    ]
    return Signatures(signed=sum(state.signed_at is not None for state in taking_part), total=len(taking_part))
