"""Fetching updates: each is stored, masked, before the next higher offset tells Telegram to forget it.

A kill between any two steps loses nothing: what was fetched and not stored is fetched again, and what was
stored and not confirmed is fetched again and dropped by its key.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.platforms.masking import mask_json
from bot.platforms.telegram.receiver import ALLOWED_UPDATES, IDENTIFIERS, chat_of
from bot.platforms.telegram.refs import PLATFORM
from bot.platforms.telegram.request import Flood
from bot.ports import Intake, RawUpdate, StoreAway
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

Pause = Callable[[float], Awaitable[None]]
"""Waits that many seconds."""

LONG_POLL = 30
"""Seconds Telegram may hold a request back while there is nothing to fetch; it allows 50."""

_BATCH = 100
_SHORTEST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


@dataclass(slots=True, kw_only=True)
class PollingHealth:
    """How fetching goes: when Telegram last answered, what is wrong now (empty: nothing), what was set aside."""

    heard_at: datetime | None = None
    trouble: str = ""
    set_aside: int = 0


@dataclass(slots=True, kw_only=True)
class Polling:
    """Fetches for one bot. `api` is the address its methods' names are appended to."""

    request: BaseRequest
    api: str
    intake: Intake
    clock: Clock
    pause: Pause = asyncio.sleep
    long_poll: int = LONG_POLL
    health: PollingHealth = field(default_factory=PollingHealth)
    _offset: int = 0
    _failures: int = 0

    async def once(self) -> None:
        """One fetch, stored before it returns; what goes wrong is waited out, ever longer.

        Nothing more is fetched while the store is away.
        """
        try:
            fetched = await self._fetch()
        except TelegramError as error:
            await self.wait_out(_trouble(error), _asked_seconds(error))
            return
        now = self.clock.now()
        self.health.heard_at = now
        await self._store(tuple(self._readable(fetched, now)))
        # Nothing came: all was confirmed, and asking from the beginning again is safe. It is needed: after a week
        # of silence Telegram numbers anew, maybe lower.
        self._offset = max((update["update_id"] + 1 for update in fetched if _has_id(update)), default=0)
        if fetched and not any(map(_has_id, fetched)):
            await self.wait_out("unreadable-answer")  # without an id there is no offset past it
            return
        self._failures, self.health.trouble = 0, ""

    async def _fetch(self) -> list[Any]:
        asked = {
            "offset": self._offset,
            "limit": _BATCH,
            "timeout": self.long_poll,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        # Raw, since the library's own get_updates raises on the whole batch for one update it cannot parse.
        try:
            url = f"{self.api}/getUpdates?{urlencode(asked)}"
            answer = await self.request.post(url, read_timeout=self.long_poll + 10)
        except LookupError:  # a success without a result
            answer = None
        if not isinstance(answer, list):
            raise TelegramError("not a list of updates")
        return answer

    def _readable(self, fetched: Iterable[Any], now: datetime) -> Iterable[RawUpdate]:
        for update in fetched:
            if not _has_id(update):
                self._set_aside("no update_id")
                continue
            try:
                masked = json.dumps(mask_json(update, leave=IDENTIFIERS), ensure_ascii=False)
            except RecursionError:
                self._set_aside("nested too deep")
                continue
            yield RawUpdate(
                platform=PLATFORM,
                key=str(update["update_id"]),
                chat=chat_of(update),
                body=masked.encode("utf-8", "replace"),
                received_at=now,
            )

    def _set_aside(self, why: str) -> None:
        self.health.set_aside += 1
        _log.warning("update set aside", platform=PLATFORM, why=why)

    async def _store(self, updates: tuple[RawUpdate, ...]) -> None:
        while updates:
            try:
                await self.intake.store(updates)
            except StoreAway:
                await self.wait_out("store-away")
            else:
                return

    async def wait_out(self, trouble: str, seconds: float | None = None) -> None:
        """Note the trouble and wait: as long as asked, else longer with each failure in a row."""
        if trouble != self.health.trouble:
            _log.warning("fetching pauses", platform=PLATFORM, why=trouble)
        self.health.trouble = trouble
        longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2.0 ** min(self._failures, 10))
        self._failures += 1
        # Jitter, so that the bots of one machine do not come back in step.
        await self.pause(seconds if seconds is not None else longest * random.uniform(0.5, 1.0))  # noqa: S311


def _has_id(update: Any) -> bool:
    return isinstance(update, dict) and type(update.get("update_id")) is int


def _trouble(error: TelegramError) -> str:
    match error:
        case Conflict():
            return "conflict"
        case InvalidToken():
            return "token"
        case Flood():
            return "flood"
        case _:
            return "unreachable"


def _asked_seconds(error: TelegramError) -> float | None:
    return error.pause / timedelta(seconds=1) if isinstance(error, Flood) and error.pause is not None else None
