"""Who an account belongs to: what proves it, what only claims it, and who decides between two."""

from dataclasses import replace

import pytest

from bot.platforms.chatroom.room import RoomMessage
from scheduler.campaigns import Grade
from scheduler.roster import Binding, BindingStrength, Student
from tests.acceptance.college import College


async def let_go(college: College, *students: Student) -> None:
    for student in students:
        await college.demo.service.kept.bindings.unbind(college.account(student))


async def code_of(college: College, student: Student) -> str:
    codes = await college.demo.service.kept.bindings.codes([student.sid], {student.sid: "ABCDEFGH"})
    return codes[student.sid]


async def strength(college: College, account_of: Student, student: Student) -> BindingStrength | None:
    bound = await college.demo.service.kept.bindings.of_account(college.account(account_of))
    return next((one.strength for one in bound if one.sid == student.sid), None)


async def bound_by_name(college: College, seat: int) -> Student:
    """A student whose account is bound by number and name only."""
    student = college.seat(seat)
    await let_go(college, student)
    await college.say(student, f"绑定 {student.number} {student.name}")
    return student


def to(student: Student, said: list[RoomMessage]) -> list[str]:
    return [message.text for message in said if message.chat == student.sid]


async def test_the_first_binding_says_what_is_kept_why_how_long_and_how_to_see_and_erase_it(college: College) -> None:
    student = college.seat(3)
    await let_go(college, student)
    (said,) = await college.say(student, f"绑定 {await code_of(college, student)}")
    _, *four = said.text.splitlines()
    assert [line[:2] for line in four] == ["我记", "用处", "期限", "查看"]
    assert "隐私" in four[-1]
    assert "注销" in four[-1]
    assert await strength(college, student, student) is BindingStrength.STRONG


async def test_number_and_name_bind_provisionally_however_the_name_is_written(college: College) -> None:
    dotted = next(one for one in college.students if "·" in one.name)
    await let_go(college, dotted)
    (said,) = await college.say(dotted, f"绑定 {dotted.number} {dotted.name.replace('·', '.')}")
    assert "自认" in said.text
    assert await strength(college, dotted, dotted) is BindingStrength.PROVISIONAL


async def test_a_press_that_waited_for_a_claim_is_worth_no_more_than_the_claim(college: College) -> None:
    campaign, student = await college.open_campaign(), college.seat(3)
    await college.say(student, "确认")
    await let_go(college, student)
    (asked,) = await college.press(student, "都对")
    assert "先告诉我你是谁" in asked.text
    await college.say(student, f"绑定 {student.number} {student.name}")
    assert (await college.state(campaign, student)).grade is Grade.CLAIMED


async def test_a_second_claim_alerts_the_first_and_is_worth_nothing_until_staff_decides(college: College) -> None:
    student, thief = await bound_by_name(college, 3), college.seat(4)
    await let_go(college, thief)
    said = await college.say(thief, f"绑定 {student.number} {student.name}")
    assert ["已经有账号在用" in text for text in to(thief, said)] == [True]
    assert ["另一个账号" in text for text in to(student, said)] == [True]
    assert await strength(college, thief, student) is None
    assert await strength(college, student, student) is BindingStrength.PROVISIONAL
    again = await college.say(thief, f"绑定 {student.number} {student.name}")
    assert to(student, again) == [], "told once a day"


async def test_staff_says_whose_the_waiting_account_is_and_both_hear_of_it(college: College) -> None:
    first, second = await bound_by_name(college, 3), college.seat(4)
    await let_go(college, second)
    await college.say(second, f"绑定 {first.number} {first.name}")
    (listed,) = await college.counsellor_says("认领")
    assert "有1个账号" in listed.text
    assert first.name not in listed.text
    (shown,) = await college.counsellor_presses("第1个")
    assert first.name in shown.text
    said = await college.counsellor_presses(first.name)
    assert ["解除绑定" in text for text in to(first, said)] == [True]
    assert ["已经认领" in text for text in to(second, said)] == [True]
    assert await strength(college, second, first) is BindingStrength.STRONG
    assert await strength(college, first, first) is None
    (none_left,) = await college.counsellor_says("认领")
    assert "没有账号" in none_left.text


