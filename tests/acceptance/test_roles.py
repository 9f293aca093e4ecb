"""How somebody comes to act for the school in chat, and how at once they no longer do."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.dialogue.rights import TABLE, Right
from bot.messages import InboundMessage
from bot.platforms.chatroom.room import RoomMessage
from scheduler.messages import Action, Address, Phrase, Verb
from scheduler.roster import BindingStrength, Student
from scheduler.staffing import Invitation, StaffMember, StaffRole
from tests.acceptance.college import COUNSELLOR, College


def staff_account(student: Student) -> str:
    return f"chatroom:{student.sid}"


async def appointed(college: College, student: Student, role: StaffRole, **more: object) -> StaffMember:
    """A person of the chatroom who is no student any more but staff of the first class."""
    kept = college.demo.service.kept
    await kept.bindings.unbind(college.account(student))
    member = StaffMember(
        account=college.account(student),
        role=role,
        private=Address(platform="chatroom", chat=student.sid),
        classes=(student.class_id,) if role in (StaffRole.COUNSELLOR, StaffRole.TEACHER) else (),
        colleges=(student.college,) if role is StaffRole.COLLEGE else (),
    )
    member = replace(member, **more)  # type: ignore[arg-type]  # the names of a member's own fields
    await kept.staff.appoint(member)
    return member


async def sees_progress(college: College, student: Student) -> bool:
    said = await college.say(student, "进度")
    return any("还没登记" in message.text for message in said)


def to(student: Student, said: list[RoomMessage]) -> list[str]:
    return [message.text for message in said if message.chat == student.sid]


@pytest.mark.parametrize("role", [role for role in StaffRole if role is not StaffRole.MONITOR])
async def test_each_role_sees_the_class_and_opens_names_and_no_longer_once_dismissed(
    college: College, role: StaffRole
) -> None:
    await college.open_campaign()
    person = college.seat(9)
    await appointed(college, person, role)
    assert await sees_progress(college, person)
    await college.demo.service.kept.staff.dismiss(staff_account(person))
    assert not await sees_progress(college, person)


async def test_who_is_dismissed_stands_in_for_nobody_any_more_and_an_old_code_does_not_help(college: College) -> None:
    await college.open_campaign()
    kept, now, person = college.demo.service.kept, college.clock.now(), college.seat(9)
    await kept.bindings.unbind(college.account(person))
    invitation = Invitation(
        role=StaffRole.COUNSELLOR,
        expires=now + timedelta(days=3),
        until=now + timedelta(days=9),
        stands_in_for=f"chatroom:{COUNSELLOR}",
    )
    await kept.staff.invite("ABCDEFGHJK", invitation, now)
    (said,) = await college.say(person, "绑定 ABCDEFGHJK")
    assert await sees_progress(college, person)
    await kept.staff.dismiss(staff_account(person))
    assert not await sees_progress(college, person)
    (again,) = await college.say(person, "绑定 ABCDEFGHJK")
    assert again.text != said.text
    assert not await sees_progress(college, person)
    assert any("还没登记" in message.text for message in await college.counsellor_says("进度"))


async def test_a_role_whose_date_is_over_is_none_from_the_moment_on(college: College) -> None:
    await college.open_campaign()
    person = college.seat(9)
    await appointed(college, person, StaffRole.COUNSELLOR, until=college.clock.now() + timedelta(hours=1))
    assert await sees_progress(college, person)
    college.clock.advance_to(college.clock.now() + timedelta(hours=1))
    assert not await sees_progress(college, person)


async def test_a_monitors_account_by_appointment_alone_is_worth_nothing(college: College) -> None:
    await college.open_campaign()
    person = college.seat(9)
    await appointed(college, person, StaffRole.MONITOR, classes=(person.class_id,))
    assert not await sees_progress(college, person)


async def test_a_code_makes_staff_in_private_once(college: College) -> None:
    await college.open_campaign()
    kept, now = college.demo.service.kept, college.clock.now()
    person, late = college.seat(9), college.seat(10)
    for one in (person, late):
        await kept.bindings.unbind(college.account(one))
    invitation = Invitation(
        role=StaffRole.COUNSELLOR,
        classes=(person.class_id,),
        expires=now + timedelta(days=3),
        until=now + timedelta(days=90),
    )
    await kept.staff.invite("ABCDEFGHJK", invitation, now)
    (said,) = await college.say(person, "绑定 abcdefghjk")
    assert "辅导员" in said.text
    assert await sees_progress(college, person)
    (refused,) = await college.say(late, "绑定 ABCDEFGHJK")
    assert "没有这个绑定码" in refused.text
    assert not await sees_progress(college, late)


async def test_a_link_of_the_office_shows_its_code(college: College) -> None:
    kept, now = college.demo.service.kept, college.clock.now()
    person = college.seat(9)
    invitation = Invitation(role=StaffRole.REGISTRAR, expires=now + timedelta(days=3), until=now + timedelta(days=9))
    await kept.staff.invite("ABCDEFGHJK", invitation, now)
    link = InboundMessage(
        id="link",
        address=Address(platform="chatroom", chat=person.sid),
        account=college.account(person),
        at=now,
        private=True,
        addressed=True,
        action=Action(verb=Verb.JOIN, subject="ABCDEFGHJK"),
    )
    ((said, _),) = await college.demo.service.dispatcher.handle(link)
    assert isinstance(said.body, Phrase)
    assert said.body.key == "staff.joined"
    (member,) = await kept.staff.about(college.account(person))
    assert member.role is StaffRole.REGISTRAR


async def test_the_counsellor_gives_a_colleague_a_code_for_some_days(college: College) -> None:
    await college.open_campaign()
    colleague = college.seat(9)
    await college.demo.service.kept.bindings.unbind(college.account(colleague))
    (usage,) = await college.counsellor_says("代班 明天")
    assert "从哪天到哪天" in usage.text
    (said,) = await college.counsellor_says("代班 12-13 12-14")
    assert "代班从2019年12月13日到2019年12月14日" in said.text
    code = said.text.split("绑定 ")[1].split()[0]
    (taken,) = await college.say(colleague, f"绑定 {code}")
    assert "到2019年12月14日为止" in taken.text
    seen = []
    for hours in (0, 24, 48, 72):
        college.clock.advance_to(college.clock.now() + timedelta(hours=24 if hours else 0))
        seen.append(await sees_progress(college, colleague))
    assert seen == [False, True, True, False]


async def test_a_student_has_no_code_to_give(college: College) -> None:
    (said,) = await college.say(college.seat(2), "代班 12-13 12-14")
    assert "登记过的老师" in said.text


async def is_monitor(college: College, student: Student) -> bool:
    return await sees_progress(college, student)


async def test_a_monitor_is_made_by_the_counsellor_and_by_nobody_else(college: College) -> None:
    await college.open_campaign()
    student, other = college.seat(5), college.seat(6)
    said = await college.say(student, "我是班长")
    assert ["请老师确认" in text for text in to(student, said)] == [True]
    (asked,) = [message for message in said if message.chat == COUNSELLOR]
    assert student.name in asked.text
    assert not await is_monitor(college, student)
    yes = college.seal(Action(verb=Verb.MONITOR, subject=other.sid))
    (refused,) = await college.press_token(student, student.sid, said[0].id, yes)
    assert not await is_monitor(college, other), refused.text
    made = await college.counsellor_presses("是，确认")
    assert ["现在是班长" in text for text in to(student, made)] == [True]
    assert await is_monitor(college, student)


async def test_who_is_bound_by_number_and_name_alone_is_asked_to_prove_it_first(college: College) -> None:
    student = college.seat(5)
    kept = college.demo.service.kept.bindings
    (binding,) = await kept.of_account(college.account(student))
    await kept.bind(replace(binding, strength=BindingStrength.PROVISIONAL))
    (said,) = await college.say(student, "我是班长")
    assert "绑定码" in said.text


async def test_the_class_is_handed_over_in_one_message(college: College) -> None:
    await college.open_campaign()
    old, new = college.seat(1), college.seat(5)
    assert await is_monitor(college, old)
    said = await college.say(old, f"交接 {new.number}")
    assert ["交接好了" in text for text in to(old, said)] == [True]
    assert ["交接给你" in text for text in to(new, said)] == [True]
    assert not await is_monitor(college, old)
    assert await is_monitor(college, new)


async def test_the_class_is_handed_to_nobody_who_has_not_proved_who_they_are_and_by_nobody_else(
    college: College,
) -> None:
    await college.open_campaign()
    old, new = college.seat(1), college.seat(5)
    await college.demo.service.kept.bindings.unbind(college.account(new))
    (unproved,) = await college.say(old, f"交接 {new.name}")
    assert "绑定码" in unproved.text
    (refused,) = await college.say(college.seat(6), f"交接 {college.seat(7).number}")
    assert "现任班长" in refused.text
    assert await is_monitor(college, old)
    assert not await is_monitor(college, college.seat(7))


async def test_a_newer_roster_with_another_monitor_ends_what_was_said_in_chat(college: College) -> None:
    await college.open_campaign()
    old, new, named = college.seat(1), college.seat(5), college.seat(6)
    await college.say(old, f"交接 {new.number}")
    kept = college.demo.service.kept
    roster = await kept.rosters.current()
    students = {
        **roster.students,
        old.sid: replace(old, is_monitor=False),
        named.sid: replace(named, is_monitor=True),
    }
    await kept.rosters.apply(replace(roster, version=roster.version + 1, students=students), now=college.clock.now())
    assert [await is_monitor(college, one) for one in (old, new, named)] == [False, False, True]


COMMANDS = {
    Right.SEE_PROGRESS: ("进度", "还没登记"),
    Right.SEE_NAMES: ("名单", "查看记录|哪个班"),
    Right.CLAIM: ("认领", "等您认领"),
    Right.SWITCH: ("故障 学信网", "开"),
}
"""What somebody types for a right, and what only who has it hears."""


@pytest.mark.parametrize("role", [*StaffRole, None], ids=str)
@pytest.mark.parametrize("right", COMMANDS, ids=str)
async def test_the_table_holds_at_the_chat_itself(college: College, role: StaffRole | None, right: Right) -> None:
    await college.open_campaign()
    person = college.seat(1 if role is StaffRole.MONITOR else 9)
    if role is None:
        await college.demo.service.kept.bindings.unbind(college.account(person))
    elif role is not StaffRole.MONITOR:
        await appointed(college, person, role)
    text, heard = COMMANDS[right]
    said = await college.say(person, text)
    granted = role is not None and right in TABLE[role]
    assert any(re.search(heard, message.text) for message in said) is granted, [message.text for message in said]
    if role is None:
        assert not any("学籍核对" in message.text for message in said), "not even that there is a campaign"


async def invited(college: College, role: StaffRole, *, of: Student) -> None:
    """A code that makes somebody a teacher of that student's class, or staff of their college."""
    now = college.clock.now()
    invitation = Invitation(
        role=role,
        expires=now + timedelta(days=3),
        until=now + timedelta(days=9),
        classes=(of.class_id,) if role is StaffRole.TEACHER else (),
        colleges=(of.college,) if role is StaffRole.COLLEGE else (),
    )
    await college.demo.service.kept.staff.invite("ABCDEFGHJK", invitation, now)


