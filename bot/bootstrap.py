"""The one place that wires: settings in, a running service out."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.buttons import ButtonSeal
from bot.dialogue.answering import Answering
from bot.dialogue.askers import Askers
from bot.dialogue.binding import BindingTalk
from bot.dialogue.commands import Commands
from bot.dialogue.confirming import Confirming
from bot.dialogue.dispatcher import Dispatcher
from bot.dialogue.guiding import Guiding
from bot.dialogue.manners import Manners
from bot.dialogue.quieting import Quieting
from bot.dialogue.rating import Rating
from bot.dialogue.routing import Routes
from bot.dialogue.switching import Switching
from bot.dialogue.understanding import Understanding
from bot.dialogue.watching import Watching
from bot.dialogue.wording import ContentWording
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.opening import Opening
from bot.ports import RawUpdate, TakenUpdate
from bot.settings import BadSettings, GroupMode, Settings
from bot.storage import connection
from bot.storage.conversations import RedisConversations
from bot.storage.embedded import EmbeddedServer
from bot.storage.groups import RedisGroups
from bot.storage.intake import RedisIntake
from bot.storage.questions import RedisQuestionLog, RedisTryCounter
from bot.storage.ratings import RedisRatings
from bot.storage.switches import RedisSwitches
from knowledge.loading import Content
from knowledge.scopes import NATIONAL
from knowledge.search.searcher import Searcher
from scheduler.messages import Address, OutboundMessage, Outcome
from scheduler.pacing import Budget
from scheduler.ports import Clock, Messenger
from scheduler.relay import Relay, Scribe
from scheduler.reminders import Reminders
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore, RedisStaffStore
from scheduler.storage.roster import RedisRosterStore
from scheduler.supervisor import Supervisor

_log = structlog.get_logger(__name__)

_RECEIPT_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without letters and figures that are taken for each other."""

Receive = Callable[[RawUpdate], Awaitable[InboundMessage | None]]
"""Reads a platform's stored update; None for what is not for the bot."""


