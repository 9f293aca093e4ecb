"""Which classes are claimed together."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.claiming import parts
from scheduler.roster import Group
from tests.samples import group

CLASSES = tuple(f"c{number}" for number in range(8))
SIZES = st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 5))
GROUPS = st.lists(st.sets(st.sampled_from(CLASSES), min_size=1, max_size=3), max_size=6).map(
    lambda some: [group(f"g{number}", *classes) for number, classes in enumerate(some)]
)


@given(SIZES, GROUPS, st.integers(1, 12))
def test_every_class_is_in_one_part_and_no_group_is_parted(
    sizes: Mapping[str, int], groups: Sequence[Group], most: int
) -> None:
    found = list(parts(sizes, groups, most))
    assert sorted(one for part in found for one in part.classes) == sorted(sizes)
    for part in found:
        assert set(part.groups) == {one for one in groups if set(one.classes) & set(part.classes)}
        reached = {class_id for one in part.groups for class_id in one.classes} & sizes.keys()
        assert reached <= set(part.classes)


@given(SIZES, st.integers(1, 12))
def test_classes_without_a_common_group_fill_parts_as_far_as_there_is_room(sizes: Mapping[str, int], most: int) -> None:
    found = [sum(sizes[class_id] for class_id in part.classes) for part in parts(sizes, (), most)]
    assert all(size <= most or size in sizes.values() for size in found)
    assert all(one + other > most for one, other in pairwise(found))


def test_classes_that_hang_together_over_others_are_one_part_however_big() -> None:
    chain = [group("g1", "c1", "c2"), group("g2", "c2", "c3"), group("g3", "c4", "elsewhere")]
    found = {part.classes: part.groups for part in parts(dict.fromkeys(("c1", "c2", "c3", "c4"), 100), chain, 150)}
    assert found == {("c1", "c2", "c3"): tuple(chain[:2]), ("c4",): tuple(chain[2:])}
