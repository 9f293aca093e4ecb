"""`xueji switch` as staff type it."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from bot.cli.switch import app


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, valkey_url: str) -> None:
    monkeypatch.setenv("XUEJI_REDIS_URL", valkey_url)
    monkeypatch.setenv("XUEJI_REDIS_PREFIX", f"t{secrets.token_hex(6)}")


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_an_incident_is_listed_until_it_is_turned_off() -> None:
    on = typed("incident", "chsi", "on")
    assert on.exit_code == 0
    assert on.output.startswith("学信网故障：")
    assert typed("list").output == on.output
    assert typed("incident", "chsi", "off").output == "已关闭。\n"
    assert typed("incident", "chsi", "off").output == "本来就没有打开。\n"
    assert typed("list").output == "现在没有打开的开关。\n"


def test_a_cohort_is_listed_with_the_day_it_is_expected() -> None:
    day = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    on = typed("unregistered", "2026", "--expected", day)
    assert on.exit_code == 0
    assert f"预计{day}" in on.output
    assert typed("list").output == on.output
    assert typed("unregistered", "2026", "--off").output == "已关闭。\n"


def test_a_cohort_needs_a_day_that_is_to_come_or_off() -> None:
    assert typed("unregistered", "2026").exit_code == 2
    assert typed("unregistered", "2026", "--expected", "2001-10-25").exit_code == 2
    assert typed("unregistered", "2026", "--expected", "2001-10-25", "--off").exit_code == 2
    assert typed("unregistered", "2026", "--off").output == "本来就没有打开。\n"
