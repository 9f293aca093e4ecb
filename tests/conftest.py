"""What every test may use: a real Valkey with keys of its own, and a clock turned by hand."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from bot.storage.connection import close, connect, socket_url
from bot.storage.embedded import EmbeddedServer
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests import servers

# A busy machine draws slowly; that says nothing about the code. What has to hold before a change lands draws the same
# examples every time; runs by hand look for new ones.
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("project")

START = datetime(2019, 12, 14, 1, 0, tzinfo=UTC)
"""A Saturday morning, 9:00 in Guilin, eight days before the deadline of the example campaign."""


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A command that a test runs writes its log to an error stream which ends with the test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for the whole run, as the bot itself starts it."""
    folder: Path = tmp_path_factory.mktemp("data")
    with EmbeddedServer(folder).serving() as path:
        yield socket_url(str(path))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--server KIND`: the tests of whatever is stored, on another store than the embedded one."""
    parser.addoption("--server", choices=sorted(servers.KINDS), default=None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another store only those run that use a database and do not ask for the embedded one."""
    if config.getoption("--server") is None:
        return
    fixtures = [set(getattr(item, "fixturenames", ())) for item in items]
    chosen = ["database" in names and "valkey_url" not in names for names in fixtures]
    config.hook.pytest_deselected(items=[item for item, used in zip(items, chosen, strict=True) if not used])
    items[:] = [item for item, used in zip(items, chosen, strict=True) if used]


@pytest.fixture(scope="session")
def store_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The store of the run: the embedded one, or the one that `--server` names."""
    kind = request.config.getoption("--server")
    if kind is None:
        yield request.getfixturevalue("valkey_url")
        return
    with servers.KINDS[kind](tmp_path_factory.mktemp(kind)) as url:
        yield url


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    """A database nobody else writes to: every test has its own first part of the keys."""
    database = connect(store_url, f"t{secrets.token_hex(6)}")
    yield database
    await close(database)


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands at `START` until it is turned."""
    return VirtualClock(START)
