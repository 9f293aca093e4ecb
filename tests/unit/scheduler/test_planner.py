"""When waves go out."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import ZONE, Deadline, QuietHours, Stretch, student_day, working_day
from scheduler.campaigns import Campaign, Owner, Stage, wave_id
from scheduler.planner import CATCH_UP, GAP, MOST, Moved, Plan, Wave, plan
from tests.samples import CAMPAIGN, HAND_IN_STAGE, STUDENT_STAGE, campaign_with

LONG_BEFORE = datetime(2019, 12, 1, tzinfo=UTC)
LUNCH = Stretch(start=time(12), end=time(14))
LEADS = st.lists(st.integers(1, 24 * 30).map(lambda hours: timedelta(hours=hours)), min_size=1, max_size=8, unique=True)
HOURS = st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    """Campaigns with any deadline, leads and quiet hours of at most half a day."""
    day, at = draw(st.dates(date(2019, 1, 1), date(2028, 1, 1))), draw(HOURS)
    quiet_from, quiet_for = draw(st.integers(0, 23)), draw(st.integers(0, 12))
    lunch = draw(st.sampled_from([(), (LUNCH,)]))
    evening = draw(st.sampled_from([(), (Stretch(start=time(quiet_from), end=time((quiet_from - 4) % 24)),)]))
    quiet = QuietHours(start=time(quiet_from), end=time((quiet_from + quiet_for) % 24), breaks=lunch, preferred=evening)
    stages = [
        Stage(
            id=owner.value,
            owner=owner,
            deadline=Deadline(words="", day=day + timedelta(days=index), at=at, before_day=draw(st.booleans())),
            waves=tuple(sorted(draw(LEADS), reverse=True)),
        )
        for index, owner in enumerate(draw(st.sampled_from([list(Owner), [Owner.STUDENT], [Owner.MONITOR]])))
    ]
    since = draw(st.integers(0, 24 * 40))
    opened_at = draw(st.none() | st.just(stages[0].deadline.instant - timedelta(hours=since)))
    return campaign_with(*stages, quiet=quiet, opened_at=opened_at)


NOWS = st.datetimes(datetime(2018, 11, 1), datetime(2028, 1, 9), timezones=st.just(UTC))  # noqa: DTZ001 (bounds)


def local(wave: Wave) -> str:
    """A wave's moment as a local date and hour."""
    return f"{wave.at.astimezone(ZONE):%m-%d %H}"


def everything(of: Plan) -> list[Wave]:
    """All waves of a plan, whatever becomes of them."""
    return [*of.due, *of.coming, *of.missed, *of.merged]


def test_the_waves_of_source_3_fall_on_the_evenings_before_its_sunday() -> None:
    coming = plan(CAMPAIGN, LONG_BEFORE).coming
    assert [(wave.stage, wave.id, local(wave)) for wave in coming] == [
        ("student", "7d", "12-15 21"),
        ("student", "3d", "12-19 21"),
        ("student", "1d", "12-21 21"),
        ("student", "3h", "12-22 20"),
        ("hand-in", "1d", "12-23 16"),
    ]


@given(campaigns())
def test_every_wave_is_planned_once_and_named_by_its_lead(campaign: Campaign) -> None:
    names = sorted((wave.stage, wave.id) for wave in everything(plan(campaign, LONG_BEFORE)))
    assert names == sorted((stage.id, wave_id(lead)) for stage in campaign.stages for lead in stage.waves)


@given(campaigns(), NOWS)
def test_no_wave_goes_out_in_quiet_hours_or_after_its_deadline(campaign: Campaign, now: datetime) -> None:
    seen = plan(campaign, now)
    for wave in seen.coming:
        assert not campaign.quiet.covers(wave.at)
        assert wave.at > now
    if seen.due:
        assert not campaign.quiet.covers(now)
    planned = plan(campaign, datetime(2018, 1, 1, tzinfo=UTC))
    assert all(wave.at < campaign.stage(wave.stage).deadline.aim for wave in planned.coming)


@given(campaigns())
def test_staff_hear_nothing_on_days_off(campaign: Campaign) -> None:
    for wave in plan(campaign, datetime(2018, 1, 1, tzinfo=UTC)).coming:
        if campaign.stage(wave.stage).owner is not Owner.STUDENT:
            assert working_day(wave.at.astimezone(ZONE).date()).works


@given(campaigns())
def test_students_hear_nothing_around_the_spring_festival_and_it_says_what_was_moved(campaign: Campaign) -> None:
    for wave in plan(campaign, datetime(2018, 1, 1, tzinfo=UTC)).coming:
        stage = campaign.stage(wave.stage)
        if stage.owner is Owner.STUDENT:
            assert student_day(wave.at.astimezone(ZONE).date()).works
        lead = next(lead for lead in stage.waves if wave_id(lead) == wave.id)
        if wave.moved is None:
            assert abs(wave.at - (stage.deadline.aim - lead)) < timedelta(hours=2)


