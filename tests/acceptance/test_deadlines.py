"""What is said of an open campaign's deadline, before it and after, and a reminder asked for tomorrow."""

from datetime import datetime, timedelta

import pytest

from tests.acceptance.college import College

AFTER = datetime.fromisoformat("2019-12-23T09:00:00+08:00")
AFTER_HAND_IN = datetime.fromisoformat("2019-12-24T18:00:00+08:00")
ASKED = "学籍核对什么时候结束"
TOMORROW = "让我今天再提醒一次"


async def test_before_the_deadline_its_moment_is_said_and_after_it_that_it_is_over_and_whom_to_ask(
    college: College,
) -> None:
    await college.open_campaign()
    (before,) = await college.say(college.seat(3), ASKED)
    assert "截止时间是12月22日（周日）24:00" in before.text
    assert before.buttons[0].label == "我核对好了"
    await college.turn_to(AFTER)
    (after,) = await college.say(college.seat(3), ASKED)
    assert "已于12月22日（周日）24:00截止" in after.text
    assert "补登记" in after.text
    assert "辅导员" in after.text
    assert after.buttons[0].label == "补登记"


@pytest.mark.parametrize("way", ["补登记", "1"])
async def test_what_the_deadlines_answer_sends_people_to_is_there_to_be_chosen(college: College, way: str) -> None:
    await college.open_campaign()
    await college.turn_to(AFTER)
    await college.say(college.seat(3), ASKED)
    (check_list,) = await college.say(college.seat(3), way)
    assert any("都对" in button.label for button in check_list.buttons)


async def test_after_the_day_of_handing_in_it_is_said_to_be_over(college: College) -> None:
    await college.open_campaign()
    await college.turn_to(AFTER_HAND_IN)
    (said,) = await college.say(college.seat(1), "登记表几号前交到教务")
    assert "已于12月24日（周二）17:00截止" in said.text


async def test_the_open_campaign_says_what_holds_for_brackets(college: College) -> None:
    question = "专业后面带括号算错吗"
    (history,) = await college.say(college.seat(3), question)
    assert "2019年的流程写明" in history.text
    await college.open_campaign()
    (now,) = await college.say(college.seat(3), question)
    assert "括号内不用核对" in now.text
    assert "这几种情况不算错" in now.text


async def test_the_reminder_for_tomorrow_comes_that_evening(college: College) -> None:
    await college.open_campaign()
    (noted,) = await college.say(college.seat(3), "明天")
    assert "明晚" in noted.text
    said = await college.turn_to(college.clock.now().replace(hour=11, minute=31) + timedelta(days=1))
    assert [message.chat for message in said if TOMORROW in message.text] == [college.seat(3).sid]


async def test_a_clock_that_jumps_past_that_evening_brings_no_reminder_for_another_day(college: College) -> None:
    await college.open_campaign()
    await college.say(college.seat(3), "明天")
    said = await college.turn_to(college.clock.now() + timedelta(days=4))
    assert not [message for message in said if TOMORROW in message.text]
