"""Fetching updates: each is stored, masked, before the next higher offset tells Telegram to forget it.

A kill between any two steps loses nothing: what was fetched and not stored is fetched again, and what was
stored and not confirmed is fetched again and dropped by its key.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.platforms.telegram.arrivals import Hearing, Patience, Unstorable, has_id, to_raw
from bot.platforms.telegram.receiver import ALLOWED_UPDATES
from bot.platforms.telegram.request import Flood
from bot.ports import Intake, RawUpdate, StoreAway
from scheduler.ports import Clock

LONG_POLL = 30
"""Seconds Telegram may hold a request back while there is nothing to fetch; it allows 50."""

_BATCH = 100


@dataclass(slots=True, kw_only=True)
class Polling:
    """Fetches for one bot. `api` is the address its methods' names are appended to."""

    request: BaseRequest
    api: str
    intake: Intake
    clock: Clock
    hearing: Hearing
    patience: Patience
    long_poll: int = LONG_POLL
    _offset: int = 0

    async def once(self) -> None:
        """One fetch, stored before it returns; what goes wrong is waited out, ever longer.

        Nothing more is fetched while the store is away.
        """
        try:
            fetched = await self._fetch()
        except TelegramError as error:
            await self.patience.wait_out(_trouble(error), _asked_seconds(error))
            return
        now = self.clock.now()
        self.hearing.heard_at = now
        await self._store(tuple(self._readable(fetched, now)))
        # Nothing came: all was confirmed, and asking from the beginning again is safe. It is needed: after a week
        # of silence Telegram numbers anew, maybe lower.
        self._offset = max((update["update_id"] + 1 for update in fetched if has_id(update)), default=0)
        if fetched and not any(map(has_id, fetched)):
            await self.patience.wait_out("unreadable-answer")  # without an id there is no offset past it
            return
        self.patience.over()

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
            try:
                yield to_raw(update, now)
            except Unstorable as error:
                self.hearing.leave_out(str(error))

    async def _store(self, updates: tuple[RawUpdate, ...]) -> None:
        while updates:
            try:
                await self.intake.store(updates)
            except StoreAway:
                await self.patience.wait_out("store-away")
            else:
                return


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
