"""A list of WeCom's members: whose account is whose, and every fault by row and column."""

import pytest

from scheduler.forms.userid_file import read_userids
from scheduler.roster import UseridRow
from tests.unit.forms.test_roster_file import text_file, xlsx


def test_an_account_stands_beside_the_number_or_is_tried_as_one_in_its_own_letters() -> None:
    lines = (["姓名", "账号", "学号"], ["张三", "ZhangSan", "0190101001"], ["李四", "0190101002", ""])
    for data in (xlsx(*lines), text_file(*lines, encoding="gb18030")):
        assert read_userids("members", data).rows == (
            UseridRow(row=2, userid="ZhangSan", number="0190101001"),
            UseridRow(row=3, userid="0190101002", number="0190101002"),
        )


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ((["姓名", "学号"], ["张三", "0190101001"]), (1, "missing-column")),
        ((["姓名", "账号"], ["甲", "a"], ["乙", "b"], ["丙", "a"]), (4, "doubled-userid")),
        ((["账号", "学号"], ["a", "2.0E+15"]), (2, "scientific")),
    ],
)
def test_a_list_with_a_fault_says_where_and_has_no_rows(lines: tuple[list[str], ...], fault: tuple[int, str]) -> None:
    found = read_userids("members", xlsx(*lines))
    assert found.rows == ()
    assert [(one.row, one.fault.removeprefix("roster.fault.")) for one in found.faults] == [fault]
