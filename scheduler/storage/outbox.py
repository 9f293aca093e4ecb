"""Deliveries into the outbox: wave slots claimed with what they send, single messages, and the ledger."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from scheduler.deliveries import CLAIMED, Attempt, Delivery, Kind, Parked
from scheduler.messages import Outcome, Refused, RefusedWhy, Unknown
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Arg, Database, in_batches
from scheduler.storage.envelopes import envelope, written
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.keys import CampaignKeys, OutboxKeys
from scheduler.storage.records import from_json_union, to_json

_log = structlog.get_logger(__name__)

_CLAIM = scripting.load(__package__, "claim", uses=("witness", "outbox"))
_NUDGE = scripting.load(__package__, "nudge", uses=("witness", "outbox"))
_DROP = scripting.load(__package__, "drop", uses=("witness", "outbox"))
_DECIDE = scripting.load(__package__, "decide", uses=("witness", "outbox"))
_QUEUE = scripting.load(__package__, "queue", uses=("witness", "outbox"))
_FAILOVER = scripting.load(__package__, "failover")

_GIVEN_UP = to_json(Refused(why=RefusedWhy.GIVEN_UP), Outcome)
FORGOTTEN = to_json(Unknown(why="failover"), Outcome)

_DAY_MS = 86_400_000
_WEEK = 7


class RedisOutbox:
    """`scheduler.ports.Outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = OutboxKeys(database.prefix)

    async def claim(
        self, slots: Sequence[str], deliveries: Sequence[Delivery], now: datetime
    ) -> tuple[tuple[str, ...], int]:
        """Claim wave slots and queue their deliveries in one step; what was claimed, and how many were queued.

        A slot that was claimed before, whoever did, is left out; a message to a group then speaks of the other
        classes, and one to a person goes with the slot of its first class. Nothing is claimed of a campaign that is
        not open; what a student no longer owes is left out, campaign by campaign. What is a repeat already is parked
        where it goes to a group. All of it is one script: so much that others may wait for it.
        """
        asked = [[one.id, envelope(one)] for one in deliveries]
        row = (to_ms(now), FORGOTTEN, written([[*slots], asked]))
        claimed, queued = await self._database.run(_CLAIM, self._keys.shared, row)
        return tuple(claimed), queued

    async def replaced_at(self, now: datetime) -> datetime | None:
        """When another server took the place of the one that was written to, as of this look; None: it never did."""
        found = await self._database.run(_FAILOVER, [self._keys.server], (to_ms(now),))
        if not found:
            return None
        at, found_out = found
        if found_out:
            _log.error("another server took the store's place: what was recorded last may be missing, and is in doubt")
        return from_ms(at)

    async def drop(self, campaign_id: str, slots: Sequence[str], now: datetime, why: str) -> tuple[str, ...]:
        """Claim slots without queueing anything (too late); which of them were still free."""
        if not slots:
            return ()
        args: list[Arg] = [campaign_id, to_ms(now), why, *slots]
        return tuple(await self._database.run(_DROP, self._keys.shared, args))

    async def claimed(self, campaign_id: str) -> Mapping[str, str]:
        """Every slot claimed so far and what became of it: `claimed`, or why it was dropped."""
        stored = await self._database.call("HGETALL", CampaignKeys(self._database.prefix).slots(campaign_id))
        return {slot: text.split(" ", 2)[2] for slot, text in stored.items()}

    async def claimed_at(self, campaign_id: str, slots: Sequence[str]) -> Mapping[str, datetime]:
        """When each of these slots was claimed last, whatever became of it; one nobody claimed is missing."""
        stored = await self._database.hash_values(CampaignKeys(self._database.prefix).slots(campaign_id), slots)
        return {slot: from_ms(text.partition(" ")[0]) for slot, text in stored.items()}

    async def claim_again(
        self, campaign_id: str, slot: str, deliveries: Sequence[Delivery], now: datetime, *, gap: timedelta
    ) -> tuple[datetime | None, int]:
        """Claim a slot that may be claimed again after `gap`, and queue its deliveries, in one step.

        The moment of the last claim if it is too near, and how many deliveries were queued.
        """
        args: list[Arg] = [campaign_id, slot, to_ms(now), gap // timedelta(milliseconds=1)]
        for delivery in deliveries:
            args += [delivery.id, written(envelope(delivery))]
        before, queued = await self._database.run(_NUDGE, self._keys.shared, args)
        return (from_ms(before) if before else None), queued

    async def fired(self, campaign_id: str) -> tuple[datetime, ...]:
        """When each wave first went out, in the order of time; one that was dropped for every class did not."""
        stored = await self._database.whole_hash(CampaignKeys(self._database.prefix).slots(campaign_id))
        first: dict[str, int] = {}
        for slot, text in stored.items():
            ms, _, became = text.split(" ", 2)
            wave = slot.rpartition(":")[0]
            if became == CLAIMED:
                first[wave] = min(first.get(wave, int(ms)), int(ms))
        return tuple(from_ms(ms) for ms in sorted(first.values()))

    async def burdens(self, sids: Sequence[str], now: datetime) -> Mapping[str, int]:
        """How many private reminders each of these students got within a week, of any campaign; by sid, if any."""
        stored = await self._database.hash_values(self._keys.burdens, sids)
        since = to_ms(now) // _DAY_MS - _WEEK
        found = {sid: sum(int(day) > since for day in days.split()) for sid, days in stored.items()}
        return {sid: number for sid, number in found.items() if number}

    async def told(self, campaign_id: str) -> Mapping[str, int]:
        """How many reminders of a campaign each student (by sid) and each group (by address) has got."""
        stored = await self._database.whole_hash(self._keys.told + campaign_id)
        return {who: int(number) for who, number in stored.items()}

    async def spare(self, campaign_id: str, numbers: Mapping[str, int]) -> None:
        """Note by slot how many students a wave leaves out because they were reminded often enough."""
        for part in in_batches(tuple(numbers)):
            rows = [cell for slot in part for cell in (slot, numbers[slot])]
            await self._database.call("HSET", self._keys.spared(campaign_id), *rows)

    async def spared(self, campaign_id: str) -> Mapping[str, int]:
        """What was noted by `spare`, by slot."""
        stored = await self._database.whole_hash(self._keys.spared(campaign_id))
        return {slot: int(number) for slot, number in stored.items()}

    async def queue(self, delivery: Delivery, now: datetime) -> bool:
        """Queue one delivery; False if its id was queued before."""
        args = (delivery.id, written(envelope(delivery)), to_ms(now))
        return bool(await self._database.run(_QUEUE, self._keys.shared, args))

    async def ledger(self, campaign_id: str = "") -> tuple[Attempt, ...]:
        """All attempts so far, oldest first, those still open last; of one campaign if named."""
        settled = [fields async for fields in self._ledger_lines()]
        lines = (*settled, *await self._open_attempts())
        return tuple(_attempt(line) for line in lines if not campaign_id or campaign_id in line["c"].split())

    async def parked(self) -> tuple[str, ...]:
        """Ids of group messages and notices that may or may not have arrived: a person has to look."""
        return tuple(sorted(await self._database.call("HKEYS", self._keys.parked)))

    async def undecided(self) -> tuple[Parked, ...]:
        """What is parked, the longest waiting first."""
        stored = await self._database.whole_hash(self._keys.parked)
        read = [(delivery, json.loads(text)) for delivery, text in stored.items()]
        found = [
            Parked(id=delivery, address=one["to"], kind=Kind(one["kind"]), tried_at=from_ms(one.get("tried", 0)))
            for delivery, one in read
        ]
        return tuple(sorted(found, key=lambda one: (one.tried_at, one.id)))

    async def decide(self, ids: Sequence[str], now: datetime, *, again: bool) -> tuple[str, ...]:
        """Send what is parked once more, marked as a repeat, or give it up; those of which nobody had decided."""
        decided: list[str] = []
        for part in in_batches(ids):
            args: list[Arg] = [to_ms(now), "" if again else _GIVEN_UP, *part]
            decided += await self._database.run(_DECIDE, self._keys.shared, args)
        return tuple(decided)

    async def _ledger_lines(self) -> Any:
        after = "-"
        while lines := await self._database.call("XRANGE", self._keys.ledger, after, "+", "COUNT", BATCH):
            for _, fields in lines:
                yield fields
            after = f"({lines[-1][0]}"

    async def _open_attempts(self) -> list[dict[str, str]]:
        marks = await self._database.whole_hash(self._keys.attempts)
        envelopes = await self._database.hash_values(self._keys.deliveries, tuple(marks))
        lines = []
        for delivery_id, text in envelopes.items():
            envelope = json.loads(text)
            campaigns = " ".join(one["campaign"] for one in (envelope, *envelope.get("also", ())))
            line = {"d": delivery_id, "to": envelope["to"], "k": envelope["kind"], "c": campaigns}
            lines.append({**line, "t": marks[delivery_id].split()[0], "o": ""})
        return lines


def _attempt(line: Mapping[str, str]) -> Attempt:
    return Attempt(
        delivery=line["d"],
        address=line["to"],
        kind=Kind(line["k"]),
        tried_at=from_ms(line["t"]),
        outcome=from_json_union(Outcome, line["o"]) if line["o"] else None,
    )
