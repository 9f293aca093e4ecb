"""Which classes a campaign has after the roster changed under it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scheduler.planner import classes_after
from scheduler.roster import Roster, SchoolClass, Student
from tests.samples import CAMPAIGN, school_class, student

PILOT = replace(CAMPAIGN, classes=("c-one",))


def roster(*students: Student) -> Roster:
    classes = {one.class_id: school_class(one.class_id) for one in students}
    return Roster(version=1, students={one.sid: one for one in students}, classes=classes)


def of_2019(found: SchoolClass) -> bool:
    return found.cohort == "2019"


ONE, TWO = student(1), student(2, "c-two")
BEFORE = roster(ONE, TWO)


def test_a_class_that_is_left_by_everybody_is_no_class_of_the_campaign_any_more() -> None:
    after = roster(ONE, replace(TWO, class_id="c-one"))
    assert classes_after(CAMPAIGN, BEFORE, after, concerns=of_2019) == ("c-one",)


def test_a_class_that_is_new_belongs_to_a_campaign_for_all() -> None:
    after = roster(ONE, TWO, student(3, "c-three"))
    assert classes_after(CAMPAIGN, BEFORE, after, concerns=of_2019) == ("c-one", "c-three", "c-two")


def test_a_class_of_another_cohort_does_not_belong_to_it() -> None:
    after = roster(ONE, TWO, student(3, "c-three"))
    assert classes_after(CAMPAIGN, BEFORE, after, concerns=lambda found: found.id != "c-three") == ("c-one", "c-two")


def test_a_pilot_follows_its_own_students_and_takes_in_nobody_else() -> None:
    renamed = roster(replace(ONE, class_id="c-renamed"), TWO, student(3, "c-three"))
    assert classes_after(PILOT, BEFORE, renamed, concerns=of_2019) == ("c-renamed",)
    into_another = roster(replace(ONE, class_id="c-two"), TWO)
    assert classes_after(PILOT, BEFORE, into_another, concerns=of_2019) == ()


CLASSES = st.lists(st.sampled_from(["c-one", "c-two", "c-three", "c-four"]), min_size=1, max_size=8)


@given(CLASSES, CLASSES)
def test_a_campaign_for_all_has_all_classes_again_after_any_change_and_its_undoing(
    first: list[str], second: list[str]
) -> None:
    before, after = (
        roster(*(student(place, class_id, sid=f"s{place}") for place, class_id in enumerate(classes)))
        for classes in (first, second)
    )
    campaign = replace(CAMPAIGN, classes=tuple(sorted(before.classes)))
    changed = replace(campaign, classes=classes_after(campaign, before, after, concerns=of_2019))
    assert set(changed.classes) == set(after.classes)
    assert classes_after(changed, after, before, concerns=of_2019) == campaign.classes
