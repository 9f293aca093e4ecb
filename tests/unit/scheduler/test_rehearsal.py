"""A campaign on paper."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.wording import ContentWording
from knowledge.loading import load
from scheduler.calendar import ZONE, Deadline
from scheduler.campaigns import Campaign, CampaignStatus, Owner, Stage, State
from scheduler.deliveries import Kind, slot_id
from scheduler.messages import Address
from scheduler.pacing import telegram_budgets
from scheduler.planner import GAP
from scheduler.rehearsal import rehearse
from scheduler.rehearsed import DIGEST, Line, School, Underway, Why
from scheduler.staffing import StaffMember, StaffRole
from scheduler.stages import Pilot
from tests.samples import CAMPAIGN, bindings_of, bound, campaign_with, group, school_class, stands, student

DEADLINE = CAMPAIGN.stages[0].deadline.instant
NOW = datetime(2019, 12, 10, 1, tzinfo=UTC)


def school(*, bound_to: int = 40, size: int = 40) -> School:
    """One class with a group; the first so many can be reached in private."""
    members = [student(number) for number in range(size)]
    return School(
        classes={"c-one": school_class()},
        members={"c-one": members},
        groups=[group("g", "c-one")],
        bindings=bindings_of(*(bound(one.sid, one.sid) for one in members[:bound_to])),
    )


def lines(
    campaign: Campaign | Underway = CAMPAIGN, of: School | None = None, now: datetime = NOW, **more: float
) -> list[Line]:
    """The rehearsal, each text its phrase's key."""
    own = campaign if isinstance(campaign, Underway) else Underway(campaign=campaign)
    return list(rehearse(own, of or school(), now, words=lambda phrase: phrase.key, **more))  # type: ignore[arg-type]


def texts(found: list[Line], kind: Kind) -> list[list[str]]:
    """What each wave of the students says, by wave."""
    waves = dict.fromkeys(line.wave for line in found if line.wave.startswith("student"))
    return [sorted({line.text for line in found if line.wave == wave and line.kind is kind}) for wave in waves]


def test_each_person_is_told_by_their_own_history_and_the_group_by_its_own() -> None:
    found = lines()
    assert texts(found, Kind.GROUP_WAVE) == [
        ["wave.group.first"],
        ["wave.group.later-uncounted"],
        ["wave.group.later-uncounted"],
        ["wave.group.last"],
    ]
    private = [["wave.private.first"], ["wave.private.later"], ["wave.private.later"], ["wave.private.last"]]
    assert texts(found, Kind.PRIVATE_WAVE) == private


def test_who_joins_after_the_second_wave_hears_a_first_message_first() -> None:
    late = datetime(2019, 12, 20, 1, tzinfo=UTC)
    opened = replace(CAMPAIGN, opened_at=NOW)
    known = Underway(campaign=opened, told={student(number).sid: 2 for number in range(39)})
    found = lines(known, now=late)
    assert texts(found, Kind.PRIVATE_WAVE)[-2:] == [["wave.private.first", "wave.private.later"], ["wave.private.last"]]


def test_what_is_past_merged_or_fired_is_said_or_left_out() -> None:
    late = datetime(2019, 12, 20, 1, tzinfo=UTC)
    past = [line.wave for line in lines(now=late) if Why.PAST in line.why]
    assert past == ["student:7d", "student:3d"]
    known = Underway(campaign=CAMPAIGN, claimed={slot_id(CAMPAIGN.id, "student", "7d", "c-one"): NOW})
    assert [line.wave for line in lines(known, now=late) if Why.PAST in line.why] == ["student:3d"]


def test_a_scheduled_campaign_begins_when_it_opens() -> None:
    opens = datetime(2019, 12, 20, 1, tzinfo=UTC)
    scheduled = replace(CAMPAIGN, status=CampaignStatus.SCHEDULED, opens_at=opens)
    assert min(line.at for line in lines(scheduled) if line.text) > opens


def test_a_wave_moved_out_of_the_night_and_one_that_waits_for_the_platform_say_so() -> None:
    def budgets(to: Address) -> object:
        return telegram_budgets(to, in_group=True)

    found = lines(budgets=budgets)  # type: ignore[arg-type]
    first = [line for line in found if line.wave == "student:7d" and line.kind is Kind.PRIVATE_WAVE]
    assert all(Why.HOURS in line.why for line in first)
    assert Why.PACE in first[-1].why
    assert first[-1].at - first[0].at > timedelta(seconds=1)


