"""What was reported wrong in a college, for the office: which item, of whom by student number, and where it stands."""

from collections.abc import Iterable, Mapping

from scheduler.campaigns import WITH_OFFICE, Campaign, State, StudentState
from scheduler.forms.listing import Listing, places
from scheduler.forms.writing import moment_values, words_of
from scheduler.roster import SchoolClass, Student

_WIDTHS = (6, 24, 18, 24, 20, 16)


def error_summary(
    campaign: Campaign,
    college: str,
    classes: Mapping[str, SchoolClass],
    members: Iterable[Student],
    states: Mapping[str, StudentState],
) -> Listing:
    """The list by class and student number, a row an item; `classes` by id, `states` by sid.

    No name and no value is in it, and nothing of what is for the office alone.
    """
    words = words_of("errors")
    labels = campaign.paper_labels
    reported = [student for student in members if student.sid in states and states[student.sid].counted in WITH_OFFICE]
    ordered = sorted(reported, key=lambda student: (classes[student.class_id].order, student.number))
    rows = [
        _row(classes[one.class_id].name, one.number, states[one.sid], said)
        for one in ordered
        for said in _reported(states[one.sid], labels)
    ]
    return Listing(
        sheet=words["sheet"],
        title=words["title"].format(title=campaign.title),
        above=(words["college_line"].format(college=college, count=len(rows)),),
        columns=tuple(words["columns"]),
        widths=_WIDTHS,
        rows=places(rows),
        below=tuple(words["below"]),
    )


def _reported(state: StudentState, labels: Mapping[str, str]) -> tuple[str, ...]:
    """What somebody reported, in words; an item the campaign does not have any more is another one."""
    words = words_of("errors")
    if state.state is State.NOT_FOUND:
        return (words["not_found"],)
    return tuple(filter(None, (labels.get(item, words["other_item"]) for item in state.items)))


def _row(class_name: str, number: str, state: StudentState, item: str) -> tuple[str, ...]:
    words = words_of("errors")
    reported = words["day"].format(**moment_values(state.at)) if state.at else ""
    return class_name, number, item, words["states"][state.state], reported
