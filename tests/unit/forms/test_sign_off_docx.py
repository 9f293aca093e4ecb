"""The sign-off sheet for Word, read back as the office would open it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.campaigns import Grade, State, StudentState
from scheduler.evidence import BEGINNING, Head
from scheduler.forms.sign_off import sign_off_pages
from scheduler.forms.sign_off_docx import sign_off_docx
from scheduler.roster import Student
from tests.samples import CAMPAIGN, school_class, stands, student
from tests.unit.forms.word_reading import everything, is_a4, lines, opened, tables

MADE_AT = datetime(2019, 12, 23, 1, 30, tzinfo=UTC)
LABELS = {item.id: item.label for item in CAMPAIGN.checklist}


def sign_off(
    members: Sequence[Student], states: Mapping[str, StudentState] | None = None, head: Head | None = None
) -> bytes:
    """The sheet of a class."""
    pages = sign_off_pages(
        CAMPAIGN, school_class(), members, states or {}, item_labels=LABELS, made_at=MADE_AT, head=head
    )
    return sign_off_docx(pages, made_at=MADE_AT)


def test_the_page_is_the_office_s_own() -> None:
    document = opened(sign_off([student(1)]))
    places, errors = tables(document)
    assert places[0] == ["序号", "登记", "签名"] * 4
    numbers = [[row[column].split()[0] for column in (0, 3, 6, 9)] for row in places[1:]]
    assert numbers == [[str(row + 16 * pair) for pair in range(4)] for row in range(1, 17)]
    assert places[1][0] == "1 学生1"
    assert errors == [["错误原因及正确内容", "签名", "联系号码"], *[["", "", ""]] * 6]
    assert lines(document) == [
        "2019年新生学籍查询及核对登记表",
        "核对无误后需在下面表格签名：　　　　　　班级：计科1901班",
        "信息错误反馈统计：",
        "汇总人（班长或学习委员）签名：",
        "注：各班确认签名后交到各系负责人处，12月24日前以系部为单位，统一交到教务管理部。",
        "内部资料，勿拍照、勿外传　登记情况截至2019年12月23日09:30　第1张，共1张",
    ]
    assert everything(document).startswith("内部\n")
    assert is_a4(document)


def test_the_name_is_small_and_grey() -> None:
    document = opened(sign_off([student(1)]))
    number, name = document.tables[0].cell(1, 0).paragraphs[0].runs
    assert (number.text, name.text) == ("1", " 学生1")
    assert str(name.font.color.rgb) == "808080"
    assert number.font.size is not None
    assert name.font.size is not None
    assert name.font.size < number.font.size


@settings(max_examples=20)
@given(st.lists(st.sampled_from(State), max_size=70))
def test_every_signature_cell_is_empty_whatever_was_stated(stated: list[State]) -> None:
    members = [student(number) for number in range(len(stated))]
    states = {one.sid: stands(state, grade=Grade.STATEMENT) for one, state in zip(members, stated, strict=True)}
    found = tables(opened(sign_off(members, states)))
    for places, errors in zip(found[::2], found[1::2], strict=True):
        assert all(row[column] == "" for row in places[1:] for column in (2, 5, 8, 11))
        assert all(row[1:] == ["", ""] for row in errors[1:])


@pytest.mark.parametrize(("size", "pages"), [(0, 1), (64, 1), (65, 2), (129, 3)])
def test_a_large_class_takes_as_many_pages_as_it_needs(size: int, pages: int) -> None:
    document = opened(sign_off([student(number) for number in range(size)]))
    assert len(document.tables) == 2 * pages
    breaks = [one for one in document.paragraphs if one.paragraph_format.page_break_before]
    assert [one.text for one in breaks] == ["2019年新生学籍查询及核对登记表"] * (pages - 1)


def test_sixty_four_places_and_six_errors_fit_on_one_page() -> None:
    document = opened(sign_off([student(number) for number in range(64)]))
    section = document.sections[0]
    assert section.page_height is not None
    assert section.top_margin is not None
    room = section.page_height - 2 * section.top_margin
    heights = [height.get(qn("w:val")) for height in document.element.body.iter(qn("w:trHeight"))]
    ruled = sum(int(height) for height in heights) * 635  # twentieths of a point in the library's unit
    assert ruled + len(document.paragraphs) * Mm(8) <= room


def test_how_far_the_evidence_reached_stands_at_the_foot() -> None:
    assert f"存证 {BEGINNING}" in everything(opened(sign_off([], head=BEGINNING)))


def test_what_is_no_xml_does_not_break_the_file() -> None:
    evil = "<w:b/>&\x00\ud800]]>"
    document = opened(sign_off([student(1, name=evil)]))
    assert tables(document)[0][1][0] == "1 <w:b/>&]]>"


def test_the_same_input_gives_the_same_bytes() -> None:
    assert sign_off([student(1)]) == sign_off([student(1)])
