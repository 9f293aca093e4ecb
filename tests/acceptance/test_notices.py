"""Notices in chat: a counsellor writes one and lets it go, the class reads it and presses."""

from dataclasses import replace
from datetime import timedelta

from bot.messages import InboundMessage
from bot.platforms.chatroom.room import RoomMessage, group_chat
from bot.settings import read
from bot.talk import announcing
from scheduler.announcing import Announcing
from scheduler.notices import Audience, Notice, NoticeStatus, ReadLevel
from scheduler.roster import Student
from scheduler.staffing import MonitorWord, StaffMember, StaffRole, end_of_term, named_monitors
from tests.acceptance.college import COUNSELLOR, College

WORDS = "交表\n请在周四17:00前把表交到班长那里。"


async def classes(college: College) -> dict[str, str]:
    return {found.id: found.name for found in (await college.demo.service.kept.rosters.classes()).values()}


async def write(college: College, *, level: str, which: str = "全部") -> list[RoomMessage]:
    """A notice written up to its preview."""
    await college.counsellor_says("发通知")
    await college.counsellor_says(which)
    await college.counsellor_says(WORDS)
    return await college.counsellor_presses(level)


def desk_of(college: College) -> Announcing:
    service = college.demo.service
    return announcing(read(), service.kept, service.known.content, service.known.wording, college.clock)


async def last(college: College) -> Notice:
    (notice, *_) = await college.demo.service.kept.notices.latest(1)
    return notice


async def test_a_counsellor_is_led_to_a_notice_sees_it_and_then_lets_it_go(college: College) -> None:
    (asked,) = await college.counsellor_says("发通知")
    assert asked.text.startswith("发给哪些班")
    names = (await classes(college)).values()
    assert [button.label for button in asked.buttons] == [*sorted(names), f"全部{len(names)}个班"]
    chosen, name = next(iter((await classes(college)).items()))
    (words,) = await college.counsellor_says(name)
    assert "第一行是标题" in words.text
    (level,) = await college.counsellor_says(WORDS)
    assert [button.label for button in level.buttons] == ["看过就行", "点一下“看到了”", "回答问题"]

    sample, report = await college.counsellor_presses("看过就行")
    assert sample.text.startswith("【交表】请在周四17:00前")
    assert "1个群" in report.text
    assert (await last(college)).status is NoticeStatus.DRAFT
    said = await college.counsellor_presses("现在发")
    assert [one.chat for one in said if one.text == sample.text] == [group_chat(chosen)]
    assert (await last(college)).status is NoticeStatus.DONE


async def test_a_notice_is_written_by_number_as_well(college: College) -> None:
    await college.counsellor_says("发通知")
    await college.counsellor_says("1")
    await college.counsellor_says(WORDS)
    sample, _ = await college.counsellor_says("2")
    assert [button.label for button in sample.buttons] == ["看到了"]


async def test_title_and_words_may_stand_on_one_line(college: College) -> None:
    await college.counsellor_says("发通知")
    await college.counsellor_says("1")
    (again,) = await college.counsellor_says("请在周四17:00前把表交到班长那里。")
    assert "【标题】正文" in again.text
    await college.counsellor_says("【交表】请在周四17:00前把表交到班长那里。")
    sample, _ = await college.counsellor_says("1")
    assert sample.text.startswith("【交表】请在周四17:00前")


async def test_what_cannot_be_understood_is_asked_again_and_quitting_keeps_nothing(college: College) -> None:
    await college.counsellor_says("发通知")
    (again,) = await college.counsellor_says("火星班")
    assert "没认出这些班" in again.text
    await college.counsellor_says("全部")
    (again,) = await college.counsellor_says("只有一行")
    assert "只有一行" in again.text
    (dropped,) = await college.counsellor_says("退出")
    assert dropped.text.startswith("好，不发了")
    assert await college.demo.service.kept.notices.latest(5) == ()


async def test_who_is_no_staff_writes_no_notice(college: College) -> None:
    said = await college.say(college.seat(2), "发通知")
    assert not any("发给哪些班" in one.text for one in said)


async def test_the_class_presses_that_it_has_read_and_the_counsellor_sees_how_many(college: College) -> None:
    await write(college, level="点一下")
    await college.counsellor_presses("现在发")
    for seat in (1, 2):
        (noted,) = await college.press(college.seat(seat), "看到了", in_group=True)
        assert noted.text.startswith("记下了")
        assert noted.chat == college.seat(seat).sid
    (said,) = await college.counsellor_says(f"通知 {(await last(college)).number}")
    assert "点过“看到了”的2人" in said.text


