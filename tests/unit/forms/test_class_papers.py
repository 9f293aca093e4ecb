"""One paper of one class: what whoever answers for it takes along."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

from openpyxl import load_workbook

from scheduler.evidence import BEGINNING
from scheduler.forms.class_papers import paper_of_class
from scheduler.forms.standing import Paper, Standing
from scheduler.states import State
from tests.samples import CAMPAIGN, school_class, stands, student

MADE_AT = datetime(2019, 12, 20, 1, 0, tzinfo=UTC)
MEMBERS = tuple(student(number) for number in range(1, 6))


def at() -> Standing:
    return Standing(
        campaign=replace(CAMPAIGN, classes=("c-one",)),
        classes={"c-one": school_class()},
        members={"c-one": MEMBERS},
        states={MEMBERS[0].sid: stands(State.CONFIRMED), MEMBERS[1].sid: stands(State.NOT_FOUND)},
        made_at=MADE_AT,
        head=BEGINNING,
    )


def cells(content: bytes) -> set[str]:
    book = load_workbook(BytesIO(content))
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}


def test_the_sheet_to_sign_has_everybody_of_the_class() -> None:
    name, content = paper_of_class(at(), Paper.SIGN_OFF)
    assert name == "签字表-计科1901班.xlsx"
    said = " ".join(cells(content))
    assert all(one.name in said for one in MEMBERS)


def test_the_list_of_who_is_not_done_leaves_out_who_is() -> None:
    name, content = paper_of_class(at(), Paper.UNCONFIRMED)
    assert name == "未登记名单-计科1901班.xlsx"
    said = " ".join(cells(content))
    assert MEMBERS[0].name not in said
    assert all(one.name in said for one in MEMBERS[1:])
