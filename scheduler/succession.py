"""Classes that are the same under another id: an office mends a cohort, and the class's groups and staff go with it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from scheduler.roster import Group, Roster, SchoolClass
from scheduler.staffing import StaffMember


def successors(before: Roster, after: Roster) -> Mapping[str, SchoolClass]:
    """By the id of a class that is gone, the new class of the same college and name; only where there is one of each,
    so that nobody has to guess."""
    gone, new = _by_name(before, after), _by_name(after, before)
    return {own[0].id: new[name][0] for name, own in gone.items() if len(own) == 1 and len(new.get(name, ())) == 1}


def ended(before: Roster, after: Roster) -> tuple[SchoolClass, ...]:
    """The classes that are gone and go on under no other id, by name."""
    followed = successors(before, after)
    gone = (found for class_id, found in before.classes.items() if class_id not in after.classes)
    return tuple(sorted((found for found in gone if found.id not in followed), key=lambda found: found.order))


def group_after(group: Group, followed: Mapping[str, SchoolClass]) -> Group:
    """The group with the classes that took the place of its own, beside them: an import may be undone."""
    return replace(group, classes=_with(group.classes, followed))


def member_after(member: StaffMember, followed: Mapping[str, SchoolClass]) -> StaffMember:
    """Somebody of the staff with the classes that took the place of theirs, beside them."""
    return replace(member, classes=_with(member.classes, followed))


def _with(classes: tuple[str, ...], followed: Mapping[str, SchoolClass]) -> tuple[str, ...]:
    more = (followed[class_id].id for class_id in classes if class_id in followed)
    return tuple(dict.fromkeys((*classes, *more)))


def _by_name(one: Roster, other: Roster) -> dict[tuple[str, str], list[SchoolClass]]:
    """The classes that only this roster has, by college and name."""
    found = defaultdict(list)
    for class_id, its_class in one.classes.items():
        if class_id not in other.classes:
            found[its_class.college, its_class.name].append(its_class)
    return dict(found)
