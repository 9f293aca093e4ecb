"""Staff say that 学信网 does not work, or that a cohort is not registered yet."""

from datetime import timedelta

from bot.platforms.chatroom.receiver import Taken
from bot.platforms.chatroom.room import RoomMessage
from scheduler.campaigns import State
from tests.acceptance.college import College

COUNSELLOR = "counsellor"


async def staff_say(college: College, text: str) -> RoomMessage:
    """What the bot answers to the counsellor."""
    taken = await college.demo.receiver.post(COUNSELLOR, f"chatroom:{COUNSELLOR}", text)
    assert isinstance(taken, Taken)
    await college.demo.service.settle()
    return college.demo.room.history(COUNSELLOR)[-1]


async def test_an_incident_stands_before_what_needs_the_site_and_ends_by_itself(college: College) -> None:
    said = await staff_say(college, "故障 学信网 开")
    assert "自动结束" in said.text
    (touched,) = await college.say(college.seat(3), "学信网怎么注册")
    assert touched.text.startswith("（12月12日10:00起学信网访问不正常")
    assert "依据" in touched.text
    (untouched,) = await college.say(college.seat(3), "毕业证丢了怎么补办")
    assert "访问不正常" not in untouched.text
    college.clock.advance_to(college.clock.now() + timedelta(hours=12))
    (later,) = await college.say(college.seat(3), "学信网怎么注册")
    assert "访问不正常" not in later.text


async def test_an_incident_is_over_when_staff_say_so(college: College) -> None:
    await staff_say(college, "故障 学信网 开")
    assert "已关闭" in (await staff_say(college, "故障 学信网 关")).text
    (said,) = await college.say(college.seat(3), "学信网怎么注册")
    assert "访问不正常" not in said.text
    assert "本来就没有" in (await staff_say(college, "故障 学信网 关")).text


async def test_who_is_not_staff_switches_nothing(college: College) -> None:
    await college.say(college.seat(1), "故障 学信网 开")
    assert await college.demo.service.kept.switches.all() == ()


async def test_a_cohort_that_is_not_registered_yet_hears_so_and_nothing_is_recorded(college: College) -> None:
    campaign = await college.open_campaign()
    said = await staff_say(college, "未注册 2019级 预计12-20")
    assert "2019年12月20日" in said.text
    student = college.seat(4)
    for way in ("在读学生，学信网上查不到我的学籍怎么办？", "查不到"):
        (heard,) = await college.say(student, way)
        assert "2019年12月20日" in heard.text
        assert heard.buttons == ()
    await college.say(student, "确认")
    (pressed,) = await college.press(student, "查不到学籍")
    assert "2019年12月20日" in pressed.text
    assert (await college.state(campaign, student)).state is State.NONE
    await staff_say(college, "未注册 2019级 关")
    await college.press(student, "查不到学籍")
    assert (await college.state(campaign, student)).state is State.NOT_FOUND


async def test_an_order_that_cannot_be_read_is_answered_with_how_it_is_typed(college: College) -> None:
    assert "未注册 2026级 预计10-25" in (await staff_say(college, "未注册 新生 预计月底")).text
    assert "已经过去" in (await staff_say(college, "未注册 2019级 预计2019-12-01")).text
