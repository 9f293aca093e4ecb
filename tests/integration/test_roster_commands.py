"""`xueji roster` as a clerk types it: looked at, imported, kept back, taken back, laid beside 学信网's export."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from scheduler.campaigns import Grade, State
from scheduler.reconciliation import SHOWS_AFTER
from tests.integration.office import BAD, CAMPAIGN, HEAD, NOTHING, ONE, THREE, TWO, Office


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("XUEJI_DATA", str(tmp_path / "data"))
    yield Office(tmp_path)
    structlog.reset_defaults()  # a command logs to the error stream of its own run


def counts(new: int = 0, changed: int = 0, moved: int = 0, gone: int = 0) -> dict[str, object]:
    return {"new": new, "changed": changed, "moved": moved, "gone": gone, "faults": []}


def test_before_the_first_import_the_clerk_is_told_that_there_is_no_roster_and_how_to_get_one(office: Office) -> None:
    assert "还没有导入过名单" in office("roster", "show").stdout
    assert office("roster", "show", "--json").stdout == ""
    assert "先导入" in office("roster", "codes", "计科2601班").stderr


def test_a_first_look_changes_nothing_and_the_same_file_twice_changes_nothing_more(office: Office) -> None:
    assert office.put(ONE, TWO, more=["--dry-run"]) == (0, counts(new=2))
    assert office.put(ONE, TWO) == (0, counts(new=2))
    assert office.put(ONE, TWO) == (0, NOTHING)
    (version,) = office("roster", "show", "--json").stdout.splitlines()
    assert {name: json.loads(version)[name] for name in ("version", "students", "classes", "new")} == {
        "version": 1, "students": 2, "classes": 1, "new": 2,
    }  # fmt: skip


def test_rows_kept_back_are_named_and_their_students_stay_as_they_were(office: Office) -> None:
    office.put(ONE, TWO, ["信息学院", "计科1902", "0190102009", "王五", "2019"])
    code, said = office.put(ONE, TWO, BAD, THREE)
    assert (code, [(one["row"], one["column"]) for one in said["faults"]]) == (1, [(4, "学号")])
    assert (said["new"], said["gone"]) == (1, 0), "whom a faulty row is about is not gone"
    assert "2.0" not in json.dumps(said)
    code, said = office.put(ONE, TWO, BAD, THREE, more=["--keep-back", "4"])
    assert (code, said) == (0, {**counts(new=1), "set_aside": [4]})
    assert office.put(ONE, TWO, BAD, THREE, more=["--keep-back", "4"])[1] == {**NOTHING, "set_aside": [4]}


def test_what_is_to_be_mended_is_said_before_what_was_mended(office: Office) -> None:
    mended = ["信息学院", "计科1902", "０190102010", "王五", "2019"]
    first, second, *others = office("roster", "import", office.file(HEAD, mended, BAD)).stdout.splitlines()
    assert "请按下面的行和列改好" in first
    assert second.startswith("第3行，学号")
    assert any("已去掉" in line for line in others)


@pytest.mark.parametrize("rows", ["99", "3-1", "a", "0", "1"])
def test_rows_that_are_none_are_refused(office: Office, rows: str) -> None:
    ended = office("roster", "import", office.file(HEAD, ONE), "--keep-back", rows)
    assert ended.exit_code == 2


def test_in_the_middle_of_a_campaign_people_move_go_come_back_and_it_can_be_undone(office: Office) -> None:
    office.put(ONE, TWO, THREE)
    opened = office("campaign", "open", "glut-check", "--year", "2030", "--cohort", "2019", "--yes")
    assert opened.exit_code == 0, opened.output
    for line in (ONE, TWO):
        office.confirm(line[2])
    before = office.campaign_status()
    code, said = office.put([*ONE[:1], "计科1902", *ONE[2:]], THREE)
    assert (code, said) == (0, counts(moved=1, gone=1))
    assert [line.split("：")[1][:10] for line in office.campaign_status()] == ["应核对2，已登记1，"]
    assert json.loads(office("roster", "undo", "--json").stdout) == {"new": 1, "changed": 0, "moved": 1, "gone": 0}
    assert office.campaign_status() == before
    assert office("roster", "undo").exit_code == 1
    assert office.stands(TWO[2]) == (State.CONFIRMED, Grade.STATEMENT)


def test_an_export_of_chsi_says_who_is_missing_where_and_its_record_outweighs(office: Office) -> None:
    office.put(ONE, TWO, THREE)
    office("campaign", "open", "glut-check", "--year", "2030", "--cohort", "2019", "--yes")
    for line in (ONE, TWO):
        office.confirm(line[2])
    export = office.file(
        ["学号", "姓名", "院系", "身份证号", "核查状态"],
        [ONE[2], ONE[3], ONE[0], "450100200001010000", "已核查"],
        [TWO[2], TWO[3], TWO[0], "450100200001010001", "未核查"],
        ["0190109999", "赵六", ONE[0], "", "已核查"],
        name="export.xlsx",
    )
    later = (datetime.now(UTC) + 2 * SHOWS_AFTER).timestamp()
    os.utime(export, (later, later))
    looked = json.loads(office("roster", "reconcile", export, "--json").stdout)
    assert (looked["campaign"], looked["rows"], looked["on_record"]) == (CAMPAIGN, 3, 1)
    assert [(one["finding"], one["number"], one["row"]) for one in looked["missing"]] == [
        ("no-record", TWO[2], 3),
        ("not-in-export", THREE[2], 0),
        ("not-in-roster", "", 4),
    ]
    assert office.stands(ONE[2]) == (State.CONFIRMED, Grade.STATEMENT), "it was only looked at"
    assert office("roster", "reconcile", export, "--apply").exit_code == 2, "which campaign's it is has to be said"
    assert office.stands(ONE[2]) == (State.CONFIRMED, Grade.STATEMENT)
    apply = ("roster", "reconcile", export, "--campaign", CAMPAIGN, "--apply", "--json")
    followed = [json.loads(office(*apply).stdout) for _ in range(2)]
    assert [(one["recorded"], one["queued"], one["unreachable"]) for one in followed] == [(1, 1, 0), (0, 0, 0)]
    assert office.stands(ONE[2]) == (State.CONFIRMED, Grade.RECORD)
    assert office.stands(TWO[2]) == (State.CONFIRMED, Grade.STATEMENT)


def test_a_faulty_export_is_refused_by_row_and_column(office: Office) -> None:
    export = office.file(["学号", "姓名", "核查状态"], [ONE[2], ONE[3], "也许"], name="export.xlsx")
    ended = office("roster", "reconcile", export, "--json")
    assert (ended.exit_code, json.loads(ended.stdout)["faults"][0]["row"]) == (1, 2)


def test_what_is_said_to_people_has_its_words(office: Office) -> None:
    file = office.file(
        ["2019级名单"], [*HEAD, "手机"], [*ONE, "13800000000"], ["信息 学院", *TWO[1:], "1"], [*BAD, "1"]
    )
    said = office("roster", "import", file, "--scope", "glut").stdout
    assert "第5行，学号：" in said
    assert "13800000000" not in said
    said = office("roster", "import", file, "--scope", "glut", "--keep-back", "5").stdout
    assert "第4行，学院：" in said
    assert "手机" in said
    office("roster", "import", office.file(HEAD, ONE), "--scope", "glut")
    assert "版" in office("roster", "undo").stdout
    assert "第3版" in office("roster", "show").stdout


def test_what_is_no_list_is_refused_with_its_one_reason_and_changes_nothing(office: Office, tmp_path: Path) -> None:
    office.put(ONE, TWO)
    (tmp_path / "通知.txt").write_text("请各班核对学籍", encoding="utf-8")
    (tmp_path / "通知.pdf").write_bytes(b"%PDF-1.7\x00\x01")
    for name in ("通知.txt", "通知.pdf"):
        said = office("roster", "import", str(tmp_path / name))
        assert said.exit_code == 1
        assert "名单没有变" in said.stdout
        assert len(said.stdout.splitlines()) == 2
        assert "不在新名单" not in said.stdout
        as_json = json.loads(office("roster", "import", str(tmp_path / name), "--json").stdout)
        assert (as_json["gone"], len(as_json["faults"])) == (0, 1)


def test_a_class_keeps_its_scope_when_none_is_said_and_the_first_import_asks_for_it(office: Office) -> None:
    office.put(ONE)
    again = office("roster", "import", office.file(HEAD, ONE, TWO))
    assert (again.exit_code, again.stderr) == (0, "")
    opened = office("campaign", "open", "glut-check", "--year", "2030", "--cohort", "2019", "--yes")
    assert opened.exit_code == 0, "the class still is of the school"


def test_without_a_scope_the_first_import_says_what_that_means(office: Office) -> None:
    said = office("roster", "import", office.file(HEAD, ONE), "--json")
    assert json.loads(said.stdout) == counts(new=1)
    assert "再导入一次，加上 --scope 和学校的代号，比如 --scope glut" in said.stderr
    for words in (("draft", "glut-check", "--term", "2030"), ("drafts",), ("reach", "glut-check-2030")):
        assert "名单是全国的" in office("campaign", *words).stdout
    office("roster", "import", office.file(HEAD, ONE), "--scope", "glut")
    assert "注意" not in office("campaign", "drafts").stdout
    refused = office("roster", "import", office.file(HEAD, ONE), "--scope", "nowhere")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "没有“nowhere”" in refused.stderr


def test_a_mended_cohort_takes_the_groups_and_staff_of_the_class_along_and_it_can_be_undone(office: Office) -> None:
    wrong = [[*ONE[:4], "2091"], [*TWO[:4], "2091"]]
    office.put(*wrong)
    office("staff", "bind-group", "telegram:-100", "计科1901")
    office("staff", "appoint", "telegram:7", "计科1901")
    looked = office("roster", "import", office.file(HEAD, ONE, TWO), "--dry-run")
    assert "计科1901的年级改为2019：还是同一个班" in looked.stdout
    office.put(ONE, TWO)
    assert office.bound() == {"计科1901"}
    assert office("roster", "undo").exit_code == 0
    assert office.bound() == {"计科1901"}


def test_a_class_that_is_gone_with_its_group_is_named(office: Office) -> None:
    office.put(ONE, THREE)
    office("staff", "bind-group", "telegram:-100", "计科1902")
    looked = office("roster", "import", office.file(HEAD, ONE), "--dry-run")
    assert "不再对上任何班：计科1902" in looked.stdout
