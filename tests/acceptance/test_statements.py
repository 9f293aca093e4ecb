"""What a student can state and take back, and until when."""

from dataclasses import replace
from datetime import datetime

from scheduler.campaigns import Campaign, Grade, State
from scheduler.handing_in import HandIn
from scheduler.messages import Action, Verb
from scheduler.roster import Student
from tests.acceptance.college import COUNSELLOR, College

AFTER_THE_DEADLINE = datetime.fromisoformat("2019-12-23T09:00:00+08:00")


async def confirm(college: College, student: Student) -> None:
    await college.say(student, "确认")
    await college.press(student, "都对")


async def hand_in(college: College, campaign: Campaign, class_id: str) -> None:
    now = college.clock.now()
    await college.demo.service.kept.papers.put(
        campaign.id, class_id, HandIn(at=now, by="monitor"), by="monitor", now=now
    )


async def better(college: College, campaign: Campaign, student: Student, grade: Grade) -> None:
    """Another kind of evidence for what the student has stated."""
    state = await college.state(campaign, student)
    new = replace(state, grade=grade, count=state.count + 1)
    assert await college.demo.service.kept.campaigns.record(campaign.id, student.class_id, student.sid, new)


async def test_what_was_stated_can_be_taken_back_until_the_class_hands_in(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(3)
    await confirm(college, student)
    await hand_in(college, campaign, student.class_id)
    (said,) = await college.say(student, "撤回")
    assert "辅导员" in said.text
    assert (await college.state(campaign, student)).state is State.CONFIRMED
    await college.say(student, "有误")
    await college.press(student, "身份证号")
    assert (await college.state(campaign, student)).state is State.WRONG  # what is wrong is heard at any time


async def test_after_the_hand_in_the_counsellor_takes_it_back_and_the_student_is_told(college: College) -> None:
    campaign = await college.open_campaign()
    student, kept = college.seat(3), college.demo.service.kept
    await confirm(college, student)
    await better(college, campaign, student, Grade.SIGNED)
    await hand_in(college, campaign, student.class_id)
    found = await kept.rosters.school_class(student.class_id)
    assert found is not None
    (asked,) = await college.counsellor_says(f"更正 {found.name} 3")
    assert student.name in asked.text
    token = college.seal(Action(verb=Verb.AMEND, subject=campaign.id, detail=student.sid))
    await college.press_token(college.seat(1), college.seat(1).sid, asked.id, token)
    assert (await college.state(campaign, student)).state is State.CONFIRMED  # the monitor may not
    await college.demo.receiver.press(COUNSELLOR, f"chatroom:{COUNSELLOR}", asked.id, asked.buttons[0].token)
    await college.demo.service.settle()
    assert (await college.state(campaign, student)).state is State.NONE
    told = college.demo.room.history(student.sid)[-1]
    assert "退回" in told.text


async def test_a_tap_changes_nothing_that_rests_on_a_signature(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(3)
    await confirm(college, student)
    await better(college, campaign, student, Grade.SIGNED)
    (said,) = await college.say(student, "撤回")
    assert "更可靠" in said.text
    await college.say(student, "查不到")
    kept = await college.state(campaign, student)
    assert (kept.state, kept.grade) == (State.CONFIRMED, Grade.SIGNED)


async def test_after_the_deadline_the_way_is_called_making_up_for_it_and_the_receipt_says_so(college: College) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(AFTER_THE_DEADLINE)
    student = college.seat(3)
    (state,) = await college.say(student, "我的状态")
    assert [button.label for button in state.buttons] == ["补登记", "有问题"]
    await college.press(student, "补登记")
    (receipt,) = await college.press(student, "都对")
    assert receipt.text.startswith("补登记。")
    assert (await college.state(campaign, student)).late


async def test_who_could_not_log_in_before_the_deadline_keeps_that_moment_beside_a_late_statement(
    college: College,
) -> None:
    campaign = await college.open_campaign()
    student = college.seat(3)
    before = college.clock.now()
    await college.say(student, "登录不了")
    await college.turn_to(AFTER_THE_DEADLINE)
    await confirm(college, student)
    kept = await college.state(campaign, student)
    assert (kept.state, kept.late, kept.tries) == (State.CONFIRMED, True, (before,))


async def test_the_check_list_names_photo_and_day_of_graduation_and_the_status(college: College) -> None:
    await college.open_campaign()
    (check_list,) = await college.say(college.seat(3), "确认")
    for words in ("录取照片", "预计毕业日期", "在籍（注册学籍）"):
        assert words in check_list.text
