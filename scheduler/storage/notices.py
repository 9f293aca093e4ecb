"""Notices, where each stands with each recipient, and who has read it, in Redis."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from scheduler.deliveries import Delivery
from scheduler.messages import Accepted, Address, Outcome
from scheduler.notices import Arrival, Notice, NoticeStatus, Reading, Recipient, Result
from scheduler.storage import scripting
from scheduler.storage.database import Arg, Database
from scheduler.storage.envelopes import envelope, written
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.keys import EvidenceKeys, NoticeKeys, OutboxKeys
from scheduler.storage.outbox import FORGOTTEN
from scheduler.storage.records import from_json, to_json

_SAVE = scripting.load(__package__, "save_notice", uses=("witness",))
_READ = scripting.load(__package__, "read_notice")
_QUEUE = scripting.load(__package__, "queue_notice", uses=("witness", "outbox"))
_RELEASE = scripting.load(__package__, "release_notice", uses=("witness", "outbox"))
_BY_HAND = scripting.load(__package__, "by_hand", uses=("witness", "outbox"))
_ASK_RECALL = scripting.load(__package__, "ask_recall", uses=("witness", "outbox"))

_AT_ONCE = 200
"""Recipients of one script: others wait for the server meanwhile."""

_FIRST = 1_000
"""Numbers begin above it, so that nobody takes one for a choice or a day."""

_HANDED_ON = to_json(Accepted(message_id="by-hand"), Outcome)


async def notice_numbers(database: Database) -> range:
    """Every number that was given to a notice, the first one first."""
    return range(_FIRST + 1, _FIRST + 1 + int(await database.call("GET", NoticeKeys(database.prefix).numbers) or 0))


class RedisNoticeStore:
    """`scheduler.ports.NoticeStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = NoticeKeys(database.prefix)
        self._read: dict[int, Notice] = {}

    async def new_number(self) -> int:
        """A number no notice ever had."""
        return _FIRST + int(await self._database.call("INCR", self._keys.numbers))

    async def save(self, notice: Notice, *, seen_revision: int, by: str, now: datetime) -> bool:
        """Store it if the stored revision is still `seen_revision` (0: none stored); False otherwise.

        A step of its life goes into the evidence. ValueError for a change that is no new revision.
        """
        if notice.revision <= seen_revision:
            raise ValueError(f"notice {notice.number} was changed and still has revision {notice.revision}")
        keys = [f"{self._keys.notices}{notice.number}", self._keys.moving]
        keys.append(EvidenceKeys(self._database.prefix).unsealed)
        row: list[Arg] = [notice.number, seen_revision, notice.revision, notice.status, to_json(notice)]
        row += [int(_moves(notice)), to_ms(now), by, _digest(notice), notice.count]
        return bool(await self._database.run(_SAVE, keys, row))

    async def get(self, number: int) -> Notice | None:
        """The notice of that number; one whose revision was read before is not read again."""
        key = f"{self._keys.notices}{number}"
        revision = int(await self._database.call("HGET", key, "revision") or 0)
        known = self._read.get(number)
        if known is None or known.revision != revision:
            body = await self._database.call("HGET", key, "body")
            if body is None:
                return None
            known = self._read[number] = from_json(Notice, body)
        return known

    async def latest(self, most: int) -> tuple[Notice, ...]:
        """The last ones drafted, the newest first."""
        numbers = await notice_numbers(self._database)
        found = [await self.get(number) for number in reversed(numbers[-most:])]
        return tuple(notice for notice in found if notice is not None)

    async def moving(self) -> tuple[Notice, ...]:
        """Those that wait for their moment, are being sent, or are paused; by number."""
        numbers = sorted(map(int, await self._database.call("SMEMBERS", self._keys.moving)))
        found = [await self.get(number) for number in numbers]
        return tuple(notice for notice in found if notice is not None)

    async def read(self, number: int, who: str, now: datetime, answer: tuple[int, int] | None) -> Reading | None:
        """Somebody has read it, and perhaps answered a question; the reading afterwards, None if it was never sent."""
        keys = [f"{self._keys.notices}{number}", f"{self._keys.readings}{number}"]
        place, option = answer if answer is not None else ("", "")
        text = await self._database.run(_READ, keys, (who, to_ms(now), place, option))
        return _reading(text) if text else None

    async def reading(self, number: int, who: str) -> Reading | None:
        """What somebody has read of it; None if they have not."""
        text = await self._database.call("HGET", f"{self._keys.readings}{number}", who)
        return _reading(text) if text else None

    async def readings(self, number: int) -> Mapping[str, Reading]:
        """Who has read it, by sid or account."""
        stored = await self._database.whole_hash(f"{self._keys.readings}{number}")
        return {who: _reading(text) for who, text in stored.items()}


class RedisNoticeResults:
    """`scheduler.ports.NoticeResults`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = NoticeKeys(database.prefix)
        self._shared = OutboxKeys(database.prefix).shared

    async def queue(self, notice: int, sent: Sequence[tuple[Recipient, Delivery | None]], now: datetime) -> int:
        """Queue a delivery for each recipient, unless one was queued before; how many were."""
        return await self.requeue(notice, sent, {}, now)

    async def requeue(
        self, notice: int, sent: Sequence[tuple[Recipient, Delivery | None]], seen: Mapping[str, Result], now: datetime
    ) -> int:
        """As `queue`, for recipients who still stand where they were `seen`, by target."""
        queued = 0
        for start in range(0, len(sent), _AT_ONCE):
            args: list[Arg] = [notice, to_ms(now), FORGOTTEN]
            for recipient, delivery in sent[start : start + _AT_ONCE]:
                before = seen.get(recipient.target)
                args += [recipient.target, before.state if before else "", _result(recipient, delivery, now)]
                args += [delivery.id if delivery else "", written(envelope(delivery)) if delivery else ""]
            queued += max(0, int(await self._database.run(_QUEUE, self._shared, args)))
        return queued

    async def release(self, notice: int) -> int:
        """What was held while the notice was paused goes on; how many there were."""
        released = 0
        while some := int(await self._database.run(_RELEASE, self._shared, (notice, _AT_ONCE))):
            released += some
        return released

    async def results(self, notice: int) -> Mapping[str, Result]:
        """By target."""
        stored = await self._database.whole_hash(f"{self._keys.results}{notice}")
        return {target: _read_result(target, json.loads(text)) for target, text in stored.items()}

    async def counts(self, notice: int) -> Mapping[Arrival, int]:
        """How many recipients stand where."""
        stored = await self._database.call("HGETALL", f"{self._keys.counts}{notice}")
        return {Arrival(state): int(number) for state, number in stored.items() if int(number)}

    async def by_hand(self, notice: int, targets: Sequence[str], now: datetime) -> tuple[str, ...]:
        """A person has passed it on to these: nothing more is sent to them. Those that this was noted for."""
        noted: list[str] = []
        for start in range(0, len(targets), _AT_ONCE):
            args: list[Arg] = [notice, to_ms(now), _HANDED_ON, *targets[start : start + _AT_ONCE]]
            noted += await self._database.run(_BY_HAND, self._shared, args)
        return tuple(noted)

    async def ask_recall(self, notice: int, sent: Sequence[tuple[Result, Delivery]], now: datetime) -> int:
        """Queue the taking back of messages that have arrived; how many were queued."""
        queued = 0
        for start in range(0, len(sent), _AT_ONCE):
            args: list[Arg] = [notice, to_ms(now)]
            for result, delivery in sent[start : start + _AT_ONCE]:
                args += [result.target, result.message_id, delivery.id, written(envelope(delivery))]
            queued += int(await self._database.run(_ASK_RECALL, self._shared, args))
        return queued


def _moves(notice: Notice) -> bool:
    begun = notice.status not in {NoticeStatus.DRAFT, NoticeStatus.APPROVED}
    return notice.ended_at is None and (begun or notice.scheduled_for is not None)


def _digest(notice: Notice) -> str:
    """By what its words are known in the evidence."""
    questions = [text for question in notice.questions for text in (question.text, *question.options)]
    links = [text for link in notice.links for text in (link.label, link.url)]
    words = "\n".join([notice.title, notice.text, *questions, *links])
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()


def _result(recipient: Recipient, delivery: Delivery | None, now: datetime) -> str:
    """A recipient's result before anything came of it, as the scripts move it on."""
    state = Arrival.UNREACHED if delivery is None else Arrival.WAITING
    fixed = {"state": state, "at": to_ms(now), "to": str(recipient.to or ""), "classes": " ".join(recipient.classes)}
    return json.dumps({**fixed, "sid": recipient.sid, "in_group": recipient.in_group, "why": "", "message_id": ""})


def _read_result(target: str, stored: Mapping[str, Any]) -> Result:
    return Result(
        target=target,
        to=Address.parse(stored["to"]) if stored["to"] else None,
        state=Arrival(stored["state"]),
        at=from_ms(stored["at"]),
        classes=tuple(stored["classes"].split()),
        sid=stored["sid"],
        in_group=stored["in_group"],
        message_id=stored["message_id"],
        why=stored["why"],
        recall=stored.get("recall", ""),
    )


def _reading(text: str) -> Reading:
    stored = json.loads(text)
    return Reading(at=from_ms(stored["at"]), answers=dict(stored["answers"] or {}))
