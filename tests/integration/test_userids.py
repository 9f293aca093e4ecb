"""`xueji roster userids`: what WeCom's accounts are is tried and shown, and nothing but bindings is kept."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from bot.bootstrap import stores
from bot.cli import app
from bot.settings import read
from bot.standins.wecom import WecomStandin
from scheduler.roster import BindingStrength
from tests.integration.school import import_students, student

NUMBERS = {sid: student(sid).number for sid in ("s1", "s2", "s3")}


@pytest.fixture
async def wecom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WecomStandin]:
    """A school of three with an application of its own."""
    async with WecomStandin() as standin:
        monkeypatch.setenv("XUEJI_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("XUEJI_WECOM_BASE_URL", standin.http_url)
        for name in ("corp_id", "agent_id", "app_secret"):
            monkeypatch.setenv(f"XUEJI_WECOM_{name.upper()}", str(standin.credentials[name]))
        async with stores(read(), serving=False) as (kept, _):
            await import_students(kept.rosters, *map(student, NUMBERS))
        yield standin
    structlog.reset_defaults()


async def userids(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["roster", "userids", *words])


async def bound() -> dict[str, str]:
    """Whose each account is, of those that are surely somebody's."""
    async with stores(read(), serving=False) as (kept, _):
        found = await kept.bindings.of_students(list(NUMBERS))
    return {one.account: one.sid for own in found.values() for one in own if one.strength is BindingStrength.STRONG}


def other_numbers(tmp_path: Path) -> str:
    """The office's own list, with one row that has no telephone and one telephone that two share."""
    file = tmp_path / "other.csv"
    lines = [
        "学号,姓名,考生号,手机号",
        f"{NUMBERS['s1']},a,26450100000001,13800000001",
        f"{NUMBERS['s2']},b,26450100000002,13800000009",
        f"{NUMBERS['s3']},c,26450100000003,13800000009",
        "9999,d,26450100000004,无",
    ]
    file.write_text("\n".join(lines), "utf-8")
    return str(file)


async def test_the_members_whom_the_application_sees_are_tried_as_student_numbers(wecom: WecomStandin) -> None:
    for user in (NUMBERS["s1"], NUMBERS["s2"], "teacher"):
        wecom.world.member(user=user)
    wecom.world.member(user=NUMBERS["s3"], visible=False)
    said = await userids()
    assert said.exit_code == 0, said.output
    assert "学号：3个账号里对上2个" in said.output
    assert "XUEJI_WECOM_USERID_IS=number" in said.output
    assert not any(number in said.output for number in NUMBERS.values())
    assert await bound() == {}


async def test_accounts_that_are_exam_numbers_are_found_by_the_offices_list_and_bound_once_asked_to(
    wecom: WecomStandin, tmp_path: Path
) -> None:
    for user in ("26450100000001", "26450100000003", "26450100000004", "teacher"):
        wecom.world.member(user=user)
    listed = other_numbers(tmp_path)
    said = await userids("--beside", listed)
    assert "考生号：4个账号里对上2个，例如26**********01、26**********03" in said.output
    assert "手机号：4个账号里一个也没对上" in said.output
    assert "账号是考生号" in said.output
    assert await bound() == {}
    applied = await userids("--beside", listed, "--apply")
    assert "绑定好了2人" in applied.output
    assert await bound() == {"wecom:26450100000001": "s1", "wecom:26450100000003": "s3"}


async def test_a_number_of_two_students_is_nobodys_account(wecom: WecomStandin, tmp_path: Path) -> None:
    for user in ("13800000001", "13800000009"):
        wecom.world.member(user=user)
    await userids("--beside", other_numbers(tmp_path), "--apply")
    assert await bound() == {"wecom:13800000001": "s1"}


async def test_nothing_of_the_offices_list_is_kept(wecom: WecomStandin, tmp_path: Path) -> None:
    wecom.world.member(user="13800000001")
    await userids("--beside", other_numbers(tmp_path), "--apply")
    written = b"".join(file.read_bytes() for file in read().data.rglob("*") if file.is_file())
    assert b"13800000001" in written, "the account that was bound"
    assert b"26450100000001" not in written
    assert b"13800000009" not in written


async def test_an_account_that_matches_nothing_gets_advice_and_one_without_an_application_is_sent_for_a_list(
    wecom: WecomStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom.world.member(user="teacher")
    assert "--beside" in (await userids()).output
    monkeypatch.delenv("XUEJI_WECOM_APP_SECRET")
    monkeypatch.delenv("XUEJI_WECOM_CORP_ID")
    monkeypatch.delenv("XUEJI_WECOM_AGENT_ID")
    refused = await userids()
    assert (refused.exit_code, "没有配置自建应用" in refused.output) == (1, True)


async def test_a_secret_that_wecom_refuses_is_named_with_where_to_mend_it(
    wecom: WecomStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XUEJI_WECOM_APP_SECRET", "wrong")
    refused = await userids()
    assert (refused.exit_code, "不认自建应用的Secret" in refused.output) == (1, True)


async def test_a_list_without_any_other_number_is_refused_and_says_which_column_it_misses(
    wecom: WecomStandin, tmp_path: Path
) -> None:
    file = tmp_path / "other.csv"
    file.write_text(f"学号,姓名\n{NUMBERS['s1']},a", "utf-8")
    refused = await userids("--beside", str(file))
    assert (refused.exit_code, "考生号" in refused.output) == (1, True)
