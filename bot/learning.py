"""Every night the questions without a good answer are put together, for staff to look at in the morning."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.ports import Clusterings, QuestionLog, StoreAway
from knowledge.clustering import Clustering
from knowledge.search.gathering import gather
from knowledge.search.searcher import Searcher
from scheduler.calendar import ZONE
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

_BEGINS = timedelta(hours=3)
"""When a night's work begins, after midnight where the school is."""

_SWEEP = timedelta(minutes=10)


async def gathered(questions: QuestionLog, searcher: Searcher, now: datetime) -> Clustering:
    """The questions kept, put together in a thread."""
    kept = await questions.kept()
    return Clustering(at=now, clusters=await asyncio.to_thread(gather, kept, searcher))


class Learning:
    """Does a night's work once, in whichever process comes first; a night that was slept through is made up for."""

    def __init__(
        self, questions: QuestionLog, clusterings: Clusterings, searcher: Callable[[], Searcher], clock: Clock
    ) -> None:
        self._questions = questions
        self._clusterings = clusterings
        self._searcher = searcher
        self._clock = clock

    async def run(self) -> None:
        """Look every few minutes whether a night's work is due, until cancelled."""
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        scheduler.add_job(self.sweep, IntervalTrigger(seconds=_SWEEP.total_seconds()))
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    async def sweep(self) -> None:
        """Do this night's work, unless somebody did; StoreAway leaves it to the next look."""
        now = self._clock.now()
        night = (now.astimezone(ZONE) - _BEGINS).date()
        with contextlib.suppress(StoreAway):
            if await self._clusterings.claim(night):
                clustering = await gathered(self._questions, self._searcher(), now)
                await self._clusterings.put(clustering)
                _log.info("questions put together", clusters=len(clustering.clusters))
