"""What monitors and counsellors ask for in chat: how their classes stand, names on demand, a reminder by hand."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from bot.platforms.chatroom.room import RoomMessage
from scheduler.campaigns import State
from scheduler.roster import Student
from tests.acceptance.college import COUNSELLOR, College
from tests.acceptance.test_campaign import FIRST_WAVE, SECOND_WAVE

MONITOR = 1
ASKED_BY_HAND = "班里请我提醒一下"


async def confirm(college: College, seats: Iterable[int]) -> None:
    for seat in seats:
        await college.say(college.seat(seat), "确认")
        await college.press(college.seat(seat), "都对")


async def counsellor_presses(college: College, label: str) -> list[RoomMessage]:
    """What the bot says to the counsellor's newest button of that label."""
    for message in reversed(college.demo.room.history(COUNSELLOR)):
        for button in message.buttons:
            if label in button.label:
                before = set(college.demo.room.history(COUNSELLOR))
                account = f"chatroom:{COUNSELLOR}"
                await college.demo.receiver.press(COUNSELLOR, account, message.id, button.token)
                await college.demo.service.settle()
                history = college.demo.room.history(COUNSELLOR)
                return [one for one in history if one.sender is None and one not in before]
    raise AssertionError(f"no button {label!r}")


def class_name(college: College, student: Student) -> str:
    return college.demo.room.classes[student.class_id]


async def test_the_monitor_hears_a_number_first_and_opens_three_columns_of_names(college: College) -> None:
    await college.open_campaign()
    await confirm(college, (2, 3))
    await college.say(college.seat(4), "查不到")
    (count,) = await college.say(college.seat(MONITOR), "名单")
    assert "已登记2" in count.text
    assert college.seat(5).name not in count.text
    (names,) = await college.press(college.seat(MONITOR), "显示姓名")
    _, owing, office, done = names.text.splitlines()[:4]
    assert college.seat(5).name in owing
    assert office.startswith("老师正在处理（1）")
    assert college.seat(4).name in office
    assert done.startswith("已登记（2）")
    exempt = [one for one in college.students if one.status in {"保留入学资格", "休学"}]
    assert exempt
    assert not any(one.name in names.text for one in exempt)
    assert not any(reason in names.text for reason in ("查不到", "休学", "保留入学资格", "不参加"))


async def test_the_counsellor_sees_reasons_and_how_often_names_were_opened(college: College) -> None:
    await college.open_campaign()
    await college.say(college.seat(4), "查不到")
    await college.say(college.seat(MONITOR), "名单")
    await college.press(college.seat(MONITOR), "显示姓名")
    await college.counsellor_says(f"名单 {class_name(college, college.seat(1))}")
    (names,) = await counsellor_presses(college, "显示姓名")
    assert f"{college.seat(4).name}（查不到学籍）" in names.text
    (exempt, *_) = [one for one in college.students if one.status == "保留入学资格"]
    assert f"{exempt.name}（保留入学资格）" in names.text
    assert "一共打开过2次" in names.text


async def test_the_counsellor_picks_the_class_and_a_wrong_name_is_asked_again(college: College) -> None:
    await college.open_campaign()
    (which,) = await college.counsellor_says("名单")
    assert [button.label for button in which.buttons] == sorted(college.demo.room.classes.values())
    (count,) = await counsellor_presses(college, which.buttons[0].label)
    assert [button.label for button in count.buttons] == ["显示姓名"], "names are opened by a press that says so"
    (again,) = await college.counsellor_says("名单 没有这个班")
    assert "没有对上" in again.text


async def test_words_behind_a_command_of_staff_are_a_question_of_everybody_else(college: College) -> None:
    await college.open_campaign()
    (said,) = await college.say(college.seat(5), "名单 什么时候交")
    assert "班长和辅导员" not in said.text


async def test_progress_shows_the_counsellor_each_class_and_the_sum(college: College) -> None:
    campaign = await college.open_campaign()
    await confirm(college, (2, 3))
    (said,) = await college.counsellor_says("进度")
    for name in college.demo.room.classes.values():
        assert f"{name}：共" in said.text
    assert f"合计{len(campaign.classes)}个班" in said.text
    assert not any(student.name in said.text for student in college.students)


async def test_a_nudge_is_shown_before_it_is_sent_and_reaches_only_those_who_owe(college: College) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(FIRST_WAVE)
    await confirm(college, range(2, 30))
    await college.demo.service.kept.bindings.unbind(college.account(college.seat(30)))
    (preview,) = await college.say(college.seat(MONITOR), "催办")
    owing = sum(one.status not in campaign.exempt for one in (college.seat(1), *college.students[29:]))
    assert f"将私信提醒{owing - 1}位" in preview.text
    assert "另有1位发不到" in preview.text
    assert "还没催办过" in preview.text
    assert ASKED_BY_HAND in preview.text

    said = await college.press(college.seat(MONITOR), "发")
    reminded = {message.chat for message in said if message.text.startswith(ASKED_BY_HAND)}
    assert len(reminded) == owing - 1
    assert not reminded & {college.seat(seat).sid for seat in range(2, 31)}
    assert all(not message.chat.startswith("g-") for message in said)


async def test_a_nudge_is_given_up_with_one_press(college: College) -> None:
    await college.open_campaign()
    await college.turn_to(FIRST_WAVE)
    await college.say(college.seat(MONITOR), "催办")
    (said,) = await college.press(college.seat(MONITOR), "不发")
    assert "没有发" in said.text


