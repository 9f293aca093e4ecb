"""All papers of a campaign: which files there are, and how they are called."""

from dataclasses import replace
from datetime import UTC, datetime

from scheduler.forms.papers import papers
from scheduler.forms.standing import Format, standing
from scheduler.roster import Roster, SchoolClass
from tests.samples import CAMPAIGN, school_class, student

MADE_AT = datetime(2019, 12, 23, 1, 30, tzinfo=UTC)


def files_of(*classes: SchoolClass) -> dict[str, bytes]:
    """The papers of these classes by the names of their files."""
    members = [student(1, one.id) for one in classes]
    roster = Roster(version=1, students={one.sid: one for one in members}, classes={one.id: one for one in classes})
    campaign = replace(CAMPAIGN, classes=tuple(one.id for one in classes))
    return dict(papers(standing(campaign, roster, {}, made_at=MADE_AT), [Format.XLSX]))


def sign_off_names(*names: str) -> list[str]:
    """How the sign-off sheets of classes of these names are called."""
    found = files_of(*(school_class(f"c{number}", name) for number, name in enumerate(names)))
    return [file for file in found if file.startswith("签字表")]


def test_classes_of_one_name_do_not_write_over_each_other() -> None:
    assert sign_off_names("计科1班", "计科1班", "JK1", "jk1") == [
        "签字表-计科1班.xlsx",
        "签字表-计科1班-2.xlsx",
        "签字表-JK1.xlsx",
        "签字表-jk1-2.xlsx",
    ]


def test_a_name_leads_out_of_no_folder_and_fits_a_file() -> None:
    names = sign_off_names("../../etc/passwd", "..", "a\\b:c*?\x00", "很长" * 100)
    assert names[:3] == ["签字表-_.._etc_passwd.xlsx", "签字表-_.xlsx", "签字表-a_b_c_.xlsx"]
    assert len(names[3].encode()) < 255


def test_each_college_has_its_own_summary() -> None:
    found = files_of(school_class("c1", "甲班"), replace(school_class("c2", "乙班"), college="理学院"))
    assert [file for file in found if file.startswith("错误汇总")] == ["错误汇总-信息学院.xlsx", "错误汇总-理学院.xlsx"]


def test_a_campaign_without_a_class_left_still_gives_its_list() -> None:
    assert [*files_of()] == ["未登记名单.xlsx", "未登记名单.csv"]
