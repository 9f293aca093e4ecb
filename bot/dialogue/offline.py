"""What a process remembers by itself of what it answered while the store was away."""

from collections import OrderedDict, deque
from datetime import datetime
from typing import TypeVar

from bot.dialogue.limiting import MOST, WINDOW, Counted
from bot.messages import InboundMessage
from bot.ports import Admission

K = TypeVar("K")
V = TypeVar("V")

_MESSAGES, _ACCOUNTS = 10_000, 10_000
"""How many are remembered; beyond them those of the longest ago are forgotten."""


class Offline:
    """Answers so much to each account, and nothing once more when the store is back.

    A server that hangs may take what it was given as soon as it goes on, long after that was given up: the message
    then comes out of the intake, although its person was told that nothing could be recorded.
    """

    def __init__(self) -> None:
        self._answered: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._asked: OrderedDict[str, deque[datetime]] = OrderedDict()

    def admit(self, message: InboundMessage, now: datetime) -> Admission:
        """Whether it is answered without the store; from now on it is not answered in any other way."""
        _keep(self._answered, _name(message), None, _MESSAGES)
        asked = _keep(self._asked, message.account, self._asked.get(message.account, deque()), _ACCOUNTS)
        while asked and asked[0] <= now - WINDOW:
            asked.popleft()
        if len(asked) > MOST[Counted.ASKED]:
            return Admission.SILENT
        asked.append(now)
        return Admission.GRANTED if len(asked) <= MOST[Counted.ASKED] else Admission.TOLD

    def answered(self, message: InboundMessage) -> bool:
        """Whether its person has heard already that nothing could be recorded."""
        return _name(message) in self._answered


def _name(message: InboundMessage) -> tuple[str, str]:
    return message.address.platform, message.id


def _keep(kept: OrderedDict[K, V], key: K, value: V, most: int) -> V:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
    return value
