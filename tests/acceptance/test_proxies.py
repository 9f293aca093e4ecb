"""代登记: for whom, why, how many, and that the student's own word is the last."""

from bot.platforms.chatroom.room import RoomMessage
from scheduler.campaigns import Campaign, State
from scheduler.forms.sign_off import mark
from scheduler.roster import Student
from tests.acceptance.college import College


async def state(campaign: Campaign, college: College, seat: int) -> State:
    return (await college.state(campaign, college.seat(seat))).state


async def stated(college: College, by: Student, *seats: int) -> tuple[RoomMessage, list[RoomMessage]]:
    """What the monitor hears after stating for these, for the first reason; and what is said to others."""
    await college.say(by, f"代登记 {' '.join(map(str, seats))}")
    said = await college.press(by, "没有智能手机")
    (receipt,) = [message for message in said if message.chat == by.sid]
    return receipt, [message for message in said if message.chat != by.sid]


async def test_the_monitor_states_for_a_student_for_a_reason_and_the_sheet_says_so(college: College) -> None:
    campaign = await college.open_campaign()
    monitor = college.seat(1)
    (listed,) = await college.say(monitor, "代登记")
    assert f"3 {college.seat(3).name}" in listed.text
    receipt, _ = await stated(college, monitor, 3)
    assert college.seat(3).name in receipt.text
    kept = await college.state(campaign, college.seat(3))
    assert (kept.state, kept.reason, kept.by) == (State.PROXY, "no-phone", college.account(monitor))
    assert mark(kept) == "代"


async def test_the_student_is_told_in_private_and_takes_it_back_for_good(college: College) -> None:
    campaign = await college.open_campaign()
    _, (said,) = await stated(college, college.seat(1), 3)
    assert (said.chat, "没有智能手机" in said.text) == (college.seat(3).sid, True)
    await college.press(college.seat(3), "撤回")
    assert await state(campaign, college, 3) is State.NONE
    refused, others = await stated(college, college.seat(1), 3)
    assert others == []
    assert "本人撤回过" in refused.text
    assert await state(campaign, college, 3) is State.NONE


async def test_a_monitor_states_for_three_and_the_counsellor_for_more(college: College) -> None:
    campaign = await college.open_campaign()
    monitor = college.seat(1)
    receipt, others = await stated(college, monitor, 3, 4, 5, 6)
    assert {message.chat for message in others} == {college.seat(seat).sid for seat in (3, 4, 5)}
    assert college.seat(6).name in receipt.text.split("最多代3人")[1]
    again, _ = await stated(college, monitor, 7)
    assert "最多代3人" in again.text
    assert [await state(campaign, college, seat) for seat in (5, 6, 7)] == [State.PROXY, State.NONE, State.NONE]
    found = await college.demo.service.kept.rosters.school_class(monitor.class_id)
    assert found is not None
    await college.counsellor_says(f"代登记 {found.name} 6、7")
    room = college.demo.room
    (message, button) = next(
        (message, button)
        for message in reversed(room.history("counsellor"))
        for button in message.buttons
        if "身体不便" in button.label
    )
    await college.demo.receiver.press("counsellor", "chatroom:counsellor", message.id, button.token)
    await college.demo.service.settle()
    assert [await state(campaign, college, seat) for seat in (6, 7)] == [State.PROXY, State.PROXY]


async def test_nobody_is_stated_for_who_spoke_for_themselves(college: College) -> None:
    await college.open_campaign()
    await college.say(college.seat(3), "确认")
    await college.press(college.seat(3), "都对")
    (said,) = await college.say(college.seat(1), "代登记 3")
    assert "没有序号3" in said.text


async def test_a_student_who_speaks_while_the_reason_is_picked_is_left_as_they_are(college: College) -> None:
    campaign = await college.open_campaign()
    await college.say(college.seat(1), "代登记 3")
    await college.say(college.seat(3), "确认")
    await college.press(college.seat(3), "都对")
    (receipt,) = await college.press(college.seat(1), "没有智能手机")
    assert "本人已经登记" in receipt.text
    assert await state(campaign, college, 3) is State.CONFIRMED


async def test_a_student_may_not_state_for_others(college: College) -> None:
    campaign = await college.open_campaign()
    (said,) = await college.say(college.seat(2), "代登记")
    assert "班长和辅导员" in said.text
    await college.say(college.seat(2), "代登记 3")
    assert await state(campaign, college, 3) is State.NONE


async def test_each_look_at_the_list_is_on_record(college: College) -> None:
    campaign = await college.open_campaign()
    await college.say(college.seat(1), "代登记")
    assert await college.demo.service.kept.looks.total(campaign.id) == 1