async def test_a_class_is_nudged_once_within_the_gap_whoever_presses(college: College) -> None:
    await college.open_campaign()
    await college.turn_to(FIRST_WAVE)
    await college.say(college.seat(MONITOR), "催办")
    await college.counsellor_says(f"催办 {class_name(college, college.seat(1))}")
    await college.press(college.seat(MONITOR), "发")
    said = await counsellor_presses(college, "发")
    assert "刚催过" in said[-1].text
    assert not any(message.text.startswith(ASKED_BY_HAND) for message in said)
    (again,) = await college.say(college.seat(MONITOR), "催办")
    assert "以后可以再催" in again.text
    assert not again.buttons
    await college.turn_to(college.clock.now() + timedelta(hours=21))
    (later,) = await college.say(college.seat(MONITOR), "催办")
    assert "上次催办" in later.text


async def test_nothing_is_nudged_at_night(college: College) -> None:
    await college.open_campaign()
    await college.turn_to(FIRST_WAVE.replace(hour=22, minute=30))
    (said,) = await college.say(college.seat(MONITOR), "催办")
    assert "休息时间" in said.text
    assert not said.buttons


async def test_who_confirms_between_the_nudge_and_its_sending_hears_nothing(college: College) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(FIRST_WAVE)
    await college.say(college.seat(MONITOR), "催办")
    await confirm(college, (5,))
    said = await college.press(college.seat(MONITOR), "发")
    assert college.seat(5).sid not in {message.chat for message in said}
    assert (await college.state(campaign, college.seat(5))).state is State.CONFIRMED


@pytest.mark.parametrize(("word", "label"), [("名单", "显示姓名"), ("催办", "发")])
async def test_a_role_lost_between_the_message_and_the_press_ends_the_right(
    college: College, word: str, label: str
) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(SECOND_WAVE)
    await college.counsellor_says(f"{word} {class_name(college, college.seat(1))}")
    await college.demo.service.kept.staff.dismiss(f"chatroom:{COUNSELLOR}")
    (said,) = await counsellor_presses(college, label)
    assert "不适用" in said.text
    assert await college.demo.service.kept.looks.total(campaign.id) == 0
    assert "刚催过" not in (await college.say(college.seat(MONITOR), "催办"))[0].text


async def test_the_counsellor_gets_a_class_s_papers_as_files_and_the_look_is_on_record(college: College) -> None:
    campaign = await college.open_campaign()
    name = class_name(college, college.seat(1))
    (which,) = await college.counsellor_says(f"导出 {name}")
    assert [button.label for button in which.buttons] == ["签字表", "未登记名单"]
    note, file = await counsellor_presses(college, "未登记名单")
    assert "内部材料" in note.text
    assert file.files == (f"未登记名单-{name}.xlsx",)
    assert await college.demo.service.kept.looks.count(campaign.id, college.seat(1).class_id) == 1
    await college.counsellor_says(f"导出 {name}")
    _, sheet = await counsellor_presses(college, "签字表")
    assert sheet.files == (f"签字表-{name}.xlsx",)


async def test_a_monitor_exports_nothing(college: College) -> None:
    campaign = await college.open_campaign()
    (said,) = await college.say(college.seat(MONITOR), "导出")
    assert not said.files
    assert "上一级的老师" in said.text
    assert await college.demo.service.kept.looks.total(campaign.id) == 0


async def test_the_counsellor_sees_the_progress_of_own_classes_as_a_picture(college: College) -> None:
    campaign = await college.open_campaign()
    note, picture = await college.counsellor_says("进度图")
    assert campaign.title in note.text
    assert picture.files == (f"{campaign.id}.png",)
    (refused,) = await college.say(college.seat(MONITOR), "进度图")
    assert not refused.files


async def test_nobody_is_nudged_while_students_cannot_do_it(college: College) -> None:
    await college.open_campaign()
    await college.turn_to(FIRST_WAVE)
    await college.counsellor_says("故障 学信网 开")
    (said,) = await college.say(college.seat(MONITOR), "催办")
    assert "先不催" in said.text
    assert not said.buttons
    await college.counsellor_says("故障 学信网 关")
    (again,) = await college.say(college.seat(MONITOR), "催办")
    assert "将私信提醒" in again.text


async def test_the_text_for_another_group_stands_alone_and_keeps_the_rules_of_a_group(college: College) -> None:
    await college.open_campaign()
    _, text = await college.say(college.seat(MONITOR), "群文字")
    assert text.text.startswith("【新生学籍核对】")
    assert "私聊“学籍通”" in text.text
    owing = [one for one in college.students if one.status not in {"保留入学资格", "休学"}]
    for student in owing[:-2]:
        await college.say(student, "确认")
        await college.press(student, "都对")
    (said,) = await college.say(college.seat(MONITOR), "群文字")
    assert "不用发到群里" in said.text


async def test_the_counsellor_nudges_all_classes_at_once_and_leaves_out_who_was_nudged_already(
    college: College,
) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(FIRST_WAVE)
    await college.say(college.seat(MONITOR), "催办")
    first = await college.press(college.seat(MONITOR), "发")
    already = {message.chat for message in first if message.text.startswith(ASKED_BY_HAND)}
    await college.counsellor_says("催办")
    (preview,) = await counsellor_presses(college, "全部3个班")
    assert preview.text.startswith("2个班：")
    assert "另有1个班这次不发" in preview.text
    before = {one.id for chat in college.demo.room.persons.values() for one in college.demo.room.history(chat.id)}
    (receipt,) = await counsellor_presses(college, "发")
    assert "2个班" in receipt.text
    members = [
        one for class_id in campaign.classes for one in await college.demo.service.kept.rosters.members(class_id)
    ]
    reminded = {
        one.sid
        for one in members
        for message in college.demo.room.history(one.sid)
        if message.id not in before and message.text.startswith(ASKED_BY_HAND)
    }
    assert reminded
    assert not reminded & already
    assert {one.class_id for one in members if one.sid in reminded} == set(campaign.classes) - {
        college.seat(MONITOR).class_id
    }