async def test_staff_that_does_not_know_an_account_leaves_it_unbound(college: College) -> None:
    first, second = await bound_by_name(college, 3), college.seat(4)
    await let_go(college, second)
    await college.say(second, f"绑定 {first.number} {first.name}")
    await college.counsellor_says("认领")
    await college.counsellor_presses("第1个")
    said = await college.counsellor_presses("都不是")
    assert ["当面" in text for text in to(second, said)] == [True]
    assert await strength(college, second, first) is None
    assert await strength(college, first, first) is BindingStrength.PROVISIONAL


async def test_a_code_displaces_whoever_only_claimed_to_be_the_student(college: College) -> None:
    thief, student = college.seat(3), college.seat(4)
    await let_go(college, thief, student)
    await college.say(thief, f"绑定 {student.number} {student.name}")
    said = await college.say(student, f"绑定 {await code_of(college, student)}")
    assert ["解除绑定" in text for text in to(thief, said)] == [True]
    assert await strength(college, student, student) is BindingStrength.STRONG
    assert await strength(college, thief, student) is None


async def test_a_code_makes_ones_own_claim_sure(college: College) -> None:
    student = await bound_by_name(college, 3)
    (said,) = await college.say(student, f"绑定 {await code_of(college, student)}")
    assert "绑定好了" in said.text
    assert await strength(college, student, student) is BindingStrength.STRONG


async def test_a_misspelt_name_is_no_try_and_the_third_is_one_for_staff(college: College) -> None:
    student = college.seat(3)
    await let_go(college, student)
    for _ in range(2):
        (said,) = await college.say(student, f"绑定 {student.number} 某某")
        assert not said.buttons
    (offered,) = await college.say(student, f"绑定 {student.number} 某某")
    assert [button.label for button in offered.buttons] == ["请辅导员认领"]
    for _ in range(4):
        await college.say(student, f"绑定 {student.number} 某某")
    (waiting,) = await college.press(student, "认领")
    assert "已经请辅导员认领" in waiting.text
    await college.counsellor_says("认领")
    await college.counsellor_presses("第1个")
    await college.counsellor_presses(student.name)
    assert await strength(college, student, student) is BindingStrength.STRONG


async def test_who_is_not_found_asks_for_staff_by_class_and_name_and_staff_picks_from_the_likely(
    college: College,
) -> None:
    student = college.seat(3)
    await let_go(college, student)
    for _ in range(3):
        (said,) = await college.say(student, "绑定 9999999999 某某")
    assert "认领 班级名" in said.text
    class_name = college.demo.room.classes[student.class_id]
    (waiting,) = await college.say(student, f"认领 {class_name} {student.name}")
    assert "已经请辅导员认领" in waiting.text
    await college.counsellor_says("认领")
    (shown,) = await college.counsellor_presses("第1个")
    assert student.name in shown.buttons[0].label
    assert len(shown.buttons) <= 6
    await college.counsellor_presses(student.name)
    assert await strength(college, student, student) is BindingStrength.STRONG


async def test_after_five_misses_an_hour_nothing_is_looked_up_whoever_asks_for_the_number(college: College) -> None:
    guesser, other = college.seat(3), college.seat(4)
    await let_go(college, guesser, other)
    for number in range(5):
        await college.say(guesser, f"绑定 WRONG{number:03}")
    (locked,) = await college.say(guesser, f"绑定 {await code_of(college, guesser)}")
    assert "一小时" in locked.text
    for _ in range(5):
        await college.say(other, "绑定 8888888888 某某")
    (too_many,) = await college.say(college.seat(5), "绑定 8888888888 某某")
    assert "一小时" in too_many.text


