"""Notices on their way: begun at their moment, written into the outbox, and done when nothing of them waits.

Any number of processes may do this at once: every step of a notice's life is taken by one of them, and a recipient's
delivery is queued once, whoever writes it. What a process left half done another one goes on with.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from scheduler.addressing import Addressing
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import OutboundMessage, Purpose, Text
from scheduler.notices import (
    FAILED,
    Arrival,
    Notice,
    NoticeStatus,
    Recipient,
    Result,
    begin,
    current,
    finish,
    waking_hours,
    written,
)
from scheduler.ports import Clock, NoticeResults, NoticeStore, Outbox, StoreAway
from scheduler.recalls import Recallable, ask_back

_log = structlog.get_logger(__name__)

_LOOK_SECONDS = 1.0
"""How often notices are looked through; a notice begins at most so much after its moment."""


class Broadcasts:
    """Moves notices on."""

    def __init__(
        self,
        notices: NoticeStore,
        results: NoticeResults,
        outbox: Outbox,
        addressing: Addressing,
        clock: Clock,
        recallable: Recallable,
    ) -> None:
        self._notices = notices
        self._outbox = outbox
        self._results = results
        self._addressing = addressing
        self._clock = clock
        self._recallable = recallable
        self._replaced_at: datetime | None = None

    async def run(self) -> None:
        """Look after them until cancelled."""
        while True:
            try:
                await self.step()
            except StoreAway:
                _log.warning("notices wait for the store")
            await asyncio.sleep(_LOOK_SECONDS)

    async def step(self) -> None:
        """Move every notice on as far as it goes at this instant."""
        self._replaced_at = await self._outbox.replaced_at(self._clock.now())
        for notice in await self._notices.moving():
            await self._move(notice)

    async def _move(self, notice: Notice) -> None:
        now = self._clock.now()
        match notice.status:
            case NoticeStatus.APPROVED:
                await self._take(notice, begin(notice, now))
            case NoticeStatus.SENDING:
                await self._results.release(notice.number)
                if not notice.written:
                    await self._write(notice, now)
                await self._finish(notice, now)
            case NoticeStatus.CANCELLED:  # what was held is refused at the gate
                await self._results.release(notice.number)
                await self._finish(notice, now)
            case _:
                return

    async def _finish(self, notice: Notice, now: datetime) -> None:
        waiting = (await self._results.counts(notice.number)).get(Arrival.WAITING, 0)
        step = finish(notice, waiting, now)
        if notice.recalled and isinstance(step, Notice):  # what was being sent when it was taken back has arrived since
            await ask_back(self._results, notice.number, self._recallable, now)
        await self._take(notice, step)

    async def _take(self, notice: Notice, step: object) -> None:
        """Take a step of its life, unless somebody else has."""
        if not isinstance(step, Notice):
            return
        if await self._notices.save(step, seen_revision=notice.revision, by="", now=self._clock.now()):
            _log.info("notice moved", notice=step.number, status=step.status)
            await self._move(step)

    async def _write(self, notice: Notice, now: datetime) -> None:
        found = await self._addressing.recipients(notice.audience, now)
        seen = await self._results.results(notice.number) if notice.round else {}
        sent = [(one, delivery_to(one, notice, now)) for one in _wanted(found, seen, notice)]
        if _in_doubt(notice, self._replaced_at):
            _log.warning("notice may have been sent before a failover", notice=notice.number, sends=len(sent))
            sent = [(one, replace(delivery, repeat=True) if delivery else None) for one, delivery in sent]
        await self._results.requeue(notice.number, sent, seen, now)
        counts = await self._results.counts(notice.number)
        addresses = sum(number for state, number in counts.items() if state is not Arrival.UNREACHED)
        await self._take(notice, written(notice, addresses))


def _in_doubt(notice: Notice, replaced_at: datetime | None) -> bool:
    """Whether the server that took another one's place may have forgotten that this was sent, to whom it does not know.

    What was asked for once more is not looked at: nobody knows since when it was under way.
    """
    begins = notice.scheduled_for
    return not notice.round and replaced_at is not None and begins is not None and begins <= replaced_at


def _wanted(found: Sequence[Recipient], seen: Mapping[str, Result], notice: Notice) -> Iterator[Recipient]:
    """Until it was written whole once, everybody; then exactly those it did not reach, be it in a group their class has
    got since. A correction goes to whom the wrong notice has reached since as well."""
    grows = not notice.addresses or notice.audience.reached_by
    missed = {name for one in current(seen.values()) if one.in_group and one.state in FAILED for name in one.classes}
    for one in found:
        before = seen.get(one.target)
        if _again(before, notice) if before else grows or (one.in_group and not missed.isdisjoint(one.classes)):
            yield one


def _again(result: Result, notice: Notice) -> bool:
    return result.state in FAILED or (notice.unknown_too and result.state is Arrival.UNKNOWN)


def delivery_to(recipient: Recipient, notice: Notice, now: datetime) -> Delivery | None:
    """A notice to one recipient; None where there is no address. Its id is the same whoever writes it."""
    if recipient.to is None:
        return None
    return Delivery(
        id=f"notice:{notice.number}:{notice.round}:{recipient.target}",
        kind=Kind.GROUP_NOTICE if recipient.in_group else Kind.NOTICE,
        message=OutboundMessage(
            to=recipient.to,
            body=Text(text=""),
            purpose=Purpose.NOTICE,
            reply_to=recipient.reply_to or None,
            files=notice.files,
        ),
        classes=recipient.classes,
        sid=recipient.sid,
        notice=notice.number,
        target=recipient.target,
        awake=() if notice.quiet_reason else waking_hours(now, notice.hours),
    )
