"""The office's commands for papers, picture and evidence, over a real store."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from bot.cli import app
from scheduler.campaigns import Campaign, State, StudentState
from scheduler.evidence import Head
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import campaign, confirmed, enter, import_students, student, wave_to_group


@pytest.fixture
async def office(
    database: Database, valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Database]:
    """A campaign of three classes, one of which the roster does not have, as the commands find it."""
    monkeypatch.setenv("XUEJI_REDIS_URL", valkey_url)
    monkeypatch.setenv("XUEJI_REDIS_PREFIX", database.prefix)
    monkeypatch.chdir(tmp_path)
    campaigns = RedisCampaignStore(database)
    await import_students(RedisRosterStore(database), student("s1"), student("s2"), student("s3", "c2"))
    opened: Campaign = campaign("c1", "c2", "gone")
    await enter(campaigns, opened, sizes={"c1": 2, "c2": 1, "gone": 0})
    await campaigns.record(opened.id, "c1", "s1", confirmed())
    wrong = StudentState(state=State.WRONG, count=1, at=START, by="s2", items=("name",))
    await campaigns.record(opened.id, "c1", "s2", wrong)
    yield database
    structlog.reset_defaults()


async def xueji(*words: str | Path) -> tuple[int, str, str]:
    """A command's exit, and what it says on both streams; it runs on a loop of its own."""
    ended = await asyncio.to_thread(CliRunner().invoke, app, [str(word) for word in words])
    return ended.exit_code, ended.stdout, ended.stderr


def own_file(path: Path, cells: Mapping[str, str]) -> Path:
    """A template of the office."""
    made = Workbook()
    for place, text in cells.items():
        made.worksheets[0][place] = text
    made.save(path)
    return path


async def test_every_paper_is_written_in_both_forms(office: Database, tmp_path: Path) -> None:
    code, said, _ = await xueji("campaign", "forms", "check-2019", "--out", "out")
    assert code == 0
    names = [
        *("签字表-class c1", "核对登记表-class c1", "签字表-class c2", "核对登记表-class c2"),
        *("错误汇总-college", "未登记名单"),
    ]
    files = [*(f"{name}.{form}" for name in names for form in ("xlsx", "docx")), "未登记名单.csv"]
    assert said.splitlines() == [f"out/{file}" for file in files]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(files)


async def test_a_class_that_the_roster_has_no_more_is_named_and_the_rest_is_written(office: Database) -> None:
    code, said, faults = await xueji("campaign", "forms", "check-2019", "--format", "xlsx")
    assert code == 0
    assert faults == "名单里已经没有 gone 这个班，没有它的表。\n"
    assert "docx" not in said
    assert len(said.splitlines()) == 7


async def test_the_papers_say_how_far_the_evidence_reaches_and_it_holds_there(office: Database, tmp_path: Path) -> None:
    assert (await xueji("campaign", "forms", "check-2019", "--format", "xlsx"))[0] == 0
    sheet = load_workbook(tmp_path / "forms" / "签字表-class c1.xlsx").worksheets[0]
    foot = next(str(cell.value) for cell in sheet["A"] if "存证" in str(cell.value))
    head = foot.partition("存证 ")[2].split("\u3000")[0]
    assert Head.parse(head).count == 2
    assert (await xueji("evidence", "export", "record"))[0] == 0
    code, said, _ = await xueji("evidence", "verify", "record", "--head", head)
    assert (code, said) == (0, f"完好：2条前后相接，没有改动。链尾 {head}\n")


async def test_the_office_s_own_file_is_filled_for_every_class(office: Database, tmp_path: Path) -> None:
    template = own_file(tmp_path / "签名册.xlsx", {"A1": "{{班级}}", "A2": "{{学号}}", "B2": "{{签名}}"})
    code, said, _ = await xueji("campaign", "forms", "check-2019", "--out", "out", "--template", template)
    assert code == 0
    assert said.splitlines() == ["out/签名册-class c1.xlsx", "out/签名册-class c2.xlsx"]
    sheet = load_workbook(tmp_path / "out" / "签名册-class c1.xlsx").worksheets[0]
    assert [cell.value for cell in sheet["A"]] == ["class c1", "2019s1", "2019s2"]


