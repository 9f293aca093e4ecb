"""Who has to see to a class, and when what nobody saw goes on to the next rung."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import ZONE, working_day
from scheduler.campaigns import Owner
from scheduler.ladder import Rung, Step, ladder, pressing, stands_at
from scheduler.messages import Address
from scheduler.staffing import Deputy, StaffMember, StaffRole
from tests.samples import CAMPAIGN, school_class

MONDAY = datetime(2019, 12, 23, 8, 40, tzinfo=ZONE)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
CLASS = school_class()


def member(role: StaffRole, name: str = "", **more: object) -> StaffMember:
    account = f"chatroom:{name or role}"
    where: dict[str, object] = {"colleges": ("信息学院",)} if role is StaffRole.COLLEGE else {"classes": (CLASS.id,)}
    plain = {"account": account, "role": role, "private": Address.parse(account), **where, **more}
    return StaffMember(**plain)  # type: ignore[arg-type]  # a member's own fields


EVERYBODY = [member(role) for role in StaffRole]


def steps(staff: list[StaffMember], owner: Owner = Owner.STUDENT, now: datetime = MONDAY) -> tuple[Step, ...]:
    return ladder(CLASS, staff, owner, now)


def who(step: Step | None) -> list[str]:
    return [holder.account.removeprefix("chatroom:") for holder in step.holders] if step else []


def test_the_rungs_go_from_the_class_upwards_and_counsellor_and_class_teacher_share_one() -> None:
    assert [who(step) for step in steps(EVERYBODY)] == [
        ["monitor"],
        ["counsellor", "teacher"],
        ["college"],
        ["registrar"],
    ]


def test_a_college_that_hands_in_is_the_lowest_rung_of_its_stage() -> None:
    assert [step.rung for step in steps(EVERYBODY, Owner.COLLEGE)] == [Rung.COLLEGE, Rung.REGISTRAR]


@given(st.sets(st.sampled_from(list(StaffRole))))
def test_any_rung_may_be_missing(roles: set[StaffRole]) -> None:
    found = steps([member(role) for role in roles])
    assert {account for step in found for account in who(step)} == {str(role) for role in roles}
    assert [step.rung for step in found] == [rung for rung in Rung if rung in {step.rung for step in found}]


def test_nobody_of_another_class_and_nobody_whose_role_is_over_stands_on_a_rung() -> None:
    elsewhere = member(StaffRole.COUNSELLOR, classes=("c-two",))
    over = member(StaffRole.MONITOR, until=MONDAY)
    assert steps([elsewhere, over]) == ()


def test_while_a_deputys_dates_run_the_deputy_is_asked_in_their_place() -> None:
    deputy = Deputy(account="chatroom:deputy", since=TUESDAY, until=WEDNESDAY)
    away = [member(StaffRole.COUNSELLOR, deputies=(deputy,))]
    assert [who(steps(away, now=at)[0]) for at in (MONDAY, TUESDAY, WEDNESDAY)] == [
        ["counsellor"],
        ["deputy"],
        ["counsellor"],
    ]


def test_whoever_is_asked_has_a_working_day_and_then_the_next_rung_is_asked() -> None:
    found = steps(EVERYBODY)
    asked = {Rung.MONITOR: MONDAY}
    assert who(stands_at(found, asked, {}, MONDAY + timedelta(hours=10))) == ["monitor"]
    assert who(stands_at(found, asked, {}, TUESDAY)) == ["counsellor", "teacher"]
    later = {**asked, Rung.COUNSELLOR: TUESDAY}
    assert who(stands_at(found, later, {}, WEDNESDAY)) == ["college"]


def test_over_a_weekend_nobody_loses_their_day() -> None:
    friday = MONDAY - timedelta(days=3)
    found = steps(EVERYBODY)
    assert who(stands_at(found, {Rung.MONITOR: friday}, {}, friday + timedelta(days=2))) == ["monitor"]
    assert who(stands_at(found, {Rung.MONITOR: friday}, {}, MONDAY)) == ["counsellor", "teacher"]


def test_who_gave_a_sign_after_being_asked_keeps_it_and_a_sign_before_is_none() -> None:
    found = steps(EVERYBODY)
    asked = {Rung.MONITOR: MONDAY}
    account = "chatroom:monitor"
    assert who(stands_at(found, asked, {account: MONDAY + timedelta(minutes=1)}, WEDNESDAY)) == ["monitor"]
    assert who(stands_at(found, asked, {account: MONDAY - timedelta(minutes=1)}, TUESDAY)) == ["counsellor", "teacher"]


def test_one_of_two_who_saw_it_is_enough() -> None:
    found = steps(EVERYBODY)
    asked = {Rung.MONITOR: MONDAY, Rung.COUNSELLOR: TUESDAY}
    seen = {"chatroom:teacher": TUESDAY + timedelta(hours=1)}
    assert who(stands_at(found, asked, seen, WEDNESDAY + timedelta(days=5))) == ["counsellor", "teacher"]


def test_who_took_over_after_the_rung_was_asked_has_a_day_of_their_own() -> None:
    found = steps([member(StaffRole.COUNSELLOR, since=TUESDAY), member(StaffRole.COLLEGE)], now=TUESDAY)
    asked = {Rung.COUNSELLOR: MONDAY}
    assert who(stands_at(found, asked, {}, TUESDAY + timedelta(hours=1))) == ["counsellor"]
    assert who(stands_at(found, asked, {}, WEDNESDAY)) == ["college"]


def test_what_nobody_saw_stays_with_the_last_rung_and_with_nobody_there_is_no_step() -> None:
    found = steps([member(StaffRole.MONITOR)])
    assert who(stands_at(found, {Rung.MONITOR: MONDAY}, {}, WEDNESDAY + timedelta(days=9))) == ["monitor"]
    assert stands_at((), {}, {}, MONDAY) is None


@given(
    asked=st.dictionaries(st.sampled_from(list(Rung)), st.integers(0, 40)),
    seen=st.dictionaries(st.sampled_from(["monitor", "counsellor", "college"]), st.integers(0, 40)),
    now=st.integers(0, 60),
    more=st.integers(0, 20),
)
def test_time_alone_never_leads_back_down(asked: dict[Rung, int], seen: dict[str, int], now: int, more: int) -> None:
    found = steps(EVERYBODY)
    when = {rung: MONDAY + timedelta(days=day) for rung, day in asked.items()}
    signs = {f"chatroom:{name}": MONDAY + timedelta(days=day) for name, day in seen.items()}
    first = stands_at(found, when, signs, MONDAY + timedelta(days=now))
    later = stands_at(found, when, signs, MONDAY + timedelta(days=now + more))
    assert first is not None
    assert later is not None
    assert found.index(later) >= found.index(first)


def test_students_are_left_their_time_and_papers_are_spoken_of_from_their_first_reminder() -> None:
    def named(at: datetime) -> list[str]:
        return [stage.id for stage in pressing(CAMPAIGN, at)]

    sunday = MONDAY - timedelta(days=1)
    assert named(sunday) == []
    assert named(MONDAY) == ["student", "hand-in"]
    assert working_day(sunday.date()).works is False