def test_a_person_over_the_weeks_limit_is_counted_and_told_on_the_last_day() -> None:
    found = lines(most_a_week=1)
    told = Counter(line.wave for line in found if line.kind is Kind.PRIVATE_WAVE)
    assert told == {"student:7d": 40, "student:3h": 40}
    assert [(line.wave, line.students) for line in found if Why.ENOUGH in line.why] == [
        ("student:3d", 40),
        ("student:1d", 40),
    ]


def test_what_somebody_was_reminded_of_before_counts_for_a_week() -> None:
    tired = replace(school(), burdens={student(1).sid: 5})
    near = DEADLINE - timedelta(days=3, hours=4)
    found = lines(of=tired, now=near)
    enough = [(line.wave, line.students) for line in found if Why.ENOUGH in line.why]
    assert enough == [("student:3d", 1), ("student:1d", 1)]


def test_a_lost_address_is_not_written_to() -> None:
    everybody = school()
    lost = [bound("x", student(1).sid).private, group("g").address]
    found = lines(of=replace(everybody, lost=lost))
    assert not [line for line in found if line.text and line.to in lost]
    assert {line.students for line in found if line.why == (Why.UNREACHABLE,) and line.kind is None} == {1}


def test_a_trial_goes_to_the_chat_of_staff_alone_once_a_class_and_kind() -> None:
    chat = Address(platform="chatroom", chat="staff")
    found = [line for line in lines(replace(CAMPAIGN, pilot=Pilot(chat=chat))) if line.text]
    assert {line.to for line in found} == {chat}
    per_wave = Counter((line.wave, line.kind) for line in found if line.wave.startswith("student"))
    assert set(per_wave.values()) == {1}


@given(st.integers(0, 12), st.integers(0, 12), st.floats(0, 1))
def test_a_group_hears_nothing_once_two_or_fewer_owe_and_no_number_below_five(
    done: int, owing: int, confirming: float
) -> None:
    members = [student(number) for number in range(done + owing)]
    own = Underway(campaign=CAMPAIGN, states={one.sid: stands(State.CONFIRMED) for one in members[:done]})
    known = school(bound_to=0, size=done + owing)
    numbers = list(
        rehearse(own, known, NOW, words=lambda phrase: f"{phrase.values.get('done', '')}", confirming=confirming)
    )
    said = [line for line in numbers if line.kind is Kind.GROUP_WAVE and line.why[-1:] != (Why.FEW,)]
    if owing <= 2:
        assert not said
    if owing < 5:
        assert not any(line.text for line in said)


def test_beside_a_second_stage_the_monitor_hears_of_the_paper() -> None:
    deadline = Deadline(words="", day=date(2019, 12, 24), at=time(17))
    stage = Stage(id="hand-in", owner=Owner.MONITOR, deadline=deadline, waves=(timedelta(days=1),))
    members = [student(0, is_monitor=True)]
    known = replace(school(), members={"c-one": members})
    (line,) = [line for line in lines(campaign_with(stage), known) if line.text]
    assert (line.kind, line.text, line.why) == (Kind.STAFF_WAVE, "wave.monitor.open", ())


@cache
def wording() -> ContentWording:
    """The content's own words."""
    return ContentWording(load().phrases, informal="你")


NAMES = st.text(alphabet="龘靐齉爩䶮𠮷", min_size=2, max_size=5)


@given(st.lists(st.tuples(NAMES, st.booleans(), st.sampled_from(State)), min_size=1, max_size=12))
def test_nothing_that_is_pushed_calls_anybody_or_holds_a_students_name_or_number(
    people: list[tuple[str, bool, State]],
) -> None:
    members = [
        replace(student(place, name=name, is_monitor=monitor), number=f"2019{place:08}")
        for place, (name, monitor, _) in enumerate(people)
    ]
    states = {
        one.sid: stands(state, at=NOW - timedelta(days=1)) for one, (_, _, state) in zip(members, people, strict=True)
    }
    bindings = bindings_of(*(bound(one.sid, one.sid) for one in members))
    known = replace(school(), members={"c-one": members}, bindings=bindings)
    for line in rehearse(Underway(campaign=CAMPAIGN, states=states), known, NOW, words=wording().render):
        assert not [one for one in members if one.name in line.text or one.number in line.text]
        assert "@" not in line.text


