"""`xueji serve` and the Telegram stand-in, each in a process of its own, as an operator starts them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

_XUEJI = (sys.executable, "-c", "from bot.cli import main; main()")
"""What the installed script does, wherever it is installed."""

_READY_SECONDS = 30.0
_STOP_SECONDS = 10.0
_LOOK_EVERY = 0.005


class NotServing(Exception):
    """A process did not become ready; the last line it wrote says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A process that is ready: where, after how many seconds since it was spawned, what it notes about itself."""

    pid: int
    address: str
    seconds: float
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standin:
    """A stand-in without flood limits: where it listens, and the settings by which a service uses it."""

    address: str
    settings: Mapping[str, str]


@contextmanager
def serving(data: Path, **environment: str) -> Iterator[Serving]:
    """Serve that data folder from here to the end, with this environment besides."""
    data.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    settings = {"XUEJI_DATA": str(data), "XUEJI_PORT": "0", **environment}
    with _running("serve", errors=data / "errors.log", **settings) as (process, address), _client() as client:
        while (answer := client.get(address)).status_code != httpx.codes.OK:
            if time.perf_counter() > begun + _READY_SECONDS:
                raise NotServing(f"not ready after {_READY_SECONDS:.0f} s: {answer.json()['checks']}")
            time.sleep(_LOOK_EVERY)
        seconds = time.perf_counter() - begun
        base = address.removesuffix("/readyz")
        yield Serving(pid=process.pid, address=base, seconds=seconds, notes=answer.json()["notes"])


@contextmanager
def standin(errors: Path) -> Iterator[Standin]:
    """A Telegram without limits, from here to the end."""
    with _running("standin", "telegram", errors=errors) as (_, line), _client() as client:
        told = json.loads(line)
        unlimited = dict.fromkeys(("overall", "chat", "group"))
        client.post(f"{told['script_url']}/limits", json=unlimited).raise_for_status()
        settings = {"XUEJI_TELEGRAM_TOKEN": told["token"], "XUEJI_TELEGRAM_BASE_URL": told["base_url"]}
        yield Standin(address=told["base_url"], settings=settings)


@contextmanager
def _running(*words: str, errors: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command `xueji` with these words until the end, and the first line it prints."""
    with errors.open("w") as told:
        process = subprocess.Popen(
            [*_XUEJI, *words], env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=told, text=True
        )
        try:
            yield process, _first_line(process.stdout, errors)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _first_line(output: IO[str] | None, errors: Path) -> str:
    line = output.readline().strip() if output else ""
    if not line:
        raise NotServing((errors.read_text("utf-8").strip().splitlines() or ["it said nothing"])[-1])
    return line


def _client() -> httpx.Client:
    return httpx.Client(trust_env=False)
