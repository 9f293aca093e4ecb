"""What people do to a student's state, and what becomes of it: the only way from one state to the next. Pure."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.stages import Owner
from scheduler.states import DONE, OWING, WITH_OFFICE, Grade, State, StudentState


class Act(StrEnum):
    """What a person does to a student's state; words are never among them."""

    CONFIRM = "confirm"
    REPORT_WRONG = "report-wrong"
    NOT_FOUND = "not-found"
    NO_LOGIN = "no-login"
    WITHDRAW = "withdraw"
    EXEMPT = "exempt"
    PROXY = "proxy"
    AMEND = "amend"
    """Counsellor or office takes back what was stated, whatever it rests on: the student looks and states anew."""
    SETTLE = "settle"
    """The office is done with a reported item: corrected, or not to be corrected."""


MOST_TRIES = 20
"""How many tries to log in are kept of a student: the first ones and the last."""


_LEADS_TO = {
    Act.CONFIRM: State.CONFIRMED,
    Act.NOT_FOUND: State.NOT_FOUND,
    Act.NO_LOGIN: State.NO_LOGIN,
    Act.EXEMPT: State.EXEMPT,
    Act.PROXY: State.PROXY,
}
"""Of acts on the whole; what is said about one item, or taken back, depends on what stands there."""


class NotAllowed(StrEnum):
    """Why an act does not change a state."""

    CAMPAIGN_OVER = "campaign-over"
    ALREADY = "already"
    NOTHING_TO_WITHDRAW = "nothing-to-withdraw"
    EXEMPT = "exempt"
    BETTER_EVIDENCE = "better-evidence"
    """What stands there rests on better evidence than what is said now."""
    HANDED_IN = "handed-in"
    """The class has handed in: what was stated is changed by the counsellor only."""
    LIMIT = "limit"
    """Others have stated for as many of the class as they may."""
    BUSY = "busy"
    """Somebody else changed it at the same time, again and again."""
    OWN_WORD = "own-word"
    """They took back what was stated for them: it is theirs to state."""


def act(
    campaign: Campaign,
    current: StudentState,
    what: Act,
    *,
    by: str,
    now: datetime,
    receipt: str,
    item: str = "",
    handed_in: bool = False,
    claimed: bool = False,
    exempt: bool = False,
) -> StudentState | NotAllowed:
    """The state after `what`, or why it stays as it is. Pure: the caller stores what is returned.

    Doing the same again is ALREADY and harmless. A statement after the student stage's deadline is taken and marked
    late. `handed_in`: the student's class has handed in. `claimed`: who states it has not proved to be the student, so
    it changes nothing that somebody who had proved it stated. `exempt`: the student's status is, so that without their
    own statement they are.
    """
    refused = _refused(campaign, current, what, handed_in=handed_in)
    if claimed and current.grade is not None and current.grade.outweighs(Grade.CLAIMED):
        refused = NotAllowed.BETTER_EVIDENCE
    if refused is not None:
        return refused
    state, items = _moved(current, what, item)
    state = State.EXEMPT if exempt and state is State.NONE else state
    only_a_try = what is Act.NO_LOGIN and state in WITH_OFFICE
    stage = campaign.stage_of(Owner.STUDENT)
    new = replace(
        current,
        state=state,
        count=current.count + 1,
        at=now,
        by=by,
        grade=_grade(current, state, Grade.CLAIMED if claimed else Grade.STATEMENT),
        items=items,
        tries=_tries(current, what, now),
        receipt=current.receipt if only_a_try else receipt,  # what was reported keeps the number that was told
        reason="",
        late=stage is not None and now >= stage.deadline.instant,
        claimed=claimed,
        own_word=current.own_word or (what is Act.WITHDRAW and current.state is State.PROXY),
    )
    return NotAllowed.ALREADY if _standing(new) == _standing(current) else new


def _refused(campaign: Campaign, current: StudentState, what: Act, *, handed_in: bool) -> NotAllowed | None:
    """Why an act does not change this state; None if it may."""
    if campaign.status is not CampaignStatus.OPEN:
        return NotAllowed.CAMPAIGN_OVER
    if current.state is State.EXEMPT:
        return NotAllowed.EXEMPT
    outweighed = _rests_on_more(current)
    match what:
        case Act.WITHDRAW | Act.AMEND if current.state is State.NONE:
            return NotAllowed.NOTHING_TO_WITHDRAW
        case Act.WITHDRAW if current.state is State.PROXY:  # what others stated for somebody is always theirs to undo
            return None
        case Act.WITHDRAW if handed_in:
            return NotAllowed.HANDED_IN
        case Act.WITHDRAW if outweighed and current.state is State.CONFIRMED:
            return NotAllowed.BETTER_EVIDENCE
        case Act.WITHDRAW | Act.REPORT_WRONG | Act.SETTLE | Act.AMEND:
            return None
        case Act.PROXY if current.own_word:
            return NotAllowed.OWN_WORD
        case Act.PROXY if current.counted not in OWING:
            return NotAllowed.ALREADY
        case Act.NO_LOGIN if current.counted in DONE:
            return NotAllowed.ALREADY
        case _ if outweighed and current.state is not _LEADS_TO[what]:
            return NotAllowed.BETTER_EVIDENCE
    return None


def _rests_on_more(state: StudentState) -> bool:
    """Whether it rests on more than somebody's statement."""
    return state.grade is not None and state.grade.outweighs(Grade.STATEMENT)


def _grade(current: StudentState, state: State, stated: Grade) -> Grade | None:
    """The evidence for a state that somebody states now: the best there is, with a signature that was seen before."""
    if state is State.NONE:
        return None
    if _rests_on_more(current):
        return current.grade
    return Grade.SIGNED if current.signed_at is not None and state in DONE else stated


def _moved(current: StudentState, what: Act, item: str) -> tuple[State, tuple[str, ...]]:
    """The state after an act that may be done, and what is reported and not settled then."""
    match what:
        case Act.REPORT_WRONG:
            return State.WRONG, tuple(dict.fromkeys((*current.items, item)))
        case Act.SETTLE:
            left = tuple(one for one in current.items if one != item)
            return (State.NONE if current.state is State.WRONG and not left else current.state), left
        case Act.AMEND:  # what was reported and is not settled is still to be seen to
            return (State.WRONG if current.items else State.NONE), current.items
        case Act.WITHDRAW:  # of a report that came on top of better evidence this is left
            return (State.CONFIRMED if _rests_on_more(current) else State.NONE), ()
        case Act.NO_LOGIN if current.state in WITH_OFFICE:
            return current.state, current.items
        case _:
            return _LEADS_TO[what], current.items if what is Act.NOT_FOUND else ()


def _tries(current: StudentState, what: Act, now: datetime) -> tuple[datetime, ...]:
    """The tries to log in after an act; one that was said by mistake is taken back."""
    if what is Act.NO_LOGIN:
        return (*current.tries[: MOST_TRIES - 1], now)
    if what is Act.WITHDRAW and current.state is State.NO_LOGIN:
        return current.tries[:-1]
    return current.tries


def _standing(state: StudentState) -> tuple[object, ...]:
    """What of a state can be the same twice."""
    return state.state, state.items, state.grade, state.tries, state.claimed
