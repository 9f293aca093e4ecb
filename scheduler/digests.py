"""Once a working day each of the staff is told what lies on their desk, all classes and campaigns in one message.

Nothing is planned ahead: whoever looks during the morning derives who is to be told, and the outbox takes each digest
once a day. It is worded when it is sent. The reminders of papers that fall on the day are part of it, and the rungs of
the ladder that are asked with it are claimed before it, so that the next day knows who was asked when.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import structlog

from scheduler.calendar import ZONE, working_day
from scheduler.campaigns import Campaign, Owner
from scheduler.deliveries import Delivery, Kind, slot_id
from scheduler.desks import Desk, Desks
from scheduler.ladder import Rung
from scheduler.messages import OutboundMessage, Phrase, Purpose
from scheduler.planner import plan
from scheduler.ports import Clock, Outbox, StoreAway
from scheduler.seats import Seating

_log = structlog.get_logger(__name__)

OPENS, CLOSES, LASTS_UNTIL = time(8, 30), time(12), time(20)
"""From when on and until when a day's digests are queued, and until when they are still worth sending (local)."""

_SPREAD_MINUTES = 25
"""Within so many minutes they go out, never at a full one, and to each person always at the same."""

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
                campaign.id, _told_anyway(campaign, seatings[campaign.id], told, now), now, IN_DIGEST
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
        not_before=datetime.combine(day, OPENS, ZONE).astimezone(UTC) + _spread(account),
    )


def _spread(account: str) -> timedelta:
    drawn = int.from_bytes(hashlib.sha256(account.encode()).digest()[:4])
    return timedelta(minutes=drawn % _SPREAD_MINUTES, seconds=1 + drawn // 64 % 59)


def _told_anyway(campaign: Campaign, seating: Seating, told: Mapping[str, Desk], now: datetime) -> list[str]:
    """The slots of reminders to monitors that fall on this day and are part of the digest of a class's monitor."""
    planned = plan(campaign, now)
    today = now.astimezone(ZONE).date()
    waves = [
        wave
        for wave in (*planned.due, *planned.coming)
        if campaign.stage(wave.stage).owner is Owner.MONITOR and wave.at.astimezone(ZONE).date() == today
    ]
    classes = {
        seat.found.id
        for account, seats in seating.seats.items()
        if account in told
        for seat in seats
        if seat.rung is Rung.MONITOR
    }
    return [slot_id(campaign.id, wave.stage, wave.id, class_id) for wave in waves for class_id in sorted(classes)]
