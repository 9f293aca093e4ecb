"""纸签 and 已交 in chat: the monitor ticks by the sheet's numbers, hands in, and the students' undo ends with it."""

from scheduler.campaigns import Grade, State
from scheduler.handing_in import college_field
from tests.acceptance.college import College

MONITOR = 1


async def test_the_monitor_ticks_everybody_but_two_and_hears_who_is_left_by_number(college: College) -> None:
    campaign = await college.open_campaign()
    monitor = college.seat(MONITOR)
    await college.say(college.seat(2), "确认")
    await college.press(college.seat(2), "都对")
    (how,) = await college.say(monitor, "纸签")
    assert "纸签0/" in how.text
    (noted,) = await college.say(monitor, "纸签 除 3、17 外都签了")
    assert noted.text.endswith("还没签的序号：3、17")
    stated, silent = await college.state(campaign, college.seat(2)), await college.state(campaign, college.seat(5))
    assert (stated.state, stated.grade) == (State.CONFIRMED, Grade.SIGNED)
    assert (silent.state, silent.grade, silent.signed_at is None) == (State.NONE, None, False)
    (back,) = await college.say(monitor, "纸签 撤回 2号")
    assert "已撤回纸签1人" in back.text
    assert (await college.state(campaign, college.seat(2))).grade is Grade.STATEMENT


async def test_who_is_named_as_missing_is_not_ticked_any_more_and_the_receipt_says_so(college: College) -> None:
    campaign = await college.open_campaign()
    monitor = college.seat(MONITOR)
    await college.say(monitor, "纸签 3号、4号签了")
    (noted,) = await college.say(monitor, "纸签 除 3、17 外都签了")
    assert "这次改为没签的序号：3。" in noted.text
    assert noted.text.endswith("还没签的序号：3、17")
    assert (await college.state(campaign, college.seat(3))).signed_at is None
    assert (await college.state(campaign, college.seat(4))).signed_at is not None


async def test_nothing_is_ticked_for_a_number_that_is_not_on_the_sheet(college: College) -> None:
    campaign = await college.open_campaign()
    (refused,) = await college.say(college.seat(MONITOR), "纸签 3、99")
    assert "99" in refused.text
    assert (await college.state(campaign, college.seat(3))).signed_at is None


async def test_when_the_class_has_handed_in_the_students_undo_ends_until_it_is_taken_back(college: College) -> None:
    campaign = await college.open_campaign()
    monitor, other = college.seat(MONITOR), college.seat(4)
    await college.say(other, "确认")
    await college.press(other, "都对")
    (asked,) = await college.say(monitor, "已交")
    assert "不能再自己撤回" in asked.text
    assert await college.demo.service.kept.campaigns.hand_in(campaign.id, monitor.class_id) is None
    (receipt,) = await college.press(monitor, "已交系")
    assert "已交表" in receipt.text
    await college.say(other, "撤回")
    assert (await college.state(campaign, other)).state is State.CONFIRMED
    (late,) = await college.say(monitor, "纸签 3")
    assert "不能再改" in late.text
    (undone,) = await college.say(monitor, "已交 撤回")
    assert "还没有交表" in undone.text
    await college.say(other, "撤回")
    assert (await college.state(campaign, other)).state is State.NONE


async def test_a_student_ticks_nothing_and_a_counsellor_does_not_speak_for_the_college(college: College) -> None:
    campaign = await college.open_campaign()
    await college.say(college.seat(5), "纸签 全签了")
    await college.say(college.seat(5), "已交")
    assert (await college.state(campaign, college.seat(5))).signed_at is None
    await college.counsellor_says("已交处")
    hand_ins = await college.demo.service.kept.papers.all(campaign.id)
    assert college_field(college.seat(5).college) not in hand_ins


async def test_a_monitor_is_told_to_ask_a_teacher_for_what_is_not_theirs_to_do(college: College) -> None:
    await college.open_campaign()
    for text in ("已交处", "导出", "进度图"):
        (refused,) = await college.say(college.seat(MONITOR), text)
        assert "上一级的老师" in refused.text


async def test_in_the_group_the_answer_goes_to_the_monitor_alone(college: College) -> None:
    await college.open_campaign()
    monitor = college.seat(MONITOR)
    said = await college.say(monitor, "@学籍通 纸签 3号签了", in_group=True)
    assert all(message.chat == monitor.sid or "序号" not in message.text for message in said)
