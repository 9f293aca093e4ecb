"""Deliveries: one message to one address that the outbox carries until its outcome is known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scheduler.messages import (
    Address,
    Holds,
    OutboundMessage,
    Outcome,
    Refused,
    RefusedWhy,
    RetryLater,
    Unknown,
)


class Kind(StrEnum):
    """What a delivery is; it decides what a repeat would cost."""

    GROUP_WAVE = "group-wave"
    """A reminder to a class group: never sent again by itself."""
    PRIVATE_WAVE = "private-wave"
    """A reminder to one person: may be repeated once, marked as a repeat."""
    STAFF_WAVE = "staff-wave"
    """A reminder to a monitor or counsellor: as a private one."""
    DIGEST = "digest"
    """What lies on the desk of one of the staff, once a day: as a private one."""
    NOTE = "note"
    """Something one has to know, of one's own state or for the office, said as it was queued: as a private reminder."""
    GROUP_NOTICE = "group-notice"
    """A notice to a group: as a wave to one."""
    NOTICE = "notice"
    """A notice to one person: as one to a group."""
    RECALL = "recall"
    """A message that is to be taken back: `message.replaces`; trying twice does no harm."""
    REPLY = "reply"
    """An answer that could not be sent at once: as a private reminder."""


CLAIMED = "claimed"
"""What became of a slot whose wave was queued; of others it is why it was dropped."""


def slot_id(campaign_id: str, stage: str, wave: str, class_id: str) -> str:
    """The name under which a wave to a class is claimed, once."""
    return f"{campaign_id}:{stage}:{wave}:{class_id}"


def wave_delivery_id(slots: Iterable[str], to: Address) -> str:
    """The id of a reminder: the slots it was made for, those of a section in one (`Section.whole_slot`), and its
    address."""
    return f"{','.join(slots)}@{to}"


def stages_in(delivery_id: str) -> Iterator[str]:
    """The `campaign:stage` of each section that a reminder's id names; of another delivery's nothing that is one."""
    for section in delivery_id.split(","):
        yield ":".join(section.split(":")[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What a reminder says of one campaign: of which wave, to which classes, and a private one to which student."""

    campaign: str
    stage: str
    wave: str
    classes: tuple[str, ...]
    sid: str = ""

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots it was made for, in the order of `classes`."""
        return tuple(slot_id(self.campaign, self.stage, self.wave, class_id) for class_id in self.classes)

    @property
    def whole_slot(self) -> str:
        """All of them as one."""
        return slot_id(self.campaign, self.stage, self.wave, "+".join(self.classes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one address, with what has to be checked again at send time.

    `id` is made of the claimed slots and the address, so that the same wave cannot queue it twice.
    `message` may carry a placeholder body: waves are worded at send time by `scheduler.letters` from
    `campaign`, `stage`, `wave`, `classes` and, for a private one, `sid`; a digest is that of an `account`. `also` is
    what the same message says of other campaigns, whose waves went out with it: each is checked and recorded by itself.
    `not_before` holds it back. A `repeat` was tried before, at `tried_at` where that is known (UTC). So many alarms for
    the same chat came too late to be said as `dropped` says.
    A notice's delivery is worded from the notice of number `notice`, and what comes of it is noted for `target`. It
    goes out only between the first and second moment of `awake`, the third and fourth, and so on, and at the same
    hours of every later day; empty: at any time.
    """

    id: str
    kind: Kind
    message: OutboundMessage
    campaign: str = ""
    stage: str = ""
    wave: str = ""
    classes: tuple[str, ...] = ()
    sid: str = ""
    also: tuple[Section, ...] = ()
    account: str = ""
    not_before: datetime | None = None
    repeat: bool = False
    tried_at: datetime | None = None
    dropped: int = 0
    notice: int = 0
    target: str = ""
    awake: tuple[datetime, ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        """What it says, campaign by campaign."""
        own = Section(campaign=self.campaign, stage=self.stage, wave=self.wave, classes=self.classes, sid=self.sid)
        return (own, *self.also)

    def saying(self, sections: Sequence[Section]) -> "Delivery":
        """The same with these sections (at least one) in the place of its own."""
        own, *others = sections
        return replace(
            self,
            campaign=own.campaign,
            stage=own.stage,
            wave=own.wave,
            classes=own.classes,
            sid=own.sid,
            also=tuple(others),
        )

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots it was made for, in the order of its sections."""
        return tuple(slot for section in self.sections for slot in section.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One line of the ledger: a delivery, when it was tried (UTC), and what came of it (None: still open)."""

    delivery: str
    address: str
    kind: Kind
    tried_at: datetime
    outcome: Outcome | None


class Stream(StrEnum):
    """The two queues of a lane."""

    NOW = "now"
    """What somebody waits for: answers that could not be sent at once."""
    BULK = "bulk"
    """Everything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A relay's hold on a delivery: the lane, its stream and the entry it was taken from."""

    to: Address
    lane: str
    stream: Stream
    entry: str
    delivery: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A notice, or a message to a group, that may or may not have arrived, as of `tried_at` (UTC); a person decides."""

    id: str
    address: str
    kind: Kind
    tried_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """A delivery whose attempt is on record: it is to be sent at that moment, at once or very soon."""

    delivery: Delivery
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Whether a message may be sent at the moment `at`; if not, `at` is the moment until which it has to wait."""

    taken: bool
    at: datetime


class Settled(StrEnum):
    """What writing an outcome did."""

    BEFORE = "before"
    """Nothing: it was known."""
    NOW = "now"
    LANE_PAUSED = "lane-paused"
    """It was one failure too many: the lane pauses, and is tried again ever more seldom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """How a lane is.

    `paused` is why a person stopped it, None if nobody did; `ails` why it pauses by itself since `since`, empty if
    it does not; `asked_until` until when the platform asked for patience. `waiting` are deliveries that relays may
    take: answers, the rest, and those that wait for a moment.
    """

    paused: str | None
    ails: str
    since: datetime | None
    asked_until: datetime | None
    waiting: tuple[int, int, int]


_OWN_REASONS = frozenset({RefusedWhy.EXPIRED, RefusedWhy.NOT_OWED})
"""Why we ourselves did not send it; the platform was not asked."""

_SAYS_NOTHING = frozenset({"store-away", "partly-sent", "worker-died", "unreadable", "stopped"})


def ailment(outcome: Outcome) -> str | None:
    """What an outcome says of its lane: empty, it answered; why it did not; None, nothing at all."""
    match outcome:
        case Refused(why=why) if why in _OWN_REASONS:
            return None
        case RetryLater(why=why) | Unknown(why=why) if why in _SAYS_NOTHING:
            return None
        case RetryLater(holds=Holds.MESSAGE, why=why) | Unknown(why=why):
            return why
    return ""
