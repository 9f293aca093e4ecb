"""A campaign from the first reminder to the last, as the people of a class meet it."""

from datetime import datetime

from scheduler.campaigns import CampaignStatus, State, move
from scheduler.deliveries import Kind
from scheduler.messages import Action, Verb
from tests.acceptance.college import College
from tests.acceptance.rehearsing import rehearsed

FIRST_WAVE = datetime.fromisoformat("2019-12-15T21:59:00+08:00")
SECOND_WAVE = datetime.fromisoformat("2019-12-19T21:59:00+08:00")
AFTER_THE_DEADLINE = datetime.fromisoformat("2019-12-23T09:00:00+08:00")


async def test_two_taps_confirm_and_the_receipt_says_so(college: College) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(FIRST_WAVE)
    student = college.seat(5)
    (card,) = await college.press(student, "我核对好了", in_group=True)
    assert card.chat == student.sid  # the check list is shown in private
    (receipt,) = await college.press(student, "都对")
    state = await college.state(campaign, student)
    assert state.state is State.CONFIRMED
    assert state.receipt in receipt.text


async def test_confirming_twice_changes_nothing(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(5)
    await college.say(student, "确认")
    await college.press(student, "都对")
    once = await college.state(campaign, student)
    await college.say(student, "确认")
    (said,) = await college.press(student, "都对")
    assert "已经登记过" in said.text
    assert await college.state(campaign, student) == once


async def test_words_never_confirm(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(6)
    for words in ("收到", "好的", "OK", "1", "都弄好了"):
        await college.say(student, words)
    assert (await college.state(campaign, student)).state is State.NONE
    assert await college.say(student, "收到", in_group=True) == []


async def test_a_statement_can_be_taken_back(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(7)
    await college.say(student, "确认")
    await college.press(student, "都对")
    await college.say(student, "撤回")
    assert (await college.state(campaign, student)).state is State.NONE


async def test_the_second_wave_reaches_only_those_who_still_owe(college: College) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(FIRST_WAVE)
    for seat in range(1, 21):
        await college.say(college.seat(seat), "确认")
        await college.press(college.seat(seat), "都对")
    await college.say(college.seat(21), "有误")
    await college.press(college.seat(21), "民族")
    on_paper = (await rehearsed(college, campaign)).sent("student:3d", Kind.PRIVATE_WAVE)
    said = await college.turn_to(SECOND_WAVE)
    reminded = {message.chat for message in said}
    assert reminded == {*on_paper, *(f"g-{class_id}" for class_id in campaign.classes)}
    settled = {college.seat(seat).sid for seat in range(1, 22)}
    assert not reminded & settled
    exempt = college.seat(40)
    assert (await college.state(campaign, exempt)).state is State.EXEMPT
    assert exempt.sid not in reminded
    assert {college.seat(seat).sid for seat in range(22, 40)} <= reminded


async def test_the_group_never_hears_how_many_are_missing(college: College) -> None:
    await college.open_campaign()
    for seat in range(1, 38):
        await college.say(college.seat(seat), "确认")
        await college.press(college.seat(seat), "都对")
    said = await college.turn_to(FIRST_WAVE)
    own_group = f"g-{college.seat(1).class_id}"
    assert all(message.chat != own_group for message in said)  # two owe: the group is left in peace
    (progress,) = await college.say(college.seat(1), "@学籍通 进度", in_group=True)
    assert "大多数" in progress.text
    assert not any(digit.isdecimal() for digit in progress.text.replace("12月22日", "").replace("24:00", ""))


async def test_names_open_for_the_monitor_alone_and_the_look_is_recorded(college: College) -> None:
    campaign = await college.open_campaign()
    await college.say(college.seat(1), "名单")
    (names,) = await college.press(college.seat(1), "显示")
    assert college.seat(2).name in names.text
    (refused,) = await college.say(college.seat(2), "名单")
    assert college.seat(3).name not in refused.text
    looks = await college.demo.service.kept.looks.total(campaign.id)
    assert looks == 1


async def test_a_monitors_button_is_of_no_use_to_anybody_else(college: College) -> None:
    campaign = await college.open_campaign()
    await college.say(college.seat(1), "名单")
    stranger = college.seat(2)
    (message,) = await college.say(stranger, "我的状态")
    token = college.seal(Action(verb=Verb.NAMES, subject=campaign.id, detail=stranger.class_id))
    (said,) = await college.press_token(stranger, stranger.sid, message.id, token)
    assert college.seat(3).name not in said.text


async def test_after_the_deadline_a_statement_is_taken_and_marked_late(college: College) -> None:
    campaign = await college.open_campaign()
    await college.turn_to(AFTER_THE_DEADLINE)
    student = college.seat(8)
    await college.say(student, "确认")
    (receipt,) = await college.press(student, "都对")
    assert "补登记" in receipt.text
    assert (await college.state(campaign, student)).late


async def test_a_button_of_a_closed_campaign_says_that_it_is_over(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(9)
    await college.say(student, "确认")
    kept = college.demo.service.kept.campaigns
    closed = move(campaign, CampaignStatus.CLOSED, college.clock.now())
    assert await kept.save(closed, seen_revision=campaign.revision)
    (said,) = await college.press(student, "都对")
    assert "结束" in said.text
    assert (await college.state(campaign, student)).state is State.NONE
