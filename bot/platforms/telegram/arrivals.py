"""What Telegram delivered, by fetching or by webhook, on its way into the intake; and how hearing it goes."""

import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bot.platforms.masking import mask_json
from bot.platforms.telegram.receiver import IDENTIFIERS, chat_of
from bot.platforms.telegram.refs import PLATFORM
from bot.ports import RawUpdate

_log = structlog.get_logger(__name__)

Pause = Callable[[float], Awaitable[None]]
"""Waits that many seconds."""

_SHORTEST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


class Unstorable(ValueError):
    """An update that cannot even be kept; the message says why, and nothing of the update."""


def to_raw(update: Any, now: datetime) -> RawUpdate:
    """The update as it is stored: masked, with its key and its chat."""
    if not has_id(update):
        raise Unstorable("no update_id")
    try:
        masked = json.dumps(mask_json(update, leave=IDENTIFIERS), ensure_ascii=False)
    except RecursionError:
        raise Unstorable("nested too deep") from None
    return RawUpdate(
        platform=PLATFORM,
        key=str(update["update_id"]),
        chat=chat_of(update),
        body=masked.encode("utf-8", "replace"),
        received_at=now,
    )


def has_id(update: Any) -> bool:
    """Whether it is an update that has an id."""
    return isinstance(update, dict) and type(update.get("update_id")) is int


@dataclass(slots=True, kw_only=True)
class Hearing:
    """How hearing goes: when Telegram was last heard, what is wrong now (empty: nothing), what was set aside."""

    heard_at: datetime | None = None
    trouble: str = ""
    set_aside: int = 0

    def leave_out(self, why: str) -> None:
        """Count an update that cannot be kept."""
        self.set_aside += 1
        _log.warning("update set aside", platform=PLATFORM, why=why)


class Patience:
    """Waits while something is wrong: as long as asked, else longer with each failure in a row."""

    def __init__(self, hearing: Hearing, pause: Pause) -> None:
        self._hearing = hearing
        self._pause = pause
        self._failures = 0

    async def wait_out(self, trouble: str, seconds: float | None = None) -> None:
        """Note the trouble and wait."""
        if trouble != self._hearing.trouble:
            _log.warning("hearing pauses", platform=PLATFORM, why=trouble)
        self._hearing.trouble = trouble
        longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2.0 ** min(self._failures, 10))
        self._failures += 1
        # Jitter, so that the bots of one machine do not come back in step.
        await self._pause(seconds if seconds is not None else longest * random.uniform(0.5, 1.0))  # noqa: S311

    def over(self) -> None:
        """All is well again."""
        self._failures, self._hearing.trouble = 0, ""
