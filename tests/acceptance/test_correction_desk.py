"""更正 in a chat: college and office take reported items to their end; a monitor hears which items, on demand."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue.limiting import WINDOW
from bot.messages import InboundMessage
from bot.platforms.chatroom.room import RoomMessage
from bot.vault import new_key
from scheduler.campaigns import State
from scheduler.corrections import Correction, Step
from scheduler.messages import Action, Address, OutboundMessage, Verb
from scheduler.roster import BindingStrength, Student
from scheduler.staffing import StaffMember, StaffRole
from tests.acceptance.college import COUNSELLOR, College
from tests.acceptance.test_privacy import kept

KEY = new_key()
MONITOR = 1
RIGHT_VALUE = "苗族（右边这个）"


@pytest.fixture
def configured() -> dict[str, Any]:
    return {"correction_keys": KEY, "correction_days": 30}


async def report(college: College, seat: int, item: str) -> Correction:
    """A student reports an item; of their nationality they write what is shown and what is right."""
    student = college.seat(seat)
    await college.say(student, "有误")
    await college.press(student, item)
    if item == "民族":
        await college.say(student, "汉族")
        await college.say(student, RIGHT_VALUE)
        await college.press(student, "登记")
    elif item != "身份证号":
        await college.say(student, "跳过")
    return (await college.demo.service.kept.corrections.of_student(student.sid))[-1]


async def stands(college: College, one: Correction) -> Correction:
    found = await college.demo.service.kept.corrections.get(one.id)
    assert found is not None
    return found


async def office(college: College, role: StaffRole = StaffRole.COLLEGE) -> None:
    """The counsellor's account is the college's, or another role's, from now on."""
    await appoint(college, COUNSELLOR, role)


async def appoint(college: College, chat: str, role: StaffRole) -> None:
    colleges = (college.seat(1).college,) if role is StaffRole.COLLEGE else ()
    member = StaffMember(
        account=f"chatroom:{chat}", role=role, private=Address(platform="chatroom", chat=chat), colleges=colleges
    )
    await college.demo.service.kept.staff.appoint(member)


def labels(message: RoomMessage) -> list[str]:
    return [button.label for button in message.buttons]


async def presses(college: College, chat: str, action: Action, number: int) -> Sequence[OutboundMessage]:
    """What is said to the account of a chat that presses such a button."""
    service = college.demo.service
    message = InboundMessage(
        id=f"press{number}",
        address=Address(platform="chatroom", chat=chat),
        account=f"chatroom:{chat}",
        at=service.clock.now(),
        private=True,
        addressed=True,
        action=action,
    )
    return [outbound for outbound, _ in await service.dispatcher.handle(message)]


async def test_the_list_says_which_items_wait_and_nothing_of_anybody(college: College) -> None:
    campaign = await college.open_campaign()
    one = await report(college, 6, "民族")
    await office(college)
    (said,) = await college.counsellor_says("更正")
    assert one.id in said.text
    assert college.demo.room.classes[college.seat(6).class_id] in said.text
    assert not any(word in said.text for word in (college.seat(6).name, "苗族", college.seat(6).number))
    assert await college.demo.service.kept.looks.total(campaign.id) == 0


async def test_what_waits_longest_for_somebody_to_take_it_comes_first_and_a_few_at_a_time(college: College) -> None:
    await college.open_campaign()
    found = []
    for seat in range(6, 13):
        found.append(await report(college, seat, "身份证号"))
        college.clock.advance_to(college.clock.now() + timedelta(minutes=1))
    await office(college)
    await college.counsellor_says(f"更正 {found[0].id}")
    await college.counsellor_presses("学院已收")
    (first,) = await college.counsellor_says("更正")
    assert labels(first) == [*(f"{one.id} 身份证号" for one in found[1:6]), "还有2项"]
    (second,) = await college.counsellor_presses("还有2项")
    assert labels(second) == [f"{one.id} 身份证号" for one in (found[6], found[0])]


async def test_who_opens_an_item_sees_whose_it_is_and_what_they_wrote_and_the_look_is_on_record(
    college: College,
) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    one = await report(college, 6, "民族")
    await office(college)
    await college.counsellor_says("更正")
    (opened,) = await college.counsellor_presses(one.id)
    for shown in (college.demo.room.classes[student.class_id], student.name, student.number[-4:], "汉族", RIGHT_VALUE):
        assert shown in opened.text
    assert student.number not in opened.text
    assert labels(opened) == ["学院已收", "学校已受理", "已更正", "不予更正", "回清单"]
    assert await college.demo.service.kept.looks.count(campaign.id, student.class_id) == 1
    assert await kept(college, RIGHT_VALUE) == []


