"""Slips to be cut out and handed over."""

from datetime import UTC, datetime

from scheduler.forms.slips import slips_docx
from scheduler.roster import Roster
from tests.samples import school_class, student
from tests.unit.forms.word_reading import everything, is_a4, opened, tables

MADE_AT = datetime(2019, 12, 1, tzinfo=UTC)


def test_every_person_has_one_slip_with_their_own_code_two_beside_each_other_on_a4() -> None:
    people = [student(1), student(2), student(3)]
    classes = {"c-one": school_class()}
    roster = Roster(version=1, students={one.sid: one for one in people}, classes=classes)
    codes = {one.sid: f"CODE{place}" for place, one in enumerate(people)}
    ((name, data),) = slips_docx(roster, people, codes, made_at=MADE_AT)
    document = opened(data)
    (table,) = tables(document)
    assert name == "绑定小条-计科1901班.docx"
    assert [len(row) for row in table] == [2, 2]
    text = everything(document)
    assert is_a4(document)
    assert "内部" in text
    for one in people:
        assert text.count(f"绑定 {codes[one.sid]}") == 1
        assert text.count(one.name) == 1
