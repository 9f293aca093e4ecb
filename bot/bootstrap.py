"""The one place that wires: settings in, a running service out."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog

from bot.buttons import ButtonSeal
from bot.dialogue.dispatcher import Dispatcher
from bot.dialogue.offline import Offline
from bot.dialogue.owners import Look
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.courier import Courier
from bot.platforms.pacing import Paced
from bot.platforms.whereabouts import Whereabouts
from bot.ports import RawUpdate, StoreAway, TakenUpdate
from bot.reconciling import Nightly, Reconciling
from bot.settings import Settings
from bot.storage import connection
from bot.storage.disk import FolderSpace
from bot.storage.embedded import EmbeddedServer
from bot.storage.stores import Stores as Stores  # noqa: PLC0414 - known by these names to all that use the wiring
from bot.suspending import SwitchedSuspensions
from bot.talk import Knowledge as Knowledge  # noqa: PLC0414
from bot.talk import broadcasts, staff_chats, talk
from bot.talk import knowledge_of as knowledge_of  # noqa: PLC0414
from scheduler.claiming import Claiming
from scheduler.desks import Desks
from scheduler.digests import Digests
from scheduler.life import Unfit
from scheduler.messages import Address, Body, Phrase
from scheduler.opening import Opening
from scheduler.pacing import Budget
from scheduler.ports import Clock, Messenger
from scheduler.recipients import MOST_A_WEEK
from scheduler.relay import Recall, Relay
from scheduler.reminders import Reminders
from scheduler.scribe import DropsRepeats, Scribe, shows_repeats
from scheduler.storage.lanes import RedisLanes
from scheduler.supervisor import Supervisor

_log = structlog.get_logger(__name__)

_CLAIMS_LAST = timedelta(days=30)
"""How long somebody waits for staff to say who they are: after that they ask again."""

_TIDY_SECONDS = 3600.0
"""What is kept for days is looked at every hour."""

Receive = Callable[[RawUpdate], Awaitable[InboundMessage | None]]
"""Reads a platform's stored update; None for what is not for the bot."""


def whereabouts(kept: Stores, clock: Clock) -> Whereabouts:
    """What is written down about chats, for whoever hears of them."""
    return Whereabouts(
        bindings=kept.bindings,
        groups=kept.group_codes,
        rosters=kept.rosters,
        reach=kept.reach,
        talks=kept.groups,
        clock=clock,
    )


def desks(kept: Stores, offices: Sequence[Address] = ()) -> Desks:
    """What lies on the desks of the staff."""
    return Desks(
        staff=kept.staff,
        rosters=kept.rosters,
        bindings=kept.bindings,
        campaigns=kept.campaigns,
        papers=kept.papers,
        outbox=kept.outbox,
        looks=kept.looks,
        evidence=kept.evidence,
        corrections=kept.corrections,
        offices=offices,
    )


def claiming(kept: Stores, *, most_a_week: int = MOST_A_WEEK) -> Claiming:
    """What claims the waves of campaigns, whoever fires them."""
    return Claiming(
        campaigns=kept.campaigns,
        rosters=kept.rosters,
        bindings=kept.bindings,
        reach=kept.reach,
        staff=kept.staff,
        outbox=kept.outbox,
        most_a_week=most_a_week,
    )


