"""A notice's life: every step by the one function for it, and none that its life does not know."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import QuietHours, Stretch
from scheduler.messages import Attachment
from scheduler.notice_drafts import MOST_TEXT_WITH_FILE, Fault, edited, faults
from scheduler.notice_letters import letter
from scheduler.notices import (
    QUIET,
    Audience,
    Form,
    NotAllowed,
    Notice,
    NoticeStatus,
    Question,
    ReadLevel,
    Step,
    again,
    approve,
    begin,
    cancel,
    finish,
    pause,
    resting,
    resume,
    schedule,
    waking_hours,
    written,
)

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""Monday, 12:00 in China."""
NOON_BREAK = Stretch(start=time(12), end=time(14))
CAMPUS = QuietHours(start=time(22), end=time(8), breaks=(NOON_BREAK,))
OPEN_UNIVERSITY = QuietHours(start=time(22), end=time(8), preferred=(Stretch(start=time(19), end=time(21, 30)),))
NIGHT = datetime(2026, 11, 23, 15, tzinfo=UTC)

DRAFT = Notice(
    number=1001,
    title="交表",
    text="请在周四前交表。",
    author="office:zhang",
    audience=Audience(classes=("c1",)),
    created_at=NOON,
)


def taken(step: Step) -> Notice:
    assert isinstance(step, Notice), step
    return step


def released(count: int = 3) -> Notice:
    return taken(approve(DRAFT, by="office:li", count=count, most_alone=30))


def sending() -> Notice:
    return taken(begin(taken(schedule(released(), at=NOON, now=NOON)), NOON))


def test_a_small_notice_is_released_by_its_author_and_a_large_one_by_somebody_else() -> None:
    assert taken(approve(DRAFT, by=DRAFT.author, count=30, most_alone=30)).approved_by == DRAFT.author
    assert approve(DRAFT, by=DRAFT.author, count=31, most_alone=30) is NotAllowed.SECOND_PERSON
    assert taken(approve(DRAFT, by="office:li", count=31, most_alone=30)).count == 31


def test_a_notice_to_nobody_is_not_released() -> None:
    assert approve(DRAFT, by="office:li", count=0, most_alone=30) is NotAllowed.NOBODY


def test_who_presses_second_hears_that_it_is_so_already() -> None:
    assert approve(released(), by="office:wang", count=3, most_alone=30) is NotAllowed.ALREADY
    assert schedule(sending(), at=NOON, now=NOON) is NotAllowed.ALREADY
    due = taken(schedule(released(), at=NOON, now=NOON))
    assert schedule(due, at=NOON + timedelta(seconds=2), now=NOON + timedelta(seconds=2)) is NotAllowed.ALREADY


def test_at_night_a_notice_waits_for_the_morning_unless_it_is_said_why_it_must_not() -> None:
    morning = taken(schedule(released(), at=NIGHT, now=NIGHT)).scheduled_for
    assert morning == datetime(2026, 11, 24, 0, tzinfo=UTC)
    urgent = taken(schedule(released(), at=NIGHT, now=NIGHT, quiet_reason="宿舍停水"))
    assert (urgent.scheduled_for, urgent.quiet_reason) == (NIGHT, "宿舍停水")


def test_a_moment_that_is_past_or_too_far_is_refused() -> None:
    assert schedule(released(), at=NOON - timedelta(minutes=1), now=NOON) is NotAllowed.PAST
    assert schedule(released(), at=NOON + timedelta(days=31), now=NOON) is NotAllowed.TOO_FAR


def test_a_notice_begins_at_its_moment_and_not_before() -> None:
    set_for = taken(schedule(released(), at=NOON + timedelta(hours=1), now=NOON))
    assert begin(set_for, NOON) is NotAllowed.NOT_NOW
    assert taken(begin(set_for, NOON + timedelta(hours=1))).status is NoticeStatus.SENDING
    assert begin(released(), NOON) is NotAllowed.NOT_NOW


def test_a_notice_is_done_when_it_is_written_and_nothing_waits() -> None:
    assert finish(sending(), 0, NOON) is NotAllowed.NOT_NOW
    all_written = taken(written(sending(), 3))
    assert finish(all_written, 1, NOON) is NotAllowed.NOT_NOW
    assert taken(finish(all_written, 0, NOON)).status is NoticeStatus.DONE


