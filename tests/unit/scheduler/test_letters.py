"""What a reminder says, in the words of the content."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.wording import ContentWording
from knowledge.loading import load
from scheduler.calendar import ZONE, Deadline
from scheduler.campaigns import OWING, Grade, Progress, State
from scheduler.letters import (
    GUIDE,
    TOMORROW,
    Letter,
    deadline_words,
    group_letter,
    moment_words,
    monitor_letter,
    paste_text,
    private_letter,
    together,
)
from scheduler.messages import Verb
from tests.samples import CAMPAIGN, stands

DEADLINE = CAMPAIGN.stages[0].deadline.instant
A_WEEK_BEFORE = DEADLINE - timedelta(days=7, minutes=20)
THREE_DAYS_BEFORE = DEADLINE - timedelta(days=3, minutes=20)
LAST_DAY = DEADLINE - timedelta(hours=3)
AFTERWARDS = DEADLINE + timedelta(hours=1)
MOMENTS = st.integers(-24 * 10, 24 * 3).map(lambda hours: DEADLINE + timedelta(hours=hours))
WAVES = st.sampled_from(["7d", "3d", "1d", "3h", TOMORROW])
LONGEST = 120


@cache
def wording() -> ContentWording:
    """The content's own words."""
    return ContentWording(load().phrases, informal="你")


def said(letter: Letter | None) -> str:
    """A letter in words."""
    assert letter is not None
    return wording().render(letter.body)


def verbs(letter: Letter | None) -> list[Verb]:
    """What its buttons ask for; every label has words."""
    assert letter is not None
    assert all(wording().render(label) for label, _ in letter.choices)
    return [action.verb for _, action in letter.choices]


def standing(*, owing: int, done: int) -> Progress:
    """Where a class stands."""
    return Progress(total=owing + done, done=done, with_office=0, owing=owing)


def to_group(now: datetime, *, owing: int = 6, done: int = 34, told_before: int = 1) -> Letter | None:
    """What the group is told."""
    return group_letter(CAMPAIGN, "student", "3d", standing(owing=owing, done=done), told_before=told_before, now=now)


def in_private(now: datetime, *, wave: str = "3d", state: State = State.NONE, told_before: int = 0) -> Letter | None:
    """What a person is told."""
    at = A_WEEK_BEFORE if state is State.NO_LOGIN else None
    return private_letter(CAMPAIGN, "student", wave, stands(state, at=at), told_before=told_before, now=now)


def test_a_deadline_is_said_with_weekday_and_hour() -> None:
    assert wording().render(deadline_words(CAMPAIGN.stages[0].deadline)) == "12月22日（周日）24:00"
    assert wording().render(deadline_words(Deadline(words="", day=date(2026, 12, 22)))) == "12月22日（周二）24:00"


def test_a_moment_is_said_by_the_local_clock() -> None:
    assert wording().render(moment_words(datetime(2026, 12, 18, 12, 41, tzinfo=UTC))) == "12月18日20:41"


@pytest.mark.parametrize("owing", [0, 1, 2])
def test_with_two_or_fewer_owing_the_group_hears_nothing(owing: int) -> None:
    assert to_group(THREE_DAYS_BEFORE, owing=owing) is None


@given(MOMENTS, st.integers(3, 60), st.integers(0, 60), st.integers(0, 3))
def test_a_group_never_hears_how_many_are_missing(now: datetime, owing: int, done: int, told: int) -> None:
    letter = to_group(now, owing=owing, done=done, told_before=told)
    assert letter is not None
    assert not {"owing", "total", "with_office"} & letter.body.values.keys()
    assert ("done" in letter.body.values) <= (owing >= 5 and done > 0)


def test_the_second_wave_says_how_many_are_done() -> None:
    assert "已登记34人" in said(to_group(THREE_DAYS_BEFORE))
    assert "还剩3天" in said(to_group(THREE_DAYS_BEFORE))
    assert "34" not in said(to_group(THREE_DAYS_BEFORE, owing=4))


def test_a_group_wave_is_worded_as_first_later_last_or_late() -> None:
    keys = [
        letter.body.key
        for told, now in enumerate((A_WEEK_BEFORE, THREE_DAYS_BEFORE, LAST_DAY, AFTERWARDS))
        if (letter := to_group(now, told_before=told)) is not None
    ]
    assert keys == ["wave.group.first", "wave.group.later", "wave.group.last", "wave.group.late"]


def test_a_group_bound_late_hears_a_first_message_first_but_on_the_last_day() -> None:
    late, last = to_group(THREE_DAYS_BEFORE, told_before=0), to_group(LAST_DAY, told_before=0)
    assert late is not None
    assert last is not None
    assert (late.body.key, last.body.key) == ("wave.group.first", "wave.group.last")


