"""What is kept of somebody is shown to them alone, and goes away when they say so."""

from dataclasses import replace
from typing import Any

import pytest

from bot.vault import new_key
from scheduler.campaigns import State
from scheduler.corrections import Step
from scheduler.roster import BindingStrength
from tests.acceptance.college import College
from tests.acceptance.test_wrong_items import write

PERSONAL = ("我的状态", "确认", "有误", "查不到", "登录不了", "撤回", "明天", "少提醒", "隐私", "注销")


@pytest.fixture
def configured() -> dict[str, Any]:
    return {"correction_keys": new_key()}


@pytest.mark.parametrize("command", PERSONAL)
async def test_in_a_group_a_students_command_is_answered_in_private_alone(college: College, command: str) -> None:
    await college.open_campaign()
    student = college.seat(3)
    said = await college.say(student, f"@学籍通 {command}", in_group=True)
    assert said
    assert {message.chat for message in said} == {student.sid}


async def test_what_is_kept_is_shown_with_why_how_long_and_how_it_goes(college: College) -> None:
    await college.open_campaign()
    student = college.seat(3)
    await write(college, student)
    await college.press(student, "登记")
    (said,) = await college.say(student, "隐私")
    for words in (
        student.name,
        student.number[-4:],
        "报过有误",
        "报过1项有误，其中1项",
        "90天",
        "不记是谁问的",
        "注销",
    ):
        assert words in said.text
    assert "苗族" not in said.text


async def test_a_stranger_is_told_that_nothing_is_kept(college: College) -> None:
    student = college.seat(3)
    await college.demo.service.kept.bindings.unbind(college.account(student))
    (said,) = await college.say(student, "隐私")
    assert "没有绑定" in said.text
    assert student.name not in said.text


async def test_whoever_erases_themselves_is_asked_once_and_then_gone(college: College) -> None:
    campaign = await college.open_campaign()
    student, kept = college.seat(3), college.demo.service.kept
    await write(college, student)
    await college.press(student, "登记")
    await kept.evidence.seal(college.clock.now())
    assert await kept.evidence.key_of(student.sid)
    await college.say(student, "注销")
    assert await kept.bindings.of_account(college.account(student))
    (said,) = await college.press(student, "确认删除")
    assert "已删除" in said.text
    assert await kept.bindings.of_account(college.account(student)) == ()
    assert await kept.evidence.key_of(student.sid) is None
    (one,) = await kept.corrections.of_student(student.sid)
    assert await kept.corrections.texts([one.id]) == {}
    assert one.step is Step.REPORTED
    assert (await college.state(campaign, student)).state is State.WRONG  # the school's own


async def test_by_number_and_name_alone_nobody_erases_what_somebody_wrote(college: College) -> None:
    await college.open_campaign()
    student, kept = college.seat(3), college.demo.service.kept
    await write(college, student)
    await college.press(student, "登记")
    (binding,) = await kept.bindings.of_account(college.account(student))
    await kept.bindings.unbind(binding.account)
    await kept.bindings.bind(replace(binding, strength=BindingStrength.PROVISIONAL))
    await college.say(student, "注销")
    await college.press(student, "确认删除")
    assert await kept.bindings.of_account(binding.account) == ()
    assert len(await kept.corrections.all_texts()) == 1
