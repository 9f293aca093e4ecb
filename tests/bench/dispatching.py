"""Questions a second from a platform's update to its answer, beside python-telegram-bot's own way."""

import asyncio
import itertools
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot import logs
from bot.bootstrap import Knowledge, Lane, Service, Stores, knowledge_of, seal, stores
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.telegram.pictures import Pictures
from bot.platforms.telegram.receiver import Me, to_inbound
from bot.platforms.telegram.sender import TelegramSender
from bot.ports import RawUpdate, TakenUpdate
from bot.settings import LogFormat, Settings, read
from knowledge.linting import load_checked
from knowledge.loading import CONTENT
from scheduler.clocks import SystemClock
from scheduler.messages import Accepted, OutboundMessage, Outcome
from scheduler.ports import Messenger
from tests.bench import college
from tests.bench.figures import Figure, Measured, least, percentile, rounds
from tests.bench.peer import ME, Peer, canned_bot, peer
from tests.bench.questions import Fresh, asked

_ROUNDS = 5
_CACHED, _FRESH = 240, 40
"""Questions of a round."""

_AT_ONCE = 40
"""Chats that ask at the same time."""

_IN_GROUPS = 2_000
_GROUPS = "messages a second, one in each of 2,000 groups, stored first and sent"
_P99 = "from update to answer, stored first and sent, p99"
_GROUPS_PEER, _P99_PEER = "PTB, 2,000 groups", "PTB, p99"

_WHOLE = "questions a second, known, stored first and sent"

_ONE, _MANY = "PTB, one update at a time", "PTB, concurrent updates"


class _Silent:
    """A messenger that does nothing."""

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        return Accepted(message_id="1")


class _Updates:
    """Updates as Telegram writes them: private messages of the college's students, each in turn."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._accounts = itertools.cycle(college.ACCOUNTS)

    def of(self, questions: Sequence[str]) -> list[RawUpdate]:
        """One update a question, as the intake keeps it."""
        return [self._one(next(self._numbers), next(self._accounts), question) for question in questions]

    def in_groups(self, questions: Sequence[str]) -> list[RawUpdate]:
        """One update a question, each put to the bot in a group of its own by somebody of its own."""
        return [
            self._one(next(self._numbers), 10_000 + number, f"@{ME['username']} {question}", group=-1_000_000 - number)
            for number, question in enumerate(questions)
        ]

    @staticmethod
    def _one(number: int, account: int, question: str, group: int | None = None) -> RawUpdate:
        now = datetime.now(UTC)
        chat = {"id": account, "type": "private", "first_name": "a"}
        mention = {"type": "mention", "offset": 0, "length": len(str(ME["username"])) + 1}
        message = {
            "message_id": number,
            "date": int(now.timestamp()),
            "chat": chat if group is None else {"id": group, "type": "supergroup", "title": "g"},
            "from": {"id": account, "is_bot": False, "first_name": "a"},
            "text": question,
            **({} if group is None else {"entities": [mention]}),
        }
        body = json.dumps({"update_id": number, "message": message}).encode()
        chat_id = str(account if group is None else group)
        return RawUpdate(platform=college.PLATFORM, key=str(number), chat=chat_id, body=body, received_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """Both bots in one process: ours with a messenger that does nothing and with the stubbed Telegram, and the peer."""

    kept: Stores
    silent: Service
    telegram: Service
    one: Peer
    many: Peer
    updates: _Updates

    async def in_turn(self, questions: Sequence[str]) -> float:
        """Questions a second, each after the one before."""
        await college.forgive(self.kept)
        updates = self.updates.of(questions)
        begun = time.perf_counter()
        for update in updates:
            await _handle(self.silent, update)
        return len(updates) / (time.perf_counter() - begun)

    async def at_once(self, questions: Sequence[str]) -> float:
        """Questions a second, from many chats at the same time."""
        await college.forgive(self.kept)
        updates = self.updates.of(questions)
        begun = time.perf_counter()
        for start in range(0, len(updates), _AT_ONCE):
            await asyncio.gather(*(_handle(self.silent, update) for update in updates[start : start + _AT_ONCE]))
        return len(updates) / (time.perf_counter() - begun)

    async def whole(self, questions: Sequence[str]) -> float:
        """Questions a second, each stored first and forgotten when answered, by the Telegram sender."""
        await college.forgive(self.kept)
        updates = self.updates.of(questions)
        begun = time.perf_counter()
        await self.kept.intake.store(updates)
        await self.kept.intake.run_until_idle(self.telegram.handle)
        return len(updates) / (time.perf_counter() - begun)

    async def latencies(self, questions: Sequence[str]) -> list[float]:
        """Seconds from an update to its answer, stored first, handed out and sent, one update after the other."""
        await college.forgive(self.kept)
        answered, taken = asyncio.Event(), []

        async def handle(update: TakenUpdate) -> None:
            await self.telegram.handle(update)
            answered.set()

        running = asyncio.create_task(self.kept.intake.run(handle))
        for update in self.updates.of(questions):
            answered.clear()
            begun = time.perf_counter()
            await self.kept.intake.store([update])
            await answered.wait()
            taken.append(time.perf_counter() - begun)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return taken

    async def groups(self, questions: Sequence[str]) -> float:
        """Messages a second, one in each of many groups, the whole way."""
        updates = self.updates.in_groups(questions)
        begun = time.perf_counter()
        await self.kept.intake.store(updates)
        await self.kept.intake.run_until_idle(self.telegram.handle)
        return len(updates) / (time.perf_counter() - begun)

    async def peers(self, questions: Sequence[str]) -> tuple[float, float]:
        """The peer's updates a second: one at a time, and many at once."""
        bodies = [update.body for update in self.updates.of(questions)]
        return await self.one.rate(bodies), await self.many.rate(bodies)


