"""One serving process: the configured platforms, the reminders, and the health pages."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog
from fastapi import APIRouter

from bot import web
from bot.attending import Attendance
from bot.bootstrap import CurrentWording, Knowledge, Lane, Service, seal, stores, whereabouts
from bot.dialogue.reoffering import Reoffering
from bot.housekeeping import Housekeeping
from bot.learning import Learning
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.telegram.lane import Hook, Telegram
from bot.platforms.telegram.outage import Outages
from bot.platforms.telegram.refs import PLATFORM as TELEGRAM
from bot.reloading import Reloading, this_process
from bot.settings import Settings
from bot.storage.connection import clock_fault
from bot.wecom import Ground, wecom
from scheduler.clocks import SystemClock
from scheduler.messages import OutboundMessage, Phrase, Purpose
from scheduler.pacing import telegram_budgets
from scheduler.storage.lanes import RedisLanes

_log = structlog.get_logger(__name__)

_MENU = "telegram.menu."
"""Phrases that name the commands in Telegram's input field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Platform:
    """A configured platform: its lane, what runs while it is served, and the addresses it calls.

    `meet` is what a process that only sends has to know first. `trouble` is a word for what keeps it from working now,
    empty if nothing does; `notes` are for staff; `renew` brings to the platform what it keeps of the content, once
    another version is in service. `unserved` are those of its lanes by which nobody is reached as it is configured:
    what is addressed there all the same is refused.
    """

    lane: Lane
    run: Callable[[], Coroutine[None, None, None]]
    meet: Callable[[], Coroutine[None, None, object]]
    trouble: Callable[[], str]
    notes: Callable[[], Sequence[Phrase]]
    routers: Sequence[APIRouter]
    renew: Callable[[], Awaitable[None]] | None = None
    unserved: Sequence[str] = ()


