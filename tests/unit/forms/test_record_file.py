"""Exports of 学信网: whose check is on record, and every fault by row and column."""

import pytest

from knowledge.loading import load
from scheduler.forms.record_file import read_records
from scheduler.roster import RecordFile, RecordRow
from tests.unit.forms.test_roster_file import text_file, xlsx

HEAD = ["学号", "姓名", "院系", "证件号码", "核查状态"]


def faults(records: RecordFile) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.fault.removeprefix("roster.fault.")) for fault in records.faults]


def test_an_export_says_of_each_number_whether_the_check_is_on_record() -> None:
    lines = (
        ["学籍核查情况表"],
        HEAD,
        ["0190101001", "张三", "信息学院", "450100200001010000", "已核查"],
        ["0190101002", "李四", "信息学院", "450100200001010001", "未核查"],
    )
    for data in (xlsx(*lines), text_file(*lines, encoding="gb18030")):
        records = read_records("export", data)
        assert records.rows == (
            RecordRow(row=3, number="0190101001", name="张三", college="信息学院", checked=True),
            RecordRow(row=4, number="0190101002", name="李四", college="信息学院", checked=False),
        )
        assert records.unread_columns == ("证件号码",)
        assert "450100200001010000" not in repr(records)


def test_name_and_college_do_where_there_is_no_number() -> None:
    records = read_records("x", xlsx(["姓名", "学院", "学籍核对状态"], ["张三", "信息学院", ""]))
    assert [(row.number, row.name, row.checked) for row in records.rows] == [("", "张三", False)]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ((["学号", "姓名"], ["1", "张三"]), (1, "核查状态", "missing-column")),
        ((["姓名", "核查状态"], ["张三", "已核查"]), (1, "学号", "missing-column")),
        ((HEAD, ["0190101001", "张三", "信息学院", "", "也许"]), (2, "核查状态", "yes-no")),
        ((HEAD, [2.0190101e16, "张三", "信息学院", "", "已核查"]), (2, "学号", "scientific")),
        ((HEAD, ["", "张三", "", "", "已核查"]), (2, "学号", "not-a-student")),
        ((HEAD,), (1, "", "no-rows")),
    ],
)
def test_what_cannot_be_read_is_a_fault_at_its_place(
    lines: tuple[list[object], ...], fault: tuple[int, str, str]
) -> None:
    records = read_records("x", xlsx(*lines))
    assert faults(records) == [fault]
    assert not records.rows
    phrases = load().phrases
    assert all("{" not in phrases[one.fault].format(**one.values) for one in records.faults)
