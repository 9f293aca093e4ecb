"""Taking notices back that have arrived: what a platform still lets be taken back, until when, and asking for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Address, OutboundMessage, Purpose, Text
from scheduler.notices import ARRIVED, Arrival, Result, current
from scheduler.ports import NoticeResults

Recallable = Callable[[Address, str], timedelta | None]
"""For how long a platform lets a message be taken back, by its address and the platform's id; None: never."""

_STILL_THERE = ARRIVED - {Arrival.RECALLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What can still be taken back: each until when (UTC); and what never can or no longer, of all it reached or may
    have reached."""

    open: tuple[tuple[Result, datetime], ...]
    closed: tuple[Result, ...]

    @property
    def first_end(self) -> datetime | None:
        """When the first of them cannot be taken back any more."""
        return min((until for _, until in self.open), default=None)


def recall_of(results: Sequence[Result], recallable: Recallable, now: datetime) -> Recall:
    """What of these results can be taken back now."""
    arrived = [one for one in results if one.state in _STILL_THERE]
    ends = [(one, _end(one, recallable)) for one in arrived]
    open_now = [(one, end) for one, end in ends if end is not None and now < end]
    taken = {one.target for one, _ in open_now}
    return Recall(open=tuple(open_now), closed=tuple(one for one in arrived if one.target not in taken))


async def ask_back(results: NoticeResults, number: int, recallable: Recallable, now: datetime) -> Recall:
    """Ask for everything of a notice back that can be taken back now, each once; what could be, and what could not."""
    found = recall_of(current((await results.results(number)).values()), recallable, now)
    await results.ask_recall(number, [(result, _taking_back(number, result)) for result, _ in found.open], now)
    return found


def _end(result: Result, recallable: Recallable) -> datetime | None:
    lasts = recallable(result.to, result.message_id) if result.to and result.message_id else None
    return None if lasts is None else result.at + lasts


def _taking_back(number: int, result: Result) -> Delivery:
    if result.to is None:
        raise ValueError(f"notice {number} never went to {result.target}")
    return Delivery(
        id=f"recall:{number}:{result.target}:{result.message_id}",
        kind=Kind.RECALL,
        message=OutboundMessage(to=result.to, body=Text(text=""), purpose=Purpose.NOTICE, replaces=result.message_id),
        classes=result.classes,
        sid=result.sid,
        notice=number,
        target=result.target,
    )
