"""Whom a wave reaches, and whom it does not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import ZONE
from scheduler.campaigns import OWING, State, StudentState
from scheduler.deliveries import Delivery, Kind
from scheduler.planner import Wave, owes, progress_of
from scheduler.recipients import Audience, mailing
from scheduler.roster import Binding, Group, Student
from scheduler.staffing import MonitorWord
from tests.samples import CAMPAIGN, bindings_of, bound, group, stands, student

WAVE = Wave(stage="student", id="3d", at=datetime(2019, 12, 19, 13, 37, 11, tzinfo=UTC))
HAND_IN = Wave(stage="hand-in", id="1d", at=datetime(2019, 12, 23, 8, 40, 11, tzinfo=UTC))
CLASSES = ("c-one", "c-two", "c-three")


@dataclass(frozen=True, kw_only=True)
class School:
    """Everything a wave needs to know of a school."""

    members: Mapping[str, Sequence[Student]]
    states: Mapping[str, StudentState]
    groups: Sequence[Group]
    bindings: Mapping[str, Sequence[Binding]]

    def deliveries(self, wave: Wave = WAVE) -> tuple[Delivery, ...]:
        """What the wave sends."""
        return mailing(CAMPAIGN, wave, self.audience()).deliveries

    def audience(self) -> Audience:
        """The school as a wave knows it."""
        return Audience(members=self.members, states=self.states, groups=self.groups, bindings=self.bindings)

    def students(self) -> list[Student]:
        """Everybody of every class."""
        return [one for members in self.members.values() for one in members]

    def owing(self) -> list[Student]:
        """Who still owes."""
        return [one for one in self.students() if owes(CAMPAIGN, one, self.states.get(one.sid, stands(State.NONE)))]


@st.composite
def schools(draw: st.DrawFn) -> School:
    """Classes of any size and state, students with no, one or several accounts, groups over any classes."""
    members = {
        class_id: [
            student(
                number,
                class_id,
                status=draw(st.sampled_from(["", "在籍", "休学"])),
                is_monitor=draw(st.booleans()),
            )
            for number in range(draw(st.integers(0, 6)))
        ]
        for class_id in CLASSES
    }
    everybody = [one for some in members.values() for one in some]
    states = {one.sid: stands(draw(st.sampled_from(State))) for one in everybody if draw(st.booleans())}
    accounts = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=2, unique_by=lambda known: known[0])
    bindings = [bound(one.sid, f"p{account}", strong=strong) for one in everybody for account, strong in draw(accounts)]
    groups = [group(f"g{index}", *draw(st.sets(st.sampled_from(CLASSES), min_size=1))) for index in range(3)]
    return School(members=members, states=states, groups=groups, bindings=bindings_of(*bindings))


def small_school(*, owing: int, done: int) -> School:
    """One class and its group; everybody is bound."""
    members = [student(number) for number in range(owing + done)]
    states = {one.sid: stands(State.CONFIRMED) for one in members[owing:]}
    bindings = bindings_of(*(bound(one.sid, one.sid) for one in members))
    return School(members={"c-one": members}, states=states, groups=[group("g", "c-one")], bindings=bindings)


@given(schools())
def test_nobody_is_addressed_who_owes_nothing(school: School) -> None:
    owing = {one.sid for one in school.owing()}
    assert all(one.sid in owing for one in school.deliveries() if one.kind is Kind.PRIVATE_WAVE)


@given(schools())
def test_a_private_delivery_names_a_student_of_its_first_class(school: School) -> None:
    class_of = {one.sid: one.class_id for one in school.students()}
    told = [one for one in school.deliveries() if one.kind is Kind.PRIVATE_WAVE]
    assert all(class_of[one.sid] == one.classes[0] for one in told)


@given(schools())
def test_everybody_who_owes_and_can_be_reached_is_addressed_exactly_once(school: School) -> None:
    told = Counter(one.message.to for one in school.deliveries() if one.kind is Kind.PRIVATE_WAVE)
    assert set(told.values()) <= {1}
    for one in school.owing():
        own = {binding.private for binding in school.bindings.get(one.sid, ())}
        assert bool(own) == bool(own & told.keys())


@given(schools())
def test_a_group_is_told_once_and_only_if_more_than_two_of_its_classes_owe(school: School) -> None:
    told = Counter(one.message.to for one in school.deliveries() if one.kind is Kind.GROUP_WAVE)
    assert set(told.values()) <= {1}
    for its_group in school.groups:
        owing = [one for one in school.owing() if one.class_id in its_group.classes]
        assert (its_group.address in told) == (len(owing) > 2)


@given(schools())
def test_ids_are_unique_and_the_same_every_time(school: School) -> None:
    ids = [one.id for wave in (WAVE, HAND_IN) for one in school.deliveries(wave)]
    assert len(ids) == len(set(ids))
    shuffled = replace(
        school,
        members={class_id: list(reversed(some)) for class_id, some in reversed(list(school.members.items()))},
        groups=list(reversed(school.groups)),
    )
    assert ids == [one.id for wave in (WAVE, HAND_IN) for one in shuffled.deliveries(wave)]


@given(schools())
def test_deliveries_carry_no_name_and_no_number(school: School) -> None:
    said = "".join(repr(one) for one in school.deliveries())
    assert not any(one.name in said or one.number in said for one in school.students())


@given(schools())
def test_progress_counts_everybody_but_the_exempt_once(school: School) -> None:
    progress = progress_of(CAMPAIGN, school.students(), school.states)
    assert progress.total == progress.done + progress.owing + progress.with_office
    assert progress.owing == len(school.owing())


def test_with_two_who_owe_the_group_hears_nothing_and_they_are_told_in_private() -> None:
    two, three = small_school(owing=2, done=38).deliveries(), small_school(owing=3, done=37).deliveries()
    assert [one.kind for one in two] == [Kind.PRIVATE_WAVE] * 2
    assert [one.kind for one in three] == [Kind.GROUP_WAVE, *[Kind.PRIVATE_WAVE] * 3]


def test_several_classes_in_one_group_are_one_message() -> None:
    school = School(
        members={class_id: [student(number, class_id) for number in range(2)] for class_id in ("c-one", "c-two")},
        states={},
        groups=[group("g", "c-two", "c-one", "c-elsewhere")],
        bindings={},
    )
    (merged,) = school.deliveries()
    assert merged.classes == ("c-one", "c-two")
    assert merged.slots == ("glut-check-2019:student:3d:c-one", "glut-check-2019:student:3d:c-two")
    assert merged.id == "glut-check-2019:student:3d:c-one+c-two@chatroom:g"


def test_a_class_in_two_groups_is_told_in_both() -> None:
    school = replace(small_school(owing=5, done=0), groups=[group("g1", "c-one"), group("g2", "c-one")])
    told = [one.message.to.chat for one in school.deliveries() if one.kind is Kind.GROUP_WAVE]
    assert told == ["g1", "g2"]


def test_a_person_with_two_accounts_is_written_to_at_the_surest() -> None:
    school = replace(
        small_school(owing=1, done=0),
        bindings=bindings_of(bound("sc-one-000", "a", strong=False), bound("sc-one-000", "b")),
    )
    assert [one.message.to.chat for one in school.deliveries()] == ["b"]


def test_one_account_with_two_records_gets_one_message_over_both_classes() -> None:
    first, second = student(1, "c-one"), student(1, "c-two")
    school = School(
        members={"c-one": [first], "c-two": [second]},
        states={},
        groups=[],
        bindings=bindings_of(bound(first.sid, "p"), bound(second.sid, "p")),
    )
    (only,) = school.deliveries()
    assert only.classes == ("c-one", "c-two")
    assert only.sid == first.sid


@given(schools(), st.sets(st.sampled_from(CLASSES)), st.integers(1, 3), st.data())
def test_two_parts_of_a_school_that_share_no_group_give_what_the_whole_gives(
    school: School, some: set[str], most: int, data: st.DataObject
) -> None:
    groups = [one for one in school.groups if set(one.classes) <= some or not set(one.classes) & some]
    burdens = {one.sid: data.draw(st.integers(0, 2)) for one in school.students()}
    whole = replace(school.audience(), groups=groups, burdens=burdens)
    found = [mailing(CAMPAIGN, WAVE, part_of(whole, own), most_a_week=most) for own in (some, set(CLASSES) - some)]
    told = sorted((one for part in found for one in part.deliveries), key=lambda one: one.id)
    expected = mailing(CAMPAIGN, WAVE, whole, most_a_week=most)
    assert told == sorted(expected.deliveries, key=lambda one: one.id)
    assert sum((Counter(part.spared) for part in found), Counter()) == expected.spared


def part_of(whole: Audience, classes: set[str]) -> Audience:
    """What is known of these classes, and of the same people elsewhere."""
    members = {class_id: some for class_id, some in whole.members.items() if class_id in classes}

    def accounts(sids: Iterable[str]) -> set[str]:
        return {one.account for sid in sids for one in whole.bindings.get(sid, ())}

    own = accounts(one.sid for some in members.values() for one in some)
    others = [one for class_id in whole.members.keys() - classes for one in whole.members[class_id]]
    elsewhere = [one for one in others if own & accounts([one.sid])]
    groups = [one for one in whole.groups if set(one.classes) & classes]
    return replace(whole, members=members, groups=groups, elsewhere=elsewhere)


def test_a_monitor_stage_reaches_the_monitors_alone_whatever_they_stated_themselves() -> None:
    members = [student(0, is_monitor=True), student(1, is_monitor=True), *(student(number) for number in range(2, 9))]
    school = School(
        members={"c-one": members},
        states={members[0].sid: stands(State.CONFIRMED)},
        groups=[group("g", "c-one")],
        bindings=bindings_of(*(bound(one.sid, one.sid) for one in members)),
    )
    told = school.deliveries(HAND_IN)
    assert [(one.kind, one.message.to.chat, one.sid) for one in told] == [
        (Kind.STAFF_WAVE, members[0].sid, ""),
        (Kind.STAFF_WAVE, members[1].sid, ""),
    ]


def test_who_was_handed_the_class_is_reminded_of_its_paper_and_who_handed_it_over_is_not() -> None:
    old, new = student(0, is_monitor=True), student(1)
    said = {"class_id": "c-one", "named": (old.sid,), "until": HAND_IN.at + timedelta(days=1), "by": "telegram:1"}
    words = {
        one.sid: MonitorWord(sid=one.sid, is_monitor=one is new, **said)  # type: ignore[arg-type]
        for one in (old, new)
    }
    audience = Audience(
        members={"c-one": [old, new]},
        states={},
        groups=(),
        bindings=bindings_of(bound(old.sid, old.sid), bound(new.sid, new.sid)),
        words=words,
    )
    told = mailing(CAMPAIGN, HAND_IN, audience).deliveries
    assert [one.message.to.chat for one in told] == [new.sid]


def test_a_wave_is_not_worth_sending_once_the_quiet_hours_begin() -> None:
    school = small_school(owing=3, done=0)
    nine_in_the_evening = {one.message.expires_at for one in school.deliveries()}
    assert nine_in_the_evening == {datetime.combine(WAVE.at.date(), time(22), ZONE).astimezone(UTC)}


def test_who_could_not_log_in_still_owes_and_who_reported_an_error_does_not() -> None:
    assert {state for state in State if owes(CAMPAIGN, student(1), stands(state))} == OWING
    assert not owes(CAMPAIGN, student(1, status="休学"), stands(State.NONE))


@given(schools(), st.integers(0, 3), st.data())
def test_who_was_reminded_often_enough_is_left_out_and_counted_except_on_the_last_day(
    school: School, most: int, data: st.DataObject
) -> None:
    burdens = {one.sid: data.draw(st.integers(0, 4)) for one in school.students()}
    audience = replace(school.audience(), burdens=burdens)
    everybody = mailing(CAMPAIGN, WAVE, school.audience())
    found = mailing(CAMPAIGN, WAVE, audience, most_a_week=most)
    addressed = {one.sid for one in found.deliveries if one.kind is Kind.PRIVATE_WAVE}
    assert all(burdens[sid] < most for sid in addressed)
    assert all(one in everybody.deliveries for one in found.deliveries)
    left_out = len(everybody.deliveries) - len(found.deliveries)
    assert left_out <= sum(found.spared.values())
    assert (left_out > 0) == (sum(found.spared.values()) > 0)
    last = replace(WAVE, id="3h", at=datetime(2019, 12, 22, 12, 37, 11, tzinfo=UTC))
    assert mailing(CAMPAIGN, last, audience, most_a_week=most) == mailing(CAMPAIGN, last, school.audience())
