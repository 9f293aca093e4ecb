"""Slips with a personal binding code, to be cut out and handed over: two beside each other on A4."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from scheduler.forms.naming import file_names
from scheduler.forms.word import Box, Page, Run, Table, document
from scheduler.forms.writing import words_of
from scheduler.roster import Roster, Student

_BESIDE = 2
_HEIGHT_MM = 42


def slips_docx(
    roster: Roster, students: Sequence[Student], codes: Mapping[str, str], *, made_at: datetime
) -> Iterator[tuple[str, bytes]]:
    """For each class with such a student the name of its file and the slips, in the order given; `codes` is by sid."""
    by_class: dict[str, list[Student]] = {}
    for student in students:
        by_class.setdefault(student.class_id, []).append(student)
    names = file_names({class_id: roster.classes[class_id].name for class_id in by_class})
    for class_id, own in by_class.items():
        boxes = [_slip(student, roster.classes[class_id].name, codes[student.sid]) for student in own]
        rows = [boxes[first : first + _BESIDE] for first in range(0, len(boxes), _BESIDE)]
        rows[-1] += [Box()] * (_BESIDE - len(rows[-1]))
        page = Page(blocks=(Table(widths=(1,) * _BESIDE, rows=rows, height_mm=_HEIGHT_MM),))
        yield words_of("slips")["file"].format(class_name=names[class_id]), document([page], made_at=made_at)


def _slip(student: Student, class_name: str, code: str) -> Box:
    words = words_of("slips")
    return Box(
        runs=(
            Run(text=words["whose"].format(class_name=class_name, number=student.number, name=student.name), bold=True),
            Run(text=words["how"], new_line=True),
            Run(text=words["line"].format(code=code), size=14, bold=True, new_line=True),
            Run(text=words["note"], size=9, grey=True, new_line=True),
        ),
        centred=False,
    )
