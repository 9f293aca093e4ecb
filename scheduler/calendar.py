"""Deadlines, quiet hours and working days: local dates turned into instants in this one place.

An instant is an aware `datetime` in UTC. Everything a person reads is local time with its weekday.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMoment:
    """A moment as people read it. `weekday` is 0 for Monday; `hour` is hours and minutes, up to `24:00`."""

    month: int
    day: int
    weekday: int
    hour: str


def local_moment(instant: datetime, zone: ZoneInfo = ZONE) -> LocalMoment:
    """An instant as the local clock shows it; midnight is the 00:00 of the day that begins."""
    local = instant.astimezone(zone)
    return LocalMoment(month=local.month, day=local.day, weekday=local.weekday(), hour=f"{local:%H:%M}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A moment by which something must be done.

    `words` is the deadline as its source says it. `at` None means the end of the day (24:00).
    `before_day`: the source says "before the 24th", which one reader takes for the 23rd and the next for
    the 24th: reminders then lead up to the day before, and late is only who comes after the day named.
    """

    words: str
    day: date
    at: time | None = None
    zone: ZoneInfo = ZONE
    before_day: bool = False

    @property
    def instant(self) -> datetime:
        """The first moment that is too late, in UTC."""
        return self._end_of(self.day)

    @property
    def aim(self) -> datetime:
        """The moment that reminders lead up to, in UTC."""
        return self._end_of(self.day - timedelta(days=1) if self.before_day else self.day)

    @property
    def local(self) -> LocalMoment:
        """The deadline as people read it; the end of a day is its 24:00, not the next day's 00:00."""
        hour = "24:00" if self.at is None else f"{self.at:%H:%M}"
        return LocalMoment(month=self.day.month, day=self.day.day, weekday=self.day.weekday(), hour=hour)

    def days_left(self, now: datetime) -> int:
        """How many midnights lie between now and the day of the deadline: 0 on that day, below 0 after it."""
        return (self.day - now.astimezone(self.zone).date()).days

    def _end_of(self, day: date) -> datetime:
        if self.at is None:
            return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A stretch of the local day in which nothing is pushed; it may pass midnight."""

    start: time
    end: time
    zone: ZoneInfo = ZONE

    def covers(self, instant: datetime) -> bool:
        """Whether nothing may be pushed at this instant; the end itself is allowed again."""
        at = instant.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def last_before(self, instant: datetime) -> datetime:
        """The instant itself, or the moment at which the quiet stretch that covers it began."""
        if not self.covers(instant):
            return instant
        local = instant.astimezone(self.zone)
        day = local.date() if local.time() >= self.start else local.date() - timedelta(days=1)
        return datetime.combine(day, self.start, self.zone).astimezone(UTC)

    def first_after(self, instant: datetime) -> datetime:
        """The instant itself, or the moment at which the quiet stretch that covers it ends."""
        if not self.covers(instant):
            return instant
        local = instant.astimezone(self.zone)
        day = local.date() if local.time() < self.end else local.date() + timedelta(days=1)
        return datetime.combine(day, self.end, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDay:
    """Whether people work on a day; `known` false: no holiday table reaches that far and only the weekday speaks."""

    works: bool
    known: bool


def working_day(day: date) -> WorkingDay:
    """A day by the State Council's holiday calendar, as chinesecalendar carries it year by year (2004 to 2026)."""
    try:
        return WorkingDay(works=bool(chinese_calendar.is_workday(day)), known=True)  # type: ignore[no-untyped-call]
    except NotImplementedError:  # how chinesecalendar says that a year is not in its tables
        return WorkingDay(works=day.weekday() < _SATURDAY, known=False)
