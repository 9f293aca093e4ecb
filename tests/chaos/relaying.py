"""A relay of the Telegram lane in a process of its own, to be killed: `python -m tests.chaos.relaying` and its world.

It sends as the service does, over HTTP and through the same courier, but as fast as it can: what is tried here is what
a death leaves behind, not the pace.
"""

import asyncio
import json
import logging
import os
import secrets
import sys
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.bootstrap import desks, whereabouts
from bot.buttons import ButtonSeal
from bot.cli.office import content_and_words
from bot.metrics import Metrics
from bot.platforms.courier import Courier
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.outage import Outages
from bot.storage.connection import connect
from bot.storage.stores import Stores
from scheduler.clocks import SystemClock
from scheduler.relay import Relay
from scheduler.scribe import Scribe
from scheduler.storage.lanes import RedisLanes

DEAD_AFTER = 1.0
"""Seconds after which a relay that was killed is taken for dead: a tenth and less of the product's own patience."""

READY = b"ready\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What such a process has to know; `offset` is how many seconds its clock is wrong."""

    store: str
    prefix: str
    token: str
    platform: str
    worker: str
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongClock:
    """The machine's clock, and some seconds more or less."""

    offset: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.offset


async def nobody(platform: str, since: datetime, now: datetime) -> int:
    """Nothing comes in here, so there is nothing to offer again."""
    return 0


async def relay(order: Order) -> None:
    """Send until killed."""
    _, wording = content_and_words()
    kept = Stores(connect(order.store, order.prefix), alone=False)
    clock = WrongClock(offset=timedelta(seconds=order.offset))
    places = whereabouts(kept, clock)
    telegram = Telegram(
        token=order.token,
        base_url=order.platform,
        seal=ButtonSeal(secrets.token_bytes(16)),
        intake=kept.intake,
        uploads=kept.uploads,
        whereabouts=places,
        outages=Outages(kept.hearing, nobody),
        clock=clock,
        figures=Path(),
        menu=dict,
        read_timeout=3.0,
    )
    lanes = RedisLanes(kept.database, worker=order.worker)
    scribe = Scribe(
        campaigns=kept.campaigns,
        rosters=kept.rosters,
        bindings=kept.bindings,
        notices=kept.notices,
        lanes=lanes,
        wording=wording,
        you=lambda scope: "",
        digest=desks(kept).letter,
    )
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with telegram:
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()
        courier = Courier(name="telegram", messenger=telegram, whereabouts=places, metrics=Metrics())
        await Relay(
            "telegram",
            lanes=lanes,
            messenger=courier,
            scribe=scribe,
            clock=clock,
            budgets=lambda to: (),
            dead_after=DEAD_AFTER,
        ).run()


async def started(order: Order) -> asyncio.subprocess.Process:
    """Such a process, at work."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, json.dumps(asdict(order)),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("XUEJI_")},
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == READY
    return process


if __name__ == "__main__":
    asyncio.run(relay(Order(**json.loads(sys.argv[1]))))