async def test_a_file_with_unknown_placeholders_is_refused_and_nothing_is_written(
    office: Database, tmp_path: Path
) -> None:
    template = own_file(tmp_path / "own.xlsx", {"A1": "{{班级}}", "A2": "{{身份证号}}", "A3": "{{电话}}"})
    code, _, faults = await xueji("campaign", "forms", "check-2019", "--out", "out", "--template", template)
    assert code == 1
    first, second = faults.splitlines()
    assert first.startswith("工作表“Sheet”A2：不认识 {{身份证号}}")
    assert second.startswith("工作表“Sheet”A3：不认识 {{电话}}")
    assert not (tmp_path / "out").exists()


async def test_a_file_that_is_no_office_file_is_said_to_be_none(office: Database, tmp_path: Path) -> None:
    broken = tmp_path / "own.docx"
    broken.write_bytes(b"PK\x03\x04 no more")
    code, _, faults = await xueji("campaign", "forms", "check-2019", "--template", broken)
    assert code == 1
    assert "打不开" in faults


async def test_the_picture_is_a_png_with_the_waves_that_went_out(office: Database, tmp_path: Path) -> None:
    outbox = RedisOutbox(office)
    early, late = wave_to_group("g"), wave_to_group("g", wave="3d")
    await outbox.claim(early.slots, [early], START)
    await outbox.claim(late.slots, [late], START + timedelta(days=4))
    await outbox.drop("check-2019", ["check-2019:student:1d:c1"], START + timedelta(days=6), "too-late")
    assert await outbox.fired("check-2019") == (START, START + timedelta(days=4))
    code, said, _ = await xueji("campaign", "chart", "check-2019")
    assert (code, said) == (0, "check-2019.png\n")
    assert (tmp_path / "check-2019.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", ["forms", "chart"])
async def test_a_campaign_that_there_is_not_is_said_to_be_none(office: Database, command: str) -> None:
    code, _, fault = await xueji("campaign", command, "nothing")
    assert code == 2
    assert "check-2019" in fault


async def test_a_record_that_was_changed_does_not_pass(office: Database, tmp_path: Path) -> None:
    await xueji("evidence", "export", "record")
    record = tmp_path / "record"
    whole = record.read_bytes()
    record.write_bytes(whole.replace(b"confirmed", b"wrong"))
    code, said, _ = await xueji("evidence", "verify", "record")
    assert code == 1
    assert said.startswith("不完好：这一条或它前面的内容被改过（文件第2行）")
    record.write_bytes(whole)
    assert (await xueji("evidence", "verify", "record"))[0] == 0
    code, said, _ = await xueji("evidence", "verify", "record", "--head", f"9-{'0' * 24}")
    assert code == 1
    assert "少了后面的" in said
    assert (await xueji("evidence", "verify", "record", "--head", "nonsense"))[0] == 2


async def test_a_store_that_was_changed_is_noticed_when_it_is_exported(office: Database) -> None:
    assert (await xueji("evidence", "export", "record"))[0] == 0
    await office.call("XDEL", f"{office.prefix}:{{core}}:evidence", "1-0")
    code, _, fault = await xueji("evidence", "export", "record")
    assert code == 1
    assert "对不上" in fault


async def test_a_student_s_entries_are_found_by_the_pseudonym_until_the_key_is_dropped(
    office: Database, tmp_path: Path
) -> None:
    code, said, _ = await xueji("evidence", "person", "2019s1")
    assert code == 0
    name = said.splitlines()[0].partition("：")[2]
    await xueji("evidence", "export", "record")
    assert (tmp_path / "record").read_text("utf-8").count(name) == 1
    assert (await xueji("evidence", "forget", "2019s1", "--yes"))[0] == 0
    assert (await xueji("evidence", "person", "2019s1"))[0] == 1
    await xueji("evidence", "export", "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "record").read_bytes()
    assert (await xueji("evidence", "person", "nobody"))[0] == 2
