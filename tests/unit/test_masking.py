"""Secrets are taken out of what came in, wherever they stand and however they are written."""

import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.masking import kinds_in, mask, mask_json
from bot.platforms.rendering import utf16_length

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")

texts = st.text(max_size=40)


def with_check_digit(seventeen: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, seventeen, strict=True))
    return seventeen + "10X98765432"[total % 11]


def _id_number(region: int, born: date, order: int) -> str:
    return with_check_digit(f"{region:06}{born:%Y%m%d}{order:03}")


id_numbers = st.builds(
    _id_number,
    st.integers(110000, 659999),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
codes = st.from_regex(r"[0-9]{4,8}", fullmatch=True)
spellings = st.sampled_from(
    [
        str,
        str.lower,
        lambda number: number.translate(FULL_WIDTH),
        lambda number: f"{number[:6]} {number[6:14]} {number[14:]}",
        lambda number: "-".join([number[:3], number[3:7], number[7:]]),
        lambda number: " - ".join([number[:3], number[3:7], number[7:]]),
        lambda number: " \u2014 ".join([number[:6], number[6:14], number[14:]]),
        "\u200b".join,
    ]
)


def digits_of(text: str) -> str:
    return "".join(str(int(char)) for char in text if char.isdecimal())


@given(before=texts, number=id_numbers, spelling=spellings, after=texts)
def test_an_id_number_is_masked_whatever_stands_around_it(before: str, number: str, spelling: Any, after: str) -> None:
    masked = mask(f"{before}{spelling(number)}{after}")
    assert "id-number" in masked.kinds
    assert number[:17] not in digits_of(masked.text)


@given(number=id_numbers, before=st.from_regex(r"[0-9]{0,12}", fullmatch=True))
def test_an_id_number_within_a_longer_row_of_digits_is_masked(number: str, before: str) -> None:
    assert number[6:17] not in mask(f"{before}{number}").text


@given(number=st.from_regex(r"[0-9]{17}", fullmatch=True).map(with_check_digit))
def test_eighteen_digits_with_a_right_check_digit_are_masked_whatever_the_birthday(number: str) -> None:
    assert mask(f"号码{number}。").kinds == ("id-number",)


def test_eighteen_digits_with_a_wrong_check_digit_stay() -> None:
    right = with_check_digit("45010220010101123")
    wrong = right[:17] + ("0" if right[17] != "0" else "1")
    assert mask(f"订单{wrong}").text == f"订单{wrong}"


@given(number=mobiles, spelling=spellings, prefix=st.sampled_from(["", "+86", "86", "0086 ", "+86-", "＋86"]))
def test_a_mobile_number_is_masked_in_every_spelling(number: str, spelling: Any, prefix: str) -> None:
    masked = mask(f"打我电话{prefix}{spelling(number)}哦")
    assert masked.kinds == ("mobile",)
    assert digits_of(masked.text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "学号19110320115",  # eleven digits that say what they are
        "学号：16041010123 绑定",
        "考生号19450102110123",
        "2019年12月22日24:00前",
        "电话010-67410388",
        "2019级 3192051 班",
        "2019年验证码收不到",
        "验证码10分钟都没来",
        "验证码收不到",
        "我的登记号 7Q4K",
        "客服12306",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "验证码 {}",
        "验证码：{}，5分钟内有效",
        "您的验证码是{}，请勿告诉他人",
        "{}是我的验证码",
        "{} 验证码",
        "校验码为 {}",
        "短信验证码发来了：{}",
        "code: {}",
    ],
)
@given(code=codes)
def test_a_code_beside_its_word_is_masked(text: str, code: str) -> None:
    masked = mask(text.format(code))
    assert masked.kinds == ("code",)
    assert code not in masked.text


@given(
    st.lists(st.one_of(texts, id_numbers, mobiles, codes, st.just("验证码"), st.just("学号")), max_size=8).map("".join)
)
def test_masking_keeps_every_place_in_the_text_and_changes_nothing_the_second_time(text: str) -> None:
    masked = mask(text)
    assert utf16_length(masked.text) == utf16_length(text)
    assert mask(masked.text) == masked
    assert kinds_in(masked.text) == masked.kinds
    untouched = [
        place for place, char in enumerate(text) if not char.isdecimal() and char.isalpha() and char not in "xXＸｘ"
    ]
    assert all(
        masked.text[place] == text[place] for place in untouched if masked.text[place] not in "〔〕＊身份证号手机码"
    )


def test_the_kinds_are_named_in_the_text_for_staff_to_read() -> None:
    text = mask(f"身份证{with_check_digit('45010220010101123')}和13812345678，验证码4321").text
    assert re.sub("＊+", "…", text) == "身份证〔身份证号…〕和〔手机号…〕，验证码〔码…〕"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def _buried(value: Any, number: str, path: list[str | int]) -> Any:
    for step in path:
        value = [value, number] if isinstance(step, int) else {step: value, f"{number} {step}": number}
    return value


@given(
    json_values,
    id_numbers,
    st.lists(st.one_of(st.integers(0, 1), st.sampled_from(["text", "caption", "quote"])), min_size=1, max_size=5),
)
def test_a_masked_number_survives_nowhere_in_the_json(value: Any, number: str, path: list[str | int]) -> None:
    stored = json.dumps(mask_json(_buried(f"我是{number}", number, path)), ensure_ascii=False)
    assert number not in stored


def test_identifiers_of_the_platform_are_left_alone() -> None:
    looks_like_one = with_check_digit("45010220010101123")
    update = {"callback_query": {"id": looks_like_one, "from": {"id": 5}}, "text": looks_like_one}
    masked = mask_json(update, leave=frozenset({"id"}))
    assert masked["callback_query"] == update["callback_query"]
    assert looks_like_one not in masked["text"]
