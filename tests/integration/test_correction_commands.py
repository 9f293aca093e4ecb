"""`xueji correction` as a clerk types it: listed without words, shown on record, taken from step to step."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from bot.bootstrap import stores
from bot.cli import app
from bot.desk import vault
from bot.settings import read
from bot.vault import new_key
from scheduler.acts import Act
from scheduler.campaigns import State
from scheduler.corrections import Correction
from scheduler.stating import Stating
from tests.integration.school import import_students, open_campaign, student

NOW = datetime.now(UTC)
RIGHT = "=苗族"
KEY = new_key()


class Office:
    """A folder of data with one report in it, and the command line."""

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["correction", *words])

    async def open(self) -> None:
        async with stores(read(), serving=False) as (kept, _):
            await import_students(kept.rosters, student("s1"))
            campaign = await open_campaign(kept.campaigns)
            stating = Stating(kept.campaigns, lambda: "R")
            await stating.state(campaign, student("s1"), Act.REPORT_WRONG, by="s1", now=NOW, item="name")
            sealed = vault(read()).seal({"shown": "汉族", "right": RIGHT})
            one = Correction(
                id="Q7K2", campaign=campaign.id, class_id="c1", sid="s1", item="name", reported_at=NOW, at=NOW, by="s1"
            )
            await kept.corrections.report(one, sealed)

    def state(self) -> State:
        return asyncio.run(self._state())

    def looks(self) -> int:
        return asyncio.run(self._looks())

    async def _state(self) -> State:
        async with stores(read(), serving=False) as (kept, _):
            return (await kept.campaigns.state("check-2019", "c1", "s1")).state

    async def _looks(self) -> int:
        async with stores(read(), serving=False) as (kept, _):
            return await kept.looks.total("check-2019")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("XUEJI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XUEJI_CORRECTION_KEYS", KEY)
    office = Office()
    asyncio.run(office.open())
    yield office
    structlog.reset_defaults()  # a command logs to the error stream of its own run


def test_the_list_holds_no_words_and_showing_them_is_put_down(office: Office) -> None:
    listed = office("list")
    assert "Q7K2" in listed.stdout
    assert "苗族" not in listed.stdout
    assert office.looks() == 0
    assert f"应该是：{RIGHT}" in office("show", "Q7K2").stdout
    assert office.looks() == 1
    (line,) = office("show", "Q7K2", "--json").stdout.splitlines()
    assert json.loads(line)["right"] == RIGHT


def test_a_correction_is_taken_to_its_end_and_the_student_has_to_look_again(office: Office) -> None:
    for command in ("receive", "accept", "correct"):
        ended = office(command, "Q7K2")
        assert (ended.exit_code, "当面说" in ended.stdout) == (0, True)  # nobody bound an account
    assert office.state() is State.NONE
    assert office("list").stdout.strip() == "没有要办的更正。"
    assert "已更正" in office("list", "--step", "corrected").stdout


def test_who_stays_where_they_are_is_said_and_the_rest_goes_on(office: Office) -> None:
    ended = office("receive", "ZZZZ", "Q7K2")
    assert ended.exit_code == 1
    assert "没有这个编号" in ended.stderr
    assert "学院已收" in ended.stdout


def test_a_refusal_needs_a_reason_of_the_list_and_a_note_without_numbers(office: Office) -> None:
    wrong = office("refuse", "Q7K2", "--reason", "because")
    assert (wrong.exit_code, "no-proof" in wrong.stderr) == (2, True)
    assert office("refuse", "Q7K2", "--reason", "no-proof", "--note", "打13812345678").exit_code == 2
    for _ in range(2):  # the second time because the first answer was lost
        refused = office("refuse", "Q7K2", "--reason", "no-proof", "--note", "请补交户口本复印件")
        assert (refused.exit_code, "留言没有保存" in refused.stdout) == (0, False)
    other = office("refuse", "Q7K2", "--reason", "no-proof", "--note", "另一句")
    assert "留言没有保存" in other.stdout
    assert "请补交户口本复印件" in office("show", "Q7K2").stdout


def test_the_offices_list_holds_the_words_as_text_and_never_as_a_formula(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "更正.xlsx"
    assert office("export", str(file)).exit_code == 0
    assert office.looks() == 1
    cells = {cell.value: cell.data_type for row in load_workbook(file).active.iter_rows() for cell in row}  # type: ignore[union-attr]
    assert cells[RIGHT] == "s"


def test_a_new_key_takes_over_and_without_the_old_one_before_that_nothing_is_opened(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = office("key").stdout.strip()
    monkeypatch.setenv("XUEJI_CORRECTION_KEYS", new)
    assert "没有留下内容" in office("show", "Q7K2").stdout
    assert office("rekey").exit_code == 1
    monkeypatch.setenv("XUEJI_CORRECTION_KEYS", f"{new},{KEY}")
    assert "1条" in office("rekey").stdout
    monkeypatch.setenv("XUEJI_CORRECTION_KEYS", new)
    assert RIGHT in office("show", "Q7K2").stdout
