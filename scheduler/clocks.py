"""The two clocks: the machine's own, and one that is turned by hand for the story and the tests."""

from collections.abc import Callable
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is turned; who listens is told of every turn."""

    def __init__(self, start: datetime) -> None:
        self._now = _in_utc(start)
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The instant it was last turned to, in UTC."""
        return self._now

    def advance_to(self, instant: datetime) -> None:
        """Turn it, also backwards, as an operator or a time server may; the listeners hear of it afterwards."""
        self._now = _in_utc(instant)
        for listener in self._listeners:
            listener()

    def on_turn(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every turn."""
        self._listeners.append(listener)


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(UTC)
