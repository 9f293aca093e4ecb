"""A bare number is read in every spelling, and nothing else is."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.numbers import chosen_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("１", 1), ("1.", 1), ("①", 1), ("选1", 1), ("二", 2), ("二?", 2), ("2、", 2), ("第二个", 2),
        ("1️⃣", 1), ("⒈", 1), ("⑴", 1), ("（3）", 3), ("0", 0), ("12", 12), ("十", 10), ("回复 2", 2), ("选择３。", 3),
        ("「1」", 1), ("『２』", 2), ("【3】", 3), ("“1”", 1), ("选「1」", 1), ("第「2」个", 2), ("❶", 1), ("➁", 2),
        ("⓷", 3),
        ("㊀", 1), ("㈡", 2), ("选项2", 2), ("我选3", 3), ("选第二个", 2), ("1#", 1), ("第1个", 1), ("❿", 10),
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


PLAIN = [
    str,
    lambda n: str(n).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    lambda n: "零一二三四五六七八九十"[n],
]
CIRCLED = [lambda n: chr(0x245F + n), lambda n: chr(0x2473 + n), lambda n: chr(0x2487 + n), lambda n: chr(0x2775 + n)]
AROUND = [
    "{}", "{}.", "{}、", " {} ", "「{}」", "（{}）", "[{}]", "【{}】", "“{}”", "选{}", "选择{}", "回复{}", "第{}个",
    "选第{}个",
    "第{}项", "我选{}", "{}吧", "{}。", "选 {}", "{}号", "选项{}",
]  # fmt: skip


@given(number=st.integers(1, 10), spelling=st.sampled_from(PLAIN + CIRCLED), around=st.sampled_from(AROUND))
def test_every_spelling_with_everything_around_it_is_the_number(
    number: int, spelling: Callable[[int], str], around: str
) -> None:
    assert chosen_number(around.format(spelling(number))) == number


@given(number=st.integers(0, 9))
def test_a_keycap_is_its_number(number: int) -> None:
    assert chosen_number(f"{number}\ufe0f\u20e3") == number
