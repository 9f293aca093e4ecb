"""One serving process: the configured platforms, the reminders, and the health pages."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from bot import web
from bot.bootstrap import Knowledge, Lane, Service, Stores, seal, stores
from bot.metrics import Metrics
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.refs import PLATFORM as TELEGRAM
from bot.settings import Settings
from knowledge.loading import CONTENT
from scheduler.clocks import SystemClock
from scheduler.pacing import telegram_budgets

_MENU = "telegram.menu."
"""Phrases that name the commands in Telegram's input field."""


async def serve(settings: Settings, known: Knowledge, on_ready: Callable[[int], None]) -> None:
    """Serve until cancelled: what comes in is stored, answered, and reminders go out when it is time."""
    clock = SystemClock()
    metrics = Metrics()
    async with stores(settings, serving=True) as (kept, server), AsyncExitStack() as platforms:
        telegram = await _telegram(settings, known, kept, platforms, clock)
        lanes = [_lane(telegram)] if telegram else []
        service = Service(settings=settings, known=known, kept=kept, clock=clock, lanes=lanes, metrics=metrics)

        def notes() -> Mapping[str, str]:
            said = [known.wording.render(note) for note in telegram.notes()] if telegram else []
            return {**service.notes(), **({TELEGRAM: " ".join(said)} if said else {})}

        async def health() -> Mapping[str, str | None]:
            trouble = {TELEGRAM: telegram.health.trouble or None} if telegram else {}
            return {**await service.health(), **trouble}

        parts = web.WebParts(health=health, registry=metrics.registry, notes=notes, measure=service.measure)
        async with asyncio.TaskGroup() as group:
            group.create_task(service.work(server), name="service")
            if telegram is not None:
                group.create_task(telegram.run(), name="telegram")
            pages = web.serve(web.create(parts), host=settings.host, port=settings.port, on_ready=on_ready)
            group.create_task(pages, name="web")


async def _telegram(
    settings: Settings, known: Knowledge, kept: Stores, platforms: AsyncExitStack, clock: SystemClock
) -> Telegram | None:
    if settings.telegram_token is None:
        return None
    telegram = Telegram(
        token=settings.telegram_token.get_secret_value(),
        base_url=settings.telegram_base_url,
        seal=seal(settings),
        intake=kept.intake,
        clock=clock,
        figures=CONTENT / "figures",
        menu=known.wording.labels(_MENU),
    )
    return await platforms.enter_async_context(telegram)


def _lane(telegram: Telegram) -> Lane:
    return Lane(
        name=TELEGRAM,
        messenger=telegram,
        receive=telegram.receive,
        budgets=lambda to: telegram_budgets(to, in_group=to.chat.startswith("-")),
    )