async def test_who_is_staff_already_sees_what_a_code_adds_before_it_does_and_loses_nothing_by_it(
    college: College,
) -> None:
    await college.open_campaign()
    kept, person = college.demo.service.kept, college.seat(9)
    await appointed(college, person, StaffRole.REGISTRAR)
    await invited(college, StaffRole.TEACHER, of=person)
    (asked,) = await college.say(person, "绑定 ABCDEFGHJK")
    assert ["班主任" in line and "学籍科（全校）" in line for line in asked.text.splitlines()] == [True]
    assert len(await kept.staff.of_account(college.account(person))) == 1
    (said,) = await college.press(person, "加上")
    assert all(word in said.text for word in ("登记好了", "学籍科", "班主任"))
    roles = [one.role for one in await kept.staff.of_account(college.account(person))]
    assert roles == [StaffRole.REGISTRAR, StaffRole.TEACHER]


async def test_a_code_that_was_looked_at_is_still_anybodys_until_it_is_taken(college: College) -> None:
    await college.open_campaign()
    first, second = college.seat(9), college.seat(10)
    await appointed(college, first, StaffRole.REGISTRAR)
    await college.demo.service.kept.bindings.unbind(college.account(second))
    await invited(college, StaffRole.TEACHER, of=first)
    await college.say(first, "绑定 ABCDEFGHJK")
    await college.say(second, "绑定 ABCDEFGHJK")
    (late,) = await college.press(first, "加上")
    assert "登记好了" not in late.text
    assert await sees_progress(college, second)


async def test_a_monitor_who_works_in_the_colleges_office_acts_as_both_and_stays_a_monitor_after_it(
    college: College,
) -> None:
    await college.open_campaign()
    monitor = college.seat(1)
    assert monitor.is_monitor
    await invited(college, StaffRole.COLLEGE, of=monitor)
    await college.say(monitor, "绑定 ABCDEFGHJK")
    (waiting,) = await college.say(monitor, "认领")
    assert "没有账号" in waiting.text, "a monitor alone may not look"
    await college.demo.service.kept.staff.dismiss(college.account(monitor))
    (usage,) = await college.say(monitor, "认领")
    assert "没有账号" not in usage.text
    assert await sees_progress(college, monitor)
