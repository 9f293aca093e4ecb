"""What a rehearsal begins with, and what it says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler.campaigns import Campaign, StudentState
from scheduler.deliveries import Attempt, Kind, slot_id
from scheduler.messages import Address
from scheduler.planner import Wave
from scheduler.roster import Binding, Group, SchoolClass, Student
from scheduler.staffing import StaffMember

DIGEST = "digest"
"""In the place of a wave: what the staff is told in the morning."""


class Why(StrEnum):
    """What there is to say of a line."""

    HOURS = "hours"
    """Moved out of the quiet hours, or into those in which its people read best."""
    DAY_OFF = "day-off"
    """Moved to a working day of staff."""
    NEW_YEAR = "new-year"
    """Moved before the Spring Festival."""
    PACE = "pace"
    """It leaves later than its wave, because the platform takes only so many at a time."""
    TOGETHER = "together"
    """One message for several classes of a group, or several records of a person."""
    WITH_OTHERS = "with-others"
    """One message with what other campaigns say at that moment."""
    ALONG = "along"
    """Earlier than planned, with the wave of another campaign to the same people that it would soon follow."""
    IN_DIGEST = "in-digest"
    """Not sent by itself: it is part of what the class's monitor is told that morning."""
    LEFT_TO_NEXT = "left-to-next"
    """Not sent: another wave to the same people comes soon after, or there are too many."""
    PAST = "past"
    """Not sent: its moment has passed already."""
    ENOUGH = "enough"
    """Not sent: these were reminded often enough within a week."""
    FEW = "few"
    """Not sent: so few in the group still owe that a message would point at them."""
    UNREACHABLE = "unreachable"
    """Not sent in private: no account is bound, or it cannot be written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A campaign as it stands; a missing sid has nothing of its kind.

    `told` counts reminders so far, those of a group by its address, `attempts` are what was sent so far. `claimed` says
    when each slot was claimed of what went out already, or never will, or was asked of staff; `handed_in` are classes
    and college fields.
    """

    campaign: Campaign
    states: Mapping[str, StudentState] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)
    attempts: Sequence[Attempt] = ()
    claimed: Mapping[str, datetime] = field(default_factory=dict)
    handed_in: Collection[str] = ()

    def free(self, wave: Wave, members: Collection[str]) -> list[str]:
        """The classes with these members to which a wave did not go yet."""
        own = self.campaign
        classes = [class_id for class_id in own.classes if class_id in members]
        return [one for one in classes if slot_id(own.id, wave.stage, wave.id, one) not in self.claimed]


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """Everybody of the campaign's classes, as the stores know them; a missing sid has nothing of its kind.

    `burdens` counts the reminders of the last week over all campaigns, `lost` cannot be written to. `others` are the
    other campaigns that are open for some of these classes.
    `staff` (monitors among them) is by class, `seen` when each account last gave a sign; `offices` are the office's own
    chats. Without any of them nobody is told what lies on their desk.
    """

    classes: Mapping[str, SchoolClass]
    members: Mapping[str, Sequence[Student]]
    groups: Sequence[Group]
    bindings: Mapping[str, Sequence[Binding]]
    burdens: Mapping[str, int] = field(default_factory=dict)
    lost: Collection[Address] = ()
    others: Sequence[Underway] = ()
    staff: Mapping[str, Sequence[StaffMember]] = field(default_factory=dict)
    seen: Mapping[str, datetime] = field(default_factory=dict)
    offices: Sequence[Address] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message, or one that is not sent. `at` is when it leaves (UTC); `wave` is the `stage:wave` of a `campaign`,
    or `DIGEST` of all of them, and `also` are the other campaigns of which the same message speaks.

    `kind` None: a whole wave that does not go out. `to` None: nobody in particular. `students` is how many it is
    meant for, `text` its words, empty where nothing is sent.
    """

    at: datetime
    campaign: str
    wave: str
    classes: tuple[str, ...]
    to: Address | None
    kind: Kind | None
    text: str
    why: tuple[Why, ...]
    students: int
    also: tuple[str, ...] = ()
