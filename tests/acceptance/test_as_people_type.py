"""What students and staff type without having read the help."""

import pytest

from bot.dialogue.limiting import MOST, Counted
from scheduler.campaigns import State
from tests.acceptance.college import College


def class_name(college: College) -> str:
    return college.demo.room.classes[college.seat(1).class_id]


@pytest.mark.parametrize("text", ["登陆不上", "登录不上", "登不上"])
async def test_who_cannot_log_in_says_so_in_their_own_spelling(college: College, text: str) -> None:
    campaign = await college.open_campaign()
    await college.say(college.seat(3), text)
    assert (await college.state(campaign, college.seat(3))).state is State.NO_LOGIN


async def test_a_button_s_label_may_be_typed_but_nothing_is_stated_by_it(college: College) -> None:
    campaign = await college.open_campaign()
    await college.counsellor_says("催办")
    (preview,) = await college.counsellor_says(class_name(college))
    assert "将私信提醒" in preview.text
    sent = await college.counsellor_says("发")
    assert [message for message in sent if message.chat == college.seat(3).sid]
    await college.say(college.seat(3), "确认")
    await college.say(college.seat(3), "我已登录学信网逐项看过，都对")
    assert (await college.state(campaign, college.seat(3))).state is State.NONE


async def test_staff_names_the_class_right_behind_the_word_and_the_paper_with_it(college: College) -> None:
    await college.open_campaign()
    name = class_name(college)
    for text in (f"名单{name}", f"看名单 {name}"):
        (said,) = await college.counsellor_says(text)
        assert said.text.startswith(f"{name}，仅您可见")
    for text in (f"导出 {name} 签字表", f"导出 签字表 {name}"):
        papers = await college.counsellor_says(text)
        assert any(message.files for message in papers)
    (asked,) = await college.counsellor_says("催办 全部")
    assert "全部3个班" in asked.buttons[0].label


@pytest.mark.parametrize("how", ["{seat}号", "{number}"])
async def test_who_is_stated_for_is_named_by_the_sheet_s_number_or_their_own(college: College, how: str) -> None:
    await college.open_campaign()
    student = college.seat(4)
    (asked,) = await college.say(college.seat(1), f"代登记 {how.format(seat=4, number=student.number)}")
    assert asked.text.startswith(f"代{student.name}登记，是什么原因")


async def test_a_monitor_ticks_one_signature_after_the_other_as_the_sheets_come_in(college: College) -> None:
    await college.open_campaign()
    for seat in range(1, MOST[Counted.ASKED] + 5):
        (said,) = await college.say(college.seat(1), f"纸签 {seat}号签了")
        assert "已记纸签1人" in said.text


async def test_there_is_nothing_to_take_back_of_who_has_stated_nothing(college: College) -> None:
    await college.open_campaign()
    (said,) = await college.counsellor_says(f"更正 {class_name(college)} 3")
    assert "还没有登记，不用退回" in said.text
    assert not said.buttons
