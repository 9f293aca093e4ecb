"""The office's list made the roster, and taken back: what changes, and what that means for open campaigns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from knowledge.scopes import ScopeTree
from scheduler.campaigns import Campaign
from scheduler.forms.columns import roster_columns
from scheduler.life import concerns
from scheduler.planner import classes_after
from scheduler.ports import BindingStore, RosterStore, StaffStore
from scheduler.roster import (
    Fault,
    Roster,
    RosterDiff,
    RosterFile,
    RosterRow,
    SchoolClass,
    diff,
    lost_zeros,
    merge,
    staying,
)
from scheduler.succession import ended, group_after, member_after, successors

NOTHING = RosterDiff(new=(), changed=(), moved=(), gone=())


class Came(StrEnum):
    """What came of an import."""

    NOBODY = "nobody"
    """Nobody could be read from the file: nothing is to be said of what it would change."""
    REFUSED = "refused"
    """The file has faults: nothing was changed."""
    LOOKED = "looked"
    """It could be applied; nothing was changed, as was asked."""
    UNCHANGED = "unchanged"
    """The roster is so already."""
    APPLIED = "applied"
    OVERTAKEN = "overtaken"
    """Another import came first: nothing was changed, look again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What an import changes or changed, and what stands in its way; `stayed` counts who is kept as they were.

    `followed` are classes that go on under another id, by the old one, with their groups and staff; `left` those that
    are gone although groups or staff were bound to them.
    """

    came: Came
    changes: RosterDiff
    faults: tuple[Fault, ...]
    stayed: int
    followed: Mapping[str, SchoolClass] = field(default_factory=dict)
    left: tuple[SchoolClass, ...] = ()


class Enrolment:
    """Imports rosters whole or not at all, in the middle of a campaign too."""

    def __init__(
        self,
        rosters: RosterStore,
        bindings: BindingStore,
        staff: StaffStore,
        tree: ScopeTree,
        new_sid: Callable[[], str],
    ) -> None:
        self._rosters = rosters
        self._bindings = bindings
        self._staff = staff
        self._tree = tree
        self._new_sid = new_sid

    async def put(self, found: RosterFile, *, scope: str, now: datetime, look_only: bool = False) -> Enrolled:
        """Make what a file says the roster, unless it has faults or is only looked at.

        `scope` is the school's; empty: classes keep theirs, and a new one gets that of the school they belong to. A
        class gets its cohort's own (`glut-2026`) where there is one. Rows set aside leave those they are about as they
        were; so do, in what is looked at, rows with a fault.
        """
        current = await self._rosters.current()
        if found.faults and not (found.rows or found.faulty or found.set_aside):
            return Enrolled(came=Came.NOBODY, changes=diff(current, current), faults=found.faults, stayed=0)
        numbers = {student.number for student in current.students.values()}
        former = await self._rosters.former([row.number for row in found.rows if row.number not in numbers])
        stay = staying(current, found.rows, (*found.set_aside, *found.faulty))
        wanted = merge(
            current,
            found.rows,
            scope_of=partial(self._scope_of, scope or self._school(current)),
            new_sid=self._new_sid,
            former=former,
            staying=stay,
        )
        title = roster_columns().title("number")
        zeros = lost_zeros(current, found.rows, column=title)
        if not scope:
            wanted = _keeping_scopes(current, wanted)
        enrolled = partial(
            Enrolled,
            changes=diff(current, wanted),
            faults=(*found.faults, *zeros),
            stayed=len(stay),
            followed=successors(current, wanted),
            left=await self._left(ended(current, wanted)),
        )
        if found.faults or zeros:
            return enrolled(came=Came.REFUSED)
        if look_only:
            return enrolled(came=Came.LOOKED)
        if (wanted.students, wanted.classes) == (current.students, current.classes):
            return enrolled(came=Came.UNCHANGED)
        await self._follow(successors(current, wanted))
        classes_of = partial(self._classes_of, current, wanted)
        applied = await self._rosters.apply(wanted, now=now, classes_of=classes_of)
        return enrolled(came=Came.APPLIED if applied else Came.OVERTAKEN)

    async def undo(self, *, now: datetime) -> RosterDiff | None:
        """Bring back the version before the last import; None if there is none, or somebody was quicker."""
        current, earlier = await self._rosters.current(), await self._rosters.earlier()
        if earlier is None:
            return None
        classes_of = partial(self._classes_of, current, earlier)
        if not await self._rosters.restore(earlier, now=now, classes_of=classes_of):
            return None
        return diff(current, earlier)

    async def _follow(self, followed: Mapping[str, SchoolClass]) -> None:
        """Bind groups and staff to the new ids as well, before they hold; the same again changes nothing."""
        for group in await self._bindings.groups_of(tuple(followed), whosever=True):
            await self._bindings.bind_group(group_after(group, followed))
        for member in await self._staff.all():
            if not followed.keys().isdisjoint(member.classes):
                await self._staff.change(member.account, lambda one: member_after(one, followed))

    async def _left(self, classes: Sequence[SchoolClass]) -> tuple[SchoolClass, ...]:
        """Those of the classes to which a group or somebody of the staff is bound."""
        own = tuple(found.id for found in classes)
        bound = {class_id for group in await self._bindings.groups_of(own, whosever=True) for class_id in group.classes}
        if own:
            bound |= {class_id for member in await self._staff.all() for class_id in member.classes}
        return tuple(found for found in classes if found.id in bound)

    def _school(self, current: Roster) -> str:
        """The scope of the school whose roster it is: what all its classes have in common, without their cohorts."""
        return self._tree.common(found.scope.removesuffix(f"-{found.cohort}") for found in current.classes.values())

    def _scope_of(self, scope: str, row: RosterRow) -> str:
        cohort = f"{scope}-{row.cohort}"
        return cohort if cohort in self._tree else scope

    def _classes_of(self, before: Roster, after: Roster, campaign: Campaign) -> tuple[str, ...]:
        def concerned(found: SchoolClass) -> bool:
            return concerns(campaign, found, self._tree.lineage)

        return classes_after(campaign, before, after, concerns=concerned)


def _keeping_scopes(current: Roster, wanted: Roster) -> Roster:
    """The roster, with every class that was there before in the scope it had."""
    kept = {
        class_id: replace(found, scope=current.classes[class_id].scope) if class_id in current.classes else found
        for class_id, found in wanted.classes.items()
    }
    return replace(wanted, classes=kept)
