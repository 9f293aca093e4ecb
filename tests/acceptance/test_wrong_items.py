"""A wrong item from the student who sees it to the office that is done with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.codes import receipt
from bot.correcting import Advanced, Correcting
from bot.desk import correcting, vault
from bot.platforms.chatroom.room import RoomMessage
from bot.settings import Settings, read
from bot.vault import new_key
from scheduler.acts import Act
from scheduler.campaigns import Campaign, State
from scheduler.corrections import Correction, NotAdvanced, Step, advance
from scheduler.handing_in import HandIn
from scheduler.roster import Student
from scheduler.stating import Stating
from scheduler.storage.corrections import RedisCorrections
from tests.acceptance.college import College
from tests.acceptance.test_privacy import kept

RIGHT_VALUE = "苗族（右边这个）"
KEY = new_key()
AFTER_THE_DEADLINE = datetime.fromisoformat("2019-12-23T09:00:00+08:00")


@pytest.fixture
def configured() -> dict[str, Any]:
    return {"correction_keys": KEY, "correction_days": 30}


async def reported(college: College, student: Student) -> tuple[Correction, ...]:
    return await college.demo.service.kept.corrections.of_student(student.sid)


async def write(college: College, student: Student) -> list[RoomMessage]:
    """Report the nationality with what is shown and what is right, up to the check."""
    await college.say(student, "有误")
    await college.press(student, "民族")
    await college.say(student, "汉族")
    return await college.say(student, RIGHT_VALUE)


def desk(college: College) -> Correcting:
    known = college.demo.service.known
    settings = read(correction_keys=KEY)
    return correcting(settings, college.demo.service.kept, known.content.tree, known.wording)


async def written(college: College, one: Correction) -> Mapping[str, str]:
    """What is kept of what was written of it, as the office opens it."""
    looked = await desk(college).look([one], by="clerk", now=college.clock.now(), press="look")
    return looked.get(one.id, {})


async def step(college: College, one: Correction, to: Step, **more: str) -> list[RoomMessage]:
    """What is said to everybody when the office takes a step."""
    advanced = await desk(college).advance(one.id, to, by="clerk", now=college.clock.now(), **more)
    assert isinstance(advanced, Advanced)
    return await college.turn_to(college.clock.now() + timedelta(minutes=1))


async def stands(college: College, campaign: Campaign, student: Student) -> tuple[State, tuple[str, ...]]:
    state = await college.state(campaign, student)
    return state.state, state.items


async def test_what_is_shown_and_what_is_right_are_asked_for_checked_and_recorded(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    (check,) = await write(college, student)
    assert "汉族" in check.text
    assert RIGHT_VALUE in check.text
    assert (await stands(college, campaign, student)) == (State.NONE, ())
    (receipt_,) = await college.press(student, "登记")
    (one,) = await reported(college, student)
    assert one.id in receipt_.text
    assert (await stands(college, campaign, student)) == (State.WRONG, ("nation",))
    assert await written(college, one) == {"shown": "汉族", "right": RIGHT_VALUE}


async def test_what_a_student_writes_stands_in_no_key_in_clear(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await write(college, student)
    assert await kept(college, RIGHT_VALUE) == []
    await college.press(student, "登记")
    assert await kept(college, RIGHT_VALUE) == []


async def test_a_number_is_an_answer_where_an_answer_was_asked_for(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "有误")
    await college.press(student, "学制")
    await college.say(student, "1")
    (check,) = await college.say(student, "4")
    assert "应该是：4" in check.text


@pytest.mark.parametrize("word", ["跳过", "不留内容"])
async def test_whoever_does_not_want_to_write_reports_the_item_alone(college: College, word: str) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    await write(college, student)
    await (college.say(student, word) if word == "跳过" else college.press(student, word))
    (one,) = await reported(college, student)
    assert await written(college, one) == {}
    assert (await stands(college, campaign, student))[0] is State.WRONG


async def test_whoever_quits_has_reported_nothing(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "有误")
    await college.press(student, "民族")
    await college.say(student, "退出")
    assert await reported(college, student) == ()
    assert (await stands(college, campaign, student)) == (State.NONE, ())


async def test_another_command_is_still_a_command(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "有误")
    await college.press(student, "民族")
    (said,) = await college.say(student, "我的状态")
    assert "还没登记" in said.text


async def test_registering_it_twice_in_a_row_is_harmless(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await write(college, student)
    await college.press(student, "登记")
    (again,) = await college.press(student, "登记")
    assert "已经上报过" in again.text
    (one,) = await reported(college, student)
    assert (await written(college, one))["right"] == RIGHT_VALUE


async def test_a_secret_that_is_typed_for_an_answer_is_masked_and_not_taken(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "有误")
    await college.press(student, "民族")
    (said,) = await college.say(student, "11010519491231002X")
    assert "撤回" in said.text
    (asked,) = await college.say(student, "汉族")
    assert "应该是什么" in asked.text


async def test_too_much_text_is_not_taken(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "有误")
    await college.press(student, "民族")
    (said,) = await college.say(student, "我" * 61)
    assert "60个字以内" in said.text


@pytest.mark.parametrize(
    ("item", "alarm", "why"), [("专业名称", "括号", "括号内不用核对"), ("录取照片", "学历照片", "正常")]
)
async def test_a_false_alarm_is_explained_and_changes_nothing(
    college: College, item: str, alarm: str, why: str
) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "有误")
    await college.press(student, item)
    (said,) = await college.press(student, alarm)
    assert why in said.text
    assert await college.state(campaign, student) == await college.state(campaign, college.seat(7))
    assert await reported(college, student) == ()


@pytest.mark.parametrize("item", ["身份证号", "录取照片"])
async def test_id_number_and_photo_never_take_a_value(college: College, item: str) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "有误")
    said = await college.press(student, item)
    if item == "录取照片":
        said = await college.press(student, "都不是")
    assert "带身份证" in said[0].text
    assert (await stands(college, campaign, student))[0] is State.WRONG


async def test_several_items_can_be_wrong_and_each_is_there_once(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    for item in ("身份证号", "身份证号", "层次"):
        await college.say(student, "有误")
        await college.press(student, item)
    await college.say(student, "跳过")
    assert (await stands(college, campaign, student)) == (State.WRONG, ("id-number", "level"))
    assert len(await reported(college, student)) == 2


async def test_a_doubt_about_the_photo_is_told_to_nobody_but_the_office(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "有误")
    (said,) = await college.press(student, "照片核实提示")
    assert "不代表" in said.text
    assert (await stands(college, campaign, student)) == (State.WRONG, ("face",))
    assert campaign.paper_labels["face"] == ""
    (check_list,) = await college.say(college.seat(7), "确认")
    assert "照片核实" not in check_list.text


async def test_each_step_is_told_to_the_student_once_and_in_the_end_they_look_again(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    await write(college, student)
    await college.press(student, "登记")
    (one,) = await reported(college, student)
    (received,) = await step(college, one, Step.RECEIVED)
    assert (received.chat, one.id in received.text) == (student.sid, True)
    assert await step(college, one, Step.RECEIVED) == []
    (accepted,) = await step(college, one, Step.ACCEPTED)
    assert "已受理" in accepted.text
    (corrected,) = await step(college, one, Step.CORRECTED)
    assert "更新个人信息" in corrected.text
    assert (await stands(college, campaign, student)) == (State.NONE, ())
    assert any("我核对好了" in button.label for button in corrected.buttons)
    refused = await desk(college).advance(one.id, Step.RECEIVED, by="clerk", now=college.clock.now())
    assert refused is NotAdvanced.PAST


async def test_a_refusal_says_why_and_the_offices_words_are_shown_to_the_student_alone(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await write(college, student)
    await college.press(student, "登记")
    (one,) = await reported(college, student)
    (refused,) = await step(college, one, Step.REFUSED, reason="exam-record", note="请先到省考试院开证明")
    assert "高考报名" in refused.text
    assert "省考试院" not in refused.text
    assert await kept(college, "省考试院") == []
    (state,) = await college.press(student, "看办理情况")
    assert "省考试院" in state.text
    assert "不予更正" in state.text


async def test_taking_the_report_back_closes_it(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    await write(college, student)
    await college.press(student, "登记")
    await college.say(student, "撤回")
    (one,) = await reported(college, student)
    assert one.step is Step.WITHDRAWN
    assert (await stands(college, campaign, student)) == (State.NONE, ())


async def test_a_report_is_taken_back_although_the_office_takes_a_step_at_the_same_moment(
    college: College, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await college.open_campaign()
    student, store = college.seat(6), RedisCorrections
    await write(college, student)
    await college.press(student, "登记")
    (one,) = await reported(college, student)
    received = advance(one, Step.RECEIVED, by="clerk", now=college.clock.now())
    assert isinstance(received, Correction)
    stored = store.advance

    async def second(self: RedisCorrections, new: Correction, text: str = "") -> bool:
        await stored(self, received)
        return await stored(self, new, text)

    monkeypatch.setattr(store, "advance", second)
    await college.say(student, "撤回")
    (one,) = await reported(college, student)
    assert one.step is Step.WITHDRAWN
    assert (await stands(college, campaign, student)) == (State.NONE, ())


async def test_what_a_broken_line_left_undone_is_mended_by_the_same_press_again(college: College) -> None:
    campaign = await college.open_campaign()
    student, stating = college.seat(6), Stating(college.demo.service.kept.campaigns, receipt)
    now = college.clock.now()
    await stating.state(campaign, student, Act.REPORT_WRONG, by=student.sid, now=now, item="id-number")
    await college.say(student, "有误")
    (said,) = await college.press(student, "身份证号")
    (one,) = await reported(college, student)
    assert one.id in said.text
    await stating.state(campaign, student, Act.WITHDRAW, by=student.sid, now=now)
    await college.say(student, "撤回")
    (one,) = await reported(college, student)
    assert one.step is Step.WITHDRAWN


async def test_the_office_mends_in_the_same_way(college: College) -> None:
    campaign = await college.open_campaign()
    student, kept = college.seat(6), college.demo.service.kept
    await write(college, student)
    await college.press(student, "登记")
    (one,) = await reported(college, student)
    corrected = advance(one, Step.CORRECTED, by="clerk", now=college.clock.now())
    assert isinstance(corrected, Correction)
    assert await kept.corrections.advance(corrected)
    (told,) = await step(college, one, Step.CORRECTED)
    assert "已更正" in told.text
    assert (await stands(college, campaign, student)) == (State.NONE, ())


async def test_one_number_stands_for_a_report_wherever_the_student_is_told_one(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    await college.say(student, "登录不了")
    await college.say(student, "有误")
    await college.press(student, "身份证号")
    (one,) = await reported(college, student)
    (tried,) = await college.say(student, "登录不了")
    papers = college.demo.service.kept.papers
    handed_in = HandIn(at=college.clock.now(), by="chatroom:monitor")
    await papers.put(campaign.id, student.class_id, handed_in, by="chatroom:monitor", now=college.clock.now())
    (refused,) = await college.say(student, "撤回")
    assert (one.id in tried.text, one.id in refused.text) == (True, True)
    assert (await college.state(campaign, student)).receipt == one.id


async def test_after_the_deadline_a_report_is_taken_as_late(college: College) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(AFTER_THE_DEADLINE)
    student = college.seat(6)
    await college.say(student, "有误")
    (said,) = await college.press(student, "身份证号")
    assert "补登记" in said.text
    assert (await college.state(campaign, student)).late


async def test_words_are_gone_some_days_after_the_end(college: College) -> None:
    await college.open_campaign()
    student = college.seat(6)
    await write(college, student)
    await college.press(student, "登记")
    (one,) = await reported(college, student)
    await step(college, one, Step.CORRECTED)
    service = college.demo.service
    for days, left in ((29, 1), (2, 0)):
        college.clock.advance_to(college.clock.now() + timedelta(days=days))
        await service.tidy()
        assert len(await service.kept.corrections.all_texts()) == left


def settings(**given: Any) -> Settings:
    return read(**given)


def test_every_key_opens_and_the_first_one_seals() -> None:
    old, new = new_key(), new_key()
    before = vault(settings(correction_keys=old)).seal({"right": "x"})
    both = vault(settings(correction_keys=f"{new}, {old}"))
    assert both.open(before) == {"right": "x"}
    renewed = both.renew(before)
    assert renewed is not None
    assert vault(settings(correction_keys=new)).open(renewed) == {"right": "x"}
    assert vault(settings(correction_keys=new)).open(before) is None
    assert not vault(settings()).keeps
