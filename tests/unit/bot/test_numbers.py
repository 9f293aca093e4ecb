"""A bare number is read in every spelling, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.numbers import chosen_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("１", 1), ("1.", 1), ("①", 1), ("选1", 1), ("二", 2), ("二?", 2), ("2、", 2), ("第二个", 2),
        ("1️⃣", 1), ("⒈", 1), ("⑴", 1), ("（3）", 3), ("0", 0), ("12", 12), ("十", 10), ("回复 2", 2), ("选择３。", 3),
        (" 4 ", 4), ("2吧", 2), ("第3项", 3), ("\u200b2", 2), ("两", 2),
    ],
)  # fmt: skip
def test_a_bare_number_is_read_in_every_spelling(text: str, number: int) -> None:
    assert chosen_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "2019", "1.5", "一个问题", "我选1和2", "收到", "+1", "1班的", "12 34", "1" * 10_000, "三三"]
)
def test_anything_else_is_no_number(text: str) -> None:
    assert chosen_number(text) is None


@given(st.text(max_size=20))
def test_a_number_read_from_any_text_is_between_0_and_99(text: str) -> None:
    number = chosen_number(text)
    assert number is None or 0 <= number <= 99
