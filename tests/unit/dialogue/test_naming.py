"""Two spellings of one name are one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.naming import plain_name, variants_of
from bot.dialogue.wording import ContentWording
from knowledge.loading import load

VARIANTS = variants_of(ContentWording(load().phrases, "you").words("words.name-variants"))
names = st.text(alphabet="阿依古丽买提张三龑犇A b", min_size=1, max_size=12)
left_out = st.text(alphabet="·•・．.- 　—－", max_size=2)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("阿依古丽买买提", "阿依古丽•买买提"),
        ("ＡＮＮＡ lee", "Anna Lee"),
        ("劉德華", "刘德华"),
        ("赵䶮", "赵龑"),
        ("王堃", "王坤"),
        ("李祐", "李佑"),
    ],
)
def test_what_people_leave_out_or_write_another_way_is_no_other_name(written: str, meant: str) -> None:
    assert plain_name(written, VARIANTS) == plain_name(meant, VARIANTS)


@pytest.mark.parametrize(("one", "other"), [("张三", "张四"), ("李洁", "李结"), ("王二", "王二二")])
def test_another_name_is_another_name(one: str, other: str) -> None:
    assert plain_name(one, VARIANTS) != plain_name(other, VARIANTS)


@given(names, st.data())
def test_dots_dashes_and_spaces_anywhere_do_not_count(name: str, data: st.DataObject) -> None:
    dotted = "".join(char + data.draw(left_out) for char in name)
    assert plain_name(dotted, VARIANTS) == plain_name(name, VARIANTS)


@given(st.lists(st.one_of(names, left_out)).map("".join))
def test_a_plain_name_is_plain(name: str) -> None:
    plain = plain_name(name, VARIANTS)
    assert plain_name(plain, VARIANTS) == plain