@given(campaigns())
def test_a_stage_has_at_most_so_many_waves(campaign: Campaign) -> None:
    kept = Counter(wave.stage for wave in plan(campaign, datetime(2018, 1, 1, tzinfo=UTC)).coming)
    assert all(number <= MOST for number in kept.values())


@given(campaigns())
def test_waves_to_the_same_people_keep_the_gap(campaign: Campaign) -> None:
    coming = plan(campaign, datetime(2018, 1, 1, tzinfo=UTC)).coming
    for owner in Owner:
        moments = [wave.at for wave in coming if campaign.stage(wave.stage).owner is owner]
        assert all(after - before >= GAP for before, after in pairwise(moments))


@given(campaigns())
def test_no_wave_falls_on_a_full_minute(campaign: Campaign) -> None:
    assert all(wave.at.second for wave in everything(plan(campaign, datetime(2018, 1, 1, tzinfo=UTC))))


@given(campaigns(), NOWS)
def test_the_same_campaign_and_moment_give_the_same_plan(campaign: Campaign, now: datetime) -> None:
    assert plan(campaign, now) == plan(campaign, now)


@given(campaigns(), NOWS)
def test_no_wave_is_moved_so_that_less_time_is_left_unless_the_campaign_opened_in_between(
    campaign: Campaign, now: datetime
) -> None:
    for wave in everything(plan(campaign, datetime(2018, 1, 1, tzinfo=UTC))):
        stage = campaign.stage(wave.stage)
        lead = next(lead for lead in stage.waves if wave_id(lead) == wave.id)
        promised = stage.deadline.aim - lead
        assert wave.at <= promised or (campaign.opened_at is not None and wave.at >= campaign.opened_at)


@given(campaigns(), NOWS)
def test_a_wave_past_the_catch_up_window_is_missed_and_one_inside_it_is_not(campaign: Campaign, now: datetime) -> None:
    moments = {(wave.stage, wave.id): wave.at for wave in everything(plan(campaign, datetime(2018, 1, 1, tzinfo=UTC)))}
    seen = plan(campaign, now)
    for wave in seen.missed:
        assert moments[wave.stage, wave.id] < now
    for wave in seen.due:
        assert moments[wave.stage, wave.id] <= now <= moments[wave.stage, wave.id] + CATCH_UP


def test_a_wave_is_due_within_the_window_and_missed_after_it() -> None:
    wave = plan(CAMPAIGN, LONG_BEFORE).coming[3]
    assert plan(CAMPAIGN, wave.at).due == (wave,)
    assert plan(CAMPAIGN, wave.at + timedelta(hours=1)).due == (wave,)
    assert wave in plan(CAMPAIGN, wave.at + timedelta(hours=1), catch_up=timedelta(minutes=30)).missed
    assert wave in plan(CAMPAIGN, wave.at + CATCH_UP + timedelta(seconds=1)).missed


def test_a_wave_slept_over_into_the_night_is_not_said_in_the_night() -> None:
    wave = plan(CAMPAIGN, LONG_BEFORE).coming[0]
    at_night = datetime(2019, 12, 15, 14, 30, tzinfo=UTC)
    assert wave.at < at_night < wave.at + CATCH_UP
    assert wave in plan(CAMPAIGN, at_night).missed


def test_a_wave_of_the_morning_moves_to_the_evening_before() -> None:
    stage = Stage(
        id="student",
        owner=Owner.STUDENT,
        deadline=Deadline(words="", day=date(2019, 12, 20), at=time(10)),
        waves=(timedelta(hours=3),),
    )
    (wave,) = plan(campaign_with(stage), LONG_BEFORE).coming
    assert local(wave) == "12-19 21"
    opened = datetime(2019, 12, 19, 22, 30, tzinfo=ZONE).astimezone(UTC)
    (wave,) = plan(campaign_with(stage, opened_at=opened), opened).coming
    assert local(wave) == "12-20 08"


def test_a_staff_wave_of_a_weekend_moves_to_friday_and_a_students_stays() -> None:
    monday = Deadline(words="", day=date(2019, 12, 23), at=time(17))
    leads = (timedelta(days=1),)
    staff = Stage(id="hand-in", owner=Owner.MONITOR, deadline=monday, waves=leads)
    students = Stage(id="student", owner=Owner.STUDENT, deadline=monday, waves=leads)
    friday, sunday = plan(campaign_with(staff, students), LONG_BEFORE).coming
    assert (friday.stage, local(friday)) == ("hand-in", "12-20 16")
    assert (sunday.stage, local(sunday)) == ("student", "12-22 16")


