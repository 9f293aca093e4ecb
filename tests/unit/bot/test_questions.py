"""What a message asks: two questions in one, or the rest of the last one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.questions import QuestionWords, follows_up, two_questions
from bot.dialogue.wording import ContentWording
from knowledge.loading import load

CONTENT = load()
WORDS = QuestionWords.of(ContentWording(CONTENT.phrases, "你"), CONTENT.lexicon)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("学信网怎么注册？毕业证丢了怎么补办？", ("学信网怎么注册", "毕业证丢了怎么补办")),
        ("学信网打不开，还有我的学籍查不到", ("学信网打不开，", "我的学籍查不到")),
        ("收不到验证码怎么办\n专业后面有括号要紧吗", ("收不到验证码怎么办", "专业后面有括号要紧吗")),
        ("怎么註冊學信網？另外照片不對怎麼辦", ("怎么注册学信网", "照片不对怎么办")),
    ],
)
def test_two_questions_are_told_apart(text: str, halves: tuple[str, str]) -> None:
    found = two_questions(text, WORDS)
    assert found is not None
    assert tuple(half.replace(",", "，") for half in found) == halves


@pytest.mark.parametrize(
    "text",
    [
        "学信网怎么注册",
        "你好。学信网怎么注册？",
        "在吗？学信网怎么注册？",
        "学信网审核还有多久",
        "文化程度填低了，还有多长时间可以报上去改？",
        "前年学信网还有学历，今年一查没了，怎么回事",
        "我是2019级的。昨天登上去看了。查不到学籍怎么办？",
        "？？？",
        "一是怎么注册？二是怎么改名？三是找谁？",
        "",
    ],
)
def test_one_question_three_or_none_are_not_two(text: str) -> None:
    assert two_questions(text, WORDS) is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    halves = two_questions(text, WORDS)
    assert halves is None or all(halves)


@pytest.mark.parametrize("text", ["那手机呢", "电脑呢？", "那要多久", "要多久", "如果改过名", "找谁？"])
def test_a_short_message_after_an_answer_asks_on(text: str) -> None:
    assert follows_up(text, NOW - timedelta(minutes=9), NOW, WORDS)


@pytest.mark.parametrize(
    "text", ["好的", "谢谢", "哈哈", "今晚吃啥", "那", "呢", "那毕业证丢了到底应该去哪里补办呢", ""]
)
def test_other_messages_do_not(text: str) -> None:
    assert not follows_up(text, NOW - timedelta(minutes=9), NOW, WORDS)


def test_nobody_asks_on_without_an_answer_or_long_after_it() -> None:
    assert not follows_up("那手机呢", None, NOW, WORDS)
    assert not follows_up("那手机呢", NOW - timedelta(minutes=11), NOW, WORDS)
