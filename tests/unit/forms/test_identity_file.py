"""The other numbers students have, read for a trial: what is none is nobody's, and no fault."""

from scheduler.forms.identity_file import read_identities
from tests.unit.forms.test_roster_file import text_file, xlsx


def test_each_number_leads_to_the_student_whose_alone_it_is() -> None:
    lines = (
        ["学号", "姓名", "高考考生号", "联系电话"],
        ["0190101001", "张三", "26450100000001", "13800000001"],
        ["0190101002", "李四", "", "13800000002"],
        ["0190101003", "王五", "无", "13800000002"],
    )
    for data in (xlsx(*lines), text_file(*lines, encoding="gb18030")):
        assert read_identities("list", data).numbers == {
            "exam": {"26450100000001": "0190101001"},
            "mobile": {"13800000001": "0190101001"},
        }


def test_a_list_needs_the_student_number_and_another_one() -> None:
    for heads in (["学号", "姓名"], ["姓名", "考生号"]):
        found = read_identities("list", xlsx(heads, ["1", "2"]))
        assert [one.fault for one in found.faults] == ["roster.fault.missing-column"]
        assert found.numbers == {}
