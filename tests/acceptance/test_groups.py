"""A class group that the bot does not spoil."""

from datetime import timedelta

from bot.messages import InboundMessage
from bot.platforms.chatroom.room import group_chat
from scheduler.messages import Address
from scheduler.planner import plan
from scheduler.roster import Binding, BindingStrength, Student
from tests.acceptance.college import College

LOST = "@学籍通 毕业证丢了怎么补办"
NOBODY = "chatroom:nobody"
QUESTIONS = (
    "毕业证丢了怎么补办",
    "转专业怎么办理",
    "想休学，手续找谁办",
    "学籍最长几年有效",
    "学信网收不到短信验证码怎么办？",
    "学信网用户名或密码忘了怎么办？",
)


def group(student: Student) -> str:
    return group_chat(student.class_id)


async def unbind(college: College, student: Student) -> None:
    await college.demo.service.kept.bindings.unbind(college.account(student))


async def says_nobody(college: College, text: str) -> list[str]:
    """What arrives in the first class's group when somebody without a private chat writes there."""
    chat = group(college.seat(1))
    before = college.demo.room.history(chat)
    message = InboundMessage(
        id=f"nobody-{len(before)}-{text}",
        address=Address(platform="chatroom", chat=chat),
        account=NOBODY,
        at=college.clock.now(),
        private=False,
        addressed=True,
        text=text,
    )
    await college.demo.service.dispatcher.handle(message)
    return [said.text for said in college.demo.room.history(chat)[len(before) :]]


async def fill(college: College, student: Student) -> None:
    """Six questions whose answers, or offers, stand in the group."""
    for question in QUESTIONS:
        (said,) = await college.say(student, f"@学籍通 {question}", in_group=True)
        assert said.chat == group(student)


async def test_who_asks_the_same_again_is_answered_in_private(college: College) -> None:
    (first,) = await college.say(college.seat(3), LOST, in_group=True)
    assert first.chat == group(college.seat(3))
    (second,) = await college.say(college.seat(4), LOST, in_group=True)
    assert (second.chat, second.text) == (college.seat(4).sid, first.text)


async def test_who_is_not_known_is_pointed_to_the_answer_above(college: College) -> None:
    (answer,) = await college.say(college.seat(3), LOST, in_group=True)
    await unbind(college, college.seat(4))
    (line,) = await college.say(college.seat(4), LOST, in_group=True)
    assert (line.chat, line.reply_to) == (group(college.seat(3)), answer.id)
    assert len(line.text) < len(answer.text) / 2
    college.clock.advance_to(college.clock.now() + timedelta(minutes=31))
    (again,) = await college.say(college.seat(4), LOST, in_group=True)
    assert (again.chat, again.text) == (answer.chat, answer.text)


async def test_the_seventh_answer_of_an_hour_is_given_in_private(college: College) -> None:
    await fill(college, college.seat(3))
    (seventh,) = await college.say(college.seat(4), "@学籍通 照片有问题", in_group=True)
    assert seventh.chat == college.seat(4).sid
    (picked,) = await college.say(college.seat(4), "1")  # what was offered there is picked there
    assert "依据" in picked.text
    college.clock.advance_to(college.clock.now() + timedelta(hours=1))
    (later,) = await college.say(college.seat(4), "@学籍通 照片有问题", in_group=True)
    assert later.chat == group(college.seat(4))


async def test_a_known_person_who_cannot_be_reached_is_pointed_to_the_answer(college: College) -> None:
    private = Address(platform="chatroom", chat="nobody")
    binding = Binding(account=NOBODY, sid=college.seat(4).sid, strength=BindingStrength.STRONG, private=private)
    await college.demo.service.kept.bindings.bind(binding)
    (answer,) = await college.say(college.seat(3), LOST, in_group=True)
    (line,) = await says_nobody(college, "毕业证丢了怎么补办")
    assert "上面答过" in line
    assert line != answer.text


async def test_who_cannot_be_reached_hears_nothing_once_enough_was_said(college: College) -> None:
    (asked_to_write,) = await says_nobody(college, "我的状态")
    assert "点开我的头像" in asked_to_write
    for question in QUESTIONS[:5]:
        await college.say(college.seat(3), f"@学籍通 {question}", in_group=True)
    assert await says_nobody(college, "想换照片找谁") == []
    assert await says_nobody(college, "我的状态") == []


async def test_a_reminder_comes_through_quiet_and_however_much_was_said(college: College) -> None:
    campaign = await college.open_campaign()
    reminded_at = min(wave.at for wave in plan(campaign, college.clock.now()).coming)
    await college.turn_to(reminded_at - timedelta(minutes=30))
    await fill(college, college.seat(3))
    await college.say(college.seat(1), "安静 2小时", in_group=True)
    said = await college.turn_to(reminded_at)
    assert group(college.seat(1)) in {message.chat for message in said}


async def test_the_monitor_asks_for_quiet_and_ends_it(college: College) -> None:
    (noted,) = await college.say(college.seat(1), "安静 2小时", in_group=True)
    assert noted.chat == group(college.seat(1))
    assert "12:00" in noted.text
    assert await college.say(college.seat(3), "毕业证丢了怎么补办", in_group=True) == []
    (aside,) = await college.say(college.seat(3), LOST, in_group=True)
    assert aside.chat == college.seat(3).sid
    await college.say(college.seat(1), "安静 关", in_group=True)
    (here,) = await college.say(college.seat(3), LOST, in_group=True)
    assert here.chat == group(college.seat(3))


async def test_nobody_else_can_silence_the_bot_or_is_answered(college: College) -> None:
    for text in ("安静", "@学籍通 安静 2小时"):
        assert await college.say(college.seat(2), text, in_group=True) == []
    (here,) = await college.say(college.seat(3), LOST, in_group=True)
    assert here.chat == group(college.seat(3))


async def test_in_private_the_same_word_is_a_question(college: College) -> None:
    (said,) = await college.say(college.seat(2), "安静")
    assert "少提醒" in said.text
