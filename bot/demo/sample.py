"""The sample college: three classes of forty made-up students, written as a registrar's spreadsheet."""

import io
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook

CLASS_SIZE = 40
_PEOPLE = Path(__file__).parent / "people.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStudent:
    """One row of the sample, in the order of the file's columns."""

    college: str
    major: str
    cohort: str
    class_name: str
    number: str
    name: str
    level: str
    status: str
    monitor: str
    counsellor: str

    @property
    def row(self) -> list[str]:
        """The cells of the row."""
        return [getattr(self, field) for field in self.__dataclass_fields__]


def students(cohort: int) -> tuple[SampleStudent, ...]:
    """The students of a cohort's three classes; the same every time."""
    people = tomllib.loads(_PEOPLE.read_text(encoding="utf-8"))
    return tuple(
        _student(people, cohort, place, seat)
        for place in range(len(people["majors"]))
        for seat in range(1, CLASS_SIZE + 1)
    )


def roster_xlsx(cohort: int) -> bytes:
    """The cohort's roster as an office hands it over: a title row, a header row, text cells."""
    people = tomllib.loads(_PEOPLE.read_text(encoding="utf-8"))
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook always has a sheet
    sheet.append([people["title"].format(cohort=cohort)])
    sheet.append(people["columns"])
    for student in students(cohort):
        sheet.append(student.row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _student(people: dict[str, Any], cohort: int, place: int, seat: int) -> SampleStudent:
    major, short = people["majors"][place]
    number = f"3{cohort % 100:02}08{place + 1:02}{seat:03}"
    return SampleStudent(
        college=people["college"],
        major=major,
        cohort=str(cohort),
        class_name=people["class_name"].format(short=short, year=cohort % 100, place=place % 2 + 1),
        number=number,
        name=_name(people, place, seat),
        level=people["level"],
        status=people["kept"] if seat == CLASS_SIZE else people["enrolled"],
        monitor=people["yes"] if seat == 1 else "",
        counsellor=people["counsellor"],
    )


def _name(people: dict[str, Any], place: int, seat: int) -> str:
    special: list[str] = people["special"]
    if place == 0 and seat > CLASS_SIZE - 1 - len(special) and seat < CLASS_SIZE:
        return special[CLASS_SIZE - 1 - seat]
    surnames, given = people["surnames"], people["given"]
    nth = place * CLASS_SIZE + seat
    return str(surnames[nth * 7 % len(surnames)] + given[nth * 11 % len(given)])