@given(MOMENTS, WAVES, st.integers(0, 60), st.booleans())
def test_everybody_is_called_by_the_last_reminder_alone_and_only_where_it_was_asked_for(
    now: datetime, wave: str, owing: int, asked: bool
) -> None:
    campaign = replace(CAMPAIGN, calls_everybody=asked)
    letter = group_letter(campaign, "student", wave, standing(owing=owing, done=9), told_before=2, now=now)
    assert letter is None or letter.calls_everybody == (asked and wave == "3h")


@given(MOMENTS, st.integers(0, 60), st.integers(0, 60), st.integers(0, 1))
def test_what_is_pasted_keeps_the_rules_of_a_group_and_needs_no_button(
    now: datetime, owing: int, done: int, told: int
) -> None:
    text = paste_text(CAMPAIGN, "student", standing(owing=owing, done=done), bot="bot", first=told == 0, now=now)
    letter = to_group(now, owing=owing, done=done, told_before=told)
    assert (text is None) == (letter is None) == (owing <= 2)
    if text is not None and letter is not None:
        assert text.key.removeprefix("paste.") == letter.body.key.removeprefix("wave.group.")
        assert text.values == {**letter.body.values, "bot": "bot"}
        assert "按钮" not in wording().render(text)
        assert len(wording().render(text)) <= LONGEST


@given(st.sampled_from(sorted(set(State) - OWING)), MOMENTS, WAVES, st.integers(0, 5))
def test_who_owes_nothing_is_told_nothing(state: State, now: datetime, wave: str, told: int) -> None:
    assert in_private(now, wave=wave, state=state, told_before=told) is None


def test_the_first_message_to_a_person_is_a_first_message_whatever_the_wave() -> None:
    assert said(in_private(A_WEEK_BEFORE, wave="7d")).startswith("你好")
    assert said(in_private(THREE_DAYS_BEFORE, wave="1d")).startswith("你好")
    assert said(in_private(LAST_DAY, wave="3h")).startswith("你好")
    assert not said(in_private(THREE_DAYS_BEFORE, told_before=1)).startswith("你好")


def test_who_could_not_log_in_is_told_that_this_is_known() -> None:
    assert "12月15日" in said(in_private(THREE_DAYS_BEFORE, state=State.NO_LOGIN, told_before=1))


@pytest.mark.parametrize("state", sorted(set(State) - OWING - {State.EXEMPT}))
@given(now=MOMENTS, wave=WAVES)
def test_whose_statement_does_not_count_yet_reads_that_it_is_recorded_and_what_makes_it_count(
    state: State, now: datetime, wave: str
) -> None:
    claimed = stands(state, at=A_WEEK_BEFORE, grade=Grade.CLAIMED)
    text = said(private_letter(CAMPAIGN, "student", wave, claimed, told_before=1, now=now))
    assert text.startswith("请回“绑定 绑定码”证明是本人")
    assert "记下了" in text
    assert "12月22日（周日）24:00" in text
    assert "还没登记" not in text
    assert len(text) <= LONGEST


def test_tomorrow_is_offered_while_there_is_one() -> None:
    assert Verb.TOMORROW in verbs(in_private(THREE_DAYS_BEFORE))
    assert Verb.TOMORROW not in verbs(in_private(LAST_DAY))
    assert Verb.TOMORROW not in verbs(in_private(THREE_DAYS_BEFORE, wave=TOMORROW))
    assert "明天" not in said(in_private(LAST_DAY))


def test_a_group_is_offered_the_check_list_the_guide_and_a_way_to_say_what_is_wrong() -> None:
    letter = to_group(THREE_DAYS_BEFORE)
    assert verbs(letter) == [Verb.OPEN, Verb.GUIDE, Verb.TROUBLE]
    assert letter is not None
    assert [action.subject for _, action in letter.choices] == [CAMPAIGN.id, GUIDE, CAMPAIGN.id]
    assert load().guides[GUIDE]


def test_after_the_deadline_the_button_says_so_too() -> None:
    letter = in_private(AFTERWARDS)
    assert letter is not None
    assert wording().render(letter.choices[0][0]) == "补登记"


def test_a_monitor_gets_a_count_and_opens_the_names_only_if_somebody_owes() -> None:
    now = CAMPAIGN.stages[1].deadline.instant - timedelta(days=1)
    some, none = (
        monitor_letter(
            CAMPAIGN, "hand-in", standing(owing=owing, done=36), class_id="c-one", class_name="计科1901班", now=now
        )
        for owing in (4, 0)
    )
    assert "已登记36，还没登记4" in said(some)
    assert "12月24日（周二）17:00" in said(some)
    (label, names) = some.choices[0]
    assert (wording().render(label), names.verb, names.detail) == ("显示姓名", Verb.NAMES, "c-one")
    assert none.choices == ()
    assert "辛苦了" in said(none)


