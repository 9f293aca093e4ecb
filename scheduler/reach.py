"""Who of a campaign can be reached and how, said before anything is sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from scheduler.campaigns import NOTHING_YET, Campaign, is_exempt
from scheduler.messages import Address
from scheduler.roster import Binding, Group, Student, private_address


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassReach:
    """How the students of a class are reached who take part, each in the best way there is: by sid, in the order of
    their numbers."""

    private: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    """In the class's group alone."""
    nowhere: tuple[str, ...] = ()


def reach(
    campaign: Campaign,
    members: Mapping[str, Sequence[Student]],
    bindings: Mapping[str, Sequence[Binding]],
    groups: Sequence[Group],
    lost: Collection[Address],
) -> Mapping[str, ClassReach]:
    """By class id; `members` by class, `bindings` by sid, `lost` who cannot be written to any more."""
    in_groups = {class_id for group in groups if group.address not in lost for class_id in group.classes}
    found = {}
    for class_id, students in members.items():
        ways: dict[str, list[str]] = {"private": [], "group": [], "nowhere": []}
        for student in students:
            if is_exempt(campaign, student.status, NOTHING_YET):
                continue
            to = private_address(bindings.get(student.sid, ()))
            elsewhere = "group" if class_id in in_groups else "nowhere"
            ways["private" if to is not None and to not in lost else elsewhere].append(student.sid)
        found[class_id] = ClassReach(**{way: tuple(sids) for way, sids in ways.items()})
    return found
