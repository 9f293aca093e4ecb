"""`xueji content feedback` as the clerk types it."""

import asyncio
import json
import secrets

import pytest
from typer.testing import CliRunner, Result

from bot.cli.content import app
from bot.ports import Verdict
from bot.storage.connection import close, connect
from bot.storage.questions import RedisQuestionLog
from bot.storage.ratings import RedisRatings


@pytest.fixture
def prefix(monkeypatch: pytest.MonkeyPatch, valkey_url: str) -> str:
    own = f"t{secrets.token_hex(6)}"
    monkeypatch.setenv("XUEJI_REDIS_URL", valkey_url)
    monkeypatch.setenv("XUEJI_REDIS_PREFIX", own)
    return own


@pytest.fixture
def told(prefix: str, valkey_url: str) -> None:
    """Three times a step looked different, once another; two topics were rated."""

    async def tell() -> None:
        database = connect(valkey_url, prefix)
        questions, ratings = RedisQuestionLog(database), RedisRatings(database)
        for step in ("fill", "code", "fill", "fill"):
            await questions.count_differs("chsi-phone", step)
        await ratings.rate("chsi-slow", Verdict.SOLVED, "telegram:1")
        for number in range(2):
            await ratings.rate("sms-not-received", Verdict.UNSOLVED, f"telegram:{number}")
        await close(database)

    asyncio.run(tell())


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["feedback", *words])


@pytest.mark.usefixtures("told")
def test_what_people_said_is_shown_with_the_worst_first() -> None:
    lines = typed().stdout.splitlines()
    found = [next(name for name in ("/fill", "/code", "sms-not", "chsi-slow") if name in line) for line in lines]
    assert found == ["/fill", "/code", "sms-not", "chsi-slow"]
    assert lines[0].split()[0] == "3"
    assert json.loads(typed("--json").stdout) == {
        "differs": {"chsi-phone/fill": 3, "chsi-phone/code": 1},
        "ratings": {"sms-not-received": {"unsolved": 2}, "chsi-slow": {"solved": 1}},
    }


@pytest.mark.usefixtures("told")
def test_a_step_that_was_looked_into_is_counted_anew() -> None:
    assert typed("--seen", "chsi-phone/fill").exit_code == 0
    assert json.loads(typed("--json").stdout)["differs"] == {"chsi-phone/code": 1}
    assert typed("--seen", "chsi-phone/fill").exit_code == 1


@pytest.mark.usefixtures("prefix")
def test_as_long_as_nobody_said_anything_that_is_said() -> None:
    assert "还没有人" in typed().stdout
