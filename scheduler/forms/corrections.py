"""Reported items with what was written of them, as a list for the office: the one paper that holds such words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduler.corrections import Correction
from scheduler.forms.listing import Listing
from scheduler.forms.writing import moment_values, words_of
from scheduler.roster import SchoolClass, Student

_WIDTHS = (8, 18, 16, 16, 12, 14, 24, 24, 14, 12, 28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One row: the correction, whose it is (None: nobody the roster knows any more), in words what it is about, how
    far it is and why, and what was written of it (`shown`, `right`, `note`)."""

    correction: Correction
    student: Student | None
    item: str
    step: str
    reason: str
    written: Mapping[str, str]


def correction_list(rows: Sequence[Reported], classes: Mapping[str, SchoolClass]) -> Listing:
    """The list in the order it is given; `classes` by id."""
    words = words_of("corrections")
    return Listing(
        sheet=words["sheet"],
        title=words["title"],
        columns=tuple(words["columns"]),
        widths=_WIDTHS,
        rows=tuple(_row(one, classes.get(one.correction.class_id)) for one in rows),
        below=tuple(words["below"]),
        landscape=True,
    )


def _row(one: Reported, its_class: SchoolClass | None) -> tuple[str, ...]:
    correction, student, written = one.correction, one.student, one.written
    return (
        correction.id,
        its_class.college if its_class else "",
        its_class.name if its_class else "",
        student.number if student else "",
        student.name if student else "",
        one.item,
        written.get("shown", ""),
        written.get("right", ""),
        one.step,
        words_of("corrections")["day"].format(**moment_values(correction.at)),
        " ".join(filter(None, (one.reason, written.get("note", "")))),
    )