async def test_who_has_answered_is_shown_by_name_to_who_may_see_them_class_by_class_and_on_record(
    college: College,
) -> None:
    await write(college, level="点一下")
    await college.counsellor_presses("现在发")
    first, number = college.seat(1), (await last(college)).number
    await college.press(first, "看到了", in_group=True)
    await college.counsellor_says(f"通知 {number}")
    (which,) = await college.counsellor_presses("看姓名")
    assert "留查看记录" in which.text
    name = (await classes(college))[first.class_id]
    (shown,) = await college.counsellor_presses(f"{name}（")
    answered = shown.text[shown.text.index("已回应（1）") :]
    assert first.name in answered
    assert first.name not in shown.text.removesuffix(answered)
    assert await college.demo.service.kept.looks.count(f"notice-{number}", first.class_id) == 1


async def test_names_of_classes_that_are_not_ones_own_by_now_are_not_shown(college: College) -> None:
    await write(college, level="点一下")
    await college.counsellor_presses("现在发")
    await college.counsellor_says(f"通知 {(await last(college)).number}")
    await college.counsellor_presses("看姓名")
    account, staff = f"chatroom:{COUNSELLOR}", college.demo.service.kept.staff
    one, *others = await classes(college)
    await staff.change(account, lambda member: replace(member, classes=(one,)))
    said = await college.counsellor_presses((await classes(college))[others[0]])
    assert not any("还没回应" in message.text for message in said)
    assert not await college.demo.service.kept.looks.total(f"notice-{(await last(college)).number}")


async def test_after_letting_it_go_its_progress_is_one_press_away_and_stays_one_message(college: College) -> None:
    await write(college, level="点一下")
    said = await college.counsellor_presses("现在发")
    (went,) = [one for one in said if any(button.label == "看进度" for button in one.buttons)]
    (progress,) = await college.counsellor_presses("看进度")
    assert progress.id == went.id
    assert "已送达" in progress.text


async def test_a_notice_is_for_the_classes_of_a_cohort_and_a_college(college: College) -> None:
    roster = await college.demo.service.kept.rosters.current()
    found = next(iter(roster.classes.values()))
    await write(college, level="看过就行", which=f"{found.cohort}级 {found.college}")
    wanted = {one.id for one in roster.classes.values() if (one.cohort, one.college) == (found.cohort, found.college)}
    assert set((await last(college)).audience.classes) == wanted


async def test_who_sends_a_picture_while_writing_hears_where_it_is_added(college: College) -> None:
    await college.counsellor_says("发通知")
    room, account = college.demo.room, f"chatroom:{COUNSELLOR}"
    private = room.persons[account].private
    picture = InboundMessage(
        id="picture",
        address=private,
        account=account,
        at=college.clock.now(),
        private=True,
        addressed=True,
        picture=True,
    )
    await college.demo.service.dispatcher.handle(picture)
    assert room.history(private.chat)[-1].text.startswith("图片和文件在聊天里加不上")


async def test_questions_are_answered_one_after_the_other(college: College) -> None:
    await write(college, level="回答问题")
    await college.counsellor_says("周四的会来吗？ 来/不来\n吃饭吗？ 吃／不吃")
    await college.counsellor_presses("现在发")
    first = college.seat(1)
    (asked,) = await college.press(first, "逐项回复", in_group=True)
    assert "周四的会来吗？" in asked.text
    (asked,) = await college.say(first, "2")
    assert "吃饭吗？" in asked.text
    (done,) = await college.press(first, "不吃")
    assert "周四的会来吗？ 不来" in done.text
    notice = await last(college)
    readings = await college.demo.service.kept.notices.readings(notice.number)
    assert readings[first.sid].answers == {"0": 1, "1": 1}


async def test_at_night_it_waits_for_the_morning_and_says_so(college: College) -> None:
    await college.turn_to(college.clock.now().replace(hour=15))  # 23:00 in China
    await write(college, level="看过就行")
    said = await college.counsellor_presses("现在发")
    assert any("8:00" in one.text for one in said)
    assert (await last(college)).status is NoticeStatus.APPROVED
    sent = await college.turn_to(college.clock.now() + timedelta(hours=10))
    assert sum(one.text.startswith("【交表】") for one in sent) == len(await classes(college))


