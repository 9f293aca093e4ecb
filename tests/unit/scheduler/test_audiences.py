"""From an audience to addresses: exactly those who are meant, each once."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.audiences import School, meant_classes, reached, recipients, unread
from scheduler.campaigns import State, StudentState
from scheduler.messages import Address
from scheduler.notices import Arrival, Audience, Reading, Recipient, Result
from scheduler.roster import Binding, BindingStrength, Group, Roster, SchoolClass
from scheduler.staffing import StaffMember, StaffRole
from tests.conftest import START
from tests.integration.school import roster, student
from tests.unit.scheduler.test_notices import DRAFT

CLASSES = ("c1", "c2", "c3")
SIDS = tuple(f"s{number}" for number in range(9))
ROSTER = roster(1, *(student(sid, CLASSES[number % 3]) for number, sid in enumerate(SIDS)))


def chat(name: str, platform: str = "telegram") -> Address:
    return Address(platform=platform, chat=name)


def bound(sid: str, *platforms: str) -> tuple[Binding, ...]:
    return tuple(
        Binding(
            account=f"{platform}:{sid}", sid=sid, strength=BindingStrength.STRONG, private=chat(sid, platform)
        )
        for platform in platforms
    )  # fmt: skip


def group(name: str, *classes: str) -> Group:
    return Group(address=chat(name), classes=classes)


def where(found: tuple[Recipient, ...]) -> list[str]:
    return [str(one.to) if one.to else f"nowhere {one.target}" for one in found]


def test_a_class_is_written_to_in_its_groups_and_one_without_a_group_is_named() -> None:
    school = School(roster=ROSTER, groups=[group("-1", "c1", "c2"), group("-2", "c1")])
    assert where(recipients(Audience(everybody=True), school)) == [
        "telegram:-1",
        "telegram:-2",
        "nowhere class:c3",
    ]


def test_a_group_that_threw_the_bot_out_does_not_count_as_one() -> None:
    school = School(roster=ROSTER, groups=[group("-1", "c1")], lost={chat("-1")})
    assert where(recipients(Audience(classes=("c1",)), school)) == ["nowhere class:c1"]


def test_a_group_of_two_classes_speaks_only_of_those_that_are_meant() -> None:
    school = School(roster=ROSTER, groups=[group("-1", "c1", "c2")])
    (one,) = recipients(Audience(classes=("c2",)), school)
    assert one.classes == ("c2",)


def test_a_person_is_written_to_once_on_whatever_platforms_they_are() -> None:
    school = School(roster=ROSTER, bindings={"s0": bound("s0", "wecom", "telegram")})
    assert where(recipients(Audience(classes=("c1",), each=True), school)) == [
        "telegram:s0",
        "nowhere s3",
        "nowhere s6",
    ]


def test_who_blocked_the_bot_on_one_platform_is_written_to_on_the_other() -> None:
    school = School(roster=ROSTER, bindings={"s0": bound("s0", "wecom", "telegram")}, lost={chat("s0")})
    assert where(recipients(Audience(sids=("s0",)), school)) == ["wecom:s0"]


def test_a_status_means_the_students_who_stand_there() -> None:
    states = {"s0": StudentState(state=State.CONFIRMED), "s3": StudentState(state=State.WRONG)}
    school = School(roster=ROSTER, states=states)
    found = recipients(Audience(classes=("c1",), states=(State.NONE, State.WRONG)), school)
    assert [one.sid for one in found] == ["s3", "s6"]


def test_a_role_means_the_monitors_and_the_staff_of_these_classes() -> None:
    counsellor = StaffMember(
        account="telegram:9", role=StaffRole.COUNSELLOR, private=chat("9"), classes=("c1",)
    )  # fmt: skip
    elsewhere = StaffMember(account="telegram:8", role=StaffRole.COUNSELLOR, private=chat("8"), classes=("c2",))
    school = School(
        roster=ROSTER, staff=[counsellor, elsewhere], monitors={"s0"}, bindings={"s0": bound("s0", "telegram")}
    )
    audience = Audience(classes=("c1",), roles=(StaffRole.MONITOR, StaffRole.COUNSELLOR))
    assert where(recipients(audience, school)) == ["telegram:s0", "telegram:9"]


def test_a_correction_goes_to_exactly_those_the_notice_reached_and_answers_it_there() -> None:
    def result(target: str, state: Arrival, message_id: str = "") -> Result:
        return Result(target=target, to=chat(target), state=state, at=START, message_id=message_id)

    found = reached(
        [
            result("-1", Arrival.ACCEPTED, "-1/7"),
            result("-2", Arrival.REFUSED),
            result("-3", Arrival.UNKNOWN),
            result("-4", Arrival.RECALLED, "-4/9"),
            result("-5", Arrival.BY_HAND),
            result("-6", Arrival.WAITING),
        ]
    )
    assert [(one.target, one.reply_to, one.to is None) for one in found] == [
        ("-1", "-1/7", False),
        ("-3", "", False),
        ("-4", "", False),
        ("-5", "", True),
    ]


def test_who_has_read_a_notice_is_left_in_peace() -> None:
    school = School(roster=ROSTER, groups=[group("-1", "c1")])
    found = unread(DRAFT, {"s3": Reading(at=START, answers={})}, school)
    assert [one.target for one in found] == ["s0", "s6"]


addresses = st.sampled_from([chat(name, platform) for platform in ("telegram", "wecom") for name in ("a", "b", "c")])


@given(
    audience=st.builds(
        Audience,
        everybody=st.booleans(),
        classes=st.sets(st.sampled_from(CLASSES)).map(tuple),
        each=st.booleans(),
        sids=st.sets(st.sampled_from(SIDS)).map(tuple),
        states=st.sets(st.sampled_from([State.NONE, State.CONFIRMED])).map(tuple),
    ),
    groups=st.dictionaries(addresses, st.sets(st.sampled_from(CLASSES), min_size=1).map(tuple)),
    private=st.dictionaries(st.sampled_from(SIDS), st.sets(addresses, min_size=1)),
    lost=st.sets(addresses),
)
def test_nobody_is_written_to_twice_and_nobody_who_is_lost(
    audience: Audience,
    groups: dict[Address, tuple[str, ...]],
    private: dict[str, set[Address]],
    lost: set[Address],
) -> None:
    bindings = {
        sid: [
            Binding(account=str(to), sid=sid, strength=BindingStrength.STRONG, private=to) for to in sorted(own)
        ]
        for sid, own in private.items()
    }  # fmt: skip
    found = recipients(
        audience,
        School(
            roster=ROSTER,
            groups=[Group(address=to, classes=classes) for to, classes in groups.items()],
            bindings=bindings,
            lost=lost,
        ),
    )
    reached_at = [one.to for one in found if one.to is not None]
    assert len(set(reached_at)) == len(reached_at)
    assert not lost & set(reached_at)
    assert len({one.target for one in found}) == len(found)


def test_classes_are_meant_by_name_or_all_of_a_cohort_in_a_college() -> None:
    found = {
        name: SchoolClass(id=name, name=name, college=college, cohort=cohort, scope="glut")
        for name, college, cohort in (("c1", "Maths", "2019"), ("c2", "Maths", "2020"), ("c3", "Arts", "2019"))
    }
    school = Roster(version=1, students={}, classes=found)
    for words, classes in {
        "2019": ("c3", "c1"), "2019x maths": ("c1",), "Maths": ("c1", "c2"), "2019 2020 Arts": ("c3",), "c2": ("c2",),
    }.items():  # fmt: skip
        assert meant_classes(words.split(), school) == (classes, ())
    assert meant_classes(["2019", "c2"], school) == (("c2",), ("2019",))
    assert meant_classes([], school) == ((), ())