def test_what_failed_is_sent_again_of_a_notice_that_was_sent() -> None:
    done = taken(finish(taken(written(sending(), 3)), 0, NOON))
    once_more = taken(again(done))
    assert (once_more.status, once_more.round, once_more.written) == (NoticeStatus.SENDING, 1, False)
    assert again(DRAFT) is NotAllowed.NOT_NOW


_STEPS = {
    "approve": lambda one: approve(one, by="office:li", count=3, most_alone=30),
    "schedule": lambda one: schedule(one, at=NOON, now=NOON),
    "begin": lambda one: begin(one, NOON),
    "written": lambda one: written(one, 3),
    "finish": lambda one: finish(one, 0, NOON),
    "pause": pause,
    "resume": resume,
    "cancel": cancel,
    "again": again,
}
_WAYS = {
    NoticeStatus.DRAFT: {NoticeStatus.APPROVED, NoticeStatus.CANCELLED},
    NoticeStatus.APPROVED: {NoticeStatus.APPROVED, NoticeStatus.SENDING, NoticeStatus.CANCELLED},
    NoticeStatus.SENDING: {
        NoticeStatus.SENDING, NoticeStatus.PAUSED, NoticeStatus.DONE, NoticeStatus.CANCELLED,
    },
    NoticeStatus.PAUSED: {NoticeStatus.SENDING, NoticeStatus.CANCELLED},
    NoticeStatus.DONE: {NoticeStatus.SENDING},
    NoticeStatus.CANCELLED: {NoticeStatus.CANCELLED},
}  # fmt: skip


@given(st.lists(st.sampled_from(sorted(_STEPS)), max_size=20))
def test_whatever_is_pressed_in_whatever_order_its_life_goes_only_the_ways_it_knows(pressed: list[str]) -> None:
    notice = DRAFT
    for name in pressed:
        step = _STEPS[name](notice)
        if isinstance(step, Notice):
            assert step.status in _WAYS[notice.status]
            assert step.revision == notice.revision + 1
            assert (step.title, step.text, step.audience) == (notice.title, notice.text, notice.audience)
            notice = step


@given(
    moment=st.timedeltas(timedelta(), timedelta(days=400)).map(lambda after: NOON + after),
    hours=st.sampled_from([QUIET, CAMPUS, OPEN_UNIVERSITY]),
)
def test_between_the_waking_hours_of_its_day_no_moment_is_quiet(moment: datetime, hours: QuietHours) -> None:
    awake = waking_hours(moment, hours)
    assert any(first <= moment < last for first, last in zip(awake[::2], awake[1::2], strict=True)) == (
        not hours.covers(moment)
    )


def test_a_notice_rests_while_any_of_its_people_do() -> None:
    assert resting([]) == QUIET
    assert resting([OPEN_UNIVERSITY]) == QUIET
    assert resting([CAMPUS, OPEN_UNIVERSITY]) == CAMPUS
    early = QuietHours(start=time(21), end=time(9))
    assert resting([CAMPUS, early]).covers(NOON.replace(hour=0, minute=30))  # 8:30 in China
    assert resting([QuietHours(start=time(14), end=time(13)), QuietHours(start=time(10), end=time(9))]) == QUIET


