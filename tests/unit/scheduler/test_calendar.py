"""Deadlines, quiet hours and working days."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from scheduler.calendar import (
    ZONE,
    Deadline,
    LocalMoment,
    QuietHours,
    Stretch,
    WorkingDay,
    local_moment,
    student_day,
    working_day,
)

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


STRETCHES = st.builds(Stretch, start=TIMES, end=TIMES)


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    """Any quiet hours that leave an hour of the day."""
    stretches = draw(st.lists(STRETCHES, max_size=4))
    try:
        return QuietHours(start=draw(TIMES), end=draw(TIMES), breaks=tuple(stretches))
    except ValueError:
        return reject()


@given(quiet=quiet_hours(), instant=INSTANTS)
def test_quiet_hours_move_an_instant_to_their_edges_and_never_past_it(quiet: QuietHours, instant: datetime) -> None:
    earlier, later = quiet.last_before(instant), quiet.first_after(instant)
    assert earlier <= instant <= later
    assert not quiet.covers(later)
    assert not quiet.covers(earlier - timedelta(microseconds=1)) or earlier == instant
    assert later - earlier < timedelta(days=1)
    if not quiet.covers(instant):
        assert earlier == instant == later


LUNCH = Stretch(start=time(12), end=time(14))


def test_breaks_of_the_day_are_quiet_beside_the_night() -> None:
    quiet = QuietHours(start=time(22), end=time(8), breaks=(LUNCH,))
    at_lunch = datetime(2019, 12, 20, 13, tzinfo=ZONE)
    assert quiet.last_before(at_lunch) == at_lunch.replace(hour=12)
    assert quiet.first_after(at_lunch) == at_lunch.replace(hour=14)
    assert not quiet.covers(at_lunch.replace(hour=14))


def test_outside_the_preferred_hours_it_is_as_quiet_as_at_night() -> None:
    evening = Stretch(start=time(19), end=time(21, 30))
    quiet = QuietHours(start=time(22), end=time(8), preferred=(evening, LUNCH))
    morning = datetime(2026, 4, 20, 9, tzinfo=ZONE)
    assert not quiet.covers(morning)
    assert quiet.preferring().last_before(morning) == datetime(2026, 4, 19, 21, 30, tzinfo=ZONE)
    assert quiet.preferring().first_after(morning) == morning.replace(hour=12)
    assert quiet.preferring().first_after(morning.replace(hour=15)) == morning.replace(hour=19)


@pytest.mark.parametrize(
    "hours",
    [
        {"start": time(8), "end": time(7, 59)},
        {"start": time(22), "end": time(8), "breaks": (Stretch(start=time(8), end=time(21, 30)),)},
        {"start": time(22), "end": time(8), "preferred": (Stretch(start=time(23), end=time(6)),)},
    ],
)
def test_quiet_hours_that_leave_no_hour_of_the_day_are_refused(hours: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no whole hour"):
        QuietHours(**hours)


@pytest.mark.parametrize(
    ("day", "written_to"),
    [
        (date(2019, 12, 22), True),  # a Sunday
        (date(2026, 10, 1), True),  # National Day
        (date(2026, 2, 14), True),  # two days before New Year's Eve, the 29th of a short month
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2024, 2, 6), True),  # the last month of that year had thirty days
        (date(2024, 2, 7), False),
        (date(2024, 2, 16), False),
        (date(2024, 2, 17), True),
    ],
)
def test_students_are_written_to_on_any_day_but_those_around_the_spring_festival(
    day: date, *, written_to: bool
) -> None:
    assert student_day(day) == WorkingDay(works=written_to, known=True)


@pytest.mark.parametrize("year", range(2016, 2027))
def test_the_spring_festival_lies_in_the_state_councils_holidays(year: int) -> None:
    around = [date(year, 1, 15) + timedelta(days=days) for days in range(50)]
    silent = [day for day in around if not student_day(day).works]
    eve = silent[-8]  # seven days of the new year before it
    assert len(silent) in {9, 10}
    assert all(not working_day(eve + timedelta(days=days)).works for days in range(1, 6))


def test_beyond_the_lunar_table_it_says_so() -> None:
    assert student_day(date(2044, 1, 30)) == WorkingDay(works=True, known=False)
    assert student_day(date(2044, 5, 1)).known


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
