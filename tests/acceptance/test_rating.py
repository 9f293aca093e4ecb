"""What people think of an answer."""

from bot.ports import Verdict
from tests.acceptance.college import College

TOPIC = "certificate-lost"


async def test_a_private_answer_can_be_rated_and_one_that_did_not_help_names_the_office(college: College) -> None:
    student, ratings = college.seat(3), college.demo.service.kept.ratings
    await college.say(student, "毕业证丢了怎么补办")
    (said,) = await college.press(student, "没解决")
    assert "教务处教务管理部" in said.text
    assert "工作时间" in said.text
    await college.press(student, "没解决")
    assert await ratings.counts() == {(TOPIC, Verdict.UNSOLVED): 1}
    await college.say(college.seat(4), "毕业证丢了怎么补办")
    await college.press(college.seat(4), "没解决")
    assert await ratings.counts() == {(TOPIC, Verdict.UNSOLVED): 2}
    await college.press(student, "解决了")
    assert await ratings.counts() == {(TOPIC, Verdict.UNSOLVED): 1, (TOPIC, Verdict.SOLVED): 1}


async def test_an_answer_in_the_group_asks_nobody_what_they_think(college: College) -> None:
    (said,) = await college.say(college.seat(3), "@学籍通 毕业证丢了怎么补办", in_group=True)
    assert not {"解决了", "没解决"} & {button.label for button in said.buttons}
