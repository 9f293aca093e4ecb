"""An asker is told what holds for their scope or for one above it."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.scopes import NATIONAL, Scope, ScopeTree

PARENTS = {"glut": "guangxi", "glut-2019": "glut", "guangxi": NATIONAL, "dgut": NATIONAL, "dgut-2016": "dgut"}
TREE = ScopeTree(
    {
        scope: Scope(id=scope, name=scope, parent=parent, address="你", office="")
        for scope, parent in [(NATIONAL, None), *PARENTS.items()]
    }
)
scopes = st.sampled_from(sorted(TREE))


def test_the_lineage_goes_from_the_scope_up_to_the_whole_country() -> None:
    assert TREE.lineage("glut-2019") == ("glut-2019", "glut", "guangxi", NATIONAL)


def test_two_schools_have_only_the_country_in_common() -> None:
    assert TREE.common(["glut-2019", "dgut"]) == NATIONAL
    assert TREE.common(["glut-2019", "glut"]) == "glut"
    assert TREE.common([]) == NATIONAL


@given(st.lists(scopes, min_size=1))
def test_the_common_scope_holds_for_each_and_is_the_nearest(group: list[str]) -> None:
    common = TREE.common(group)
    assert all(common in TREE.lineage(scope) for scope in group)
    below = [scope for scope in TREE if scope != common and common in TREE.lineage(scope)]
    assert not any(all(scope in TREE.lineage(each) for each in group) for scope in below)


def test_the_tree_is_looked_into_by_id() -> None:
    assert "glut" in TREE
    assert "mars" not in TREE
    assert TREE["glut"].parent == "guangxi"