async def test_each_step_is_taken_by_a_button_and_told_to_the_student_once(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    one = await report(college, 6, "民族")
    await office(college)
    await college.counsellor_says(f"更正 {one.id}")
    for label, step, told in (
        ("学院已收", Step.RECEIVED, "学院已收到"),
        ("学校已受理", Step.ACCEPTED, "已受理"),
        ("已更正", Step.CORRECTED, "更新个人信息"),
    ):
        said = await college.counsellor_presses(label)
        said += await college.counsellor_presses(label)
        said += await college.turn_to(college.clock.now() + timedelta(minutes=1))
        assert (await stands(college, one)).step is step
        assert [told in message.text for message in said if message.chat == student.sid] == [True]
    assert (await college.state(campaign, student)).state is State.NONE
    (empty,) = await college.counsellor_presses("回清单")
    assert empty.text == "没有要办的更正。"


async def test_a_reason_of_the_list_is_told_to_the_student(college: College) -> None:
    await college.open_campaign()
    one = await report(college, 6, "身份证号")
    await office(college)
    await college.counsellor_says(f"更正 {one.id}")
    (why,) = await college.counsellor_presses("不予更正")
    assert "见老师留言" not in " ".join(labels(why))
    said = await college.counsellor_presses("高考报名")
    said += await college.turn_to(college.clock.now() + timedelta(minutes=1))
    assert any("高考报名" in message.text for message in said if message.chat == college.seat(6).sid)
    assert (await stands(college, one)).reason == "exam-record"


async def test_a_reason_in_own_words_is_shown_first_kept_sealed_and_read_by_the_student_alone(
    college: College,
) -> None:
    await college.open_campaign()
    student, words = college.seat(6), "请先到省考试院开证明"
    one = await report(college, 6, "民族")
    await office(college)
    await college.counsellor_says(f"更正 {one.id}")
    await college.counsellor_presses("不予更正")
    await college.counsellor_presses("自己写一句")
    (check,) = await college.counsellor_says(f"\u202e{words}")
    assert words in check.text
    assert "\u202e" not in check.text
    assert (await stands(college, one)).step is Step.REPORTED
    assert await kept(college, words) == []
    await college.counsellor_presses("告诉本人")
    said = await college.turn_to(college.clock.now() + timedelta(minutes=1))
    assert not any(words in message.text for message in said)
    (state,) = await college.say(student, "我的状态")
    assert words in state.text
    assert await kept(college, words) == []


@pytest.mark.parametrize("words", ["身份证号是11010519491231002X", "打13812345678"])
async def test_a_reason_with_a_number_of_somebody_is_not_taken(college: College, words: str) -> None:
    await college.open_campaign()
    one = await report(college, 6, "身份证号")
    await office(college)
    await college.counsellor_says(f"更正 {one.id}")
    await college.counsellor_presses("不予更正")
    await college.counsellor_presses("自己写一句")
    (said,) = await college.counsellor_says(words)
    assert "撤回" in said.text
    assert (await stands(college, one)).step is Step.REPORTED


async def test_who_quits_has_refused_nothing_and_goes_on_talking(college: College) -> None:
    await college.open_campaign()
    one = await report(college, 6, "身份证号")
    await office(college)
    await college.counsellor_says(f"更正 {one.id}")
    await college.counsellor_presses("不予更正")
    await college.counsellor_presses("自己写一句")
    await college.counsellor_says("退出")
    (answer,) = await college.counsellor_says("谢谢")
    assert "不客气" in answer.text
    assert (await stands(college, one)).step is Step.REPORTED


async def test_of_two_who_press_at_once_one_wins_and_the_other_is_told_so(college: College) -> None:
    await college.open_campaign()
    student, other = college.seat(6), college.seat(20)
    one = await report(college, 6, "身份证号")
    await college.demo.service.kept.bindings.unbind(college.account(other))
    await office(college)
    await appoint(college, other.sid, StaffRole.REGISTRAR)
    refused = Action(verb=Verb.CORRECTION, subject=one.id, detail="=no-error")
    corrected = Action(verb=Verb.CORRECTION, subject=one.id, detail=Step.CORRECTED)
    came = await asyncio.gather(presses(college, COUNSELLOR, refused, 1), presses(college, other.sid, corrected, 2))
    render = college.demo.service.known.wording.render
    said = sorted("没有改动" in render(outbound.body) for (outbound,) in came)
    assert said == [False, True]
    told = await college.turn_to(college.clock.now() + timedelta(minutes=1))
    assert len([message for message in told if message.chat == student.sid]) == 1


async def test_who_presses_what_another_has_done_already_is_told_so(college: College) -> None:
    await college.open_campaign()
    other = college.seat(20)
    one = await report(college, 6, "身份证号")
    await college.demo.service.kept.bindings.unbind(college.account(other))
    await office(college)
    await appoint(college, other.sid, StaffRole.REGISTRAR)
    received = Action(verb=Verb.CORRECTION, subject=one.id, detail=Step.RECEIVED)
    render = college.demo.service.known.wording.render
    (first,) = await presses(college, COUNSELLOR, received, 1)
    (second,) = await presses(college, other.sid, received, 2)
    (again,) = await presses(college, COUNSELLOR, received, 3)
    assert ["没有改动" in render(each.body) for each in (first, second, again)] == [False, True, False]


async def test_in_a_group_nothing_of_it_is_said(college: College) -> None:
    await college.open_campaign()
    one = await report(college, 6, "民族")
    await office(college)
    said = await college.counsellor_says(f"@学籍通 更正 {one.id}", in_group_of=college.seat(6))
    assert [message.chat for message in said if one.id in message.text] == [COUNSELLOR]
    assert not any(message.chat.startswith("g-") for message in said)


async def test_another_college_hears_of_no_item(college: College) -> None:
    await college.open_campaign()
    one = await report(college, 6, "民族")
    member = StaffMember(
        account=f"chatroom:{COUNSELLOR}",
        role=StaffRole.COLLEGE,
        private=Address(platform="chatroom", chat=COUNSELLOR),
        colleges=("另一个学院",),
    )
    await college.demo.service.kept.staff.appoint(member)
    (said,) = await college.counsellor_says("更正")
    assert one.id not in said.text
    (refused,) = await presses(college, COUNSELLOR, Action(verb=Verb.CORRECTION, subject=one.id), 1)
    assert "不适用" in college.demo.service.known.wording.render(refused.body)


async def test_what_an_unproved_account_reported_is_marked_for_the_office(college: College) -> None:
    await college.open_campaign()
    student, bindings = college.seat(6), college.demo.service.kept.bindings
    (binding,) = await bindings.of_account(college.account(student))
    await bindings.unbind(binding.account)
    await college.say(student, f"绑定 {student.number} {student.name}")
    (bound,) = await bindings.of_account(binding.account)
    assert bound.strength is BindingStrength.PROVISIONAL
    one = await report(college, 6, "身份证号")
    (count,) = await college.say(college.seat(MONITOR), "更正")
    assert "没有同学报有误" in count.text
    await office(college)
    (opened,) = await college.counsellor_says(f"更正 {one.id}")
    assert "还没有证明是本人" in opened.text


async def test_the_monitor_hears_a_number_first_and_opens_names_with_items_but_no_value(college: College) -> None:
    campaign = await college.open_campaign()
    monitor, looks = college.seat(MONITOR), college.demo.service.kept.looks
    await report(college, 6, "民族")
    (count,) = await college.say(monitor, "更正")
    assert "报了有误1处" in count.text
    assert college.seat(6).name not in count.text
    assert await looks.total(campaign.id) == 0
    (names,) = await college.press(monitor, "显示姓名")
    assert f"{college.seat(6).name}：“民族”，已上报" in names.text
    assert not any(word in names.text for word in ("苗族", "汉族", college.seat(6).number))
    assert await looks.count(campaign.id, monitor.class_id) == 1


async def test_photo_and_id_number_are_a_count_to_the_monitor_and_names_to_the_counsellor(college: College) -> None:
    await college.open_campaign()
    monitor, counsellor_class = college.seat(MONITOR), college.demo.room.classes[college.seat(1).class_id]
    await report(college, 6, "民族")
    for seat, item in ((7, "身份证号"), (8, "照片核实提示")):
        await college.say(college.seat(seat), "有误")
        await college.press(college.seat(seat), item)
    await college.say(monitor, "更正")
    (names,) = await college.press(monitor, "显示姓名")
    assert "由学校处理的另有2处" in names.text
    hidden = ("身份证", "照片", college.seat(7).name, college.seat(8).name)
    assert not any(word in names.text for word in hidden)
    await college.counsellor_says(f"更正 {counsellor_class}")
    (whole,) = await college.counsellor_presses("显示姓名")
    assert f"{college.seat(8).name}：“照片核实提示”" in whole.text
    assert "苗族" not in whole.text


async def test_who_picks_one_of_several_classes_hears_a_number_first_too(college: College) -> None:
    await college.open_campaign()
    await report(college, 6, "民族")
    await college.counsellor_says("更正")
    (count,) = await college.counsellor_presses(college.demo.room.classes[college.seat(6).class_id])
    assert college.seat(6).name not in count.text
    (names,) = await college.counsellor_presses("显示姓名")
    assert college.seat(6).name in names.text


async def test_what_was_taken_back_is_in_no_list(college: College) -> None:
    await college.open_campaign()
    await report(college, 6, "身份证号")
    await college.say(college.seat(6), "撤回")
    (count,) = await college.say(college.seat(MONITOR), "更正")
    assert "没有同学报有误" in count.text
    await office(college)
    (said,) = await college.counsellor_says("更正")
    assert said.text == "没有要办的更正。"


async def test_a_role_lost_between_the_list_and_the_press_ends_the_right(college: College) -> None:
    campaign = await college.open_campaign()
    one = await report(college, 6, "民族")
    await office(college)
    await college.counsellor_says("更正")
    await college.demo.service.kept.staff.dismiss(f"chatroom:{COUNSELLOR}")
    (said,) = await college.counsellor_presses(one.id)
    assert "不适用" in said.text
    assert await college.demo.service.kept.looks.total(campaign.id) == 0


async def test_a_student_is_told_that_the_word_is_for_staff(college: College) -> None:
    await college.open_campaign()
    student: Student = college.seat(9)
    college.clock.advance_to(college.clock.now() + WINDOW)
    (said,) = await college.say(student, "更正")
    assert "班长和辅导员" in said.text
