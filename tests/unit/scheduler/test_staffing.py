"""Roles begin and end at their dates; a class's monitors are the roster's, and who was named since."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.messages import Address
from scheduler.staffing import (
    Deputy,
    Invitation,
    MonitorWord,
    StaffMember,
    StaffRole,
    deputised,
    end_of_term,
    in_force,
    joined,
    monitors,
    named_monitors,
)
from tests.samples import school_class, student

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
A_DAY = timedelta(days=1)
COUNSELLOR = StaffMember(
    account="telegram:1",
    role=StaffRole.COUNSELLOR,
    private=Address(platform="telegram", chat="1"),
    classes=("c-one",),
    since=NOW,
    until=NOW + A_DAY,
)
OLD, NEW, OTHER = student(1, is_monitor=True), student(2), student(3)
CLASS = (OLD, NEW, OTHER)


def word(sid: str, *, is_monitor: bool, named: tuple[str, ...] = (OLD.sid,)) -> MonitorWord:
    return MonitorWord(
        sid=sid, class_id="c-one", is_monitor=is_monitor, named=named, until=NOW + A_DAY, by="telegram:1"
    )


HANDED_OVER = {OLD.sid: word(OLD.sid, is_monitor=False), NEW.sid: word(NEW.sid, is_monitor=True)}


def test_a_role_holds_from_its_first_moment_to_before_its_last() -> None:
    moments = (NOW - A_DAY / 24, NOW, NOW + A_DAY - A_DAY / 24, NOW + A_DAY)
    assert [bool(in_force([COUNSELLOR], "telegram:1", at)) for at in moments] == [False, True, True, False]


def test_a_deputy_has_the_rights_of_whom_they_stand_in_for_in_their_days_alone() -> None:
    deputy = Deputy(account="telegram:2", since=NOW + A_DAY, until=NOW + 2 * A_DAY)
    away = replace(COUNSELLOR, until=None, deputies=(deputy,))
    assert in_force([away], "telegram:2", NOW) == ()
    (acting,) = in_force([away], "telegram:2", NOW + A_DAY)
    assert (acting.classes, acting.role, acting.stands_in_for) == (("c-one",), StaffRole.COUNSELLOR, "telegram:1")
    assert in_force([away], "telegram:2", NOW + 2 * A_DAY) == ()


def test_a_deputys_right_ends_with_the_role_they_stand_in_for() -> None:
    deputy = Deputy(account="telegram:2", since=NOW, until=NOW + 9 * A_DAY)
    away = replace(COUNSELLOR, deputies=(deputy,))
    assert len(in_force([away], "telegram:2", NOW)) == 1
    assert in_force([away], "telegram:2", NOW + A_DAY) == ()


def test_a_registrar_covers_every_class_and_a_college_its_own() -> None:
    found = school_class()
    assert replace(COUNSELLOR, role=StaffRole.REGISTRAR, classes=()).covers(found)
    assert replace(COUNSELLOR, role=StaffRole.COLLEGE, classes=(), colleges=(found.college,)).covers(found)
    assert not replace(COUNSELLOR, role=StaffRole.COLLEGE, classes=(), colleges=("other",)).covers(found)


def test_who_hands_the_class_over_is_no_monitor_any_more() -> None:
    assert monitors(CLASS, {}, NOW) == (OLD,)
    assert monitors(CLASS, HANDED_OVER, NOW) == (NEW,)


def test_a_newer_roster_that_names_somebody_else_is_newer_than_what_was_said() -> None:
    renamed = (replace(OLD, is_monitor=False), NEW, replace(OTHER, is_monitor=True))
    assert monitors(renamed, HANDED_OVER, NOW) == (renamed[2],)


def test_a_newer_roster_that_says_the_same_changes_nothing_and_a_monitor_who_moved_is_one_nowhere() -> None:
    assert monitors((*CLASS, student(4)), HANDED_OVER, NOW) == (NEW,)
    elsewhere = (student(9, "c-two"), replace(NEW, class_id="c-two"))
    assert monitors(elsewhere, HANDED_OVER, NOW) == ()


def test_what_was_said_ends_with_the_term() -> None:
    assert monitors(CLASS, HANDED_OVER, NOW + A_DAY) == (OLD,)


@given(st.lists(st.booleans(), min_size=1, max_size=6), st.data())
def test_nobody_is_a_monitor_whom_neither_the_roster_nor_a_word_names(column: list[bool], data: st.DataObject) -> None:
    students = [student(number, is_monitor=is_monitor) for number, is_monitor in enumerate(column)]
    named = named_monitors(students)
    said = data.draw(st.dictionaries(st.sampled_from([one.sid for one in students]), st.booleans()))
    words = {sid: word(sid, is_monitor=is_monitor, named=named) for sid, is_monitor in said.items()}
    found = {one.sid for one in monitors(students, words, NOW)}
    assert found == {one.sid for one in students if said.get(one.sid, one.is_monitor)}


@given(st.integers(min_value=0, max_value=100_000))
def test_a_role_without_a_date_ends_within_half_a_year_and_not_at_once(hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    assert now < end_of_term(now) <= now + timedelta(days=185)


def test_the_autumn_term_ends_with_february() -> None:
    assert end_of_term(NOW) == datetime(2027, 2, 28, 16, tzinfo=UTC)
    assert end_of_term(datetime(2027, 2, 28, 16, tzinfo=UTC)) == datetime(2027, 8, 31, 16, tzinfo=UTC)


INVITED = Invitation(role=StaffRole.COUNSELLOR, classes=("c-two",), expires=NOW + 9 * A_DAY, until=NOW + 90 * A_DAY)


def after(invited: Invitation, *own: StaffMember, now: datetime = NOW) -> list[tuple[StaffRole, tuple[str, ...]]]:
    """The roles and classes of somebody who takes an invitation, beside what they are."""
    becomes = joined(own, invited, COUNSELLOR.account, COUNSELLOR.private, now)
    return [(one.role, one.classes) for one in becomes]


def test_an_invitation_stands_beside_what_somebody_is_and_moves_no_end_of_it() -> None:
    beside = joined([COUNSELLOR], INVITED, COUNSELLOR.account, COUNSELLOR.private, NOW)
    assert [(one.classes, one.until) for one in beside] == [
        (("c-one",), COUNSELLOR.until),
        (("c-two",), INVITED.until),
    ]


def test_an_invitation_with_the_same_end_makes_one_role_of_two_and_one_to_the_same_places_a_longer_one() -> None:
    same_end = replace(INVITED, until=NOW + A_DAY)
    assert after(same_end, COUNSELLOR) == [(StaffRole.COUNSELLOR, ("c-one", "c-two"))]
    (longer,) = joined([COUNSELLOR], replace(INVITED, classes=("c-one",)), "telegram:1", COUNSELLOR.private, NOW)
    assert longer.until == INVITED.until


def test_a_role_that_is_over_brings_nothing_back() -> None:
    assert after(INVITED, COUNSELLOR, now=NOW + A_DAY) == [(StaffRole.COUNSELLOR, ("c-two",))]


def test_a_colleague_who_stands_in_stands_in_for_the_new_role_too() -> None:
    away = deputised(COUNSELLOR, "telegram:2", NOW, NOW + A_DAY)
    becomes = joined([away], INVITED, "telegram:1", COUNSELLOR.private, NOW)
    assert [one.classes for one in in_force(becomes, "telegram:2", NOW)] == [("c-one",), ("c-two",)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(StaffRole)),
            st.sets(st.sampled_from(["c-one", "c-two", "c-three"]), min_size=1),
            st.sampled_from([NOW + days * A_DAY for days in (1, 2, 3)]),
        ),
        max_size=6,
    ),
    st.sampled_from([NOW, NOW + A_DAY, NOW + 2 * A_DAY]),
)
def test_whatever_is_taken_and_when_everybody_may_what_one_of_their_invitations_gives_and_nothing_else(
    given_: list[tuple[StaffRole, set[str], datetime]], later: datetime
) -> None:
    own: tuple[StaffMember, ...] = ()
    for role, classes, until in given_:
        invited = Invitation(role=role, classes=tuple(sorted(classes)), expires=until, until=until)
        own = joined(own, invited, "telegram:1", COUNSELLOR.private, NOW)
    held = {(one.role, class_id) for one in in_force(own, "telegram:1", later) for class_id in one.classes}
    assert held == {(role, class_id) for role, classes, until in given_ if later < until for class_id in classes}
