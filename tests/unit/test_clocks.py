"""The two clocks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from scheduler.clocks import SystemClock, VirtualClock


def test_a_virtual_clock_stands_still_until_it_is_turned_and_says_so() -> None:
    heard: list[datetime] = []
    clock = VirtualClock(datetime(2019, 12, 22, 8, tzinfo=timezone(timedelta(hours=8))))
    clock.on_turn(lambda: heard.append(clock.now()))
    assert clock.now() == datetime(2019, 12, 22, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.advance_to(clock.now() + timedelta(days=1))
    assert heard == [datetime(2019, 12, 23, tzinfo=UTC)]


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        VirtualClock(datetime(2019, 12, 22))  # noqa: DTZ001


def test_the_system_clock_speaks_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
