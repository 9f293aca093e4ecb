"""Whether anybody sends what waits, for a process that leaves that to others."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog

from scheduler.ports import StoreAway
from scheduler.relay import DEAD_AFTER

_log = structlog.get_logger(__name__)

_LOOK_SECONDS = 60.0
"""Between two looks; what is found at both is said, so that those who only start again are not spoken of."""

_NOBODY = "nobody sends what waits here: start `xueji work`"


class RelaySigns(Protocol):
    """Where relays show that they live."""

    async def unattended(self, lanes: Sequence[str], *, dead_after: float) -> tuple[str, ...]:
        """Of these lanes those for which no relay gave a sign of life for `dead_after` seconds."""


class Attendance:
    """Looks after these lanes; `tell` says of one that nobody sends there, by a way that needs no relay."""

    def __init__(self, signs: RelaySigns, lanes: Sequence[str], tell: Callable[[str], Awaitable[None]]) -> None:
        self._signs = signs
        self._lanes = tuple(lanes)
        self._tell = tell
        self._silent: frozenset[str] = frozenset()
        self._told: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except StoreAway:
                _log.warning("whether anybody sends waits for the store")
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Say it of every lane that was found so twice, once until somebody sends there again."""
        silent = frozenset(await self._unattended())
        lasting = silent & self._silent
        fresh = lasting - self._told
        self._silent, self._told = silent, lasting
        for lane in sorted(fresh):
            _log.error("nobody sends what waits: start `xueji work`", lane=lane)
            await self._tell(lane)

    async def health(self) -> Mapping[str, str | None]:
        """What is wrong with each lane now; empty while the store is away, which is said elsewhere."""
        try:
            silent = await self._unattended()
        except StoreAway:
            return {}
        return {f"lane {lane}": _NOBODY if lane in silent else None for lane in self._lanes}

    async def _unattended(self) -> Sequence[str]:
        return await self._signs.unattended(self._lanes, dead_after=DEAD_AFTER)
