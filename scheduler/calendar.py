"""Deadlines, quiet hours and working days: local dates turned into instants in this one place.

An instant is an aware `datetime` in UTC. Everything a person reads is local time with its weekday.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")

_SATURDAY = 5

_DAY = timedelta(days=1)

_LEAST_OPEN = timedelta(hours=1)

_LUNAR_NEW_YEARS = {
    2016: (2, 8, 29),
    2017: (1, 28, 30),
    2018: (2, 16, 30),
    2019: (2, 5, 30),
    2020: (1, 25, 30),
    2021: (2, 12, 30),
    2022: (2, 1, 29),
    2023: (1, 22, 30),
    2024: (2, 10, 30),
    2025: (1, 29, 29),
    2026: (2, 17, 29),
    2027: (2, 6, 29),
    2028: (1, 26, 29),
    2029: (2, 13, 29),
    2030: (2, 3, 30),
    2031: (1, 23, 29),
    2032: (2, 11, 29),
    2033: (1, 31, 30),
    2034: (2, 19, 30),
    2035: (2, 8, 30),
}
"""The first day of each lunar year (month, day), and how many days the lunar month before it has; by the tables of
two calendar packages, borax 4.1 and cnlunar 0.2, which agree."""

_REST_FROM, _REST_TO = 28, 7
"""Around the Spring Festival students rest from this day of the last lunar month to this one of the first."""

_FEBRUARY = 2


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
class Stretch:
    """A stretch of the local day; it may pass midnight. Its end is no part of it, and with start equal to end it is
    empty."""

    start: time
    end: time

    def covers(self, at: time) -> bool:
        """Whether this time of the day lies in it."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def leads_to(self, at: time) -> bool:
        """Whether this time of the day lies in it or is its end, and is not its start."""
        return at != self.start and (at == self.end or self.covers(at))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """When nothing is pushed: the night from `start` to `end`, and the `breaks` of the day.

    `preferred` are the hours in which its people read best; outside them they are written to only when something
    was late. ValueError where less than an hour of the day is left.
    """

    start: time
    end: time
    zone: ZoneInfo = ZONE
    breaks: tuple[Stretch, ...] = ()
    preferred: tuple[Stretch, ...] = ()

    def __post_init__(self) -> None:
        for hours in (self, self.preferring()) if self.preferred else (self,):
            if hours.longest_open < _LEAST_OPEN:
                raise ValueError("quiet hours that leave no whole hour of the day")

    def preferring(self) -> "QuietHours":
        """The same, quiet also outside the preferred hours."""
        best = sorted(self.preferred, key=lambda stretch: stretch.start)
        between = (
            Stretch(start=one.end, end=next_one.start) for one, next_one in zip(best, best[1:] + best[:1], strict=True)
        )
        return replace(self, breaks=(*self.breaks, *between), preferred=())

    @property
    def longest_open(self) -> timedelta:
        """The longest stretch of the day in which may be pushed."""
        stretches = self._stretches()
        if not stretches:
            return _DAY
        ends = [stretch.end for stretch in stretches if not any(other.covers(stretch.end) for other in stretches)]
        return max((min(_from_to(end, other.start) for other in stretches) for end in ends), default=timedelta())

    def covers(self, instant: datetime) -> bool:
        """Whether nothing may be pushed at this instant; the end of a stretch is allowed again."""
        at = instant.astimezone(self.zone).time()
        return any(stretch.covers(at) for stretch in self._stretches())

    def last_before(self, instant: datetime) -> datetime:
        """The instant itself, or the moment at which the quiet that covers it began."""
        if not self.covers(instant):
            return instant
        local = instant.astimezone(self.zone)
        while before := next((stretch for stretch in self._stretches() if stretch.leads_to(local.time())), None):
            day = local.date() if local.time() > before.start else local.date() - timedelta(days=1)
            local = datetime.combine(day, before.start, self.zone)
        return local.astimezone(UTC)

    def first_after(self, instant: datetime) -> datetime:
        """The instant itself, or the moment at which the quiet that covers it ends."""
        if not self.covers(instant):
            return instant
        local = instant.astimezone(self.zone)
        while over := next((stretch for stretch in self._stretches() if stretch.covers(local.time())), None):
            day = local.date() if local.time() < over.end else local.date() + timedelta(days=1)
            local = datetime.combine(day, over.end, self.zone)
        return local.astimezone(UTC)

    def next_quiet(self, instant: datetime) -> datetime | None:
        """When quiet begins next after an instant; None if there is none in a day."""
        local = instant.astimezone(self.zone)
        starts = (
            datetime.combine(day, stretch.start, self.zone)
            for stretch in self._stretches()
            for day in (local.date(), local.date() + _DAY)
        )
        return min((start.astimezone(UTC) for start in starts if start > local), default=None)

    def _stretches(self) -> tuple[Stretch, ...]:
        night = Stretch(start=self.start, end=self.end)
        return tuple(stretch for stretch in (night, *self.breaks) if stretch.start != stretch.end)


def _from_to(start: time, end: time) -> timedelta:
    """How long it is from one time of the day to the next such other one."""
    day = date(2000, 1, 1)
    long = datetime.combine(day, end) - datetime.combine(day, start)
    return long if long > timedelta() else long + _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDay:
    """Whether somebody is to be written to on a day; `known` false: no table reaches that far, and staff are looked
    for by the weekday alone, students every day."""

    works: bool
    known: bool


def working_day(day: date) -> WorkingDay:
    """A day of staff by the State Council's holiday calendar, as chinesecalendar carries it year by year (2004 to
    2026)."""
    try:
        return WorkingDay(works=bool(chinese_calendar.is_workday(day)), known=True)  # type: ignore[no-untyped-call]
    except NotImplementedError:  # how chinesecalendar says that a year is not in its tables
        return WorkingDay(works=day.weekday() < _SATURDAY, known=False)


def student_day(day: date) -> WorkingDay:
    """A day of students: any, but for the Spring Festival from the 28th of the last lunar month to the 7th of the
    first (2016 to 2035)."""
    if day.year not in _LUNAR_NEW_YEARS:
        return WorkingDay(works=True, known=day.month > _FEBRUARY)
    month, first, length = _LUNAR_NEW_YEARS[day.year]
    since = (day - date(day.year, month, first)).days
    return WorkingDay(works=not _REST_FROM - length - 1 <= since < _REST_TO, known=True)
