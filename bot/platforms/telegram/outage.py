"""Presses that Telegram gave up: it keeps one for 150 seconds, so after a longer silence they are to be asked for anew.

When Telegram was heard last is stored, so that a restart counts as silence, too. No press is never taken for a no.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.platforms.telegram.refs import PLATFORM
from bot.ports import HearingLog, StoreAway

_log = structlog.get_logger(__name__)

PRESS_KEPT = timedelta(seconds=150)
"""How long Telegram keeps a press that nobody fetches."""

_NOTED_EVERY = timedelta(seconds=30)

OfferAgain = Callable[[str, datetime, datetime], Awaitable[int]]
"""Offers the buttons of a platform anew after a silence from the first moment to the second; in how many groups."""


class Outages:
    """Notes when Telegram is heard, and has buttons offered again after a silence that lost presses."""

    def __init__(self, log: HearingLog, offer_again: OfferAgain) -> None:
        self._log = log
        self._offer_again = offer_again
        self._noted: datetime | None = None

    async def heard(self, at: datetime) -> None:
        """Telegram is heard at that moment."""
        if self._noted is not None and at - self._noted < _NOTED_EVERY:
            return
        try:
            before = await self._log.heard(PLATFORM, at)
            self._noted = at
            if before is not None and at - before > PRESS_KEPT:
                groups = await self._offer_again(PLATFORM, before, at)
                _log.warning("presses were lost", silent_seconds=int((at - before).total_seconds()), groups=groups)
        except StoreAway:  # asked again with the next update
            _log.warning("store away, hearing not noted", platform=PLATFORM)
