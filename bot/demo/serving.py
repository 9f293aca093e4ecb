"""The demo in the browser: the sample college, a campaign already open, a clock that can be turned forward."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from bot import web
from bot.bootstrap import Knowledge, Stores, stores
from bot.demo.chat import Demo, demo
from bot.demo.clock import RunningClock
from bot.demo.college import open_campaign, write_roster
from bot.platforms.chatroom.pages import chatroom_pages
from bot.settings import Settings
from knowledge.loading import CONTENT
from scheduler.calendar import ZONE
from scheduler.campaigns import CampaignStatus
from scheduler.clocks import SystemClock
from scheduler.planner import plan

_SHORTLY_BEFORE = timedelta(seconds=1)

_FURTHEST = timedelta(days=400)
"""How far the clock is turned at once: beyond a campaign's year there is nothing to see."""

_BEGINS = (12, 14)
"""Month and day the demo begins at: a day before the first reminder of its template."""


async def serve_demo(settings: Settings, known: Knowledge, on_ready: Callable[[int], None]) -> None:
    """Serve until cancelled. Started again on the same folder it goes on where it stood."""
    cohort = await asyncio.to_thread(_cohort, settings.data)
    begins = datetime.combine(date(cohort, *_BEGINS), time(10), ZONE)
    clock = await asyncio.to_thread(RunningClock, settings.data / "clock", begins)
    roster = await asyncio.to_thread(write_roster, cohort, settings.data)
    file = (roster.name, await asyncio.to_thread(roster.read_bytes))
    async with stores(settings, serving=True) as (kept, server):
        shown = await demo(settings, known, kept, clock, cohort, file)
        await _have_campaign(shown, kept, cohort)
        turns: asyncio.Queue[None] = asyncio.Queue()
        clock.on_turn(lambda: turns.put_nowait(None))
        pages = chatroom_pages(
            shown.room, shown.receiver, figures=CONTENT / "figures", turn_clock=lambda to: _turn(shown, clock, to)
        )
        app = web.create(
            web.WebParts(
                health=shown.service.health,
                registry=shown.metrics.registry,
                notes=shown.service.notes,
                measure=shown.service.measure,
                chatroom=pages,
            )
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(shown.service.work(server), name="service")
            group.create_task(_derive_at_turns(shown, turns), name="clock")
            group.create_task(web.serve(app, host=settings.host, port=settings.port, on_ready=on_ready), name="web")


def _cohort(folder: Path) -> int:
    """The cohort of an earlier run in this folder, else this year's."""
    earlier = sorted(folder.glob("roster-*.xlsx"))
    return int(earlier[-1].stem.removeprefix("roster-")) if earlier else SystemClock().now().year


async def _have_campaign(shown: Demo, kept: Stores, cohort: int) -> None:
    """Open this year's campaign, unless an earlier run of the demo did."""
    if not any(campaign.status is CampaignStatus.OPEN for campaign in await kept.campaigns.all()):
        await open_campaign(shown.service, cohort)


async def _derive_at_turns(shown: Demo, turns: "asyncio.Queue[None]") -> None:
    while True:
        await turns.get()
        await shown.service.reminders.derive()
        await shown.service.digests.fire()


async def _turn(shown: Demo, clock: RunningClock, to: datetime | None) -> bool:
    """Turn the clock to an instant, or to just before the next reminder; False where none is to come."""
    if to is None:
        coming = [
            wave.at
            for campaign in await shown.service.kept.campaigns.all()
            if campaign.status is CampaignStatus.OPEN
            for wave in plan(campaign, clock.now()).coming
        ]
        if not coming:
            return False
        to = min(coming) - _SHORTLY_BEFORE
    if to > clock.now() + _FURTHEST:
        return False
    clock.advance_to(to)
    return True
