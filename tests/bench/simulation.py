"""What these machines cannot hold, on a virtual clock: a wave to half a million students and their groups.

The pacing is the rules of `scheduler.pacing` themselves, the planning the planner's; Redis is measured with a sample
and reckoned up. Prints one JSON object: for each lane how long its wave takes beside the least its platform allows,
how many messages are on their way at once, and what Redis would hold.

    python -m tests.bench.simulation [--students 500000] [--groups 12500]
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from bot import logs
from bot.bootstrap import stores
from bot.platforms.wecom.lane import budgets as wecom
from bot.settings import read
from scheduler.messages import Address
from scheduler.pacing import Budget, Place, Rhythm, Room, free_from, place, telegram_budgets
from tests.conftest import START
from tests.integration.school import reply

_AHEAD = 0.05
_CALL_SECONDS = 0.25
"""How long a call of a platform takes."""

_AT_ONCE = 32
"""Sends of a lane on their way at once, in each of its processes."""

_APP_AT_ONCE = 5
"""Calls of WeCom's HTTP API on their way at once: it refuses more."""

_SAMPLE = 2_000
_BEGINS = 1_700_000_000.0


@dataclass(slots=True, kw_only=True)
class Lane:
    """A lane on a virtual clock: `now` moves only by what it has to wait for."""

    name: str
    budgets: Callable[[Address], Sequence[Budget]]
    at_once: int = _AT_ONCE
    now: float = _BEGINS
    tat: float = 0.0
    sent: dict[str, list[int]] = field(default_factory=dict)
    returns: list[float] = field(default_factory=list)

    def send(self, to: Address) -> None:
        """Send one message as soon as its budgets and a free place among those on their way allow."""
        interval = next((one.interval for one in self.budgets(to) if isinstance(one, Rhythm)), 0.0)
        if len(self.returns) >= self.at_once:
            self.now = max(self.now, self.returns[-self.at_once])
        found = place(self.tat, self.now, interval, _AHEAD)
        if not isinstance(found, Place):
            self.now = found
            found = place(self.tat, self.now + 1e-6, interval, _AHEAD)
        assert isinstance(found, Place)
        at = self._with_room(to, found.at)
        self.tat = found.tat
        self.returns = [*self.returns[-self.at_once :], at + _CALL_SECONDS]

    def _with_room(self, to: Address, at: float) -> float:
        """The moment at which the conversation has room as well; only this message waits for it."""
        for budget in self.budgets(to):
            if isinstance(budget, Room):
                log = self.sent.setdefault(budget.key, [])
                takes = 1 + budget.card
                at = free_from(log, round(at * 1_000), budget.windows, takes) / 1_000
                log += [round(at * 1_000)] * takes
        return at

    @property
    def seconds(self) -> float:
        """How long it took so far, the last answer included."""
        return max(self.returns, default=self.now) - _BEGINS


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one lane has to send, and the messages a second its platform allows at most."""

    lane: Lane
    to: Iterator[Address]
    messages: int
    allowed: float


def loads(students: int, groups: int) -> list[Load]:
    """Half of the students on Telegram, the others by WeCom's application; groups by the lanes that reach groups."""

    def telegram(to: Address) -> Sequence[Budget]:
        return telegram_budgets(to, in_group=to.chat.startswith("-"))

    def addresses(platform: str, form: str, number: int) -> Iterator[Address]:
        return (Address(platform=platform, chat=form.format(one)) for one in range(1, number + 1))

    half, part = students // 2, groups // 3
    both = chain(addresses("telegram", "-{}", part), addresses("telegram", "{}", half))
    return [
        Load(lane=Lane(name="telegram", budgets=telegram), to=both, messages=part + half, allowed=30.0),
        _by_wecom("wecom", addresses("wecom", "s{}", half), half, _APP_AT_ONCE),
        _by_wecom("wecom-bot", addresses("wecom", "bot/{}", part), part, _AT_ONCE),
        _by_wecom("wecom-hook", addresses("wecom", "hook/{}", part), part, _APP_AT_ONCE),
    ]


def _by_wecom(name: str, to: Iterator[Address], messages: int, at_once: int) -> Load:
    lane = Lane(name=name, budgets=wecom, at_once=at_once)
    return Load(lane=lane, to=to, messages=messages, allowed=at_once / _CALL_SECONDS)


def simulated(load: Load) -> dict[str, float | str]:
    """One lane's wave from its first message to its last answer."""
    for to in load.to:
        load.lane.send(to)
    bound = load.messages / load.allowed
    return {
        "lane": load.lane.name,
        "messages": load.messages,
        "minutes": round(load.lane.seconds / 60, 1),
        "bound_minutes": round(bound / 60, 1),
        "share": round(bound / load.lane.seconds, 3),
        "in_flight": min(load.lane.at_once, load.messages),
    }


async def bytes_of_a_delivery() -> float:
    """What one waiting delivery takes in Redis, by a sample in the embedded server."""
    with tempfile.TemporaryDirectory() as folder:
        async with stores(read(data=Path(folder)), serving=True) as (kept, _):
            before = await _used(kept.database.call)
            for number in range(_SAMPLE):
                await kept.outbox.queue(reply(f"{number}", f"chat{number}"), START)
            return (await _used(kept.database.call) - before) / _SAMPLE


async def _used(call: Callable[..., Awaitable[Any]]) -> int:
    info = await call("INFO", "memory")
    return int(info["used_memory"])


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.simulation", description=__doc__)
    parser.add_argument("--students", type=int, default=500_000)
    parser.add_argument("--groups", type=int, default=12_500)
    given = parser.parse_args()
    logs.quiet()
    lanes = [simulated(load) for load in loads(given.students, given.groups)]
    each = asyncio.run(bytes_of_a_delivery())
    found = {
        "students": given.students,
        "groups": given.groups,
        "lanes": lanes,
        "redis_mb": round(each * (given.students + given.groups) / 1e6, 1),
        "bytes_a_delivery": round(each),
    }
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
