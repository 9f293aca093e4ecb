"""The image can be built from what it copies, runs as nobody special, and knows whether the bot lives."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.deploy.dockerfile import ROOT, copied_from_the_project, environment, instructions, of


@contextmanager
def _answering(status: int) -> Iterator[int]:
    """A server that answers everything with this status; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
    assert asked == ["/healthz"]


def _health(port: int, **variables: str) -> int:
    command = json.loads(of("HEALTHCHECK")[0].rest.partition(" CMD ")[2])
    assert command[0] == "python"
    environ = {**os.environ, "XUEJI_PORT": str(port), **variables}
    return subprocess.run([sys.executable, *command[1:]], env=environ, capture_output=True, check=False).returncode


def test_the_image_is_built_of_what_there_is() -> None:
    assert [source for source in copied_from_the_project() if not (ROOT / source).exists()] == []


def test_the_builder_is_sent_what_the_image_copies_and_nothing_else() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied_from_the_project())


def test_what_the_image_copies_is_enough_to_build_the_whole_project(tmp_path: Path) -> None:
    for source in copied_from_the_project():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (tmp_path / source).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / source, tmp_path / source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "out"]
    subprocess.run([*build, "."], cwd=tmp_path, check=True)
    (wheel,) = (tmp_path / "out").glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == {
        str(path.relative_to(tmp_path))
        for package in ("bot", "knowledge", "scheduler")
        for path in (tmp_path / package).rglob("*")
        if path.is_file()
    }


def test_the_dependencies_are_installed_by_hash_and_the_project_without_fetching_anything() -> None:
    installs = [run.words for run in of("RUN") if "install" in run.words and "pip" in run.words[0]]
    assert [install[2:] for install in installs] == [
        ["--require-hashes", "-r", "requirements/runtime.txt"],
        ["--no-deps", "--no-build-isolation", "."],
    ]


def test_every_stage_begins_with_an_image_of_a_named_version() -> None:
    assert {stage.words[0] for stage in of("FROM")} == {"python:3.12-slim"}


def test_the_bot_is_no_root_and_writes_to_its_volume_alone() -> None:
    (user,) = of("USER")
    assert user.rest.partition(":")[0].isdigit()
    assert user.rest.partition(":")[0] != "0"
    assert [volume.words for volume in of("VOLUME")] == [[environment()["XUEJI_DATA"]]]
    assert [word for word in (one.word for one in instructions()) if word in {"ADD", "SHELL"}] == []


def test_the_image_starts_the_service_and_is_stopped_by_the_signal_it_handles() -> None:
    assert [one.words for word in ("ENTRYPOINT", "CMD") for one in of(word)] == [["xueji"], ["serve"]]
    assert [one.rest for one in of("STOPSIGNAL")] == ["SIGTERM"]


def test_the_published_port_is_the_one_the_bot_listens_on() -> None:
    assert [one.rest for one in of("EXPOSE")] == [environment()["XUEJI_PORT"]]


def test_a_living_bot_is_healthy() -> None:
    with _answering(200) as port:
        assert _health(port) == 0


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_bot_that_answers_anything_else_is_not(status: int) -> None:
    with _answering(status) as port:
        assert _health(port) != 0


def test_a_bot_that_does_not_answer_is_not_healthy() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        gone = server.server_port
    assert _health(gone) != 0


def test_the_health_check_asks_this_machine_and_no_proxy() -> None:
    with _answering(200) as port:
        assert _health(port, http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9") == 0
