"""What becomes of an item that a student reported wrong: from the report to the day the office is done with it. Pure.

What somebody wrote of it is no part of this: texts are kept apart and sealed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Address, Choice, OutboundMessage, Phrase, Purpose


class Step(StrEnum):
    """How far the office is with a correction; `advance` is the only way from one to the next."""

    REPORTED = "reported"
    """The student said so."""
    RECEIVED = "received"
    """The college has it."""
    ACCEPTED = "accepted"
    """The school has taken it on."""
    CORRECTED = "corrected"
    """学信网 shows the right thing now."""
    REFUSED = "refused"
    """It stays as it is, for a reason."""
    WITHDRAWN = "withdrawn"
    """The student took the report back."""


CLOSED = frozenset({Step.CORRECTED, Step.REFUSED, Step.WITHDRAWN})

SETTLED = frozenset({Step.CORRECTED, Step.REFUSED})
"""The office is done with it, one way or the other."""

_BEFORE = {
    Step.REPORTED: frozenset[Step](),
    Step.RECEIVED: frozenset({Step.REPORTED}),
    Step.ACCEPTED: frozenset({Step.REPORTED, Step.RECEIVED}),
    Step.CORRECTED: frozenset({Step.REPORTED, Step.RECEIVED, Step.ACCEPTED}),
    Step.REFUSED: frozenset({Step.REPORTED, Step.RECEIVED, Step.ACCEPTED}),
    Step.WITHDRAWN: frozenset({Step.REPORTED, Step.RECEIVED, Step.ACCEPTED}),
}
"""From where each step is taken: small schools leave some out, nobody goes back."""


def ways_on(step: Step) -> tuple[Step, ...]:
    """What the office can do next, the nearest first; nothing once it is closed."""
    ways = (Step.RECEIVED, Step.ACCEPTED, Step.CORRECTED, Step.REFUSED)
    return tuple(to for to in ways if step in _BEFORE[to])


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One item of one student in a campaign, reported wrong.

    `class_id` is the class at the time of the report. `at` is when the present step was taken, `by` whom: a sid, an
    account of staff, or the operator of a command. `reason` is the id of a reason of the content, for a refusal.
    `count` numbers the changes, so that a writer can say which one it saw.
    """

    id: str
    campaign: str
    class_id: str
    sid: str
    item: str
    reported_at: datetime
    at: datetime
    by: str
    step: Step = Step.REPORTED
    reason: str = ""
    count: int = 1

    @property
    def is_closed(self) -> bool:
        """Whether nothing more comes of it."""
        return self.step in CLOSED


class NotAdvanced(StrEnum):
    """Why a correction stays where it is."""

    UNKNOWN = "unknown"
    """There is none of that id."""
    ALREADY = "already"
    """It stands there; doing it again is harmless."""
    PAST = "past"
    """It is farther, or closed."""
    NO_REASON = "no-reason"
    """Whoever refuses says why."""
    BUSY = "busy"
    """Somebody else changed it at the same time."""


def advance(current: Correction, to: Step, *, by: str, now: datetime, reason: str = "") -> Correction | NotAdvanced:
    """The correction at its next step, or why it stays; the caller stores what is returned."""
    if to is current.step and reason == current.reason:
        return NotAdvanced.ALREADY
    if current.step not in _BEFORE[to]:
        return NotAdvanced.PAST
    if to is Step.REFUSED and not reason:
        return NotAdvanced.NO_REASON
    return replace(current, step=to, by=by, at=now, reason=reason, count=current.count + 1)


def step_note(
    correction: Correction, body: Phrase, to: Address, *, choices: tuple[Choice, ...] = (), not_before: datetime
) -> Delivery:
    """What the student is told of a step, in private; its id allows one a step.

    It is no wave of the campaign: it goes out although the campaign may be over by then.
    """
    return Delivery(
        id=f"correction:{correction.id}:{correction.step}",
        kind=Kind.NOTE,
        message=OutboundMessage(to=to, body=body, purpose=Purpose.NOTICE, choices=choices),
        sid=correction.sid,
        not_before=not_before,
    )