@contextlib.asynccontextmanager
async def stores(settings: Settings, *, serving: bool) -> AsyncIterator[tuple[Stores, EmbeddedServer | None]]:
    """The stores of the configured server, checked; the embedded server where it is one.

    `serving`: for the process that serves the data folder; HeldBy if that is another one. Any other command
    attaches to a running server or has one for its own time. Unusable or CannotStart say what is wrong.
    """
    with contextlib.ExitStack() as held:
        server = None
        url = settings.redis_url
        if url is None:
            server = EmbeddedServer(settings.data)
            url = connection.socket_url(str(held.enter_context(server.serving() if serving else server.attached())))
        database = connection.connect(url, settings.redis_prefix, replicas=settings.redis_wait)
        try:
            report = await connection.check(database, embedded=server is not None)
            _log.info("store ready", server=report.server, notes=report.notes)
            disk = FolderSpace(folder=settings.data) if server is not None else None
            yield Stores(database, alone=serving and server is not None, disk=disk), server
        finally:
            await connection.close(database)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One platform as the bot uses it: how to send there, how to read what came from there, at what pace.

    `routes` are those that addresses of the platform name, each of which is a lane beside the platform's own.
    `erase` takes somebody's message out of a group, where the platform lets a bot do that, and says whether it is gone.
    `handled` is told of each update to which nothing more will be said, because it was answered or set aside.
    `recall` takes back what the bot has sent, where it can. `look` tells about a group, where the platform does.
    `links`: it shows links as buttons. `drops_repeats`: for how long it does not show the same again.
    """

    name: str
    messenger: Messenger
    receive: Receive
    budgets: Callable[[Address], Sequence[Budget]]
    erase: Callable[[InboundMessage], Awaitable[bool]] | None = None
    handled: Callable[[RawUpdate], Awaitable[None]] | None = None
    recall: Recall | None = None
    look: Look | None = None
    links: bool = False
    drops_repeats: DropsRepeats = shows_repeats
    routes: Sequence[str] = ()

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes by which it is sent to: see `Address.lane`."""
        return (self.name, *(f"{self.name}-{route}" for route in self.routes))


