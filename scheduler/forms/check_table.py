"""The check table of a class: everybody by student number, to be signed, with a column for corrections by hand."""

from collections.abc import Mapping, Sequence

from scheduler.campaigns import NOTHING_YET, Campaign, StudentState
from scheduler.forms.listing import Listing, places
from scheduler.forms.sign_off import mark
from scheduler.forms.writing import words_of
from scheduler.roster import SchoolClass, Student

_WIDTHS = (6, 17, 18, 26, 14, 8, 34, 18)


def check_table(
    campaign: Campaign, school_class: SchoolClass, members: Sequence[Student], states: Mapping[str, StudentState]
) -> Listing:
    """The table; `states` is by sid. Corrections and signatures are for the hand: these cells are empty."""
    words = words_of("check_table")
    ordered = sorted(members, key=lambda student: student.number)
    return Listing(
        sheet=words["sheet"],
        title=words["title"].format(cohort=campaign.cohort),
        above=(words["class_line"].format(college=school_class.college, class_name=school_class.name),),
        columns=tuple(words["columns"]),
        widths=_WIDTHS,
        rows=places([_row(student, states.get(student.sid, NOTHING_YET)) for student in ordered]),
        below=tuple(words["below"]),
        landscape=True,
        tall=True,
    )


def _row(student: Student, state: StudentState) -> tuple[str, ...]:
    return student.number, student.name, student.major, student.status, mark(state), "", ""