def test_another_campaign_shares_the_messages_of_waves_that_meet_and_the_week_of_each_person() -> None:
    photo = replace(CAMPAIGN, id="glut-photo-2019", title="照片核对", stages=CAMPAIGN.stages[:1])
    known = replace(school(), others=[Underway(campaign=photo)])
    found = [line for line in lines(of=known) if line.text and line.wave.startswith("student")]
    assert {line.text for line in found} == {"wave.together.group", "wave.together.private"}
    assert {(line.campaign, line.also, Why.WITH_OTHERS in line.why) for line in found} == {
        (CAMPAIGN.id, (photo.id,), True)
    }
    assert Counter(line.to for line in found).keys() == {line.to for line in lines() if line.wave == "student:7d"}
    assert set(Counter(line.to for line in found).values()) == {4}, "as many messages as of one campaign alone"


def test_a_wave_that_another_campaigns_takes_along_leaves_with_it_and_says_so() -> None:
    stage = replace(CAMPAIGN.stages[0], deadline=Deadline(words="", day=date(2019, 12, 22), at=time(22)))
    sooner = replace(CAMPAIGN, id="glut-photo-2019", stages=(stage,))
    alone = {line.wave: line.at for line in lines() if line.kind is Kind.GROUP_WAVE}
    taken = [line for line in lines(of=replace(school(), others=[Underway(campaign=sooner)])) if Why.ALONG in line.why]
    assert {line.wave for line in taken} == {"student:7d", "student:3d", "student:1d", "student:3h"}
    assert all(timedelta() < alone[line.wave] - line.at < GAP for line in taken)


def test_what_another_campaign_sends_at_other_times_is_shown_and_counts_for_the_week() -> None:
    stage = replace(CAMPAIGN.stages[0], deadline=Deadline(words="", day=date(2019, 12, 17)))
    other = replace(CAMPAIGN, id="glut-photo-2019", stages=(stage,))
    known = replace(school(), others=[Underway(campaign=other)])
    found = lines(of=known, most_a_week=3)
    waves = dict.fromkeys((line.campaign, line.wave) for line in found if line.text and line.wave.startswith("student"))
    assert len(waves) == 8
    assert [line.students for line in found if Why.ENOUGH in line.why] == [40]
    assert not any(Why.ENOUGH in line.why for line in lines(most_a_week=3))


def staffed() -> School:
    """The class with a monitor and a counsellor."""
    people = ((StaffRole.MONITOR, "m"), (StaffRole.COUNSELLOR, "c"))
    members = [student(number, is_monitor=number == 0) for number in range(40)]
    return replace(
        school(),
        members={"c-one": members},
        staff={
            "c-one": [
                StaffMember(account=f"chatroom:{who}", role=role, private=bound("x", who).private, classes=("c-one",))
                for role, who in people
            ]
        },
    )


def test_the_staff_is_told_on_working_days_what_lies_on_its_desk_until_the_last_deadline() -> None:
    found = [line for line in lines(of=staffed()) if line.wave == DIGEST]
    days = sorted({line.at.astimezone(ZONE).date() for line in found})
    assert [day.day for day in days] == [16, 17, 18, 19, 20, 22, 23, 24], "and on the deadline itself, a Sunday"
    assert all(time(8, 30) <= line.at.astimezone(ZONE).time() < time(9) for line in found)
    assert {line.to.chat for line in found if line.to} == {"m", "c"}


def test_who_gave_no_sign_is_not_asked_alone_any_more_the_next_day() -> None:
    said = {
        (line.at.astimezone(ZONE).day, line.to.chat): line.text
        for line in rehearse(Underway(campaign=CAMPAIGN), staffed(), NOW, words=wording().render)
        if line.to and line.wave == DIGEST
    }
    assert "请私下问一问" in said[23, "m"]
    assert "请您过问" not in said[23, "c"]
    assert "请您过问" in said[24, "c"]


def test_a_reminder_of_the_paper_that_falls_on_a_day_of_the_digest_is_part_of_it() -> None:
    found = [line for line in lines(of=staffed()) if line.wave == "hand-in:1d"]
    assert [(line.text, line.why, line.students) for line in found] == [("", (Why.IN_DIGEST,), 1)]


def test_where_no_staff_is_known_nobody_is_told_in_the_morning() -> None:
    assert not [line for line in lines() if line.wave == DIGEST]
