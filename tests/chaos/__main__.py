"""`make chaos`: an evening of fifty kills, storms of fifty rounds, and what came of each as a line of JSON."""

import asyncio
import json
import logging
import os
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import structlog

from tests.chaos.confirming import Recorded, confirmations
from tests.chaos.full_disk import filling
from tests.chaos.storm import (
    Report,
    bad_weather,
    embedded_world,
    failing_over,
    killing,
    losing_the_store,
    stopping,
)

_CHATS = 1_000
_KILLS_A_ROUND = 3
_STORE_GONE_SECONDS = 30.0
_MORE_EVERY = 10
"""Of the other kinds there is one round for so many with killed relays."""


async def storms(rounds: int, seed: int) -> Report:
    """All of them, in worlds of their own."""
    report, more = Report(), range(-(-rounds // _MORE_EVERY))
    with tempfile.TemporaryDirectory(prefix="xj") as name:
        folder = Path(name)
        async with embedded_world(folder / "store", chats=_CHATS, seed=seed) as (stage, server):
            stage.report = report
            for number in range(1, rounds + 1):
                await killing(stage, kills=_KILLS_A_ROUND)
                _say(f"round {number}: relays killed", report)
            for _ in more:
                await stopping(stage, times=2)
                _say("relays stood still", report)
            await losing_the_store(stage, server, seconds=_STORE_GONE_SECONDS)
            _say(f"the store gone for {_STORE_GONE_SECONDS:.0f} s", report)
            for _ in more:
                await bad_weather(stage)
                _say("bad weather", report)
        for number in more:
            await failing_over(folder / f"watched{number}", report, chats=_CHATS, seed=seed + number)
            _say("another server took over", report)
        filled = await filling(folder / "full")
        report.rounds += 1
        report.lost += filled.lost
        _say(f"a full disk, {filled.acknowledged} writes acknowledged", report)
    return report


async def evening(kills: int, seed: int) -> Recorded:
    """Confirmations while bot and store are killed, in a world of their own."""
    with tempfile.TemporaryDirectory(prefix="xj") as folder:
        return await confirmations(Path(folder), kills=kills, seed=seed)


async def both(rounds: int, seed: int) -> tuple[Recorded, Report]:
    """Side by side: either waits most of the time."""
    return await asyncio.gather(evening(rounds, seed), storms(rounds, seed))


def _say(what: str, report: Report) -> None:
    sys.stderr.write(f"{what}: {_line(report)}\n")


def _line(report: Report | Recorded) -> str:
    return json.dumps({name: value for name, value in asdict(report).items() if name != "oddities"})


def main() -> int:
    """Run as many rounds as `ROUNDS` says, by the chance of `SEED`; 1 if anything was lost or cannot be explained."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()  # the stand-in's server reports each answer that was to break off
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1_000_000)))
    rounds = int(os.environ.get("ROUNDS", "50"))
    sys.stderr.write(f"seed {seed}\n")
    recorded, report = asyncio.run(both(rounds, seed))
    sys.stdout.write(f"confirmations: {_line(recorded)}\n")
    sys.stderr.writelines(f"{oddity}\n" for oddity in (*recorded.oddities, *report.oddities))
    report.lost += recorded.lost
    report.unexplained += recorded.unexplained
    sys.stdout.write(_line(report) + "\n")
    return int(bool(report.lost or report.unexplained or report.repeated))


if __name__ == "__main__":
    raise SystemExit(main())
