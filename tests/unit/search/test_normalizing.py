"""A message is made plain: the same question in other dress reads the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.lexicon import Lexicon
from knowledge.loading import Content
from knowledge.search.normalizing import CLAUSE, LONGEST, Normalizer, folded

LEXICON = Lexicon(
    aliases={"学信网": ("xxw", "学信往"), "怎么": ("咋",), "毕业": ("by",)},
    calls=("小助手",),
    greetings=("你好", "请问", "急", "hi"),
    thanks=("谢谢", "谢谢老师"),
    people=("老师",),
    fillers=("我想问一下", "嗯"),
    asking=("怎么", "吗", "?"),
)
NORMALIZER = Normalizer(LEXICON)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("學信網怎麼註冊", "学信网怎么注册"),
        ("ｘｘｗ咋注册？", "学信网怎么注册?"),
        ("XXW 咋注册", "学信网 怎么注册"),
        ("xxwx咋注册", "xxwx怎么注册"),
        ("你好，请问学信往咋注册，谢谢老师！", "学信网怎么注册"),
        ("@小助手 学信网怎么注册", "学信网怎么注册"),
        ("小助手学信网怎么注册", "学信网怎么注册"),
        ("急！学信网怎么注册", "学信网怎么注册"),
        ("紧急", "紧急"),
        ("老师，学信网怎么注册", "学信网怎么注册"),
        ("老师说学信网怎么注册", "老师说学信网怎么注册"),
        ("那我想问一下学信网怎么注册", "那学信网怎么注册"),
        ("名额嗯", "名额嗯"),
        ("谢谢，学信网弄好了", "谢谢,学信网弄好了"),
        ("history", "history"),
        ("hi 学信网", "学信网"),
        ("学\u200b信\u202e网😂注册🙏", "学信网 注册"),
        ("学信网\ud800怎么注册", "学信网怎么注册"),
        ("啊啊啊啊啊啊", "啊啊"),
        ("你好", "你好"),
        ("谢谢", "谢谢"),
        ("名字是䶮·𠮷", "名字是䶮·𠮷"),
        ("？？！！", "?"),
        ("", ""),
    ],
)
def test_dress_is_taken_off(typed: str, plain: str) -> None:
    assert NORMALIZER.plain(typed) == plain


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    asked = NORMALIZER.read(text)
    assert len(asked.clause) <= CLAUSE
    assert len(asked.whole) <= 4 * LONGEST
    asked.whole.encode("utf-8")


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.lists(st.sampled_from(["学信网", "咋", "怎么", "注册", "毕业", "，", "老师说"]), max_size=8))
def test_what_is_plain_stays_as_it_is(words: list[str]) -> None:
    plain = NORMALIZER.plain("".join(words))
    assert NORMALIZER.plain(plain) == plain


def test_of_a_long_story_the_part_that_asks_is_kept(real: Content) -> None:
    story = (
        "老师您好，我家在外地，这个学期一直在厂里上班，上个月才回学校，室友都已经弄完了，"
        "班长昨天在群里又说了一遍，我没有看到通知，请问学籍核对的时候生日那一项也要看吗？谢谢老师"
    )
    asked = Normalizer(real.lexicon).read(story)
    assert "生日那一项也要看吗" in asked.clause.replace("出生日期", "生日")
    assert len(asked.clause) <= CLAUSE


@pytest.mark.parametrize(
    "flood", ["a" * 10_000, "谢谢 " * 5_000, " 急" * 5_000, "，。" * 5_000, "😂" * 10_000, "你好" * 5_000 + "x"]
)
def test_a_flood_is_cut_short(flood: str) -> None:
    assert len(NORMALIZER.read(flood).whole) <= LONGEST