async def test_nobody_but_staff_of_the_class_sees_who_waits(college: College) -> None:
    first, second = await bound_by_name(college, 3), college.seat(4)
    await let_go(college, second)
    await college.say(second, f"绑定 {first.number} {first.name}")
    for seat in (1, 5):
        (said,) = await college.say(college.seat(seat), "认领")
        assert "有1个" not in said.text


@pytest.mark.parametrize("text", ["我孩子登记了吗", "我是家长，孩子核对了没", "我儿子的状态怎么看"])
async def test_a_parent_hears_nothing_of_a_state(college: College, text: str) -> None:
    await college.open_campaign()
    (said,) = await college.say(college.seat(3), text)
    assert "只能告诉学生本人" in said.text


async def test_a_parent_is_answered_what_holds_for_everybody(college: College) -> None:
    (said,) = await college.say(college.seat(3), "我孩子的毕业证丢了怎么补办")
    assert "依据" in said.text


async def with_two_records(college: College) -> tuple[Student, Student]:
    """A person of the first class who studies a second subject, in the same account."""
    first, second = college.seat(3), college.seat(4)
    kept = college.demo.service.kept
    roster = await kept.rosters.current()
    minor = replace(second, name=first.name, level="辅修")
    students = {**roster.students, second.sid: minor}
    assert await kept.rosters.apply(
        replace(roster, version=roster.version + 1, students=students), now=college.clock.now()
    )
    await let_go(college, second)
    return first, minor


async def test_one_account_holds_two_records_and_is_asked_which_only_where_it_matters(college: College) -> None:
    campaign = await college.open_campaign()
    first, minor = await with_two_records(college)
    (added,) = await college.say(first, f"绑定 {await code_of(college, minor)}")
    assert "这个学籍也绑好了" in added.text
    (answered,) = await college.say(first, "毕业证丢了怎么补办")
    assert "依据" in answered.text
    (which,) = await college.say(first, "确认")
    assert len(which.buttons) == 2
    await college.press(first, minor.number[-4:])
    await college.press(first, "都对")
    assert (await college.state(campaign, minor)).state.value == "confirmed"
    assert (await college.state(campaign, first)).state.value != "confirmed"


async def test_another_persons_code_is_not_taken_by_an_account_that_is_somebodys(college: College) -> None:
    student, other = college.seat(3), college.seat(4)
    (said,) = await college.say(student, f"绑定 {await code_of(college, other)}")
    assert "另一位同学" in said.text
    assert await strength(college, student, other) is None
    assert await college.demo.service.kept.bindings.owner_of("ABCDEFGH") == other.sid, "the code is still good"


async def test_fewer_reminders_are_wished_for_every_record(college: College) -> None:
    student = college.seat(3)
    kept = college.demo.service.kept.bindings
    private = (await kept.of_account(college.account(student)))[0].private
    await kept.bind(
        Binding(
            account=college.account(student), sid=college.seat(4).sid, strength=BindingStrength.STRONG, private=private
        )
    )
    await college.say(student, "少提醒")
    assert {one.last_day_only for one in await kept.of_account(college.account(student))} == {True}


async def test_what_a_provisional_account_states_is_shown_to_staff_as_claimed_and_to_the_class_as_nothing(
    college: College,
) -> None:
    campaign = await college.open_campaign()
    student = await bound_by_name(college, 3)
    await college.say(student, "确认")
    (receipt,) = await college.press(student, "都对")
    assert "已登记" in receipt.text
    assert (await college.state(campaign, student)).grade is Grade.CLAIMED
    assert "班里还没有算上" in receipt.text
    for text in ("我的状态", "收到"):
        (said,) = await college.say(student, text)
        assert "班里还没有算上：请用绑定码证明是本人" in said.text
    assert "有自认的登记，还没有算上" in (await college.say(student, "隐私"))[0].text
    assert (await college.demo.service.kept.campaigns.progress(campaign.id, [student.class_id])).done == 0
    await college.counsellor_says(f"名单 {college.demo.room.classes[student.class_id]}")
    (staff,) = await college.counsellor_presses("显示姓名")
    assert f"{student.name}（自认）" in staff.text
    await college.say(college.seat(1), "名单")
    (monitor,) = await college.press(college.seat(1), "显示姓名")
    _, owing, *_ = monitor.text.splitlines()
    assert owing.startswith("还没登记")
    assert student.name in owing
    assert "自认" not in monitor.text


