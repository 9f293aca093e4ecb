"""How fast may be sent: what platforms count, as budgets that any number of senders share.

Two rules. A `Rhythm` spreads the sends of a whole lane evenly: one timestamp (GCRA), places booked a little ahead, so
that no time is lost between two sends. `Room` counts the messages of one conversation exactly as the platform does, in
one or more windows at once: quick answers go at once, and the whole limit can be used. Each is written twice, here for
rehearsals and in Lua for the relays; a property holds them equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.messages import Address

MOST_SKEW = 60.0
"""Seconds by which the clocks of two senders may differ; a moment further ahead was kept by a clock since put right."""

_MARGIN, _MOST_MARGIN = 0.04, 1.0
"""By how much, and by how many seconds at most, a platform's seconds are stretched: messages do not take equally long
to arrive, so that those of two windows come closer together than they were sent."""


def stretched(seconds: float) -> float:
    """A platform's span of time as it is kept here."""
    return seconds + min(seconds * _MARGIN, _MOST_MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A lane sends at most `per` messages in `seconds`, evenly."""

    per: int
    seconds: float

    @property
    def interval(self) -> float:
        """The seconds between two sends that keep just below the limit."""
        return stretched(self.seconds) / self.per


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most `most` in any `seconds`."""

    most: int
    seconds: float

    @property
    def span(self) -> int:
        """How many milliseconds of it are counted."""
        return round(stretched(self.seconds) * 1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a platform counts for one chat, group, member or key, which `key` names: every window has to have room.

    `for_replies` are the windows of an answer to what somebody just asked, where the platform forgives a short burst.
    `card` and `picture`: whether the buttons under a message, and its picture or files, count as messages of their own;
    a second file always does.
    """

    key: str
    windows: tuple[Window, ...]
    for_replies: tuple[Window, ...] = ()
    card: bool = False
    picture: bool = False


Budget = Rhythm | Room
"""What one send takes from. A lane's rhythm lets all of it wait, a room only what goes to the same place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a lane's rhythm: the moment to send `at`, and the first moment `tat` of the next place."""

    at: float
    tat: float


def place(tat: float, now: float, interval: float, ahead: float) -> Place | float:
    """The next place, or the moment to ask again where it is more than `ahead` seconds away.

    All in seconds since the epoch; a rhythm never used has tat 0. The next place counts from `now` where none is
    booked: what a stall has missed is not caught up in a burst.
    """
    at = now if tat > now + interval + MOST_SKEW else max(tat, now)
    return Place(at=at, tat=at + interval) if at <= now + ahead else at - ahead


def free_from(sent: Sequence[int], now: int, windows: Sequence[Window], takes: int) -> int:
    """The moment from which `takes` more messages fit into every window; `now` if they do at once.

    `sent` are the moments of earlier messages, oldest first; all in milliseconds since the epoch. What is larger than
    a window counts as large as the window.
    """
    known = [at for at in sent if at <= now + MOST_SKEW * 1_000]
    free = now
    for window in windows:
        counted = [at for at in known if at > now - window.span]
        over = len(counted) + min(takes, window.most) - window.most
        if over > 0:
            free = max(free, counted[over - 1] + window.span)
    return free


def telegram_budgets(to: Address, *, in_group: bool) -> tuple[Budget, ...]:
    """What one message on Telegram takes from: 30 a second overall, 1 a second a chat, 20 a minute a group.

    The figures are those of Telegram's bot FAQ, which forgives a short burst in a chat; topics of a group share the
    group's budget.
    """
    minute = (Window(most=20, seconds=60),) if in_group else ()
    room = Room(
        key=f"{to.platform}:{to.chat}",
        windows=(Window(most=1, seconds=1), *minute),
        for_replies=(Window(most=3, seconds=3), *minute),
    )
    return Rhythm(per=30, seconds=1), room


class WeComLimit(StrEnum):
    """What WeCom counts for an address, by the route that reaches it."""

    ROBOT = "robot"
    """A conversation of the 智能机器人: 30 a minute and 1,000 an hour, replies and pushes together."""
    MEMBER = "member"
    """A member, written to by the 自建应用: the same figures, and what is more than that is dropped in silence."""
    APPCHAT = "appchat"
    """A group of the 自建应用: 200 messages a minute and 10,000 a day for each member, and person-times of all groups
    together. Those of messages to members (200 a day for each account) no wave comes near."""
    WEBHOOK = "webhook"
    """The key of a group webhook: 20 a minute."""


_A_CLASS = 60
"""Members of a class's group at most, by which messages to such groups are counted as person-times."""

_ALL_APPCHATS = Window(most=150_000 // _A_CLASS, seconds=3_600)
"""150,000 person-times an hour in the groups of one corporation, of the smallest size (page 90248)."""

_TO_APPCHATS = Rhythm(per=20_000 // _A_CLASS, seconds=60)
"""20,000 person-times a minute there."""

_CALLS_OF_ONE_API = Rhythm(per=10_000, seconds=60)
"""WeCom's page 90454, for each API of a corporation."""


def wecom_budgets(to: Address, limit: WeComLimit) -> tuple[Budget, ...]:
    """What one message on WeCom takes from; the figures are those of its pages 101463, 90454, 90248 and 91770.

    A text, the card with its buttons and a picture are three messages there; a webhook has no card.
    """
    key = f"{to.platform}:{to.chat}"
    conversation = (Window(most=30, seconds=60), Window(most=1_000, seconds=3_600))
    match limit:
        case WeComLimit.ROBOT:
            return (Room(key=key, windows=conversation, card=True, picture=True),)
        case WeComLimit.MEMBER:
            return _CALLS_OF_ONE_API, Room(key=key, windows=conversation, card=True, picture=True)
        case WeComLimit.APPCHAT:
            day = (Window(most=200, seconds=60), Window(most=10_000, seconds=86_400))
            own = Room(key=key, windows=day, picture=True)
            return _TO_APPCHATS, own, Room(key=f"{to.platform}:all-appchats", windows=(_ALL_APPCHATS,), picture=True)
        case WeComLimit.WEBHOOK:
            return (Room(key=key, windows=(Window(most=20, seconds=60),), picture=True),)
