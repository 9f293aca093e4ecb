"""Many who cannot get in, or find nothing, within an hour: staff hears how many, once, and nothing is switched."""

from datetime import timedelta

from scheduler.campaigns import State
from scheduler.messages import Address
from scheduler.staffing import StaffMember, StaffRole
from tests.acceptance.college import COUNSELLOR, College


async def appoint_registrar(college: College) -> None:
    private = Address(platform="chatroom", chat=COUNSELLOR)
    registrar = StaffMember(account=str(private), role=StaffRole.REGISTRAR, private=private)
    await college.demo.service.kept.staff.appoint(registrar)


async def heard(college: College) -> list[str]:
    """What the registrar was told so far."""
    return [
        message.text
        for message in college.demo.room.history(COUNSELLOR)
        if message.sender is None and "学信网可能有问题" in message.text
    ]


async def test_a_twentieth_of_a_campaign_is_told_once_an_hour(college: College) -> None:
    campaign = await college.open_campaign()
    await appoint_registrar(college)
    total = (await college.demo.service.kept.campaigns.progress(campaign.id, campaign.classes)).total
    enough = -(-total // 20)
    for seat in range(2, 2 + enough - 1):
        await college.say(college.seat(seat), "登录不了")
    assert await heard(college) == []
    await college.say(college.seat(2 + enough), "查不到")
    (said,) = await heard(college)
    assert f"{enough}位" in said
    for seat in range(20, 24):
        await college.say(college.seat(seat), "登录不了")
    assert len(await heard(college)) == 1
    college.clock.advance_to(college.clock.now() + timedelta(minutes=61))
    for seat in range(2, 2 + enough):
        await college.say(college.seat(seat), "登录不了")
    assert len(await heard(college)) == 2


async def test_the_same_person_again_and_again_is_one_person(college: College) -> None:
    campaign = await college.open_campaign()
    await appoint_registrar(college)
    for _ in range(12):
        await college.say(college.seat(3), "登录不了")
    assert await heard(college) == []
    state = await college.state(campaign, college.seat(3))
    assert (state.state, len(state.tries)) == (State.NO_LOGIN, 12)


async def test_every_try_to_log_in_is_shown_to_the_student_with_the_last_moment(college: College) -> None:
    await college.open_campaign()
    for _ in range(2):
        await college.say(college.seat(3), "登录不了")
    (state,) = await college.say(college.seat(3), "我的状态")
    assert "2次" in state.text


async def test_whoever_finds_nothing_is_led_through_the_causes(college: College) -> None:
    await college.open_campaign()
    _, step = await college.say(college.seat(3), "查不到")
    assert "第1步" in step.text