async def test_a_draft_is_written_anew_from_its_preview(college: College) -> None:
    await write(college, level="点一下")
    (asked,) = await college.counsellor_presses("改")
    assert "改好的整条" in asked.text
    sample, report = await college.counsellor_says("【收表】周五17:00前交给班长。")
    assert sample.text.startswith("【收表】周五17:00前")
    assert [button.label for button in sample.buttons] == ["看到了"]
    assert report.text.startswith(f"通知{(await last(college)).number}")
    said = await college.counsellor_presses("现在发")
    assert sum(one.text == sample.text for one in said) == len(await classes(college))


async def test_who_does_not_write_anew_after_all_keeps_the_draft(college: College) -> None:
    await write(college, level="看过就行")
    await college.counsellor_presses("改")
    (said,) = await college.counsellor_says("退出")
    assert said.text == "好，草稿没有改。"
    assert (await last(college)).text == WORDS.partition("\n")[2]


async def test_who_is_asked_for_words_can_give_any_order_in_between(college: College) -> None:
    await college.open_campaign()
    await college.counsellor_says("发通知")
    await college.counsellor_says("全部")
    (progress,) = await college.counsellor_says("进度")
    assert progress.text.startswith("仅您可见")
    (level,) = await college.counsellor_says(WORDS)
    assert level.buttons[0].label == "看过就行"


async def test_once_a_draft_is_let_go_its_new_words_are_no_longer_waited_for(college: College) -> None:
    await write(college, level="看过就行")
    await college.counsellor_presses("改")
    await college.counsellor_presses("现在发")
    (said,) = await college.counsellor_says("今天下雨")
    assert "只有一行" not in said.text


async def test_a_press_lets_go_what_was_shown_above_it_and_nothing_else(college: College) -> None:
    await write(college, level="看过就行")
    desk = desk_of(college)
    assert isinstance(await desk.edit((await last(college)).number, "office:a", {"text": "别的。"}), Notice)
    refused, sample, _ = await college.counsellor_presses("现在发")
    assert refused.text.startswith("和刚才看的不一样了")
    assert sample.text.startswith("【交表】别的。")
    assert (await last(college)).status is NoticeStatus.DRAFT


async def test_what_is_sent_while_its_classes_rest_at_noon_waits_for_the_afternoon(college: College) -> None:
    await college.turn_to(college.clock.now().replace(hour=4, minute=30))  # 12:30 in China
    await write(college, level="看过就行")
    said = await college.counsellor_presses("现在发")
    assert any("14:00" in one.text for one in said)
    assert not any(one.text.startswith("【交表】") for one in said)
    sent = await college.turn_to(college.clock.now() + timedelta(hours=2))
    assert sum(one.text.startswith("【交表】") for one in sent) == len(await classes(college))


async def test_staff_stops_a_notice_that_waits(college: College) -> None:
    await write(college, level="看过就行")
    await college.counsellor_presses("明天8:00发")
    (said,) = await college.counsellor_presses("取消")
    assert "已取消" in said.text
    sent = await college.turn_to(college.clock.now() + timedelta(days=2))
    assert not any(one.text.startswith("【交表】") for one in sent)


async def test_a_counsellor_sees_nothing_of_somebody_elses_notice(college: College) -> None:
    await write(college, level="看过就行")
    number = (await last(college)).number
    other = college.seat(3)
    await appoint(college, other, StaffRole.COUNSELLOR, other.class_id)
    (said,) = await college.say(other, f"通知 {number}")
    assert said.text == f"没有通知{number}。"


async def appoint(college: College, student: Student, role: StaffRole, *of: str) -> None:
    account = college.account(student)
    private = college.demo.room.persons[account].private
    member = StaffMember(account=account, role=role, private=private, classes=of)
    await college.demo.service.kept.staff.appoint(member)


async def test_what_reaches_many_is_let_out_by_somebody_else_than_its_author(college: College) -> None:
    """A reminder to each of a class that has not read it: more addresses than one may write to alone."""
    first, releasing = college.seat(1), college.seat(3)
    await write(college, level="点一下", which=(await classes(college))[first.class_id])
    await college.counsellor_presses("现在发")
    wanted = await last(college)
    await college.press(first, "看到了", in_group=True)

    await college.counsellor_says(f"通知 {wanted.number}")
    sample, report = await college.counsellor_presses("再提醒没回应的")
    assert sample.text.startswith(f"通知{wanted.number}还没收到你的回应")
    (refused,) = await college.counsellor_presses("现在发")
    assert "另一位老师放行" in refused.text

    await appoint(college, releasing, StaffRole.COLLEGE, *await classes(college))
    await college.say(releasing, f"通知 {(await last(college)).number}")
    said = await college.press(releasing, "现在发")
    reminded = {one.chat for one in said if one.text == sample.text}
    assert f"{len(reminded)}个人" in report.text
    assert first.sid not in reminded
    done = await last(college)
    assert (done.status, done.approved_by) == (NoticeStatus.DONE, college.account(releasing))