class Stores:
    """Every store over one database."""

    def __init__(self, database: Database, *, alone: bool) -> None:
        self.database = database
        self.rosters = RedisRosterStore(database)
        self.bindings = RedisBindingStore(database)
        self.staff = RedisStaffStore(database)
        self.campaigns = RedisCampaignStore(database)
        self.outbox = RedisOutbox(database)
        self.conversations = RedisConversations(database)
        self.groups = RedisGroups(database)
        self.questions = RedisQuestionLog(database)
        self.tries = RedisTryCounter(database)
        self.switches = RedisSwitches(database)
        self.ratings = RedisRatings(database)
        self.intake = RedisIntake(database, alone=alone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The content, the search over it, and the words of its phrases."""

    content: Content
    searcher: Searcher
    wording: ContentWording


def knowledge_of(content: Content) -> Knowledge:
    """Everything that is made of the content."""
    informal = content.tree[NATIONAL].address
    wording = ContentWording(content.phrases, informal)
    return Knowledge(content=content, searcher=Searcher.open(content), wording=wording)


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
        database = connection.connect(url, settings.redis_prefix)
        try:
            report = await connection.check(database, embedded=server is not None)
            _log.info("store ready", server=report.server, notes=report.notes)
            yield Stores(database, alone=serving and server is not None), server
        finally:
            await connection.close(database)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One platform as the bot uses it: how to send there, how to read what came from there, at what pace."""

    name: str
    messenger: Messenger
    receive: Receive
    budgets: Callable[[Address], Sequence[Budget]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """A messenger whose outcomes are counted."""

    name: str
    messenger: Messenger
    metrics: Metrics

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        outcome = await self.messenger.send(message, text)
        self.metrics.deliveries.labels(self.name, type(outcome).__name__.lower()).inc()
        return outcome


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
        self.known = known
        self.kept = kept
        self.clock = clock
        self.metrics = metrics
        self._lanes = {lane.name: lane for lane in lanes}
        messengers = {lane.name: _Counted(name=lane.name, messenger=lane.messenger, metrics=metrics) for lane in lanes}
        self.dispatcher = _dispatcher(settings, known, kept, messengers, clock, metrics)
        self.opening = Opening(kept.rosters, kept.campaigns, receipt)
        self.reminders = Reminders(
            campaigns=kept.campaigns,
            rosters=kept.rosters,
            bindings=kept.bindings,
            outbox=kept.outbox,
            clock=clock,
            catch_up=timedelta(minutes=settings.catch_up_minutes),
        )
        waiting = RedisLanes(kept.database, worker=secrets.token_hex(8))
        scribe = Scribe(
            campaigns=kept.campaigns,
            rosters=kept.rosters,
            lanes=waiting,
            wording=known.wording,
            you=lambda scope: known.content.tree[scope].address,
        )
        self.relays = tuple(
            Relay(
                lane.name,
                lanes=waiting,
                messenger=messengers[lane.name],
                scribe=scribe,
                clock=clock,
                budgets=lane.budgets,
            )
            for lane in lanes
        )
        self.supervisor = Supervisor(self.reminders, self.relays, clock)

    async def handle(self, taken: TakenUpdate) -> None:
        """Read a stored update by its platform, and answer it."""
        with structlog.contextvars.bound_contextvars(update=taken.ticket):
            await self._handle(taken)

    async def _handle(self, taken: TakenUpdate) -> None:
        platform = taken.update.platform
        inbound = await self._lanes[platform].receive(taken.update)
        if inbound is None:
            self.metrics.inbound.labels(platform, "ignored").inc()
            return
        sent = await self.dispatcher.handle(inbound)
        self.metrics.inbound.labels(platform, "answered" if sent else "silent").inc()

    async def work(self, server: EmbeddedServer | None = None) -> None:
        """Handle what comes, remind when it is time, send what is due, until cancelled."""
        async with self.supervisor, asyncio.TaskGroup() as group:
            group.create_task(self.kept.intake.run(self.handle), name="intake")
            if server is not None:
                group.create_task(server.guard(), name="embedded server")

    async def settle(self) -> None:
        """Let everything happen that is due at this instant, and what comes of it."""
        await self.kept.intake.run_until_idle(self.handle)
        await self.reminders.run_until_idle()
        for relay in self.relays:
            await relay.run_until_idle()

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
        return {"search": f"lexical only: {why}"} if why else {}


def _dispatcher(
    settings: Settings,
    known: Knowledge,
    kept: Stores,
    messengers: Mapping[str, Messenger],
    clock: Clock,
    metrics: Metrics,
) -> Dispatcher:
    content, wording = known.content, known.wording
    if settings.scope not in content.tree:
        raise BadSettings([f"XUEJI_SCOPE: no scope {settings.scope}; there are {', '.join(content.tree)}"])
    guiding = Guiding(content, wording, kept.questions)
    rating = Rating(kept.ratings, wording)
    manners = Manners(kept.groups, content.topics, wording)
    ambient = settings.group_mode is GroupMode.AMBIENT
    routes = Routes(
        answering=Answering(
            content,
            Understanding(content, known.searcher, wording),
            wording,
            kept.questions,
            rating,
            ambient=ambient,
            count=lambda band: metrics.answers.labels(band).inc(),
        ),
        guiding=guiding,
        confirming=Confirming(kept.campaigns, kept.outbox, guiding, wording, receipt),
        binding=BindingTalk(kept.rosters, kept.bindings, kept.tries, wording),
        watching=Watching(kept.rosters, kept.campaigns, wording),
        switching=Switching(kept.switches, wording),
        rating=rating,
        quieting=Quieting(manners, wording),
    )
    askers = Askers(
        rosters=kept.rosters,
        bindings=kept.bindings,
        staff=kept.staff,
        campaigns=kept.campaigns,
        tree=content.tree,
        default_scope=settings.scope,
    )
    return Dispatcher(
        conversations=kept.conversations,
        askers=askers,
        commands=Commands(wording),
        routes=routes,
        manners=manners,
        messengers=messengers,
        switches=kept.switches,
        outbox=kept.outbox,
        wording=wording,
        clock=clock,
    )


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


def receipt() -> str:
    """A short number a person can read out."""
    return "".join(secrets.choice(_RECEIPT_LETTERS) for _ in range(4))
