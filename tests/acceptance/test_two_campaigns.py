"""Two campaigns open for the same people: what somebody types or presses is about the one they mean."""

from dataclasses import replace
from datetime import timedelta

from bot.demo.college import TEMPLATE
from bot.drafting import draft
from scheduler.campaigns import Campaign, State
from scheduler.handing_in import college_field
from scheduler.messages import Address
from scheduler.staffing import StaffMember, StaffRole
from tests.acceptance.college import COHORT, COUNSELLOR, College


async def another(college: College, *classes: str, title: str = "图像核对") -> Campaign:
    """Another campaign of the sample college, a week later than its first; of these classes, or of all."""
    service = college.demo.service
    drafted = draft(service.known.content.templates[TEMPLATE], COHORT, cohort=str(COHORT))
    stages = tuple(
        replace(one, deadline=replace(one.deadline, day=one.deadline.day + timedelta(days=7)))
        for one in drafted.stages
        if one.deadline.day
    )
    second = replace(drafted, id=f"{title}-2019", title=title, stages=stages, only=classes)
    assert await service.kept.campaigns.save(second, seen_revision=0)
    opened = await service.opening.open(second.id, service.clock.now())
    assert isinstance(opened, Campaign)
    return opened


async def test_a_word_is_about_the_campaign_that_is_picked(college: College) -> None:
    first, second = await college.open_campaign(), await another(college)
    student = college.seat(5)
    (asked,) = await college.say(student, "确认")
    assert [button.label for button in asked.buttons] == [first.title, second.title]
    await college.press(student, second.title)
    await college.press(student, "都对")
    assert (await college.state(first, student)).state is State.NONE
    assert (await college.state(second, student)).state is State.CONFIRMED
    await college.say(student, "撤回")
    await college.press(student, second.title)
    assert (await college.state(second, student)).state is State.NONE


async def test_who_asks_where_they_stand_hears_of_each_campaign(college: College) -> None:
    first, second = await college.open_campaign(), await another(college)
    said = await college.say(college.seat(5), "我的状态")
    assert [one.text.partition("】")[0] for one in said] == [f"【{first.title}", f"【{second.title}"]


async def test_who_asks_until_when_hears_every_deadline(college: College) -> None:
    first, second = await college.open_campaign(), await another(college)
    await college.say(college.seat(5), "截止什么时候")
    (said,) = await college.press(college.seat(5), "同学自己核对学籍")
    assert "12月22日（周日）24:00" in said.text
    assert "12月29日（周日）24:00" in said.text
    assert {first.title, second.title} <= {button.label for button in said.buttons}


async def test_a_button_is_for_the_record_that_its_campaign_is_about(college: College) -> None:
    student, kept = college.seat(5), college.demo.service.kept
    everybody = (await kept.rosters.current()).students.values()
    minor = next(one for one in everybody if one.class_id != student.class_id and one.status == student.status)
    (own,) = await kept.bindings.of_account(college.account(student))
    await kept.bindings.bind(replace(own, sid=minor.sid))
    of_first = await another(college, student.class_id)
    of_minor = await another(college, minor.class_id, title="辅修核对")
    for campaign, record in ((of_first, student), (of_minor, minor)):
        await college.say(student, "确认")
        await college.press(student, campaign.title)
        await college.press(student, "都对")
        assert (await college.state(campaign, record)).state is State.CONFIRMED


async def test_a_word_that_states_nothing_is_answered_with_what_is_still_owed(college: College) -> None:
    await college.open_campaign()
    second = await another(college)
    student = college.seat(5)
    await college.say(student, "确认")
    await college.press(student, "新生")
    await college.press(student, "都对")
    (said,) = await college.say(student, "收到")
    await college.press(student, said.buttons[0].label)
    await college.press(student, "都对")
    assert (await college.state(second, student)).state is State.CONFIRMED


async def test_once_a_deadline_is_over_the_next_campaign_is_spoken_of_first(college: College) -> None:
    first, second = await college.open_campaign(), await another(college)
    (asked,) = await college.say(college.seat(5), "确认")
    assert [button.label for button in asked.buttons] == [first.title, second.title]
    await college.turn_to(first.stages[0].deadline.instant + timedelta(hours=12))
    (asked,) = await college.say(college.seat(5), "确认")
    assert [button.label for button in asked.buttons] == [second.title, first.title]


async def test_the_monitor_is_shown_what_to_type_and_ticks_the_sheet_of_the_campaign_that_is_named(
    college: College,
) -> None:
    first, second = await college.open_campaign(), await another(college)
    monitor, student = college.seat(1), college.seat(5)
    (asked,) = await college.say(monitor, "纸签 5号签了")
    assert len(asked.buttons) == 2
    (how,) = await college.press(monitor, second.title)
    named = f"{second.title} {college.demo.room.classes[student.class_id]}"
    assert f"“纸签 {named} 除3、17外都签了”" in how.text
    await college.say(monitor, f"纸签 {named} 5号签了")
    assert (await college.state(second, student)).signed_at is not None
    assert (await college.state(first, student)).signed_at is None
    await college.say(monitor, f"代登记 {named} 5")
    await college.press(monitor, "没有智能手机")
    assert (await college.state(second, student)).state is State.PROXY
    assert (await college.state(first, student)).state is State.NONE
    await college.counsellor_says(f"更正 {named} 5")
    await college.counsellor_presses("退回")
    assert (await college.state(second, student)).state is State.NONE


async def test_a_college_hands_in_for_the_campaign_it_names(college: College) -> None:
    first, second = await college.open_campaign(), await another(college)
    await college.demo.service.kept.staff.appoint(
        StaffMember(
            account=f"chatroom:{COUNSELLOR}",
            role=StaffRole.COLLEGE,
            private=Address(platform="chatroom", chat=COUNSELLOR),
            colleges=(college.seat(1).college,),
        )
    )
    (asked,) = await college.counsellor_says("已交处")
    named = f"{second.title} {college.seat(1).college}"
    assert named in asked.text
    await college.counsellor_says(f"已交处 {named}")
    papers = college.demo.service.kept.papers
    assert college_field(college.seat(1).college) in await papers.all(second.id)
    assert await papers.all(first.id) == {}