async def serve(settings: Settings, known: Knowledge, on_ready: Callable[[int], None]) -> None:
    """Serve until cancelled: what comes in is stored, answered, and reminders go out when it is time."""
    clock = SystemClock()
    metrics = Metrics()
    async with stores(settings, serving=True) as (kept, server), AsyncExitStack() as opened:

        async def without_store(message: InboundMessage) -> object:
            return await service.dispatcher.handle_without_store(message)

        ground = Ground(
            settings=settings,
            kept=kept,
            wording=CurrentWording(lambda: service.known),
            figures=known.folder / "figures",
            clock=clock,
            metrics=metrics,
            without_store=without_store,
            opened=opened,
            alone=server is not None,
        )
        platforms = await _platforms(ground, lambda: service.known)
        lanes = [platform.lane for platform in platforms]
        _say_who_is_heard(lanes)
        service = Service(settings=settings, known=known, kept=kept, clock=clock, lanes=lanes, metrics=metrics)

        renewing = [platform.renew for platform in platforms if platform.renew is not None]
        reloading = Reloading(service, kept.reloads, this_process(), renewing=renewing)
        learning = Learning(kept.questions, kept.clusterings, lambda: service.known.searcher, clock)
        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloading.wish)

        attendance = None if settings.relay else _attendance(service, platforms)
        parts = web.WebParts(
            health=lambda: _health(service, platforms, attendance),
            registry=metrics.registry,
            notes=lambda: {**service.notes(), **reloading.notes(), **_notes(service, platforms)},
            measure=service.measure,
            routers=[router for platform in platforms for router in platform.routers],
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(service.work(server), name="service")
            group.create_task(reloading.run(), name="reloading")
            group.create_task(learning.run(), name="learning")
            group.create_task(Housekeeping(kept.rewriting, clock).run(), name="housekeeping")
            if attendance is not None:
                group.create_task(attendance.run(), name="attendance")
            for platform in platforms:
                group.create_task(platform.run(), name=platform.lane.name)
            pages = web.serve(web.create(parts), host=settings.host, port=settings.port, on_ready=on_ready)
            group.create_task(pages, name="web")


async def work(settings: Settings, known: Knowledge, on_ready: Callable[[Sequence[str]], None]) -> None:
    """Only send what waits, beside whoever serves, until cancelled; `on_ready` is told the lanes."""
    clock, metrics = SystemClock(), Metrics()
    async with stores(settings, serving=False) as (kept, _), AsyncExitStack() as opened:

        async def hears_nothing(message: InboundMessage) -> object:
            raise AssertionError("a process that only sends was spoken to")

        ground = Ground(
            settings=settings,
            kept=kept,
            wording=CurrentWording(lambda: service.known),
            figures=known.folder / "figures",
            clock=clock,
            metrics=metrics,
            without_store=hears_nothing,
            opened=opened,
            hears=False,
        )
        platforms = await _platforms(ground, lambda: service.known)
        lanes = [platform.lane for platform in platforms]
        service = Service(settings=settings, known=known, kept=kept, clock=clock, lanes=lanes, metrics=metrics)
        reloading = Reloading(service, kept.reloads, this_process())
        fault = await clock_fault(kept.database, clock.now())
        if fault is not None:
            _log.error("clock", fault=fault)
        async with asyncio.TaskGroup() as group:
            group.create_task(service.relay(), name="service")
            group.create_task(reloading.run(), name="reloading")
            for platform in platforms:
                group.create_task(platform.meet(), name=platform.lane.name)
            on_ready([relay.lane for relay in service.relays])


async def _platforms(ground: Ground, known: Callable[[], Knowledge]) -> list[_Platform]:
    """Those that are configured."""
    found = (await _telegram(ground, known), await _wecom(ground))
    return [platform for platform in found if platform is not None]


def _say_who_is_heard(lanes: Sequence[Lane]) -> None:
    if lanes:
        _log.info("platforms", configured=[lane.name for lane in lanes])
    else:
        _log.warning("no platform is configured: nobody can talk to the bot", see="docs/telegram.md, docs/wecom.md")


async def _health(
    service: Service, platforms: Sequence[_Platform], attendance: Attendance | None
) -> Mapping[str, str | None]:
    troubles = {platform.lane.name: platform.trouble() or None for platform in platforms}
    others = await attendance.health() if attendance is not None else {}
    unserved = {f"lane {name}" for platform in platforms for name in platform.unserved}
    own = await service.health()
    clock = await clock_fault(service.kept.database, service.clock.now()) if own["store"] is None else None
    found = {**own, "clock": clock, **others, **troubles}
    return {check: wrong for check, wrong in found.items() if check not in unserved}


def _attendance(service: Service, platforms: Sequence[_Platform]) -> Attendance:
    """The office hears of it directly: what is queued would wait with everything else."""
    messengers = {platform.lane.name: platform.lane.messenger for platform in platforms}

    async def tell(lane: str) -> None:
        said = Phrase(key="outbox.lane-unattended", values={"lane": lane})
        for chat in service.staff_room.chats:
            message = OutboundMessage(to=chat, body=said, purpose=Purpose.ALARM)
            await messengers[chat.platform].send(message, service.known.wording.render(said))

    served = [name for one in platforms for name in one.lane.lanes if name not in one.unserved]
    return Attendance(RedisLanes(service.kept.database, worker="serving"), served, tell)


def _notes(service: Service, platforms: Sequence[_Platform]) -> Mapping[str, str]:
    if not platforms:
        return {"platforms": service.known.wording.label("note.no-platform")}
    said = {
        platform.lane.name: " ".join(service.known.wording.render(note) for note in platform.notes())
        for platform in platforms
    }
    return {name: words for name, words in said.items() if words}


async def _telegram(ground: Ground, known: Callable[[], Knowledge]) -> _Platform | None:
    settings, kept, clock = ground.settings, ground.kept, ground.clock
    if settings.telegram_token is None:
        return None
    reoffering = Reoffering(kept.campaigns, kept.bindings, kept.outbox, ground.wording)
    telegram = Telegram(
        token=settings.telegram_token.get_secret_value(),
        base_url=settings.telegram_base_url,
        seal=seal(settings),
        intake=kept.intake,
        uploads=kept.uploads,
        whereabouts=whereabouts(kept, clock),
        outages=Outages(kept.hearing, reoffering.offer_again),
        clock=clock,
        figures=ground.figures,
        menu=lambda: known().wording.labels(_MENU),
        hook=_hook(settings, ground.metrics),
    )
    await ground.opened.enter_async_context(telegram)
    return _Platform(
        lane=_lane(telegram),
        run=telegram.run,
        meet=lambda: telegram.introduce(hears=False),
        trouble=lambda: telegram.health.trouble,
        notes=telegram.notes,
        routers=telegram.routes,
        renew=telegram.renew_menu,
    )


async def _wecom(ground: Ground) -> _Platform | None:
    wired = await wecom(ground)
    if wired is None:
        return None
    return _Platform(
        lane=wired.lane,
        run=wired.wecom.run,
        meet=_nobody,
        trouble=wired.wecom.trouble,
        notes=wired.wecom.notes,
        routers=wired.routers,
        unserved=wired.unserved,
    )


async def _nobody() -> None:
    """WeCom's routes know all there is to know from the settings."""


def _hook(settings: Settings, metrics: Metrics) -> Hook | None:
    if settings.telegram_webhook_url is None or settings.telegram_webhook_secret is None:
        return None
    return Hook(
        url=settings.telegram_webhook_url,
        secret=settings.telegram_webhook_secret.get_secret_value(),
        refused=lambda why: metrics.callbacks.labels(TELEGRAM, why).inc(),
    )


def _lane(telegram: Telegram) -> Lane:
    return Lane(
        name=TELEGRAM,
        messenger=telegram,
        receive=telegram.receive,
        erase=telegram.erase,
        recall=telegram.recall,
        look=telegram.look,
        links=True,
        budgets=lambda to: telegram_budgets(to, in_group=to.chat.startswith("-")),
    )
