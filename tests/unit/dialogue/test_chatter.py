"""What asks nothing, and whose business a question is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.chatter import Business, asks_nothing, sounds
from bot.dialogue.wording import ContentWording
from knowledge.loading import load

CONTENT = load()
LAUGHTER = sounds(ContentWording(CONTENT.phrases, "你").words("words.laughter"))
BUSINESS = Business(CONTENT.lexicon)


@pytest.mark.parametrize(
    "text",
    [
        "", "？？？！！！", "……", "😀😀😀", "👍", "哈哈哈哈哈", "哈哈哈，哈哈", "嘿嘿😂", "hhhhh", "666", "23333",
        "[捂脸]",
        "[呲牙][呲牙]哈哈", "\u200b\u200b\u2060", "\u202e\u202c", "3190801001", "笑死", "嗯…", "ＨＡＨＡ", "7", "。",
    ],
)  # fmt: skip
def test_marks_pictures_numbers_and_laughter_ask_nothing(text: str) -> None:
    assert asks_nothing(text, LAUGHTER)


@pytest.mark.parametrize(
    "text", ["学籍", "查不到", "哈哈学信网是啥", "h5能注册吗", "？学籍？", "[学信网打不开啊]", "how"]
)
def test_any_word_may_be_a_question(text: str) -> None:
    assert not asks_nothing(text, LAUGHTER)


@given(st.text(st.characters(categories=["P", "Z", "Cf", "Nd"]) | st.sampled_from("😀🎓👍🏻✅＋～"), max_size=60))
def test_no_row_of_marks_is_ever_a_question(text: str) -> None:
    assert asks_nothing(text, LAUGHTER)


@pytest.mark.parametrize(
    "text",
    ["奖学金什么时候发", "宿舍怎么换", "校园网账号密码忘了", "食堂几点关门", "今天下雨吗", "WPS怎么激活", "四级成绩单"],
)
def test_other_business_of_the_school_is_not_the_registrars(text: str) -> None:
    assert not BUSINESS.ours(text)


@pytest.mark.parametrize(
    "text", ["学籍能不能挂两个学校", "xuexinwang上我的民族", "毕业證上的章模糊", "https://my.chsi.com.cn 的学籍"]
)
def test_what_is_about_the_record_is_the_registrars(text: str) -> None:
    assert BUSINESS.ours(text)
