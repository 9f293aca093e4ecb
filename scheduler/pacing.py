"""How fast may be sent: one timestamp a budget (GCRA), so that any number of senders can share it.

The rule is written twice, here for rehearsals and in Lua for the relay; a property holds them equal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.messages import Address

_MOST_SKEW = 60.0
"""Seconds by which the clocks of two senders may differ; a moment further ahead was kept by a clock since put right."""

_SHARE = 0.98
"""How much of a platform's limit is used: its clock and ours never measure the same second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a platform limits: at most `per` messages in `seconds`. `key` names the bot, chat or group."""

    key: str
    per: int
    seconds: float

    @property
    def interval(self) -> float:
        """The seconds between two sends that keep just below the limit."""
        return self.seconds / (self.per * _SHARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether to send now. `tat` is the moment before which nothing more may be sent: the one to keep
    when it is allowed, the one to wait for when it is not."""

    allowed: bool
    tat: float


def decide(tat: float, now: float, budget: Budget) -> Decision:
    """Whether one message may go now. `tat` and `now` are seconds since the epoch; a budget never used has tat 0.

    The next moment counts from `now`, not from `tat`: what a stall has missed is not caught up in a burst.
    """
    if now < tat <= now + budget.interval + _MOST_SKEW:
        return Decision(allowed=False, tat=tat)
    return Decision(allowed=True, tat=now + budget.interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a message may go that takes from several budgets; `tats` are the moments to keep, by budget key.

    When it may not, nothing is taken from any of them and `wait_until` says when to ask again.
    """

    allowed: bool
    tats: Mapping[str, float]
    wait_until: float


def admit(tats: Mapping[str, float], now: float, budgets: Sequence[Budget]) -> Admission:
    """Take one message from every budget it touches, or from none."""
    decisions = {budget.key: decide(tats.get(budget.key, 0.0), now, budget) for budget in budgets}
    waits = [decision.tat for decision in decisions.values() if not decision.allowed]
    if waits:
        return Admission(allowed=False, tats=tats, wait_until=max(waits))
    taken = {key: decision.tat for key, decision in decisions.items()}
    return Admission(allowed=True, tats={**tats, **taken}, wait_until=now)


def telegram_budgets(to: Address, *, in_group: bool) -> tuple[Budget, ...]:
    """What one message on Telegram takes from: 30 a second overall, 1 a second a chat, 20 a minute a group.

    The figures are those of Telegram's bot FAQ; topics of a group share the group's budget.
    """
    chat = f"{to.platform}:{to.chat}"
    shared = (Budget(key=to.platform, per=30, seconds=1), Budget(key=chat, per=1, seconds=1))
    return (*shared, Budget(key=f"{chat}:group", per=20, seconds=60)) if in_group else shared


class WeComLimit(StrEnum):
    """What WeCom counts for an address, by the route that reaches it."""

    ROBOT = "robot"
    """A conversation of the 智能机器人: 30 a minute and 1,000 an hour, replies and pushes together."""
    MEMBER = "member"
    """A member, written to by the 自建应用: the same figures, and what is more than that is dropped in silence."""
    APPCHAT = "appchat"
    """A group of the 自建应用: 200 messages a minute for each member."""
    WEBHOOK = "webhook"
    """The key of a group webhook: 20 a minute."""


_CALLS = 2
"""A message of the robot's is its text and a card with its buttons."""


def wecom_budgets(to: Address, limit: WeComLimit) -> tuple[Budget, ...]:
    """What one message on WeCom takes from; the figures are those of its pages 101463, 90454, 90248 and 91770."""
    chat = f"{to.platform}:{to.chat}"
    match limit:
        case WeComLimit.ROBOT | WeComLimit.MEMBER:
            hourly = Budget(key=f"{chat}:hour", per=1_000 // _CALLS, seconds=3_600)
            return Budget(key=chat, per=30 // _CALLS, seconds=60), hourly
        case WeComLimit.APPCHAT:
            return (Budget(key=chat, per=200, seconds=60),)
        case WeComLimit.WEBHOOK:
            return (Budget(key=chat, per=20, seconds=60),)
