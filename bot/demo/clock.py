"""The demo's clock: it runs like the real one, begins shortly before the campaign's reminders, and can be turned on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.clocks import SystemClock, VirtualClock


class RunningClock(VirtualClock):
    """The machine's time plus an offset, which is kept in a file so that a later run goes on from there."""

    def __init__(self, kept: Path, first: datetime) -> None:
        """`first` is the instant a demo begins at whose file is not there yet."""
        self._machine = SystemClock()
        self._kept = kept
        if kept.exists():
            self._offset = timedelta(seconds=float(kept.read_text("ascii")))
        else:
            self._offset = first.astimezone(UTC) - self._machine.now()
            self._keep()
        super().__init__(self.now())

    def now(self) -> datetime:
        """The instant the demo is at, in UTC."""
        return self._machine.now() + self._offset

    def advance_to(self, instant: datetime) -> None:
        """Turn it so that it is `instant` now and runs on from there."""
        self._offset = instant - self._machine.now()
        self._keep()
        super().advance_to(instant)

    def _keep(self) -> None:
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._kept.write_text(str(self._offset.total_seconds()), "ascii")
