"""Where everybody of a campaign stands at one moment: what its papers are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.campaigns import Campaign, StudentState
from scheduler.evidence import Head
from scheduler.roster import Roster, SchoolClass, Student


class Format(StrEnum):
    """What a paper is written as."""

    XLSX = "xlsx"
    DOCX = "docx"


class Paper(StrEnum):
    """A paper of one class that whoever answers for it can ask for; one letter, because button data has little room."""

    SIGN_OFF = "s"
    UNCONFIRMED = "u"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where everybody of a campaign stands at one moment: members by class id, states by sid."""

    campaign: Campaign
    classes: Mapping[str, SchoolClass]
    members: Mapping[str, tuple[Student, ...]]
    states: Mapping[str, StudentState]
    made_at: datetime
    head: Head | None


def standing(
    campaign: Campaign,
    roster: Roster,
    states: Mapping[str, StudentState],
    *,
    made_at: datetime,
    head: Head | None = None,
) -> Standing:
    """Where everybody stands; a class of the campaign that the roster has no more is left out."""
    classes = {class_id: roster.classes[class_id] for class_id in campaign.classes if class_id in roster.classes}
    members: dict[str, list[Student]] = {class_id: [] for class_id in classes}
    for student in sorted(roster.students.values(), key=lambda student: student.number):
        if student.class_id in members:
            members[student.class_id].append(student)
    return Standing(
        campaign=campaign,
        classes=classes,
        members={class_id: tuple(own) for class_id, own in members.items()},
        states=states,
        made_at=made_at,
        head=head,
    )
