"""Whose desk a class lies on, and what its owner is asked."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import ZONE
from scheduler.campaigns import Progress
from scheduler.handing_in import college_field
from scheduler.ladder import RUNG_OF, Rung
from scheduler.messages import Address
from scheduler.seats import Seating, View, ladder_slots, seating
from scheduler.staffing import StaffMember, StaffRole
from tests.samples import CAMPAIGN, HAND_IN_STAGE, STUDENT_STAGE, school_class

AFTER = datetime(2019, 12, 23, 8, 40, tzinfo=ZONE)
BEFORE = datetime(2019, 12, 19, 8, 40, tzinfo=ZONE)
CLASSES = {"c-one": school_class("c-one", "甲班"), "c-two": school_class("c-two", "乙班")}


def progress(owing: int) -> Progress:
    return Progress(total=40, done=40 - owing, owing=owing, with_office=0)


def member(role: StaffRole, *classes: str, name: str = "") -> StaffMember:
    account = f"chatroom:{name or role}"
    return StaffMember(account=account, role=role, private=Address.parse(account), classes=classes)


def view(*staff: StaffMember, owing: int = 4, handed_in: tuple[str, ...] = (), **known: object) -> View:
    return View(
        classes=CLASSES,
        staff={one.id: [member for member in staff if member.covers(one)] for one in CLASSES.values()},
        progress=dict.fromkeys(CLASSES, progress(owing)),
        handed_in=handed_in,
        **{"asked": {}, "seen": {}, **known},  # type: ignore[arg-type]  # a view's own fields
    )


def asked(found: Seating, who: str) -> dict[str, list[str]]:
    """What somebody is asked about each class."""
    return {seat.found.name: [stage.id for stage in seat.asked] for seat in found.seats.get(f"chatroom:{who}", ())}


def test_before_the_deadline_everybody_sees_the_classes_and_nobody_is_asked_anything() -> None:
    found = seating(CAMPAIGN, view(member(StaffRole.COUNSELLOR, "c-one", "c-two")), BEFORE)
    assert asked(found, "counsellor") == {"乙班": [], "甲班": []}
    assert found.fresh == ()


def test_after_it_the_nearest_is_asked_about_each_class_that_is_not_done() -> None:
    staff = (member(StaffRole.MONITOR, "c-one"), member(StaffRole.COUNSELLOR, "c-one", "c-two"))
    found = seating(CAMPAIGN, view(*staff, handed_in=("c-one", "c-two")), AFTER)
    assert asked(found, "monitor") == {"甲班": [STUDENT_STAGE.id]}
    assert asked(found, "counsellor") == {"乙班": [STUDENT_STAGE.id], "甲班": []}


def test_a_class_that_is_done_and_has_handed_in_asks_nobody() -> None:
    done = view(member(StaffRole.COUNSELLOR, "c-one"), owing=0, handed_in=("c-one",))
    assert asked(seating(CAMPAIGN, done, AFTER), "counsellor") == {"甲班": []}
    papers = view(member(StaffRole.COUNSELLOR, "c-one"), owing=0, handed_in=(college_field("信息学院"),))
    assert asked(seating(CAMPAIGN, papers, AFTER), "counsellor") == {"甲班": [HAND_IN_STAGE.id]}


def test_who_stands_on_two_rungs_is_written_to_once_and_as_what_they_are_asked_for() -> None:
    both = (member(StaffRole.COUNSELLOR, "c-one", name="x"), member(StaffRole.REGISTRAR, name="x"))
    found = seating(CAMPAIGN, view(*both), AFTER)
    rungs = {seat.found.name: seat.rung for seat in found.seats["chatroom:x"]}
    assert rungs == {"甲班": Rung.COUNSELLOR, "乙班": Rung.REGISTRAR}
    assert list(found.people) == ["chatroom:x"]


ROLES = st.lists(st.tuples(st.sampled_from(list(StaffRole)), st.sets(st.sampled_from(["c-one", "c-two"]))), max_size=8)


@given(ROLES, st.integers(0, 9), st.integers(0, 20), st.sets(st.sampled_from(["c-one", "c-two"])))
def test_nobody_has_a_seat_without_a_role_and_asking_twice_asks_nobody_anew(
    roles: list[tuple[StaffRole, set[str]]], owing: int, days: int, handed_in: set[str]
) -> None:
    staff = [member(role, *classes, name=f"{number}") for number, (role, classes) in enumerate(roles)]
    now = BEFORE + timedelta(days=days)
    first = seating(CAMPAIGN, view(*staff, owing=owing, handed_in=tuple(handed_in)), now)
    for account, seats in first.seats.items():
        (one,) = [found for found in staff if found.account == account]
        assert all(one.covers(seat.found) and RUNG_OF[one.role] is seat.rung for seat in seats)
    assert set(first.fresh) <= set(ladder_slots(CAMPAIGN, CLASSES, now))
    known = view(*staff, owing=owing, handed_in=tuple(handed_in), asked=dict.fromkeys(first.fresh, now))
    again = seating(CAMPAIGN, known, now)
    assert again.fresh == ()
    assert again.seats == first.seats
