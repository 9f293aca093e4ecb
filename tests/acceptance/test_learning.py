"""What was asked in vain reaches staff, without whoever asked it."""

from datetime import timedelta

import pytest

from bot.learning import Learning
from knowledge.clustering import Question
from tests.acceptance.college import College

ASKED, TOPIC = "毕业证丢了怎么补办", "certificate-lost"
UNKNOWN = "操场的草皮什么时候换"


async def kept(college: College) -> tuple[Question, ...]:
    return await college.demo.service.kept.questions.kept()


async def test_a_question_whose_answer_did_not_help_is_kept_with_its_topic_and_once(college: College) -> None:
    student = college.seat(3)
    await college.say(student, ASKED)
    for _ in range(2):
        await college.press(student, "没解决")
    assert await kept(college) == (Question(text=ASKED, times=1, unsolved=(TOPIC,)),)


async def test_a_question_whose_answer_helped_is_not_kept(college: College) -> None:
    await college.say(college.seat(3), ASKED)
    await college.press(college.seat(3), "解决了")
    assert await kept(college) == ()


async def test_none_of_what_was_offered_is_a_question_without_an_answer(college: College) -> None:
    await college.say(college.seat(3), "查不到信息")
    await college.press(college.seat(3), "都不是")
    assert await kept(college) == (Question(text="查不到信息", times=1),)


@pytest.mark.parametrize("number", ["20190312345", "0773-1234567", "2019 0312 345"])
async def test_what_is_kept_of_a_question_does_not_say_who_asked_it(college: College, number: str) -> None:
    student = college.seat(3)
    await college.say(student, f"我是{student.name}，{number}，{UNKNOWN}")
    (question,) = await kept(college)
    assert UNKNOWN in question.text
    assert student.name not in question.text
    assert not any(part in question.text for part in ("0312", "1234567"))


async def test_a_night_puts_them_together_once(college: College) -> None:
    for seat in (3, 4, 5):
        await college.say(college.seat(seat), UNKNOWN)
    service = college.demo.service
    stores, known = service.kept, service.known
    one, other = (
        Learning(stores.questions, stores.clusterings, lambda: known.searcher, college.clock) for _ in range(2)
    )
    await one.sweep()
    clustering = await stores.clusterings.last()
    assert clustering is not None
    (cluster,) = clustering.clusters
    assert (cluster.number, cluster.times, cluster.texts) == (1, 3, (UNKNOWN,))
    college.clock.advance_to(college.clock.now() + timedelta(hours=1))
    await other.sweep()
    assert await stores.clusterings.last() == clustering
    college.clock.advance_to(college.clock.now() + timedelta(days=1))
    await other.sweep()
    assert await stores.clusterings.last() != clustering