async def test_who_stated_it_on_a_claim_is_nudged_stated_for_and_told_what_makes_it_count(college: College) -> None:
    await college.open_campaign()
    student = await bound_by_name(college, 3)
    await college.say(student, "确认")
    await college.press(student, "都对")
    class_name = college.demo.room.classes[student.class_id]
    (listed,) = await college.counsellor_says(f"代登记 {class_name}")
    assert student.name in listed.text
    await college.counsellor_says(f"催办 {class_name}")
    heard = await college.counsellor_presses("发")
    (to_student,) = [one for one in heard if one.chat == student.sid]
    assert "证明是本人" in to_student.text
    assert "还没登记" not in to_student.text
    await college.say(student, f"绑定 {await code_of(college, student)}")
    (stands,) = await college.say(student, "我的状态")
    assert "证明本人之前登记的，请再登记一次" in stands.text
    await college.press(student, "我核对好了")
    (receipt,) = await college.press(student, "都对")
    assert "还没有算上" not in receipt.text


async def test_a_claim_neither_sees_nor_changes_what_was_stated_on_proof(college: College) -> None:
    campaign = await college.open_campaign()
    student, thief = college.seat(3), college.seat(4)
    await college.say(student, "确认")
    await college.press(student, "都对")
    await let_go(college, student, thief)
    await college.say(thief, f"绑定 {student.number} {student.name}")
    for text in ("我的状态", "撤回", "有误"):
        (said,) = await college.say(thief, text)
        assert "用绑定码" in said.text
    (told,) = await college.say(thief, "隐私")
    assert "都对" not in told.text
    assert (await college.state(campaign, student)).grade is Grade.STATEMENT


async def test_a_proof_later_makes_the_statement_ones_own(college: College) -> None:
    campaign = await college.open_campaign()
    student = await bound_by_name(college, 3)
    await college.say(student, "确认")
    await college.press(student, "都对")
    await college.say(student, f"绑定 {await code_of(college, student)}")
    await college.say(student, "确认")
    await college.press(student, "都对")
    assert (await college.state(campaign, student)).grade is Grade.STATEMENT
    assert (await college.demo.service.kept.campaigns.progress(campaign.id, [student.class_id])).done == 1


async def test_the_code_alone_binds_who_is_not_bound_yet(college: College) -> None:
    student = college.seat(3)
    await let_go(college, student)
    await college.demo.service.kept.bindings.codes([student.sid], {student.sid: "6U92V98Z"})
    await college.say(student, "绑定")
    await college.say(student, "6u92v98z")
    assert await strength(college, student, student) is BindingStrength.STRONG


async def test_number_and_name_alone_bind_who_is_not_bound_yet(college: College) -> None:
    student = college.seat(3)
    await let_go(college, student)
    await college.say(student, f"{student.number}{student.name}")
    assert await strength(college, student, student) is BindingStrength.PROVISIONAL


async def test_what_a_stranger_calls_themselves_is_shown_to_staff_as_plain_words_and_not_too_many(
    college: College,
) -> None:
    student = college.seat(3)
    await let_go(college, student)
    class_name = college.demo.room.classes[student.class_id]
    await college.say(student, f"认领 {class_name} \u202e{student.name}\u2066\u200d{'某' * 60}")
    await college.counsellor_says("认领")
    (shown,) = await college.counsellor_presses("第1个")
    assert f"{student.name}{'某' * (20 - len(student.name))}" in shown.text
    assert "某" * 20 not in shown.text
    assert not set("\u202e\u2066\u200d") & set(shown.text)
