"""The sign-off sheet of a class: 64 places a page, signed by hand, with what was reported wrong below.

What stands on it is decided here; `sign_off_xlsx` and `sign_off_docx` put it on paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.campaigns import DONE, NOTHING_YET, Campaign, Owner, State, StudentState
from scheduler.evidence import Head
from scheduler.forms.writing import as_of, words_of
from scheduler.roster import SchoolClass, Student

PAIRS = 4
PLACES_A_PAIR = 16
PLACES = PAIRS * PLACES_A_PAIR
ERROR_ROWS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place to sign: its number, and of who signs there the name and what our state says (empty: nobody)."""

    number: int
    name: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffPage:
    """One sheet: `places` in the order in which they are signed, down a column and then the next; `wrong` are the
    labels of what was reported wrong, in at least `ERROR_ROWS` rows."""

    title: str
    class_line: str
    places: tuple[Place, ...]
    wrong: tuple[str, ...]
    note: str
    made_at: str


def sign_off_pages(
    campaign: Campaign,
    school_class: SchoolClass,
    members: Sequence[Student],
    states: Mapping[str, StudentState],
    *,
    item_labels: Mapping[str, str],
    made_at: datetime,
    head: Head | None = None,
) -> tuple[SignOffPage, ...]:
    """The sheets of a class: one for every 64 members, in the order of student numbers; one if it has none.

    `states` is by sid, `item_labels` by check item's id, empty for what is
    for the office alone. A place has a number and a name, never a signature: a printed
    name where a hand should sign is a forgery. Of a wrong item only its label is said, never a value or whose it is.
    """
    words = words_of("sign_off")
    ordered = sorted(members, key=lambda student: student.number)
    chunks = [ordered[start : start + PLACES] for start in range(0, len(ordered), PLACES)] or [[]]
    return tuple(
        SignOffPage(
            title=words["title"].format(year=campaign.stages[0].deadline.day.year),
            class_line=words["class_line"].format(class_name=school_class.name),
            places=_places(index * PLACES + 1, students, states),
            wrong=_wrong(students, states, item_labels),
            note=_note(campaign),
            made_at=words["made_at"].format(as_of=as_of(made_at, head), page=index + 1, pages=len(chunks)),
        )
        for index, students in enumerate(chunks)
    )


def mark(state: StudentState) -> str:
    """What stands on a paper that goes from hand to hand: the grade of evidence of who is done, a signature that was
    ticked, nothing else of others."""
    marks = words_of("sign_off")["marks"]
    if state.counted not in DONE:
        return str(marks["signed"]) if state.signed_at is not None else ""
    return str(marks["proxy"] if state.state is State.PROXY or state.grade is None else marks[state.grade])


def _places(first: int, students: Sequence[Student], states: Mapping[str, StudentState]) -> tuple[Place, ...]:
    taken = [
        Place(number=number, name=student.name, mark=mark(states.get(student.sid, NOTHING_YET)))
        for number, student in enumerate(students, start=first)
    ]
    free = [Place(number=number) for number in range(first + len(students), first + PLACES)]
    return (*taken, *free)


def _wrong(
    students: Sequence[Student], states: Mapping[str, StudentState], item_labels: Mapping[str, str]
) -> tuple[str, ...]:
    found = [states[student.sid] for student in students if student.sid in states]
    other = words_of("sign_off")["other_item"]
    reported = [item for state in found if state.counted is State.WRONG for item in state.items]
    labels = list(filter(None, (item_labels.get(item, other) for item in reported)))
    return (*labels, *[""] * (ERROR_ROWS - len(labels)))


def _note(campaign: Campaign) -> str:
    """When the paper is due: the class's own hand-in, or the college's where classes have none."""
    stage = campaign.stage_of(Owner.MONITOR) or campaign.stage_of(Owner.COLLEGE)
    words = words_of("sign_off")
    if stage is None:
        return str(words["note_undated"])
    return str(words["note"].format(month=stage.deadline.day.month, day=stage.deadline.day.day))
