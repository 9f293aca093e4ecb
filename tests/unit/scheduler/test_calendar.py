"""Deadlines, quiet hours and working days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import ZONE, Deadline, LocalMoment, QuietHours, local_moment, working_day

NIGHT = QuietHours(start=time(22), end=time(8))
INSTANTS = st.datetimes(datetime(2019, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def test_a_day_without_an_hour_ends_at_24_and_is_said_so() -> None:
    deadline = Deadline(words="12月22日完成", day=date(2019, 12, 22))
    assert deadline.instant == datetime(2019, 12, 22, 16, tzinfo=UTC)
    assert deadline.local == LocalMoment(month=12, day=22, weekday=6, hour="24:00")


def test_a_deadline_with_an_hour_is_too_late_at_that_hour() -> None:
    deadline = Deadline(words="24日17点前", day=date(2019, 12, 24), at=time(17))
    assert deadline.instant == datetime(2019, 12, 24, 9, tzinfo=UTC)
    assert deadline.local == LocalMoment(month=12, day=24, weekday=1, hour="17:00")


def test_before_a_day_reminds_toward_the_day_before_and_is_late_only_after_the_day() -> None:
    deadline = Deadline(words="11月2日前", day=date(2016, 11, 2), before_day=True)
    assert deadline.aim == datetime(2016, 11, 1, 16, tzinfo=UTC)
    assert deadline.instant == datetime(2016, 11, 2, 16, tzinfo=UTC)
    assert deadline.local.day == 2


def test_the_last_day_has_no_days_left_whatever_the_hour() -> None:
    deadline = Deadline(words="", day=date(2019, 12, 22))
    assert deadline.days_left(datetime(2019, 12, 21, 15, 59, tzinfo=UTC)) == 1
    assert deadline.days_left(datetime(2019, 12, 21, 16, 0, tzinfo=UTC)) == 0
    assert deadline.days_left(datetime(2019, 12, 22, 16, 0, tzinfo=UTC)) == -1


def test_a_deadline_in_a_zone_with_daylight_saving_keeps_its_local_hour() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = Deadline(words="", day=date(2026, 10, 24), at=time(12), zone=berlin)
    after = Deadline(words="", day=date(2026, 10, 25), at=time(12), zone=berlin)
    assert after.instant - before.instant == timedelta(hours=25)


def test_29_february_ends_on_1_march() -> None:
    assert Deadline(words="", day=date(2024, 2, 29)).instant == datetime(2024, 2, 29, 16, tzinfo=UTC)


def test_an_instant_is_read_by_the_local_clock() -> None:
    assert local_moment(datetime(2019, 12, 31, 16, 5, tzinfo=UTC)) == LocalMoment(
        month=1, day=1, weekday=2, hour="00:05"
    )


@given(start=TIMES, end=TIMES, instant=INSTANTS)
def test_quiet_hours_move_an_instant_to_their_edges_and_never_past_it(
    start: time, end: time, instant: datetime
) -> None:
    quiet = QuietHours(start=start, end=end, zone=ZONE)
    earlier, later = quiet.last_before(instant), quiet.first_after(instant)
    assert earlier <= instant <= later
    assert not quiet.covers(later)
    assert later - earlier < timedelta(days=1)
    if not quiet.covers(instant):
        assert earlier == instant == later


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2019, 12, 22), False),  # a Sunday: the sources' own deadline
        (date(2019, 12, 23), True),
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 10), True),  # a Saturday worked for the holiday week
    ],
)
def test_working_days_follow_the_holiday_calendar(day: date, *, works: bool) -> None:
    assert working_day(day).works is works
    assert working_day(day).known


def test_beyond_the_holiday_table_only_the_weekday_speaks_and_it_says_so() -> None:
    monday, saturday = working_day(date(2031, 1, 6)), working_day(date(2031, 1, 4))
    assert (monday.works, monday.known) == (True, False)
    assert (saturday.works, saturday.known) == (False, False)
