"""The table of rights, cell by cell, and where a right holds."""

from itertools import product

import pytest

from bot.dialogue.rights import TABLE, Right, classes_with, may
from bot.dialogue.turns import Asker
from scheduler.messages import Address
from scheduler.staffing import StaffMember, StaffRole

SPELLED = """
                 monitor counsellor teacher college registrar
see-progress        x        x         x       x        x
see-names           x        x         x       x        x
see-reasons         -        x         x       x        x
see-items           x        x         x       x        x
see-values          -        -         -       x        x
nudge               x        x         x       x        x
proxy               x        x         x       x        x
amend               -        x         x       x        x
tick-paper          x        x         x       x        x
hand-in-class       x        x         x       x        x
hand-in-college     -        -         -       x        x
export              -        x         x       x        x
claim               -        x         x       x        x
bind-group          -        x         x       x        x
invite              -        x         x       x        x
hush                x        x         x       x        x
switch              -        x         x       x        x
open-campaign       -        -         -       -        x
notice              -        x         x       x        x
release-notice      -        -         -       x        x
"""
ROLES, *ROWS = [line.split() for line in SPELLED.strip().splitlines()]
CELLS = {
    (Right(right), StaffRole(role)): cell == "x"
    for right, *cells in ROWS
    for role, cell in zip(ROLES, cells, strict=True)
}


def asker(*roles: StaffRole, classes: tuple[str, ...] = ("c1", "c2")) -> Asker:
    private = Address(platform="chatroom", chat="t1")
    staff = tuple(StaffMember(account="chatroom:t1", role=role, private=private, classes=classes) for role in roles)
    return Asker(scope="national", you="you", office="office", staff=staff)


def test_the_table_is_spelled_out_whole() -> None:
    assert CELLS.keys() == set(product(Right, StaffRole))
    assert TABLE.keys() == set(StaffRole)


@pytest.mark.parametrize(("cell", "granted"), CELLS.items(), ids=str)
def test_a_right_is_had_by_its_roles_alone(cell: tuple[Right, StaffRole], granted: bool) -> None:
    right, role = cell
    assert may(asker(role), right) is granted
    assert may(asker(role), right, "c1") is granted


@pytest.mark.parametrize("right", Right)
def test_a_right_holds_for_ones_own_classes_alone_and_a_stranger_has_none(right: Right) -> None:
    assert not may(asker(*StaffRole), right, "c3")
    assert not may(asker(), right)
    assert classes_with(asker(), right) == ()


def test_who_has_two_roles_has_each_right_where_its_role_holds() -> None:
    here, there = asker(StaffRole.MONITOR, classes=("c1",)), asker(StaffRole.COUNSELLOR, classes=("c2", "c1"))
    both = Asker(scope="national", you="you", office="office", staff=(*here.staff, *there.staff))
    assert classes_with(both, Right.SEE_NAMES) == ("c1", "c2")
    assert may(both, Right.EXPORT, "c1")
    assert not may(here, Right.EXPORT, "c1")
