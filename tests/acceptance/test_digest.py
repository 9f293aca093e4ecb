"""One message a working day to each of the staff, and the ladder it carries, as whole stories on a frozen clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.bootstrap import desks
from bot.platforms.chatroom.room import RoomMessage
from scheduler.campaigns import Campaign
from scheduler.digests import Digests
from scheduler.handing_in import HandIn
from scheduler.messages import Address
from scheduler.roster import Student
from scheduler.staffing import Deputy, StaffMember, StaffRole
from tests.acceptance.college import COUNSELLOR, College

BEGINS = "今天请看一眼"


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2019, 12, day, hour - 8, tzinfo=UTC)


WEDNESDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY, WEDNESDAY_AFTER = at(18), at(21), at(22), at(23), at(24), at(25)


def digests(said: Sequence[RoomMessage]) -> dict[str, str]:
    """The digests among what was said, by chat."""
    found = [message for message in said if BEGINS in message.text]
    assert len({message.chat for message in found}) == len(found), "one message a person and day"
    return {message.chat: message.text for message in found}


async def as_staff(college: College, seat: int, role: StaffRole, **where: object) -> str:
    """Let the person of a seat act for the school and be no student any more; their chat."""
    person = college.seat(seat)
    kept = college.demo.service.kept
    await kept.bindings.unbind(college.account(person))
    account = college.account(person)
    member = StaffMember(account=account, role=role, private=Address.parse(account), **where)  # type: ignore[arg-type]
    await kept.staff.appoint(member)
    return person.sid


async def without_a_monitor(college: College) -> None:
    """The roster names no monitor, as at an open university."""
    rosters = college.demo.service.kept.rosters
    roster = await rosters.current()
    students = {sid: replace(student, is_monitor=False) for sid, student in roster.students.items()}
    next_one = replace(roster, version=roster.version + 1, students=students)
    assert await rosters.apply(next_one, now=college.clock.now())


async def hand_in(college: College, campaign: Campaign, *classes: str) -> None:
    papers, now = college.demo.service.kept.papers, college.clock.now()
    for class_id in classes:
        await papers.put(campaign.id, class_id, HandIn(at=now, by="office"), by="office", now=now)


def own_class(college: College, student: Student) -> str:
    return college.demo.room.classes[student.class_id]


async def test_the_counsellor_gets_one_message_over_all_classes_and_each_monitor_one_of_their_own(
    college: College,
) -> None:
    campaign = await college.open_campaign()
    told = digests(await college.turn_to(WEDNESDAY))
    names = set(college.demo.room.classes.values())
    assert len(names) == 3
    assert all(name in told[COUNSELLOR] for name in names)
    assert len(told) == 1 + len(campaign.classes)
    monitor = college.seat(1)
    assert own_class(college, monitor) in told[monitor.sid]
    assert not any(name in told[monitor.sid] for name in names - {own_class(college, monitor)})
    assert not any(student.name in text for student in college.students for text in told.values())


async def test_a_day_has_one_digest_however_often_and_wherever_is_looked(college: College) -> None:
    await college.open_campaign()
    assert digests(await college.turn_to(WEDNESDAY))
    assert not digests(await college.turn_to(at(18, 10)))
    kept = college.demo.service.kept
    assert await Digests(desks(kept), kept.outbox, college.clock).fire() == 0


async def test_nothing_comes_on_a_day_off_unless_it_is_the_last_day_of_a_deadline(college: College) -> None:
    await college.open_campaign()
    assert not digests(await college.turn_to(SATURDAY))
    told = digests(await college.turn_to(SUNDAY))
    assert "今天是最后一天" in told[COUNSELLOR]


@pytest.mark.parametrize("hour", [8, 12, 15])
async def test_nothing_comes_before_the_morning_or_after_it(college: College, hour: int) -> None:
    await college.open_campaign()
    assert not digests(await college.turn_to(at(18, hour)))


async def test_who_has_nothing_open_hears_nothing(college: College) -> None:
    await college.open_campaign()
    for student in college.students:
        await college.say(student, "确认")
        if student.sid in {message.chat for message in college.demo.room.history(student.sid) if message.buttons}:
            await college.press(student, "都对")
    told = digests(await college.turn_to(WEDNESDAY))
    assert college.seat(1).sid not in told
    assert COUNSELLOR in told


async def test_the_day_s_reminder_of_papers_is_part_of_the_digest_and_not_said_again(college: College) -> None:
    await college.open_campaign()
    monitor = college.seat(1)
    told = digests(await college.turn_to(MONDAY))
    assert "签名表请在12月24日（周二）17:00前交" in told[monitor.sid]
    later = await college.turn_to(at(23, 17))
    assert not [message for message in later if message.chat == monitor.sid and "签名表" in message.text]


async def test_a_class_that_has_handed_in_is_not_reminded_of_its_papers(college: College) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(at(20))
    await hand_in(college, campaign, *campaign.classes)
    said = await college.turn_to(at(23, 17))
    assert not [message for message in said if "签名表" in message.text]


async def test_a_silent_monitor_is_followed_by_the_counsellor_and_the_college(college: College) -> None:
    campaign = await college.open_campaign()
    office = await as_staff(college, 40, StaffRole.COLLEGE, colleges=(college.seat(1).college,))
    monitor = college.seat(1)
    await hand_in(college, campaign, *campaign.classes)
    first = digests(await college.turn_to(MONDAY))
    assert "请私下问一问" in first[monitor.sid]
    assert "请您过问" not in first[COUNSELLOR]
    second = digests(await college.turn_to(TUESDAY))
    assert "请私下问一问" not in second[monitor.sid]
    assert "请您过问" in second[COUNSELLOR]
    assert "请学院过问" not in second[office]
    third = digests(await college.turn_to(WEDNESDAY_AFTER))
    assert "请学院过问" in third[office]


async def test_who_looked_at_the_class_keeps_it(college: College) -> None:
    campaign = await college.open_campaign()
    await hand_in(college, campaign, *campaign.classes)
    monitor = college.seat(1)
    await college.turn_to(MONDAY)
    await college.say(monitor, "名单")
    told = digests(await college.turn_to(TUESDAY))
    assert "请私下问一问" in told[monitor.sid]
    assert own_class(college, monitor) not in told[COUNSELLOR].partition("请您过问：")[2]


async def test_a_question_asked_meanwhile_is_no_sign_that_the_message_was_seen(college: College) -> None:
    campaign = await college.open_campaign()
    await hand_in(college, campaign, *campaign.classes)
    await college.turn_to(MONDAY)
    await college.say(college.seat(1), "专业名称后面的括号要不要核对")
    told = digests(await college.turn_to(TUESDAY))
    assert own_class(college, college.seat(1)) in told[COUNSELLOR].partition("请您过问：")[2]


async def test_where_there_is_no_monitor_the_counsellor_is_asked_at_once(college: College) -> None:
    campaign = await college.open_campaign()
    await without_a_monitor(college)
    await hand_in(college, campaign, *campaign.classes)
    told = digests(await college.turn_to(MONDAY))
    assert set(told) == {COUNSELLOR}
    assert "请您过问" in told[COUNSELLOR]


async def test_while_a_deputy_is_named_the_deputy_is_written_to(college: College) -> None:
    await college.open_campaign()
    await without_a_monitor(college)
    kept, deputy = college.demo.service.kept, college.seat(39)
    await kept.bindings.unbind(college.account(deputy))
    (counsellor,) = await kept.staff.of_account(f"chatroom:{COUNSELLOR}")
    leave = Deputy(account=college.account(deputy), since=at(23, 8), until=at(24, 8))
    await kept.staff.appoint(replace(counsellor, deputies=(leave,)))
    during = digests(await college.turn_to(MONDAY))
    assert set(during) == {deputy.sid}
    after = digests(await college.turn_to(TUESDAY))
    assert set(after) == {COUNSELLOR}


async def test_a_student_who_moved_counts_where_they_are_and_the_moved_monitor_hears_nothing_of_the_old_class(
    college: College,
) -> None:
    campaign = await college.open_campaign()
    kept = college.demo.service.kept
    monitor = college.seat(1)
    elsewhere = next(class_id for class_id in campaign.classes if class_id != monitor.class_id)
    before = digests(await college.turn_to(WEDNESDAY))
    roster = await kept.rosters.current()
    moved = replace(monitor, class_id=elsewhere, is_monitor=False)
    students = {**roster.students, monitor.sid: moved}
    assert await kept.rosters.apply(
        replace(roster, version=roster.version + 1, students=students), now=college.clock.now()
    )
    after = digests(await college.turn_to(at(19)))
    assert monitor.sid in before
    assert monitor.sid not in after

    def total(of: str) -> int:
        (line,) = [line for line in of.splitlines() if line.startswith(own_class(college, monitor))]
        return int(line.partition("共")[2].partition("人")[0])

    assert total(after[COUNSELLOR]) == total(before[COUNSELLOR]) - 1


async def test_a_role_that_ends_between_the_morning_and_the_sending_ends_the_message(college: College) -> None:
    await college.open_campaign()
    kept = college.demo.service.kept
    await college.turn_to(datetime(2019, 12, 18, 0, 30, 0, tzinfo=UTC))
    await kept.staff.dismiss(f"chatroom:{COUNSELLOR}")
    told = digests(await college.turn_to(WEDNESDAY))
    assert COUNSELLOR not in told
    assert college.seat(1).sid in told


async def test_the_buttons_of_the_digest_lead_to_numbers_and_names(college: College) -> None:
    await college.open_campaign()
    await college.turn_to(WEDNESDAY)
    monitor = college.seat(1)
    (progress,) = await college.press(monitor, "进度")
    assert own_class(college, monitor) in progress.text
    (names,) = await college.press(monitor, "显示姓名")
    assert college.seat(2).name in names.text
