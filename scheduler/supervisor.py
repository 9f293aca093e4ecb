"""Reminders, notices, relays and the sealing of the evidence, started and stopped together, and how they are."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

from scheduler.broadcasts import Broadcasts
from scheduler.digests import Digests
from scheduler.ports import Clock, EvidenceStore, StoreAway
from scheduler.relay import Relay
from scheduler.reminders import Reminders

_SILENT = timedelta(minutes=3)
"""After this long without a look through the campaigns something is wrong."""


_MINUTE_SECONDS = 60.0
"""How long an entry of the evidence may wait for its place in the chain, and a campaign for its opening."""


class Supervisor:
    """Use as `async with`: everything runs inside, and has come to rest after it.

    `also` is called every minute; StoreAway leaves it to the next.
    """

    def __init__(
        self,
        reminders: Reminders,
        broadcasts: Broadcasts,
        digests: Digests,
        relays: Sequence[Relay],
        evidence: EvidenceStore,
        clock: Clock,
        *,
        also: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._reminders = reminders
        self._broadcasts = broadcasts
        self._digests = digests
        self._relays = tuple(relays)
        self._evidence = evidence
        self._clock = clock
        self._also = (self._seal, *also)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._reminders.start()
        self._tasks = [asyncio.create_task(relay.run(), name=f"relay {relay.lane}") for relay in self._relays]
        self._tasks.append(asyncio.create_task(self._broadcasts.run(), name="notices"))
        self._tasks.append(asyncio.create_task(self._digests.run(), name="digests"))
        self._tasks.append(asyncio.create_task(self._each_minute(), name="each minute"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._reminders.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _each_minute(self) -> None:
        """Bind what was put down to the chain, and see to whatever else has its moment."""
        while True:
            for see_to in self._also:
                with contextlib.suppress(StoreAway):
                    await see_to()
            await asyncio.sleep(_MINUTE_SECONDS)

    async def _seal(self) -> None:
        await self._evidence.seal(self._clock.now())

    def health(self) -> Mapping[str, str | None]:
        """What is wrong with the reminders and with each lane; None where nothing is."""
        swept = self._reminders.swept_at
        late = swept is None or self._clock.now() - swept > _SILENT
        ended = {relay.lane for relay, task in zip(self._relays, self._tasks, strict=False) if task.done()}
        lanes = {
            f"lane {relay.lane}": "its relay has ended" if relay.lane in ended else relay.health.trouble or None
            for relay in self._relays
        }
        return {"reminders": "campaigns are not looked through" if late else None, **lanes}
