"""Long texts are cut where a reader would pause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.rendering import split_text, utf16_length

pieces = st.sampled_from(["学信网", "。", "，", "\n", "\n\n", " ", "abc", "😀", "👨‍👩‍👧", "e\u0301", "？”", "𠮷", "１"])
long_texts = st.lists(pieces | st.text(max_size=5), max_size=120).map("".join)


def utf8_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


@given(text=long_texts, limit=st.integers(2, 60), first=st.none() | st.integers(2, 60))
def test_parts_join_back_and_none_is_over_the_limit(text: str, limit: int, first: int | None) -> None:
    parts = split_text(text, limit, first=first)
    assert "".join(parts) == text
    assert utf16_length(parts[0]) <= (first or limit)
    assert all(utf16_length(part) <= limit for part in parts[1:])
    assert all(parts[1:])


@given(text=long_texts, limit=st.integers(4, 60))
def test_parts_can_be_measured_in_bytes(text: str, limit: int) -> None:
    parts = split_text(text, limit, measure=utf8_length)
    assert "".join(parts) == text
    assert all(utf8_length(part) <= limit for part in parts)


@given(text=st.text(max_size=50))
def test_utf16_units_are_what_the_encoding_has(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("一二三四。五六七八", ("一二三四。", "五六七八")),
        ("一二三。四五，六七八", ("一二三。", "四五，六七八")),
        ("一二三\n四五。六七八九", ("一二三\n", "四五。六七八", "九")),
        ("他说“好了。”然后走了", ("他说“好了。”", "然后走了")),
        ("一二三四五六七八九", ("一二三四五六", "七八九")),
    ],
)
def test_a_cut_is_made_at_the_best_pause_in_the_second_half(text: str, parts: tuple[str, ...]) -> None:
    assert split_text(text, 7 if "“" in text else 6) == parts


def test_a_character_made_of_several_is_not_torn() -> None:
    assert split_text("好好好👨‍👩‍👧", 8) == ("好好好", "👨‍👩‍👧")


def test_a_limit_too_small_for_a_character_is_an_error() -> None:
    with pytest.raises(ValueError, match="fit"):
        split_text("😀", 1)
