"""A class group that the bot does not spoil."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.messages import InboundMessage
from bot.platforms.chatroom.room import RoomMessage, group_chat
from scheduler.messages import Address
from scheduler.planner import plan
from scheduler.roster import Binding, BindingStrength, Group, Student
from tests.acceptance.college import COUNSELLOR, College

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


async def test_who_cannot_be_reached_once_enough_was_said_is_shown_the_private_chat_once_an_hour(
    college: College,
) -> None:
    await fill(college, college.seat(3))
    (pointed,) = await says_nobody(college, "辅修学位怎么申请")
    assert pointed.startswith("请点下面的按钮私聊我接着问")
    assert await says_nobody(college, "学籍注销了还能恢复吗") == []
    assert await says_nobody(college, "我的状态") == []
    college.clock.advance_to(college.clock.now() + timedelta(hours=1))
    (answered,) = await says_nobody(college, "毕业证丢了怎么补办")
    assert "请点下面的按钮" not in answered


async def test_a_known_person_s_own_matter_in_a_full_group_is_pointed_to_the_private_chat_too(college: College) -> None:
    await college.open_campaign()
    await fill(college, college.seat(3))
    nowhere = Address(platform="chatroom", chat="nobody")
    binding = Binding(account=NOBODY, sid=college.seat(4).sid, strength=BindingStrength.STRONG, private=nowhere)
    await college.demo.service.kept.bindings.bind(binding)
    (pointed,) = await says_nobody(college, "我的状态")
    assert "只能私下说" in pointed
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


async def group_code(college: College, *class_names: str) -> str:
    """The code the counsellor is given in private for these classes."""
    (said,) = await college.counsellor_says(f"绑定班级 {' '.join(class_names)}")
    return said.text.split()[-1]


def in_group(college: College, said: list[RoomMessage]) -> str:
    """What was said in the first class's group."""
    (text,) = [message.text for message in said if message.chat == group(college.seat(1))]
    return text


async def bound_to(college: College) -> list[str]:
    """The classes of the first class's group, by name."""
    address = Address(platform="chatroom", chat=group(college.seat(1)))
    found = await college.demo.service.kept.bindings.group(address)
    return [college.demo.room.classes[class_id] for class_id in found.classes] if found else []


async def test_the_counsellor_chooses_a_class_in_private_and_posts_the_code_in_its_group(college: College) -> None:
    await unbind_group(college)
    (choose,) = await college.counsellor_says("绑定班级")
    first, *_ = choose.buttons
    (given,) = await college.counsellor_presses(first.label)
    *_, to_paste = given.text.splitlines()
    said = await college.counsellor_says(f"@学籍通 {to_paste}", in_group_of=college.seat(1))
    here = in_group(college, said)
    assert "1个班" in here
    assert first.label not in here, "what is the school's own is said in private"
    (check,) = [message.text for message in said if message.chat == COUNSELLOR]
    assert first.label in check
    assert await bound_to(college) == [first.label]


async def test_a_group_can_have_several_classes_and_lets_them_go_one_by_one(college: College) -> None:
    await unbind_group(college)
    one, two = list(college.demo.room.classes.values())[:2]
    student = college.seat(1)
    await college.counsellor_says(f"绑定班级 {await group_code(college, one)}", in_group_of=student)
    said = await college.counsellor_says(f"@学籍通 绑定班级 {await group_code(college, two)}", in_group_of=student)
    assert "2个班" in in_group(college, said)
    assert await bound_to(college) == [one, two]
    await college.counsellor_says(f"解绑班级 {one}", in_group_of=student)
    assert await bound_to(college) == [two]
    await college.counsellor_says("解绑班级", in_group_of=student)
    assert await bound_to(college) == []
    await college.counsellor_says(f"绑定班级 {await group_code(college, one, two)}", in_group_of=student)
    assert await bound_to(college) == [one, two]


async def test_a_code_is_good_for_ten_minutes_one_group_and_who_asked_for_it(college: College) -> None:
    await unbind_group(college)
    name, *_ = college.demo.room.classes.values()
    other = next(one for one in college.demo.room.classes if one != college.seat(1).class_id)
    stranger_code = await group_code(college, name)
    for seat in (1, 5):
        (said,) = await college.say(college.seat(seat), f"绑定班级 {stranger_code}", in_group=True)
        assert "老师来发" in said.text
    assert await bound_to(college) == []
    await college.counsellor_says(f"绑定班级 {stranger_code}", in_group_of=replace(college.seat(1), class_id=other))
    answers = await college.counsellor_says(f"绑定班级 {stranger_code}", in_group_of=college.seat(1))
    assert "别的群用过" in in_group(college, answers)
    late = await group_code(college, name)
    college.clock.advance_to(college.clock.now() + timedelta(minutes=10))
    answers = await college.counsellor_says(f"绑定班级 {late}", in_group_of=college.seat(1))
    assert "过期" in in_group(college, answers)
    assert await bound_to(college) == []


async def test_a_role_that_ended_after_the_code_was_given_binds_nothing(college: College) -> None:
    await unbind_group(college)
    name, *_ = college.demo.room.classes.values()
    code = await group_code(college, name)
    await college.demo.service.kept.staff.dismiss(f"chatroom:{COUNSELLOR}")
    answers = await college.counsellor_says(f"绑定班级 {code}", in_group_of=college.seat(1))
    assert "老师来发" in in_group(college, answers)
    assert await bound_to(college) == []


async def test_a_bound_group_hears_of_its_own_school_at_once(college: College) -> None:
    await unbind_group(college)
    (class_name, *_) = college.demo.room.classes.values()
    await college.counsellor_says(f"绑定班级 {await group_code(college, class_name)}", in_group_of=college.seat(1))
    (said,) = await college.say(college.seat(3), "@学籍通 专业后面带括号算错吗", in_group=True)
    assert "2019" in said.text
    assert "没有经学校确认" not in said.text


async def test_a_name_typed_in_the_group_binds_nothing_and_neither_student_nor_monitor_is_given_a_code(
    college: College,
) -> None:
    await unbind_group(college)
    (class_name, *_) = college.demo.room.classes.values()
    for seat in (1, 5):
        (said,) = await college.say(college.seat(seat), f"绑定班级 {class_name}", in_group=True)
        assert "老师来发" in said.text
        (refused,) = await college.say(college.seat(seat), "绑定班级")
        assert not refused.buttons
    answers = await college.counsellor_says(f"绑定班级 {class_name}", in_group_of=college.seat(1))
    assert "私聊我" in in_group(college, answers)
    (unknown,) = await college.counsellor_says("绑定班级 没有这个班")
    assert "学校名单一样" in unknown.text
    assert await bound_to(college) == []


async def test_every_topic_of_a_bound_forum_is_of_the_bound_group(college: College) -> None:
    topic = Address(platform="chatroom", chat=group(college.seat(3)), thread="7")
    message = InboundMessage(
        id="in-topic", address=topic, account=college.account(college.seat(3)), at=college.clock.now(),
        private=False, addressed=True, text="毕业证丢了怎么补办",
    )  # fmt: skip
    await college.demo.service.dispatcher.handle(message)
    *_, said = college.demo.room.history(topic.chat)
    assert "没有经学校确认" not in said.text
