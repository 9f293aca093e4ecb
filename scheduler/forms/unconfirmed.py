"""The list of those in a campaign who are not done, for staff: who, of which class, and where it stands."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from openpyxl.styles import Font
from openpyxl.workbook import Workbook

from scheduler.campaigns import DONE, NOTHING_YET, Campaign, StudentState, is_exempt
from scheduler.forms.writing import moment_values, saved, starts_a_formula, words_of, write_text
from scheduler.roster import SchoolClass, Student

_WIDTHS = {"A": 22, "B": 18, "C": 16, "D": 22}


def unconfirmed_xlsx(
    campaign: Campaign,
    classes: Mapping[str, SchoolClass],
    members: Iterable[Student],
    states: Mapping[str, StudentState],
    *,
    made_at: datetime,
) -> bytes:
    """The list as XLSX, by class and student number; `classes` by id, `states` by sid. The exempt are not in it."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = words_of("unconfirmed")["sheet"]
    lines = [[_title(campaign, made_at)], words_of("unconfirmed")["columns"]]
    for row, line in enumerate([*lines, *_lines(campaign, classes, members, states)], start=1):
        for column, text in enumerate(line, start=1):
            write_text(sheet.cell(row, column), text)
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
        sheet[f"{letter}2"].font = Font(bold=True)
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "1:2"
    return saved(book)


def unconfirmed_csv(
    campaign: Campaign,
    classes: Mapping[str, SchoolClass],
    members: Iterable[Student],
    states: Mapping[str, StudentState],
    *,
    made_at: datetime,
) -> bytes:
    """The same list as CSV in UTF-8 with a mark that Excel needs; what begins like a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_title(campaign, made_at)])
    writer.writerow(words_of("unconfirmed")["columns"])
    for line in _lines(campaign, classes, members, states):
        writer.writerow([f"'{text}" if starts_a_formula(text) else text for text in line])
    return out.getvalue().encode("utf-8-sig")


def _title(campaign: Campaign, made_at: datetime) -> str:
    return str(words_of("unconfirmed")["title"].format(title=campaign.title, **moment_values(made_at)))


def _lines(
    campaign: Campaign,
    classes: Mapping[str, SchoolClass],
    members: Iterable[Student],
    states: Mapping[str, StudentState],
) -> Iterator[tuple[str, str, str, str]]:
    says = words_of("unconfirmed")["states"]
    for student in sorted(members, key=lambda one: (classes[one.class_id].name, one.number)):
        state = states.get(student.sid, NOTHING_YET)
        if state.state not in DONE and not is_exempt(campaign, student.status, state):
            yield classes[student.class_id].name, student.number, student.name, says[state.state]
