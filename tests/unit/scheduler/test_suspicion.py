"""How many reports within an hour are a sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.suspicion import FEWEST, MANY, needs_total, suspicious


@pytest.mark.parametrize(
    ("people", "total", "sign"),
    [(2, 10, False), (3, 60, True), (3, 61, False), (19, 381, False), (19, 380, True), (20, 50_000, True)],
)
def test_twenty_people_or_a_twentieth_of_a_campaign_are_a_sign(people: int, total: int, *, sign: bool) -> None:
    assert suspicious(people, total) is sign


@given(st.integers(0, 200), st.integers(0, 100_000))
def test_where_the_total_is_not_needed_it_makes_no_difference(people: int, total: int) -> None:
    assert needs_total(people) or suspicious(people, total) is suspicious(people, 0) is (people >= MANY)
    assert not suspicious(min(people, FEWEST - 1), total)