def test_waves_too_close_together_leave_the_one_nearer_the_deadline() -> None:
    stage = Stage(
        id="student",
        owner=Owner.STUDENT,
        deadline=Deadline(words="", day=date(2019, 12, 20), at=time(9)),
        waves=(timedelta(days=1), timedelta(hours=12), timedelta(hours=3)),
    )
    seen = plan(campaign_with(stage), LONG_BEFORE)
    assert [wave.id for wave in seen.coming] == ["1d", "3h"]
    assert [wave.id for wave in seen.merged] == ["12h"]


def test_before_a_day_the_waves_lead_up_to_the_day_before() -> None:
    stage = Stage(
        id="student",
        owner=Owner.STUDENT,
        deadline=Deadline(words="11月2日前", day=date(2016, 11, 2), before_day=True),
        waves=(timedelta(hours=3),),
    )
    (wave,) = plan(campaign_with(stage), datetime(2016, 10, 1, tzinfo=UTC)).coming
    assert local(wave) == "11-01 20"


def test_a_campaign_opened_late_has_missed_its_first_wave_and_not_the_next() -> None:
    opened = datetime(2019, 12, 17, 2, tzinfo=UTC)
    seen = plan(campaign_with(STUDENT_STAGE, HAND_IN_STAGE, opened_at=opened), opened)
    assert [wave.id for wave in seen.missed] == ["7d"]
    assert [wave.id for wave in seen.coming] == ["3d", "1d", "3h", "1d"]


def test_a_plan_beyond_the_holiday_table_says_so() -> None:
    far = Deadline(words="", day=date(2031, 5, 6), at=time(17))
    leads = (timedelta(days=1),)
    now = datetime(2031, 5, 1, tzinfo=UTC)
    staff = campaign_with(Stage(id="hand-in", owner=Owner.MONITOR, deadline=far, waves=leads))
    students = campaign_with(Stage(id="student", owner=Owner.STUDENT, deadline=far, waves=leads))
    assert not plan(staff, now).holidays_known
    assert plan(students, now).holidays_known


def test_the_waves_around_the_spring_festival_come_before_it_and_only_the_last_of_them_is_kept() -> None:
    stage = Stage(
        id="student",
        owner=Owner.STUDENT,
        deadline=Deadline(words="", day=date(2026, 2, 25)),
        waves=(timedelta(days=10), timedelta(days=7), timedelta(days=3), timedelta(hours=3)),
    )
    seen = plan(campaign_with(stage), datetime(2026, 1, 20, tzinfo=UTC))
    assert [(wave.id, local(wave), wave.moved) for wave in seen.coming] == [
        ("3d", "02-14 21", Moved.NEW_YEAR),
        ("3h", "02-25 20", None),
    ]
    assert [wave.id for wave in seen.merged] == ["10d", "7d"]


def test_at_the_open_university_students_are_reminded_at_lunch_or_in_the_evening_and_staff_by_day() -> None:
    best = (LUNCH, Stretch(start=time(19), end=time(21, 30)))
    quiet = QuietHours(start=time(22), end=time(8), preferred=best)
    due = Deadline(words="", day=date(2026, 4, 22), at=time(17))
    leads = (timedelta(days=1), timedelta(hours=1))
    students = Stage(id="student", owner=Owner.STUDENT, deadline=due, waves=leads)
    staff = Stage(id="hand-in", owner=Owner.MONITOR, deadline=due, waves=leads)
    coming = plan(campaign_with(students, staff, quiet=quiet), datetime(2026, 4, 1, tzinfo=UTC)).coming
    assert [(wave.stage, local(wave), wave.moved) for wave in coming] == [
        ("student", "04-21 13", Moved.HOURS),
        ("hand-in", "04-21 16", None),
        ("student", "04-22 13", Moved.HOURS),
        ("hand-in", "04-22 15", None),
    ]


def test_a_wave_that_the_lunch_break_holds_back_goes_out_after_it() -> None:
    deadline = Deadline(words="", day=date(2019, 12, 20), at=time(17))
    stage = Stage(id="student", owner=Owner.STUDENT, deadline=deadline, waves=(timedelta(hours=3),))
    quiet = QuietHours(start=time(22), end=time(8), breaks=(LUNCH,))
    campaign = campaign_with(stage, quiet=quiet)
    (wave,) = plan(campaign, LONG_BEFORE).coming
    assert local(wave) == "12-20 11"
    at_lunch = datetime(2019, 12, 20, 12, 30, tzinfo=ZONE).astimezone(UTC)
    (wave,) = plan(campaign, at_lunch).coming
    assert wave.at == datetime(2019, 12, 20, 14, tzinfo=ZONE)