def letters_of(now: datetime, wave: str) -> list[str]:
    """Every sentence that can be said at a moment of a wave."""
    classes = ((60, 0), (100, 240), (4, 36))
    groups = [to_group(now, owing=owing, done=done, told_before=told) for owing, done in classes for told in (0, 1)]
    private = [in_private(now, wave=wave, state=state, told_before=told) for state in sorted(OWING) for told in (0, 2)]
    monitors = [
        monitor_letter(
            CAMPAIGN, "hand-in", standing(owing=owing, done=40), class_id="c", class_name="计算机科学1901班", now=now
        )
        for owing in (0, 20)
    ]
    return [said(letter) for letter in (*groups, *private, *monitors)]


@given(MOMENTS, WAVES)
def test_every_reminder_is_short_calm_and_names_weekday_and_hour(now: datetime, wave: str) -> None:
    for text in letters_of(now, wave):
        assert len(text) <= LONGEST, text
        assert "（周" in text
        assert ":00" in text
        assert not any(word in text for word in ("务必", "后果", "逾期", "！", "@", "{"))


@given(MOMENTS, WAVES)
def test_a_reminder_never_counts_days_that_are_past(now: datetime, wave: str) -> None:
    for text in letters_of(now, wave):
        assert "还剩0天" not in text
        if now.astimezone(ZONE).date() >= date(2019, 12, 22):
            assert "还剩" not in text


PHOTO = replace(CAMPAIGN, id="glut-photo-2019", title="毕业照片核对")
PROGRESS = st.builds(standing, owing=st.integers(3, 60), done=st.integers(0, 60))


def test_two_campaigns_in_one_message_have_a_section_each_and_buttons_that_bear_their_titles() -> None:
    letters = [
        group_letter(one, "student", "3d", standing(owing=9, done=31), told_before=1, now=THREE_DAYS_BEFORE)
        for one in (CAMPAIGN, PHOTO)
    ]
    whole = together([one for one in letters if one is not None])
    assert said(whole).splitlines() == [
        "请登录学信网看一遍本人学籍，下面2件事各点各的按钮登记：",
        "【新生学籍核对】12月22日（周日）24:00截止，还剩3天，已登记31人。",
        "【毕业照片核对】12月22日（周日）24:00截止，还剩3天，已登记31人。",
        "不会弄点“带我做”；查不到、登不上点“有问题”。已登记的同学不用管这条，谢谢大家。",
    ]
    assert [(wording().render(label), action.subject) for label, action in whole.choices] == [
        ("我核对好了：新生学籍核对", CAMPAIGN.id),
        ("我核对好了：毕业照片核对", PHOTO.id),
        ("有问题：新生学籍核对", CAMPAIGN.id),
        ("有问题：毕业照片核对", PHOTO.id),
        ("带我做", GUIDE),
    ]


PLANNED = st.sampled_from(["7d", "3h", "moved.1"])


@given(MOMENTS, PLANNED, st.sampled_from(sorted(OWING)), st.sampled_from(sorted(OWING)), st.integers(0, 2))
def test_whatever_two_campaigns_tell_a_person_each_stands_with_its_title_and_deadline(
    now: datetime, wave: str, one: State, other: State, told: int
) -> None:
    letters = [
        private_letter(of, "student", wave, stands(state, at=A_WEEK_BEFORE), told_before=told, now=now)
        for of, state in ((CAMPAIGN, one), (PHOTO, other))
    ]
    first, *sections, _ = said(together([letter for letter in letters if letter is not None])).splitlines()
    assert "2件事" in first
    assert [title in section for title, section in zip((CAMPAIGN.title, PHOTO.title), sections, strict=True)] == [
        True
    ] * 2
    assert all("12月22日（周日）24:00" in section for section in sections)


@given(MOMENTS, PLANNED, PROGRESS, PROGRESS)
def test_no_section_says_how_many_are_missing_or_lets_the_class_work_out_fewer_than_five(
    now: datetime, wave: str, one: Progress, other: Progress
) -> None:
    letters = [
        group_letter(of, "student", wave, progress, told_before=1, now=now)
        for of, progress in ((CAMPAIGN, one), (PHOTO, other))
    ]
    sections = said(together([letter for letter in letters if letter is not None])).splitlines()[1:3]
    for section, progress in zip(sections, (one, other), strict=True):
        assert "没登记" not in section
        if progress.owing < 5:
            assert "人" not in section
