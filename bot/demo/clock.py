"""The demo's clock: it runs like the real one and can be turned forward."""

from datetime import datetime, timedelta

from scheduler.clocks import SystemClock, VirtualClock


class RunningClock(VirtualClock):
    """The machine's time plus an offset; turning it forward tells the listeners."""

    def __init__(self) -> None:
        self._machine = SystemClock()
        super().__init__(self._machine.now())
        self._offset = timedelta()

    def now(self) -> datetime:
        """The instant the demo is at, in UTC."""
        return self._machine.now() + self._offset

    def advance_to(self, instant: datetime) -> None:
        """Turn it so that it is `instant` now and runs on from there."""
        self._offset = instant - self._machine.now()
        super().advance_to(instant)
