"""Where a student stands in a campaign, since when, by whom and on what evidence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a student stands in a campaign."""

    NONE = "none"
    """Nothing stated yet."""
    CONFIRMED = "confirmed"
    """Stated to have looked at 学信网 item by item and found all right."""
    WRONG = "wrong"
    """Reported a wrong item: the office is on it."""
    NOT_FOUND = "not-found"
    """学信网 shows no record."""
    NO_LOGIN = "no-login"
    """Could not log in; still owes."""
    EXEMPT = "exempt"
    """Need not take part; reasons are seen by counsellor and office only."""
    PROXY = "proxy"
    """Confirmed by somebody else for a named reason."""


OWING = frozenset({State.NONE, State.NO_LOGIN})
"""Who is reminded: with a wrong item or no record it is the office that owes the next step."""

DONE = frozenset({State.CONFIRMED, State.PROXY})

WITH_OFFICE = frozenset({State.WRONG, State.NOT_FOUND})
"""Reported: it is the office that looks into it."""


class Grade(StrEnum):
    """How good the evidence for a state is; each outweighs those named after it."""

    RECORD = "record"
    """学信网's own record of the check."""
    SIGNED = "signed"
    """Signed on paper."""
    STATEMENT = "statement"
    """The student's own statement in a chat."""
    CLAIMED = "claimed"
    """The same from an account that is bound by number and name alone, which others know too."""

    def outweighs(self, other: "Grade | None") -> bool:
        """Whether it is better evidence than the other, or than none."""
        order = list(Grade)
        return other is None or order.index(self) < order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentState:
    """A student's state in a campaign: what, since when (UTC), by whom and on what evidence.

    `by` is the sid of the person who acted, an account of staff, or `office`. `items` are the ids of the check items
    reported wrong and not settled yet, in the order of their reports. `tries` are the moments at which logging in did
    not work, whatever came after. `receipt` is the short number the student was told. `late` marks a statement made
    after the deadline. `own_word`: they took back what somebody else had stated for them, so nobody does it again;
    `reason` is the id of the content's reason for which it was somebody else. `signed_at` is when their signature on
    the class's sheet was ticked, whatever they stated; `claimed`: whoever stated it last had not proved to be the
    student, whatever the signature has made of it since. `count` numbers the changes, so that a writer can say which
    one it saw.
    """

    state: State
    count: int = 0
    at: datetime | None = None
    by: str = ""
    grade: Grade | None = None
    items: tuple[str, ...] = ()
    tries: tuple[datetime, ...] = ()
    receipt: str = ""
    late: bool = False
    own_word: bool = False
    reason: str = ""
    signed_at: datetime | None = None
    claimed: bool = False

    @property
    def counted(self) -> State:
        """What it counts as: what an account states that has not proved to be theirs is nothing yet.

        Whoever asks whether somebody still owes, is done, or is with the office goes by this; `state` is what the
        account itself is told.
        """
        return State.NONE if self.grade is Grade.CLAIMED else self.state


NOTHING_YET = StudentState(state=State.NONE)
