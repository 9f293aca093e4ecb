"""Words mean that somebody has read: they never change a state, whatever they are."""

import pytest

from scheduler.campaigns import State
from tests.acceptance.college import College

READ = (
    "收到", "收到！", "已收到", "好的", "好的老师", "OK", "ok.", "嗯嗯", "知道了", "1", "+1", "111", "１",
    "👍", "👍🏻👍🏻", "🆗", "[OK]", "是的", "没问题", "done", "谢谢老师收到",
)  # fmt: skip
ALL_RIGHT = ("学籍没问题, 都对的", "都对的", "核对完了，无误", "我已确认", "信息都正确", "老师我弄好了")
TELLING_OR_ASKING = ("都对的话还要签字吗", "姓名都对，照片不对", "我同学说都对", "还没弄好", "没有问题的话怎么登记")


@pytest.mark.parametrize("words", [*READ, *ALL_RIGHT, *TELLING_OR_ASKING])
async def test_no_words_change_a_state(college: College, words: str) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    for _ in range(3):  # nor the same again under what was offered the first time
        await college.say(student, words)
    await college.say(student, words, in_group=True)
    assert await college.state(campaign, student) == await college.state(campaign, college.seat(7))
    assert (await college.state(campaign, student)).state is State.NONE


@pytest.mark.parametrize("words", [*READ, *ALL_RIGHT])
async def test_in_private_they_get_one_line_with_the_button_and_in_a_group_nothing(
    college: College, words: str
) -> None:
    await college.open_campaign()
    (said,) = await college.say(college.seat(6), words)
    assert "按钮" in said.text
    assert any("我核对好了" in button.label for button in said.buttons)
    assert await college.say(college.seat(7), f"@学籍通 {words}", in_group=True) == []


@pytest.mark.parametrize("words", TELLING_OR_ASKING)
async def test_who_tells_or_asks_something_is_answered(college: College, words: str) -> None:
    await college.open_campaign()
    (said,) = await college.say(college.seat(6), words)
    assert "要点按钮才算登记" not in said.text


async def test_a_number_under_the_check_list_states_nothing(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    for words in ("收到", "1", "1", "1"):
        await college.say(student, words)
    assert (await college.state(campaign, student)).state is State.NONE
    (receipt,) = await college.press(student, "都对")
    assert (await college.state(campaign, student)).receipt in receipt.text


async def test_who_is_done_hears_nothing_of_it_any_more(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "确认")
    await college.press(student, "都对")
    assert await college.say(student, "收到") == []