def test_at_noon_it_waits_for_the_afternoon_where_its_people_rest_and_in_the_evening_goes_at_once() -> None:
    on_campus = taken(approve(DRAFT, by="office:li", count=1, most_alone=30, hours=CAMPUS))
    assert taken(schedule(on_campus, at=NOON, now=NOON)).scheduled_for == NOON + timedelta(hours=2)
    assert taken(schedule(on_campus, at=NOON, now=NOON, quiet_reason="fire")).scheduled_for == NOON
    evening = NOON + timedelta(hours=9, minutes=30)
    at_home = taken(approve(DRAFT, by="office:li", count=1, most_alone=30, hours=resting([OPEN_UNIVERSITY])))
    assert taken(schedule(at_home, at=evening, now=NOON)).scheduled_for == evening


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"title": " "}, Fault.NO_TITLE),
        ({"title": "长" * 31}, Fault.LONG_TITLE),
        ({"title": "交】表"}, Fault.BAD_TITLE),
        ({"title": "交\n表"}, Fault.BAD_TITLE),
        ({"text": ""}, Fault.NO_TEXT),
        ({"text": "长" * 1501}, Fault.LONG_TEXT),
        ({"text": "长" * (MOST_TEXT_WITH_FILE + 1), "files": (Attachment(name="a.png", digest="0"),)}, Fault.LONG_TEXT),
        ({"level": ReadLevel.ANSWER}, Fault.NO_QUESTIONS),
        ({"questions": (Question(text="去吗", options=("去", "不去")),)}, Fault.QUESTIONS_UNASKED),
        ({"level": ReadLevel.ANSWER, "questions": (Question(text="去吗", options=("去",)),)}, Fault.BAD_QUESTION),
        ({"level": ReadLevel.ANSWER, "questions": (Question(text="去吗", options=("去", "去")),)}, Fault.BAD_QUESTION),
        ({"audience": Audience()}, Fault.NO_AUDIENCE),
        ({"files": (Attachment(name="a.png", digest="0"), Attachment(name="b.jpg", digest="1"))}, Fault.BAD_FILES),
        ({"files": (Attachment(name="a.pdf", digest="0"), Attachment(name="b.xlsx", digest="1"))}, Fault.BAD_FILES),
    ],
)
def test_what_is_wrong_with_a_draft_is_named(changed: dict[str, object], fault: Fault) -> None:
    assert faults(DRAFT) == ()
    assert faults(replace(DRAFT, **changed)) == (fault,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("../../etc/passwd.docx", "passwd.docx"),
        ("C:\\notices\\表.xlsx", "表.xlsx"),
        ("exe\u202excod.docx", "exexcod.docx"),
        ("a\nb\x00.png", "ab.png"),
        ("长" * 200 + ".pdf", "长" * 60 + ".pdf"),
        ("000000000 0", "0000000000"),
        ("..", "file"),
        ("", "file"),
    ],
)
def test_a_file_has_a_name_that_leads_nowhere_and_reads_as_it_is_written(given_name: str, name: str) -> None:
    assert Attachment.named(given_name, "0").name == name


@given(st.text())
def test_a_name_that_was_made_plain_stays_as_it_is(name: str) -> None:
    plain = Attachment.named(name, "0").name
    assert Attachment.named(plain, "0").name == plain
    assert 0 < len(plain.encode(errors="replace")) <= 255


def test_a_picture_is_shown_before_the_file_beside_it() -> None:
    sheet, plan = Attachment(name="a.pdf", digest="0"), Attachment(name="b.png", digest="1")
    assert letter(replace(DRAFT, files=(sheet, plan))).files == (plan, sheet)


def test_who_changed_a_large_draft_last_does_not_release_it_alone() -> None:
    by_li = edited(DRAFT, {"text": "周五前。"}, by="office:li", revision=DRAFT.revision)
    assert by_li == replace(DRAFT, text="周五前。", changed_by="office:li", revision=DRAFT.revision + 1)
    assert isinstance(by_li, Notice)
    assert approve(by_li, by="office:li", count=31, most_alone=30) is NotAllowed.SECOND_PERSON
    assert taken(approve(by_li, by=DRAFT.author, count=31, most_alone=30)).approved_by == DRAFT.author


def test_what_was_released_or_changed_meanwhile_or_belongs_to_another_notice_is_not_changed() -> None:
    words = {"text": "周五前。"}
    assert edited(released(), words, by="office:li", revision=2) is NotAllowed.RELEASED
    assert edited(DRAFT, words, by="office:li", revision=DRAFT.revision + 1) is NotAllowed.CHANGED
    nudge, correction = (replace(DRAFT, form=form, about=1000) for form in (Form.NUDGE, Form.CORRECTION))
    assert edited(nudge, words, by="office:li", revision=1) is NotAllowed.NOT_ITS_OWN
    assert edited(correction, {"audience": Audience(everybody=True)}, by="a", revision=1) is NotAllowed.NOT_ITS_OWN
    assert isinstance(edited(correction, words, by="office:li", revision=1), Notice)
    assert edited(DRAFT, {"text": ""}, by="office:li", revision=1) == (Fault.NO_TEXT,)
