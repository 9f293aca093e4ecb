"""Questions that are unclear, double, or the rest of the last one."""

from datetime import timedelta

from tests.acceptance.college import College

LOST = "毕业证丢失损坏"
"""The title of the topic that is asked on about."""


async def test_a_question_of_a_family_gets_the_question_that_decides(college: College) -> None:
    (asked,) = await college.say(college.seat(3), "学信网照片怎么办")
    assert "照片是哪一种情况" in asked.text
    assert [button.label for button in asked.buttons][-1] == "都不是"
    (answer,) = await college.press(college.seat(3), "没拍照片，还能不能发毕业证")
    assert "依据" in answer.text


async def test_two_questions_in_one_message_are_both_answered(college: College) -> None:
    said = await college.say(college.seat(3), "学信网怎么注册？毕业证丢了怎么补办？")
    assert [("注册" in message.text, "证明书" in message.text) for message in said] == [(True, False), (False, True)]


async def test_what_is_asked_on_is_taken_with_the_answer_before(college: College) -> None:
    await college.say(college.seat(3), "毕业证丢了怎么补办")
    (said,) = await college.say(college.seat(3), "那找谁")
    assert LOST in said.text + "".join(button.label for button in said.buttons)


async def test_long_after_the_answer_it_is_a_question_of_its_own(college: College) -> None:
    await college.say(college.seat(3), "毕业证丢了怎么补办")
    college.clock.advance_to(college.clock.now() + timedelta(minutes=20))
    (said,) = await college.say(college.seat(3), "那找谁")
    assert LOST not in said.text + "".join(button.label for button in said.buttons)