class Service:
    """The moving parts of one serving process, wired."""

    def __init__(
        self,
        *,
        settings: Settings,
        known: Knowledge,
        kept: Stores,
        clock: Clock,
        lanes: Sequence[Lane],
        metrics: Metrics,
    ) -> None:
        self.kept = kept
        self._exports = settings.record_folder
        self._texts_last = timedelta(days=settings.correction_days)
        self._sends_last = timedelta(days=settings.ledger_days)
        self.clock = clock
        self.metrics = metrics
        self._lanes = {lane.name: lane for lane in lanes}
        self._whereabouts = whereabouts(kept, clock)
        couriers = {lane.name: self._courier(lane) for lane in lanes}
        waiting = RedisLanes(kept.database, worker=secrets.token_hex(8))
        answering = {
            lane.name: Paced(messenger=couriers[lane.name], pace=waiting, budgets=lane.budgets, clock=clock)
            for lane in lanes
        }
        looks = {lane.name: lane.look for lane in lanes if lane.look is not None}
        self._talking = partial(talk, settings, kept, answering, looks, clock, metrics, Offline())
        self._talk = self._talking(known)
        self.staff_room = staff_chats(settings, self._lanes.keys(), kept, clock)
        self._unserved = [str(chat) for chat in settings.staff_chat or () if chat.platform not in self._lanes]
        self.opening = Opening(kept.rosters, kept.campaigns, self._lineage, kept.disk)
        self.reminders = Reminders(
            claiming=claiming(kept, most_a_week=settings.reminders_a_week),
            campaigns=kept.campaigns,
            rosters=kept.rosters,
            outbox=kept.outbox,
            suspensions=SwitchedSuspensions(kept.switches),
            staff_room=self.staff_room,
            clock=clock,
            catch_up=timedelta(minutes=settings.catch_up_minutes),
        )
        self._desks = desks(kept, self.staff_room.chats)
        self.relays = tuple(self._relays(waiting, couriers))
        self.broadcasts = broadcasts(kept, clock)
        self.digests = Digests(self._desks, kept.outbox, clock)
        self.supervisor = Supervisor(
            self.reminders,
            self.broadcasts,
            self.digests,
            self.relays if settings.relay else (),
            kept.evidence,
            clock,
            also=[self.open_due, self._watch_disk, self.look_at_groups, *self._nightly()],
        )

    @property
    def known(self) -> Knowledge:
        """The version of the content that is in service."""
        return self._talk.known

    @property
    def dispatcher(self) -> Dispatcher:
        """The talk about that version."""
        return self._talk.dispatcher

    def _courier(self, lane: Lane) -> Courier:
        return Courier(
            name=lane.name,
            messenger=lane.messenger,
            whereabouts=self._whereabouts,
            metrics=self.metrics,
            links=lane.links,
        )

    def _relays(self, waiting: RedisLanes, couriers: Mapping[str, Messenger]) -> Iterator[Relay]:
        scribe = Scribe(
            campaigns=self.kept.campaigns,
            rosters=self.kept.rosters,
            bindings=self.kept.bindings,
            notices=self.kept.notices,
            lanes=waiting,
            wording=CurrentWording(lambda: self.known),
            you=lambda scope: self.known.content.tree[scope].address,
            digest=self._desks.letter,
            drops_repeats=lambda message: self._lanes[message.to.platform].drops_repeats(message),
        )
        for lane in self._lanes.values():
            for name in lane.lanes:
                yield Relay(
                    name,
                    lanes=waiting,
                    messenger=couriers[lane.name],
                    scribe=scribe,
                    clock=self.clock,
                    budgets=lane.budgets,
                    recall=lane.recall,
                    tell=self._tell_of_lane,
                )

    def _nightly(self) -> Iterator[Callable[[], Awaitable[None]]]:
        """What follows 学信网's exports, where they are given."""
        if self._exports is not None:
            yield Nightly(self._reconciling, self._exports, self.clock).step

    def _reconciling(self) -> Reconciling:
        return Reconciling(
            rosters=self.kept.rosters,
            campaigns=self.kept.campaigns,
            bindings=self.kept.bindings,
            outbox=self.kept.outbox,
            tree=self.known.content.tree,
            wording=self.known.wording,
        )

    async def _tell_of_lane(self, lane: str, why: str) -> None:
        """The office hears once an hour of a lane that pauses by itself; a lane that still works carries it."""
        said = Phrase(key="outbox.lane-paused", values={"lane": lane, "why": why})
        await self.staff_room.tell(said, f"lane-paused:{lane}:{self.clock.now():%Y-%m-%dT%H}")

    def take(self, known: Knowledge) -> None:
        """Put another version into service; what is being answered is answered by the one before."""
        self._talk = self._talking(known)

    async def handle(self, taken: TakenUpdate) -> None:
        """Read a stored update by its platform, and answer it."""
        with structlog.contextvars.bound_contextvars(update=taken.ticket):
            try:
                await self._handle(taken)
            except StoreAway:  # it is tried again
                raise
            except Exception:  # it is set aside
                await self._end(taken.update)
                raise
            await self._end(taken.update)

    async def _handle(self, taken: TakenUpdate) -> None:
        platform = taken.update.platform
        lane = self._lanes[platform]
        inbound = await lane.receive(taken.update)
        if inbound is None:
            self.metrics.inbound.labels(platform, "ignored").inc()
            return
        if inbound.masked and not inbound.private and lane.erase is not None:
            inbound = replace(inbound, erased=await lane.erase(inbound))
        await self._whereabouts.found(inbound.address)
        sent = await self.dispatcher.handle(inbound)
        self.metrics.inbound.labels(platform, "answered" if sent else "silent").inc()

    async def _end(self, update: RawUpdate) -> None:
        handled = self._lanes[update.platform].handled
        if handled is not None:
            await handled(update)

    async def work(self, server: EmbeddedServer | None = None) -> None:
        """Handle what comes, remind when it is time, send what is due, until cancelled."""
        async with self.supervisor, asyncio.TaskGroup() as group:
            group.create_task(self.kept.intake.run(self.handle), name="intake")
            group.create_task(self._keep_tidy(), name="tidying")
            if server is not None:
                group.create_task(server.guard(), name="embedded server")

    async def relay(self) -> None:
        """Only send what is due, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for relay in self.relays:
                group.create_task(relay.run(), name=f"relay {relay.lane}")

    async def tidy(self) -> None:
        """Drop what is not to be kept any longer."""
        await self.kept.corrections.forget_texts(self.clock.now() - self._texts_last)
        await self.kept.persons.forget_sends(self.clock.now() - self._sends_last)
        await self.kept.bindings.forget_waiting(self.clock.now() - _CLAIMS_LAST)

    async def look_at_groups(self) -> None:
        """Look whether groups still belong to somebody the school knows."""
        await self._talk.owners.review(self.clock.now())

    async def _keep_tidy(self) -> None:
        while True:
            with contextlib.suppress(StoreAway):
                await self.tidy()
            await asyncio.sleep(_TIDY_SECONDS)

    def _lineage(self, scope: str) -> tuple[str, ...]:
        """What a scope belongs to, by the content that is in service."""
        return self.known.content.tree.lineage(scope)

    async def open_due(self) -> None:
        """Open the campaigns whose moment has come; the office hears once of one that cannot be opened."""
        for campaign_id, came in (await self.opening.open_due(self.clock.now())).items():
            if isinstance(came, Unfit):
                _log.warning("campaign not opened", campaign=campaign_id, why=came)
                said = Phrase(key=f"campaign.unfit.{came}", values={"campaign": campaign_id})
                await self.staff_room.tell(said, f"{campaign_id}:unopened:{came}")

    async def _watch_disk(self) -> None:
        """The office hears once a day that the store's disk is nearly full."""
        if self.kept.disk.is_low():
            await self.staff_room.tell(Phrase(key="store.disk-low"), f"disk-low:{self.clock.now():%Y-%m-%d}")

    async def settle(self) -> None:
        """Let everything happen that is due at this instant, and what comes of it."""
        await self.kept.intake.run_until_idle(self.handle)
        await self.open_due()
        await self.digests.fire()
        await self.reminders.run_until_idle()
        await self.broadcasts.step()
        for relay in self.relays:
            await relay.run_until_idle()
        await self.broadcasts.step()

    async def health(self) -> Mapping[str, str | None]:
        """What is wrong with the store, the reminders and each lane; None where nothing is."""
        return {"store": await connection.health(self.kept.database), **self.supervisor.health()}

    async def measure(self) -> None:
        """Bring the gauges up to date."""
        up = await connection.health(self.kept.database) is None
        self.metrics.store_up.set(up)
        if up:
            self.metrics.set_aside.set(await self.kept.intake.set_aside())

    def notes(self) -> Mapping[str, str]:
        """What staff should know although the bot works."""
        why = self.known.searcher.why_lexical
        search = {"search": f"lexical only: {why}"} if why else {}
        unserved = {"staff chat": f"on no configured platform: {', '.join(self._unserved)}"} if self._unserved else {}
        disk = {"disk": "nearly full: no campaign and no notice begins"} if self.kept.disk.is_low() else {}
        return {**search, **unserved, **disk}


@dataclass(frozen=True, slots=True)
class CurrentWording:
    """The words of whichever version is in service when something is said."""

    known: Callable[[], Knowledge]

    def render(self, body: Body) -> str:
        return self.known().wording.render(body)


def seal(settings: Settings) -> ButtonSeal:
    """The seal of the buttons: by the configured secret, or by one made once in the data folder."""
    if settings.secret is not None:
        return ButtonSeal(settings.secret.get_secret_value().encode())
    path = settings.data / "button-secret"
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and not path.stat().st_size:  # left by a full disk: an empty key would be anybody's
        path.unlink()
    if not path.exists():  # written whole, then linked: two processes at once end with one secret
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return ButtonSeal(path.read_bytes())


def new_sid() -> str:
    """An opaque id for a student who was never imported before."""
    return secrets.token_hex(6)
