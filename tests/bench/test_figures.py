"""Figures are shown as they were measured."""

import json

import pytest

from tests.bench.figures import Figure, least, percentile, rounds, table
from tests.bench.questions import Fresh, asked

FIGURE = Figure(name="search", value=3.21449, unit="ms", aim=6.0, beside=2.0, peer="bare call")
BARE = Figure(name="rate", value=1234.5, unit="/s")


def test_as_json_a_figure_is_one_line_of_five_fields() -> None:
    shown = {"name": "search", "value": 3.214, "unit": "ms", "aim": 6.0, "beside": 2.0}
    assert json.loads(FIGURE.as_json()) == shown
    assert "\n" not in FIGURE.as_json()


def test_what_has_no_aim_and_nothing_beside_it_says_null() -> None:
    assert json.loads(BARE.as_json()) == {"name": "rate", "value": 1234.5, "unit": "/s", "aim": None, "beside": None}


def test_the_table_shows_the_ratio_to_what_stands_beside() -> None:
    _, _, search, rate = table([FIGURE, BARE]).splitlines()
    assert search.split() == ["search", "3.21", "ms", "≤", "6", "2", "1.61", "bare", "call"]
    assert rate.split() == ["rate", "1234", "/s"]


def test_the_aim_of_a_rate_is_the_least_it_should_be() -> None:
    _, _, row = table([Figure(name="rate", value=700, unit="/s", aim=least(4_000), beside=4_000)]).splitlines()
    assert row.split() == ["rate", "700", "/s", "≥", "800", "4000", "0.17"]
    assert least(100) == 500


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_one_round_is_run_however_little_time_there_is() -> None:
    assert list(rounds(5, seconds=-1)) == [0]
    assert list(rounds(3, seconds=60)) == [0, 1, 2]


def test_fresh_questions_never_repeat() -> None:
    fresh = Fresh()
    number = 2 * len(asked())
    assert len({*fresh.take(number), *fresh.take(number)}) == 2 * number
