"""`xueji serve` in a process of its own, as an operator starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

_READY_SECONDS = 30.0
_STOP_SECONDS = 10.0
_LOOK_EVERY = 0.005


class NotServing(Exception):
    """`xueji serve` did not become ready; the last line it wrote says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A process that is ready: where, after how many seconds since it was spawned, what it notes about itself."""

    pid: int
    address: str
    seconds: float
    notes: Mapping[str, str]


@contextmanager
def serving(data: Path, **environment: str) -> Iterator[Serving]:
    """Serve that data folder from here to the end, with this environment besides."""
    data.mkdir(parents=True, exist_ok=True)
    told = data / "told.log"
    command = [Path(sys.executable).with_name("xueji"), "serve"]
    settings = {"XUEJI_DATA": str(data), "XUEJI_PORT": "0", **environment}
    with told.open("w+") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            address, notes = _wait(process, told, begun + _READY_SECONDS)
            ready = time.perf_counter() - begun
            yield Serving(pid=process.pid, address=address, seconds=ready, notes=notes)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _wait(process: subprocess.Popen[str], told: Path, until: float) -> tuple[str, Mapping[str, str]]:
    """Until /readyz, whose address the process announces, answers 200; where it serves and the notes it then has."""
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    with httpx.Client(trust_env=False) as client:
        while address and time.perf_counter() < until:
            answer = client.get(address)
            if answer.status_code == httpx.codes.OK:
                return address.removesuffix("/readyz"), dict(answer.json()["notes"])
            time.sleep(_LOOK_EVERY)
    raise NotServing((told.read_text("utf-8").strip().splitlines() or ["it said nothing"])[-1])
