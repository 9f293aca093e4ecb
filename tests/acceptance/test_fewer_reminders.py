"""A student asks to be reminded less, sees that it holds, and takes it back."""

from datetime import datetime

from tests.acceptance.college import College

FIRST_WAVE = datetime.fromisoformat("2019-12-15T21:59:00+08:00")
LAST_WAVE = datetime.fromisoformat("2019-12-22T21:30:00+08:00")


async def reminded(college: College, until: datetime, *numbers: int) -> list[bool]:
    """Which of these students are reminded in private up to a moment."""
    chats = {message.chat for message in await college.turn_to(until)}
    return [college.seat(number).sid in chats for number in numbers]


async def test_who_asks_for_fewer_reminders_gets_one_on_the_last_day_alone(college: College) -> None:
    await college.open_campaign()
    (noted,) = await college.say(college.seat(3), "少提醒")
    assert "最后一天" in noted.text
    assert await reminded(college, FIRST_WAVE, 3, 4) == [False, True]
    assert await reminded(college, LAST_WAVE, 3, 4) == [True, True]


async def test_they_see_it_beside_their_state_and_can_take_it_back(college: College) -> None:
    await college.open_campaign()
    student = college.seat(3)
    await college.say(student, "退订")
    (state,) = await college.say(student, "我的状态")
    assert "少提醒 关" in state.text
    assert "还没登记" in state.text
    await college.say(student, "少提醒 关")
    (state,) = await college.say(student, "我的状态")
    assert "少提醒" not in state.text
    assert await reminded(college, FIRST_WAVE, 3) == [True]


async def test_asked_for_in_the_group_it_is_noted_in_private(college: College) -> None:
    (noted,) = await college.say(college.seat(3), "@学籍通 少提醒", in_group=True)
    assert noted.chat == college.seat(3).sid


async def test_with_more_words_it_is_a_question(college: College) -> None:
    (said,) = await college.say(college.seat(3), "退订 毕业证丢了怎么补办")
    assert said.buttons
    (binding,) = await college.demo.service.kept.bindings.of_account(college.account(college.seat(3)))
    assert binding is not None
    assert not binding.last_day_only


async def test_who_is_not_bound_is_not_reminded_anyway(college: College) -> None:
    student = college.seat(3)
    await college.demo.service.kept.bindings.unbind(college.account(student))
    (said,) = await college.say(student, "少提醒")
    assert "没有绑定" in said.text
