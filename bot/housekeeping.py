"""What is done every night in the store: its log is written anew, so that handled messages leave the disk."""

import asyncio
import contextlib
from datetime import date, timedelta
from typing import Protocol

import structlog

from bot.ports import StoreAway
from scheduler.calendar import ZONE
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

_BEGINS = timedelta(hours=4)
"""When it is done, after midnight where the school is."""

_SWEEP_SECONDS = 600.0


class Rewriting(Protocol):
    """The store's log of changes."""

    async def claim(self, night: date) -> bool:
        """Whether this process is the one to see to it that night."""

    async def rewrite(self) -> None:
        """Have it written anew, without what was deleted since."""


class Housekeeping:
    """Does a night's work once, in whichever process comes first; a night that was slept through is made up for."""

    def __init__(self, rewriting: Rewriting, clock: Clock) -> None:
        self._rewriting = rewriting
        self._clock = clock

    async def run(self) -> None:
        """Look every few minutes whether it is due, until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Do this night's work, unless somebody did; StoreAway leaves it to the next look."""
        night = (self._clock.now().astimezone(ZONE) - _BEGINS).date()
        with contextlib.suppress(StoreAway):
            if await self._rewriting.claim(night):
                await self._rewriting.rewrite()
                _log.info("store's log is written anew")
