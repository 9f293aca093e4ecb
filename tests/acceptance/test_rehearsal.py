"""What the rehearsal of a campaign says is what happens."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.deliveries import Kind
from scheduler.planner import plan
from scheduler.rehearsed import Line, Why
from tests.acceptance.college import College
from tests.acceptance.rehearsing import Rehearsed, rehearsed

STUDENT_WAVES = ["student:7d", "student:3d", "student:1d", "student:3h"]


def students(on_paper: Rehearsed) -> list[str]:
    """The waves of the students' stage."""
    return [wave for wave in on_paper.waves() if wave.startswith("student:")]


async def test_what_was_rehearsed_is_what_is_then_said_to_whom_and_in_which_words(college: College) -> None:
    campaign = await college.open_campaign()
    on_paper = await rehearsed(college, campaign)
    assert students(on_paper) == STUDENT_WAVES
    for wave in plan(campaign, college.clock.now()).coming:
        said = {(message.chat, message.text) for message in await college.turn_to(wave.at)}
        if wave.stage == "student":
            assert set(on_paper.sent(f"{wave.stage}:{wave.id}").items()) <= said
            reminded = {chat for chat, text in said if campaign.title in text}
            assert reminded == on_paper.sent(f"{wave.stage}:{wave.id}").keys()


async def test_a_rehearsal_sends_nothing_and_writes_nothing(college: College) -> None:
    campaign = await college.open_campaign()
    before = await everything(college)
    await rehearsed(college, campaign, confirming=0.5)
    assert await everything(college) == before
    assert await college.turn_to(college.clock.now()) == []


async def everything(college: College) -> dict[str, int]:
    """Every key of the store, and how much is in it."""
    database = college.demo.service.kept.database
    keys = await database.call("KEYS", f"{database.prefix}:*")
    return {key: int(await database.call("MEMORY", "USAGE", key, "SAMPLES", 0)) for key in keys}


async def test_a_draft_can_be_rehearsed_and_the_same_again_says_the_same(college: College) -> None:
    campaign = await college.open_campaign()
    draft = replace(campaign, id="draft-2019", status=CampaignStatus.DRAFT, opened_at=None, classes=())
    first = await rehearsed(college, draft, confirming=0.6)
    assert students(first) == STUDENT_WAVES
    assert first == await rehearsed(college, draft, confirming=0.6)


async def test_the_more_confirm_the_fewer_are_reminded_and_at_last_a_group_is_left_in_peace(college: College) -> None:
    campaign = await college.open_campaign()
    on_paper = await rehearsed(college, campaign, confirming=0.7)
    reminded = [len(on_paper.sent(wave, Kind.PRIVATE_WAVE)) for wave in STUDENT_WAVES]
    assert reminded == sorted(reminded, reverse=True)
    assert reminded[-1] < reminded[0] / 4
    assert {line.wave for line in on_paper.because(Why.FEW)} <= set(STUDENT_WAVES)
    assert on_paper.because(Why.FEW)


async def test_no_text_of_a_wave_holds_a_name_or_a_number_of_a_student(college: College) -> None:
    campaign = await college.open_campaign()
    on_paper = await rehearsed(college, campaign, confirming=0.5)
    people = [word for student in college.students for word in (student.name, student.number)]
    for line in on_paper.lines:
        assert not [word for word in people if word in line.text]


async def test_who_is_not_bound_is_counted_as_unreachable_and_gets_nothing(college: College) -> None:
    campaign = await college.open_campaign()
    student = college.seat(3)
    await college.demo.service.kept.bindings.unbind(college.account(student))
    on_paper = await rehearsed(college, campaign)
    assert student.sid not in on_paper.sent("student:7d")
    lines = on_paper.because(Why.UNREACHABLE)
    assert [(line.wave, line.classes, line.students) for line in lines] == [
        (wave, (student.class_id,), 1) for wave in STUDENT_WAVES
    ]


async def test_two_campaigns_whose_reminders_meet_say_in_one_message_what_was_rehearsed(college: College) -> None:
    campaign = await college.open_campaign()
    draft = replace(campaign, id="photo-2019", title="毕业照片核对", stages=campaign.stages[:1], revision=1)
    service = college.demo.service
    await service.kept.campaigns.save(replace(draft, status=CampaignStatus.DRAFT), seen_revision=0)
    photo = await service.opening.open(draft.id, college.clock.now())
    assert isinstance(photo, Campaign)
    on_paper = await rehearsed(college, campaign)
    assert [line.also for line in on_paper.because(Why.WITH_OTHERS)] == [(photo.id,)] * sum(
        len(on_paper.sent(wave)) for wave in STUDENT_WAVES
    )
    first = min(line.at for line in on_paper.lines if line.text)
    said = {(message.chat, message.text) for message in await college.turn_to(first)}
    assert {(chat, text) for chat, text in said if photo.title in text} == set(on_paper.sent("student:7d").items())
    assert all(campaign.title in text for _, text in said)


async def test_what_the_staff_was_rehearsed_to_be_told_in_the_morning_is_what_it_is_told(college: College) -> None:
    campaign = await college.open_campaign()
    on_paper = await rehearsed(college, campaign)
    mornings = sorted({line.at.date() for line in on_paper.lines if line.kind is Kind.DIGEST})
    assert len(mornings) > 3
    for day in mornings[:3]:
        rehearsed_now = {(line.to.chat, line.text) for line in on_paper.lines if line.to and is_of(line, day)}
        said = {(one.chat, one.text) for one in await college.turn_to(datetime.combine(day, time(1), UTC))}
        assert rehearsed_now
        assert {(chat, text) for chat, text in said if "今天请看一眼" in text} == rehearsed_now


def is_of(line: Line, day: date) -> bool:
    """Whether it is something of the staff's on that day."""
    return line.kind is Kind.DIGEST and line.at.date() == day
