"""A class group that the bot does not spoil."""

from datetime import timedelta

import pytest

from bot.messages import InboundMessage
from bot.platforms.chatroom.room import group_chat
from scheduler.messages import Address
from scheduler.planner import plan
from scheduler.roster import Binding, BindingStrength, Group, Student
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


FAKE = "同学们快去 http://www.chsi.com.cn.xj-login.top 注册"
PAID = "学信网代注册，10元一位，私聊我"


@pytest.mark.parametrize(("text", "word"), [(FAKE, "不是学信网"), (PAID, "代办费")])
async def test_a_false_link_and_paid_help_are_warned_of_though_nobody_asked_once_in_half_an_hour(
    college: College, text: str, word: str
) -> None:
    (warned,) = await college.say(college.seat(9), text, in_group=True)
    assert (warned.chat, word in warned.text) == (group(college.seat(9)), True)
    assert "https://www.chsi.com.cn" in warned.text
    assert "xj-login" not in warned.text
    assert await college.say(college.seat(8), text, in_group=True) == []
    college.clock.advance_to(college.clock.now() + timedelta(minutes=30))
    assert len(await college.say(college.seat(8), text, in_group=True)) == 1


async def test_either_danger_is_warned_of_by_itself_even_in_a_group_that_heard_enough(college: College) -> None:
    await fill(college, college.seat(3))
    await college.say(college.seat(1), "安静 2小时", in_group=True)
    for text in (FAKE, PAID):
        (warned,) = await college.say(college.seat(9), text, in_group=True)
        assert warned.chat == group(college.seat(9))


async def test_who_asks_about_paid_help_is_answered(college: College) -> None:
    (said,) = await college.say(college.seat(3), "学籍代办靠谱吗")
    assert "代办费" not in said.text
    assert "先别给" in said.text


async def test_the_true_address_is_never_warned_of(college: College) -> None:
    assert await college.say(college.seat(9), "去 https://my.chsi.com.cn 看学籍", in_group=True) == []


async def unbind_group(college: College) -> None:
    """The first class's group as one that no school has bound."""
    address = Address(platform="chatroom", chat=group(college.seat(1)))
    await college.demo.service.kept.bindings.bind_group(Group(address=address, classes=()))


async def test_a_group_no_school_has_bound_hears_only_what_holds_everywhere_and_is_told_so(college: College) -> None:
    await unbind_group(college)
    (first,) = await college.say(college.seat(3), "@学籍通 学籍核对什么时候结束", in_group=True)
    assert first.text.startswith("（这个群还没有经学校确认")
    assert "各校每年自己定" in first.text
    assert "12月22日" not in first.text
    (second,) = await college.say(college.seat(4), LOST, in_group=True)
    assert "没有经学校确认" not in second.text
    college.clock.advance_to(college.clock.now() + timedelta(days=1))
    (next_day,) = await college.say(college.seat(4), LOST, in_group=True)
    assert "没有经学校确认" in next_day.text


async def test_a_campaign_is_no_matter_of_a_group_that_is_not_bound(college: College) -> None:
    await college.open_campaign()
    await unbind_group(college)
    (said,) = await college.say(college.seat(3), "@学籍通 进度", in_group=True)
    assert "没有需要登记的核对" in said.text


async def test_the_counsellor_binds_the_group_to_classes_one_after_the_other(college: College) -> None:
    student, classes = college.seat(1), list(college.demo.room.classes.values())
    bindings = college.demo.service.kept.bindings
    address = Address(platform="chatroom", chat=group(student))
    await unbind_group(college)
    (bound,) = await college.counsellor_says(f"绑定班级 {classes[0]}", in_group_of=student)
    assert classes[0] in bound.text
    (both,) = await college.counsellor_says(f"绑定班级{classes[1]}", in_group_of=student)
    assert f"{classes[0]}、{classes[1]}" in both.text
    found = await bindings.group(address)
    assert found is not None
    assert [college.demo.room.classes[class_id] for class_id in found.classes] == classes[:2]
    await college.counsellor_says(f"解绑班级 {classes[0]}", in_group_of=student)
    assert address in {one.address for one in await bindings.groups_of([found.classes[1]])}
    await college.counsellor_says("解绑班级", in_group_of=student)
    assert await bindings.group(address) is None


async def test_a_bound_group_hears_of_its_own_school_at_once(college: College) -> None:
    await unbind_group(college)
    (class_name, *_) = college.demo.room.classes.values()
    await college.counsellor_says(f"绑定班级 {class_name}", in_group_of=college.seat(1))
    (said,) = await college.say(college.seat(3), "@学籍通 专业后面带括号算错吗", in_group=True)
    assert "2019" in said.text
    assert "没有经学校确认" not in said.text


async def test_neither_a_student_nor_the_monitor_can_bind_a_group(college: College) -> None:
    await unbind_group(college)
    (class_name, *_) = college.demo.room.classes.values()
    for seat in (1, 5):
        (said,) = await college.say(college.seat(seat), f"绑定班级 {class_name}", in_group=True)
        assert "辅导员" in said.text
    assert (
        await college.demo.service.kept.bindings.group(Address(platform="chatroom", chat=group(college.seat(1))))
        is None
    )


async def test_a_class_that_is_not_the_counsellors_is_not_bound(college: College) -> None:
    student = college.seat(1)
    kept = college.demo.service.kept
    before = await kept.bindings.group(Address(platform="chatroom", chat=group(student)))
    for text in ("绑定班级 没有这个班", "绑定班级"):
        (said,) = await college.counsellor_says(text, in_group_of=student)
        assert "没有对上" in said.text
    (there,) = await college.counsellor_says("绑定班级 计科1901班")
    assert "在那个班的群里" in there.text
    assert await kept.bindings.group(Address(platform="chatroom", chat=group(student))) == before


async def test_every_topic_of_a_bound_forum_is_of_the_bound_group(college: College) -> None:
    topic = Address(platform="chatroom", chat=group(college.seat(3)), thread="7")
    message = InboundMessage(
        id="in-topic", address=topic, account=college.account(college.seat(3)), at=college.clock.now(),
        private=False, addressed=True, text="毕业证丢了怎么补办",
    )  # fmt: skip
    await college.demo.service.dispatcher.handle(message)
    *_, said = college.demo.room.history(topic.chat)
    assert "没有经学校确认" not in said.text
