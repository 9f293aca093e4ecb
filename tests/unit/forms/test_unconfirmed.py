"""The list of those who are not done."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from scheduler.campaigns import State, StudentState
from scheduler.forms.unconfirmed import unconfirmed_csv, unconfirmed_xlsx
from scheduler.roster import Student
from tests.samples import CAMPAIGN, school_class, stands, student

MADE_AT = datetime(2019, 12, 23, 1, 30, tzinfo=UTC)
CLASSES = {"c-one": school_class(), "c-two": school_class("c-two", "=计科1902班")}


def lines_of_xlsx(members: Sequence[Student], states: Mapping[str, StudentState]) -> list[list[str]]:
    """The list's lines as a spreadsheet shows them."""
    data = unconfirmed_xlsx(CAMPAIGN, CLASSES, members, states, made_at=MADE_AT)
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert all(cell.data_type in {"s", "n"} for row in sheet.iter_rows() for cell in row)
    return [[str(cell) for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def lines_of_csv(members: Sequence[Student], states: Mapping[str, StudentState]) -> list[list[str]]:
    """The list's lines as a program reads them."""
    data = unconfirmed_csv(CAMPAIGN, CLASSES, members, states, made_at=MADE_AT)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("lines_of", [lines_of_xlsx, lines_of_csv])
def test_the_list_names_everybody_who_is_not_done_by_class_and_number(
    lines_of: Callable[[Sequence[Student], Mapping[str, StudentState]], list[list[str]]],
) -> None:
    members = [student(number) for number in (7, 6, 5, 4, 3, 2, 1)]
    stated = [State.CONFIRMED, State.PROXY, State.EXEMPT, State.NOT_FOUND, State.WRONG, State.NO_LOGIN, State.NONE]
    states = dict(zip((one.sid for one in members), map(stands, stated), strict=True))
    title, head, *lines = lines_of([*members, student(8, status="休学"), student(9)], states)
    assert title == ["内部·勿外传　新生学籍核对　未登记名单（截至2019年12月23日09:30）"]
    assert head == ["班级", "学号", "姓名", "状态"]
    assert [line[1:] for line in lines] == [
        ["2019000001", "学生1", "未登记"],
        ["2019000002", "学生2", "登录不了"],
        ["2019000003", "学生3", "有一项不对，待处理"],
        ["2019000004", "学生4", "查不到，待处理"],
        ["2019000009", "学生9", "未登记"],
    ]


def test_what_begins_like_a_formula_is_text_in_both_forms() -> None:
    evil = replace(student(1, "c-two"), name="@SUM(A1)", number="-1")
    assert lines_of_xlsx([evil], {})[2] == ["=计科1902班", "-1", "@SUM(A1)", "未登记"]
    assert lines_of_csv([evil], {})[2] == ["'=计科1902班", "'-1", "'@SUM(A1)", "未登记"]
