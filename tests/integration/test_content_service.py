"""The clerk's commands beside processes that serve: reload, and what was asked in vain."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import structlog
from typer.testing import CliRunner
from typer.testing import Result as CliResult

from bot.cli.content import app
from bot.storage.connection import close, connect
from bot.storage.questions import RedisQuestionLog
from knowledge.loading import CONTENT
from knowledge.search.artefact import ARTEFACT, folder_of
from tests.integration.waiting import wait_until

XUEJI = Path(sys.executable).with_name("xueji")
TOPIC = "topics/what-account-is-for.yaml"

Environment = Mapping[str, str]
Result = TypeVar("Result")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = shutil.copytree(CONTENT, tmp_path / "content", ignore=shutil.ignore_patterns("fonts"))
    shutil.copytree(ARTEFACT, folder_of(copied))
    return copied


@pytest.fixture
def environment(tmp_path: Path, valkey_url: str, folder: Path) -> Environment:
    """Settings of processes that share a Redis, keys of their own, and a content folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XUEJI_")}
    own = {"DATA": tmp_path / "data", "PORT": 0, "CONTENT": folder, "REDIS_URL": valkey_url}
    prefix = {"XUEJI_REDIS_PREFIX": f"t{secrets.token_hex(6)}"}
    return kept | prefix | {f"XUEJI_{name}": str(value) for name, value in own.items()}


@contextmanager
def serving(environment: Environment) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`xueji serve`, and the address of its health page."""
    with subprocess.Popen(
        [XUEJI, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.terminate()


def xueji(environment: Environment, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([XUEJI, *words], env=environment, capture_output=True, text=True, check=False)


def health(page: str) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = httpx.get(page).json()
    return answer


def without_notes(page: str) -> Callable[[], bool]:
    return lambda: "content" not in health(page)["notes"]


async def test_every_process_reloads_or_says_what_is_wrong_and_serves_on(
    environment: Environment, folder: Path
) -> None:
    with ExitStack() as running:
        processes, pages = zip(*(running.enter_context(serving(environment)) for _ in range(2)), strict=True)
        for page in pages:
            assert health(page)["ready"] is True
        taken = xueji(environment, "content", "reload")
        assert (taken.returncode, taken.stdout.count("已换上新内容")) == (0, 2)

        topic = folder / TOPIC
        right = topic.read_text("utf-8")
        topic.write_text(right.replace("scope: national", "scope: nowhere"), "utf-8")
        refused = xueji(environment, "content", "reload")
        assert refused.returncode == 1
        assert refused.stdout.count("新内容没有换上") == 2
        assert f"{TOPIC}:" in refused.stdout
        for page in pages:
            assert health(page)["ready"] is True
            assert TOPIC in health(page)["notes"]["content"]

        topic.write_text(right, "utf-8")
        processes[0].send_signal(signal.SIGHUP)
        for page in pages:
            await wait_until(without_notes(page), "the mended content is in service everywhere")


def test_a_content_that_is_not_fit_is_not_served_at_all(environment: Environment, folder: Path) -> None:
    (folder / "phrases.yaml").write_text("answer.source: 1\n", "utf-8")
    ended = xueji(environment, "serve")
    assert ended.returncode == 2
    assert "phrases.yaml:1:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reload_that_nobody_hears_says_so(environment: Environment) -> None:
    ended = xueji(environment, "content", "reload")
    assert ended.returncode == 0
    assert "下次启动" in ended.stdout


async def with_log(environment: Environment, work: Callable[[RedisQuestionLog], Awaitable[Result]]) -> Result:
    database = connect(environment["XUEJI_REDIS_URL"], environment["XUEJI_REDIS_PREFIX"])
    try:
        return await work(RedisQuestionLog(database))
    finally:
        await close(database)


async def ask_in_vain(log: RedisQuestionLog) -> None:
    asked = {"食堂几点关门": 3, "食堂晚上几点关门呀": 2, "学信网号毕业后还能派上用场不": 1}
    for text in (text for text, times in asked.items() for _ in range(times)):
        await log.keep(text, "national", datetime.now(UTC))


@pytest.fixture
def typed(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., CliResult]]:
    """The commands of `xueji content`, typed within this process."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield lambda *words: CliRunner().invoke(app, list(words))
    structlog.reset_defaults()


def test_what_was_asked_in_vain_is_shown_drafted_joined_and_dismissed(
    environment: Environment, typed: Callable[..., CliResult], folder: Path, tmp_path: Path
) -> None:
    assert "还没有整理过" in typed("questions").stdout
    asyncio.run(with_log(environment, ask_in_vain))
    shown = typed("questions", "--now")
    assert "2 组，共问了 6 次" in shown.stdout
    assert "食堂晚上几点关门呀" in shown.stdout
    told = json.loads(typed("questions", "--json").stdout)
    assert [len(cluster["questions"]) for cluster in told["clusters"]] == [2, 1]

    drafts = tmp_path / "drafts"
    assert "draft-001.yaml" in typed("draft", "1", "--out", str(drafts)).stdout
    assert "食堂几点关门" in (drafts / "draft-001.yaml").read_text("utf-8")
    assert typed("draft", "1", "--out", str(drafts)).exit_code == 1
    assert typed("dismiss", "1").exit_code == 0
    assert typed("dismiss", "1").exit_code == 1

    assert typed("join", "2", "no-such-topic").exit_code == 1
    joined = typed("join", "2", "what-account-is-for")
    assert (joined.exit_code, joined.stderr) == (0, "")
    assert "学信网号毕业后还能派上用场不" in (folder / "asked/what-account-is-for.yaml").read_text("utf-8")
    assert "content train" in typed("check").stderr
    assert "没有留下" in typed("questions").stdout
    assert asyncio.run(with_log(environment, lambda log: log.kept())) == ()
