"""What strangers type is shown to others as plain words on one line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.typed import one_line


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("张\u200b三\u2060", "张三"),
        ("\u202e三张\u202c", "三张"),
        ("张三\n\n【学籍科】\u2028请点", "张三 【学籍科】 请点"),
        ("\ud83d张三", "张三"),
        ("  阿依古丽·买买提 ", "阿依古丽·买买提"),
        ("\U0003106c\ue000", "\U0003106c\ue000"),
    ],
)
def test_what_cannot_be_seen_goes_and_names_stay_as_they_are(typed: str, shown: str) -> None:
    assert one_line(typed) == shown


@given(st.text(alphabet=st.characters(categories=["L", "Z", "C"])), st.integers(min_value=1, max_value=20))
def test_nothing_typed_is_longer_than_wanted_or_breaks_the_line(typed: str, most: int) -> None:
    shown = one_line(typed, most)
    assert len(shown) <= most
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & {unicodedata.category(char) for char in shown}
    assert one_line(shown, most) == shown