def figures() -> Iterator[Measured]:
    """Known and fresh questions, in turn and at once; and the whole way with its durable intake, also in groups."""
    taken = asyncio.run(_take())
    for name, peer_name in (
        ("questions a second, known, one at a time", _ONE),
        ("questions a second, known, many chats at once", _MANY),
        ("questions a second, fresh, one at a time", _ONE),
        ("questions a second, fresh, many chats at once", _MANY),
        (_WHOLE, _MANY),
    ):
        value, beside = statistics.median(taken[name]), statistics.median(taken[peer_name])
        aim = least(beside) if name == _WHOLE else None
        yield Figure(name=name, value=value, unit="/s", aim=aim, beside=beside, peer=peer_name)
    value, beside = statistics.median(taken[_GROUPS]), statistics.median(taken[_GROUPS_PEER])
    yield Figure(name=_GROUPS, value=value, unit="/s", beside=beside, peer=_MANY)
    value, beside = percentile(taken[_P99], 0.99), percentile(taken[_P99_PEER], 0.99)
    yield Figure(name=_P99, value=1_000 * value, unit="ms", beside=1_000 * beside, peer=_ONE)


async def _take() -> dict[str, list[float]]:
    """What each round gave, by name."""
    taken = defaultdict(list)
    known = list(itertools.islice(itertools.cycle(asked()), _CACHED))
    fresh = Fresh()
    with tempfile.TemporaryDirectory() as folder:
        async with _bench(Path(folder)) as bench:
            await bench.at_once(known)
            await bench.whole(known)
            for _ in rounds(_ROUNDS, seconds=25):
                one, many = await bench.peers(known)
                taken[_ONE].append(one)
                taken[_MANY].append(many)
                taken["questions a second, known, one at a time"].append(await bench.in_turn(known))
                taken["questions a second, known, many chats at once"].append(await bench.at_once(known))
                taken[_WHOLE].append(await bench.whole(known))
                taken["questions a second, fresh, one at a time"].append(await bench.in_turn(fresh.take(_FRESH)))
                taken["questions a second, fresh, many chats at once"].append(await bench.at_once(fresh.take(_FRESH)))
                taken[_P99] += await bench.latencies(known)
                taken[_P99_PEER] += await bench.one.latencies([update.body for update in bench.updates.of(known)])
            everywhere = list(itertools.islice(itertools.cycle(known), _IN_GROUPS))
            taken[_GROUPS].append(await bench.groups(everywhere))
            bodies = [update.body for update in bench.updates.in_groups(everywhere)]
            taken[_GROUPS_PEER].append(await bench.many.rate(bodies))
    return taken


@asynccontextmanager
async def _bench(data: Path) -> AsyncIterator[_Bench]:
    settings = read(data=data)
    known = knowledge_of(load_checked())
    bot = canned_bot()
    clock = SystemClock()
    async with (
        stores(settings, serving=True) as (kept, _),
        bot,
        peer(concurrent=False) as one,
        peer(concurrent=True) as many,
    ):
        pictures = Pictures(CONTENT / "figures", owner="bench", uploads=kept.uploads)
        sender = TelegramSender(bot, seal(settings), pictures, clock)
        await college.enrol(kept, known.content)
        with log_to_nowhere():
            yield _Bench(
                kept=kept,
                silent=service(settings, known, kept, _Silent()),
                telegram=service(settings, known, kept, sender),
                one=one,
                many=many,
                updates=_Updates(),
            )


def private_updates(questions: Sequence[str]) -> list[RawUpdate]:
    """Questions as Telegram's updates."""
    return _Updates().of(questions)


def service(settings: Settings, known: Knowledge, kept: Stores, messenger: Messenger) -> Service:
    """A service whose only lane reads Telegram's updates and sends by this messenger."""
    me = Me(id=7, username=str(ME["username"]), reads_groups=False)
    buttons = seal(settings)

    async def receive(raw: RawUpdate) -> InboundMessage | None:
        return to_inbound(raw, me, buttons)

    lane = Lane(name=college.PLATFORM, messenger=messenger, receive=receive, budgets=lambda to: ())
    return Service(settings=settings, known=known, kept=kept, clock=SystemClock(), lanes=[lane], metrics=Metrics())


async def _handle(service: Service, update: RawUpdate) -> None:
    await service.handle(TakenUpdate(ticket="", update=update, redelivered=False))


@contextmanager
def log_to_nowhere() -> Iterator[None]:
    """Log lines are made and written as in service, to where nobody reads them."""
    logs.configure(LogFormat.JSON)
    with Path(os.devnull).open("w") as nowhere:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(nowhere))
        try:
            yield
        finally:
            logs.quiet()