async def test_a_mistake_is_corrected_where_it_arrived_as_an_answer_to_it(college: College) -> None:
    first = college.seat(1)
    await write(college, level="看过就行", which=(await classes(college))[first.class_id])
    await college.counsellor_presses("现在发")
    wrong = await last(college)
    await college.counsellor_says(f"通知 {wrong.number}")
    (asked,) = await college.counsellor_presses("发更正")
    assert asked.text.startswith("哪里写错了")
    sample, _ = await college.counsellor_says("时间是周五17:00。")
    said = await college.counsellor_presses("现在发")
    (corrected,) = [one for one in said if one.text == sample.text]
    assert corrected.text.startswith(f"【更正·通知{wrong.number}】时间是周五17:00。")
    assert corrected.chat == group_chat(first.class_id)
    answered = college.demo.room.message(corrected.chat, corrected.reply_to or "")
    assert answered is not None
    assert f"通知{wrong.number}" in answered.text


async def test_a_press_on_a_notice_that_had_to_wait_for_the_binding_counts(college: College) -> None:
    first = college.seat(1)
    await write(college, level="点一下")
    await college.counsellor_presses("现在发")
    await college.demo.service.kept.bindings.unbind(college.account(first))
    (asked,) = await college.press(first, "看到了", in_group=True)
    assert "绑定" in asked.text
    codes = await college.demo.service.kept.bindings.codes([first.sid], {first.sid: "ABCDEFGH"})
    *_, noted = await college.say(first, f"绑定 {codes[first.sid]}")
    assert noted.text.startswith("记下了")


async def test_who_saw_a_notice_where_there_was_nothing_to_press_finds_it_in_private(college: College) -> None:
    first = college.seat(1)
    await write(college, level="点一下")
    await college.counsellor_presses("现在发")
    (listed,) = await college.say(first, "通知")
    assert [button.label for button in listed.buttons] == [f"通知{(await last(college)).number} 交表"]
    (shown,) = await college.say(first, "1")
    assert shown.text.startswith("【交表】")
    (noted,) = await college.say(first, "1")
    assert noted.text.startswith("记下了")
    (nothing,) = await college.say(first, "通知")
    assert nothing.text == "没有等你回应的通知。"


async def test_a_draft_for_classes_that_are_somebody_elses_by_now_is_not_let_go_by_its_author(
    college: College,
) -> None:
    await write(college, level="看过就行")
    staff, account = college.demo.service.kept.staff, f"chatroom:{COUNSELLOR}"
    ((one, *_), written) = [*await classes(college)], await last(college)
    await staff.change(account, lambda member: replace(member, classes=(one,)))
    await college.counsellor_presses("现在发")
    assert (await last(college)).status is NoticeStatus.DRAFT
    (said,) = await college.counsellor_says(f"通知 {written.number}")
    assert "交表" not in said.text


async def test_who_was_made_monitor_in_chat_reads_a_notice_for_monitors_as_the_one_it_was_sent_to(
    college: College,
) -> None:
    kept, made, now = college.demo.service.kept, college.seat(5), college.clock.now()
    named = named_monitors(await kept.rosters.members(made.class_id))
    word = MonitorWord(
        sid=made.sid, class_id=made.class_id, is_monitor=True, named=named, until=end_of_term(now), by="office:a"
    )
    await kept.staff.say_monitors([word])
    desk = desk_of(college)
    wanted = Notice(
        number=0,
        title="班长会",
        text="周四开会。",
        author="office:a",
        audience=Audience(classes=(made.class_id,), roles=(StaffRole.MONITOR,)),
        created_at=now,
        level=ReadLevel.CLICK,
    )
    notice = await desk.draft(wanted)
    assert isinstance(notice, Notice)
    assert isinstance(await desk.send(notice.number, "office:a"), Notice)
    await college.turn_to(now + timedelta(minutes=1))
    await college.press(made, "看到了")
    standing = await desk.standing(notice.number)
    assert set(standing.readings) == {made.sid}
    assert made.sid not in {one.target for one in standing.unread}
