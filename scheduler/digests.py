"""Once a working day each of the staff is told what lies on their desk, all classes and campaigns in one message.

Nothing is planned ahead: whoever looks during the morning derives who is to be told, and the outbox takes each digest
once a day. It is worded when it is sent. The reminders of papers that fall on the day are part of it, and the rungs of
the ladder that are asked with it are claimed before it, so that the next day knows who was asked when.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, date, datetime

import structlog

from scheduler.calendar import ZONE, working_day
from scheduler.campaigns import Campaign
from scheduler.deliveries import Delivery, Kind
from scheduler.desks import Desks
from scheduler.messages import OutboundMessage, Phrase, Purpose
from scheduler.ports import Clock, Outbox, StoreAway
from scheduler.staff_days import CLOSES, LASTS_UNTIL, OPENS, Desk, goes_out, told_anyway

_log = structlog.get_logger(__name__)

_LOOK_SECONDS = 60.0

ASKED, IN_DIGEST = "asked", "in-digest"
"""What became of a slot of the ladder, and of a reminder that was part of a digest."""


class Digests:
    """Queues what is to be told on a day. Any number of processes may do so at once."""

    def __init__(self, desks: Desks, outbox: Outbox, clock: Clock) -> None:
        self._desks = desks
        self._outbox = outbox
        self._clock = clock
        self._done: date | None = None  # spares looking again; what was queued the outbox knows

    async def run(self) -> None:
        """Look every minute, until cancelled."""
        while True:
            with contextlib.suppress(StoreAway):
                await self.fire()
            await asyncio.sleep(_LOOK_SECONDS)

    async def fire(self) -> int:
        """Queue the digests of this day, if it is time and nobody did; how many were queued."""
        now = self._clock.now()
        local = now.astimezone(ZONE)
        if not OPENS <= local.time() < CLOSES or self._done == local.date():
            return 0
        running = await self._desks.running(now)
        queued = await self._queue(running, now) if running or working_day(local.date()).works else 0
        self._done = local.date()
        if queued:
            _log.info("digests queued", count=queued)
        return queued

    async def _queue(self, running: Sequence[Campaign], now: datetime) -> int:
        desks, seatings = await self._desks.all(running, now)
        for campaign in running:
            await self._outbox.drop(campaign.id, seatings[campaign.id].fresh, now, ASKED)
        letters = await asyncio.gather(*(self._desks.worded(desk, now) for desk in desks.values()))
        told = {account: desk for (account, desk), letter in zip(desks.items(), letters, strict=True) if letter}
        queued = await asyncio.gather(
            *(self._outbox.queue(_delivery(account, desk, now), now) for account, desk in told.items())
        )
        for campaign in running:
            await self._outbox.drop(
                campaign.id, told_anyway(campaign, seatings[campaign.id], told, now), now, IN_DIGEST
            )
        return sum(queued)


def _delivery(account: str, desk: Desk, now: datetime) -> Delivery:
    day = now.astimezone(ZONE).date()
    return Delivery(
        id=f"digest:{day.isoformat()}@{account}",
        kind=Kind.DIGEST,
        message=OutboundMessage(
            to=desk.holder.private,
            body=Phrase(key="digest.begin"),
            purpose=Purpose.DEADLINE,
            expires_at=datetime.combine(day, LASTS_UNTIL, ZONE).astimezone(UTC),
        ),
        account=account,
        not_before=goes_out(day, account),
    )
