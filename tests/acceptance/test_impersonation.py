"""What a classmate could try who knows a number and a name, finds a slip, or sends a button on."""

from dataclasses import replace

import pytest

from bot.messages import InboundMessage
from scheduler.campaigns import State
from scheduler.messages import Action, Address, Phrase, Verb
from scheduler.roster import BindingStrength, Student
from tests.acceptance.college import College
from tests.acceptance.test_binding import bound_by_name, code_of, let_go, strength, to


async def presses(college: College, student: Student, action: Action) -> list[str]:
    """The keys of what the bot says to a button that was never shown to this person."""
    message = InboundMessage(
        id=f"sent-on-{action.verb}-{student.sid}",
        address=Address(platform="chatroom", chat=student.sid),
        account=college.account(student),
        at=college.clock.now(),
        private=True,
        addressed=True,
        action=action,
    )
    sent = await college.demo.service.dispatcher.handle(message)
    return [said.body.key for said, _ in sent if isinstance(said.body, Phrase)]


async def test_names_are_not_found_out_by_trying(college: College) -> None:
    student, thief = college.seat(3), college.seat(4)
    await let_go(college, student, thief)
    for _ in range(10):
        (refused,) = await college.say(thief, f"绑定 {student.number} 某某")
    (right,) = await college.say(thief, f"绑定 {student.number} {student.name}")
    assert right.text == refused.text
    assert await strength(college, thief, student) is None


async def test_who_uses_the_slip_of_somebody_known_is_told_of_at_once(college: College) -> None:
    student, thief = college.seat(3), college.seat(4)
    await let_go(college, thief)
    assert await strength(college, student, student) is BindingStrength.STRONG
    said = await college.say(thief, f"绑定 {await code_of(college, student)}")
    assert ["又有一个账号" in text for text in to(student, said)] == [True]
    await college.demo.service.kept.bindings.release(college.account(thief), student.sid)
    (unknown,) = await college.say(thief, "我的状态")
    assert "绑定" in unknown.text


async def test_a_used_slip_is_worth_nothing_to_the_next_who_finds_it(college: College) -> None:
    student, finder = college.seat(3), college.seat(4)
    await let_go(college, student, finder)
    code = await code_of(college, student)
    await college.say(student, f"绑定 {code}")
    (refused,) = await college.say(finder, f"绑定 {code}")
    assert "已经用过" in refused.text
    assert await strength(college, finder, student) is None


@pytest.mark.parametrize("stranger", [True, False])
async def test_a_button_that_was_sent_on_does_nothing_to_whom_it_was_for(college: College, *, stranger: bool) -> None:
    campaign = await college.open_campaign()
    student, other = college.seat(3), college.seat(4)
    await college.say(student, "确认")
    await college.press(student, "都对")
    if stranger:
        await let_go(college, other)
    await presses(college, other, Action(verb=Verb.WITHDRAW, subject=campaign.id))
    await presses(college, other, Action(verb=Verb.ERASE, detail="yes"))
    assert (await college.state(campaign, student)).state is State.CONFIRMED
    assert await strength(college, student, student) is BindingStrength.STRONG


async def test_a_claim_for_another_record_says_that_it_is_one(college: College) -> None:
    student, other = await bound_by_name(college, 3), college.seat(4)
    await let_go(college, student, other)
    kept = college.demo.service.kept
    roster = await kept.rosters.current()
    twin = replace(other, name=student.name)
    assert await kept.rosters.apply(
        replace(roster, version=roster.version + 1, students={**roster.students, twin.sid: twin}),
        now=college.clock.now(),
    )
    await college.say(student, f"绑定 {await code_of(college, student)}")
    (said,) = await college.say(student, f"绑定 {twin.number} {twin.name}")
    assert "自认" in said.text


async def test_a_student_who_presses_the_buttons_of_staff_claims_nobody(college: College) -> None:
    first, thief = await bound_by_name(college, 3), college.seat(4)
    await let_go(college, thief)
    await college.say(thief, f"绑定 {first.number} {first.name}")
    await college.counsellor_says("认领")
    (shown,) = await college.counsellor_presses("第1个")
    (button,) = [button for button in shown.buttons if first.name in button.label]
    claim = college.demo.seal.open(button.token)
    assert claim is not None
    assert await presses(college, thief, claim) == ["button.not-yours"]
    assert await strength(college, thief, first) is None
