"""How fast deliveries leave the outbox, how much of a platform's limit they use, and how soon an answer goes out."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.bootstrap import Stores, seal, stores
from bot.platforms.pacing import Paced
from bot.platforms.telegram.pictures import Pictures
from bot.platforms.telegram.request import QuietRequest
from bot.platforms.telegram.sender import TelegramSender
from bot.settings import read
from bot.standins.telegram import TelegramStandin
from bot.storage.connection import socket_url
from scheduler.clocks import SystemClock
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Accepted, Address, OutboundMessage, Outcome, Purpose, RetryLater, Text
from scheduler.pacing import Budget, telegram_budgets
from scheduler.ports import Messenger
from scheduler.storage.lanes import RedisLanes
from tests.bench.figures import Figure, Measured, percentile, rounds
from tests.integration.school import relay
from tests.integration.waiting import wait_until

_PEERS = Path(".cache/bench/venv/bin/python")
"""Where `make bench` puts what others wrote."""

_LANE = "telegram"
_ALLOWED = 30.0
"""Messages a second that Telegram allows a bot."""

_MESSAGES = 1_000
_DELIVERIES = 5_000
_ROUNDS, _ROUNDS_SECONDS = 3, 30.0
_LIGHT_LOAD, _LIGHT_RATE = 600, 150
"""Deliveries at a tenth of the aimed rate, and how many a second those are."""

_BROADCAST, _ANSWERS, _ANSWERS_RATE = 10_000, 200, 10

_PEER_SECONDS = 180.0

_SHARE = "share of Telegram's rate used, 1,000 messages, strict stand-in"
_REFUSED = "of these, turned down by the stand-in (429)"
_RATE = "deliveries a second, a sender that does nothing"
_QUEUED = "from enqueued to sent at a tenth of that rate, p99"
_ANSWER = "a private answer during a broadcast to 10,000 chats, p99"


def figures() -> Iterator[Measured]:
    """The share used and the messages turned down, beside PTB's limiter; the rates, beside a job framework."""
    ours, theirs = asyncio.run(_share()), asyncio.run(_share_of_peer())
    limiter = "PTB's AIORateLimiter"
    yield Figure(name=_SHARE, value=ours[0], unit="", aim=0.95, beside=theirs.get("share"), peer=limiter)
    yield Figure(name=_REFUSED, value=ours[1], unit="", aim=0.0, beside=theirs.get("refused"), peer=limiter)
    (rate, queued), framework = asyncio.run(_idle_sender())
    yield Figure(name=_RATE, value=rate, unit="/s", aim=1_500.0, beside=framework.get("rate"), peer="docket")
    yield Figure(name=_QUEUED, value=queued * 1_000, unit="ms", aim=50.0, beside=framework.get("p99_ms"), peer="docket")
    yield Figure(name=_ANSWER, value=asyncio.run(_answers()) * 1_000, unit="ms", aim=100.0)


@dataclass(slots=True)
class _Noted:
    """A messenger that says yes, or asks another, and notes when it was asked, by the text."""

    messenger: Messenger | None = None
    asked: dict[str, float] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        self.asked[text] = time.perf_counter()
        outcome = Accepted(message_id="1") if self.messenger is None else await self.messenger.send(message, text)
        self.outcomes.append(outcome)
        return outcome

    @property
    def accepted(self) -> int:
        return sum(isinstance(outcome, Accepted) for outcome in self.outcomes)


def _no_budgets(to: Address) -> Sequence[Budget]:
    return ()


def _budgets(to: Address) -> Sequence[Budget]:
    return telegram_budgets(to, in_group=False)


def _message(number: int, purpose: Purpose = Purpose.NOTICE) -> OutboundMessage:
    return OutboundMessage(to=Address(platform=_LANE, chat=str(number)), body=Text(text=str(number)), purpose=purpose)


async def _queue(kept: Stores, numbers: Sequence[int]) -> None:
    now = SystemClock().now()
    notes = [Delivery(id=f"note:{number}", kind=Kind.NOTE, message=_message(number)) for number in numbers]
    for start in range(0, len(notes), 250):
        await asyncio.gather(*(kept.outbox.queue(note, now) for note in notes[start : start + 250]))


@asynccontextmanager
async def _kept() -> AsyncIterator[tuple[Stores, str]]:
    """Stores of their own, and the address of their server."""
    with tempfile.TemporaryDirectory() as folder:
        async with stores(read(data=Path(folder)), serving=True) as (kept, server):
            assert server is not None
            yield kept, socket_url(str(server.socket))


@asynccontextmanager
async def _relaying(
    kept: Stores, messenger: Messenger, budgets: Callable[[Address], Sequence[Budget]]
) -> AsyncIterator[None]:
    sender = relay(kept.database, messenger, SystemClock(), lane=_LANE, budgets=budgets)
    running = asyncio.create_task(sender.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _share() -> tuple[float, int]:
    """The share of the allowed rate between the first and the last yes, and how often the stand-in said no."""
    async with _kept() as (kept, _), TelegramStandin() as standin:
        for number in range(1, _MESSAGES + 1):
            standin.world.say(user=number, text="/start")
        request = QuietRequest(connections=64, read_timeout=10)
        bot = Bot(
            standin.token, base_url=f"{standin.base_url}/bot", request=request, get_updates_request=HTTPXRequest()
        )
        await request.initialize()
        settings = read(data=Path(tempfile.gettempdir()))
        pictures = Pictures(Path(), owner=_LANE, uploads=kept.uploads)
        noted = _Noted(TelegramSender(bot, seal(settings), pictures, SystemClock()))
        await _queue(kept, range(1, _MESSAGES + 1))
        async with _relaying(kept, noted, _budgets):
            await _until(lambda: noted.accepted == _MESSAGES, seconds=120)
        await request.shutdown()
        seconds = max(noted.asked.values()) - min(noted.asked.values())
        refused = sum(isinstance(outcome, RetryLater) for outcome in noted.outcomes)
        return (_MESSAGES - 1) / seconds / _ALLOWED, refused


async def _share_of_peer() -> dict[str, float]:
    async with TelegramStandin() as standin:
        for number in range(1, _MESSAGES + 1):
            standin.world.say(user=number, text="/start")
        return await _peer("limiter", standin.base_url, standin.token, _MESSAGES)


async def _idle_sender() -> tuple[tuple[float, float], dict[str, float]]:
    """Deliveries a second, the best of some rounds, and seconds from enqueued to sent at a light load, p99; then what
    the framework makes of the same server."""
    rates = []
    async with _kept() as (kept, url):
        first = 1
        for _ in rounds(_ROUNDS, seconds=_ROUNDS_SECONDS):
            await _queue(kept, range(first, first + _DELIVERIES))
            noted = _Noted()
            begun = time.perf_counter()
            async with _relaying(kept, noted, _no_budgets):
                await _until(lambda noted=noted: noted.accepted == _DELIVERIES, seconds=60)  # type: ignore[misc]
                rates.append(_DELIVERIES / (time.perf_counter() - begun))
            first += _DELIVERIES
        queued, noted = {}, _Noted()
        async with _relaying(kept, noted, _no_budgets):
            begun = time.perf_counter()
            for number in range(_LIGHT_LOAD):
                await asyncio.sleep(max(begun + number / _LIGHT_RATE - time.perf_counter(), 0))
                queued[str(first + number)] = time.perf_counter()
                await _queue(kept, [first + number])
            await _until(lambda: noted.accepted == _LIGHT_LOAD, seconds=10)
        framework = await _peer("framework", url, _DELIVERIES, _LIGHT_LOAD, _LIGHT_RATE)
    p99 = percentile([noted.asked[text] - at for text, at in queued.items()], 0.99)
    return (max(rates), p99), framework


async def _answers() -> float:
    """Seconds from an answer to its send while a broadcast keeps the bot at its limit, p99."""
    async with _kept() as (kept, _):
        await _queue(kept, range(1, _BROADCAST + 1))
        broadcast, answers = _Noted(), _Noted()
        paced = Paced(messenger=answers, pace=RedisLanes(kept.database, "bench"), budgets=_budgets, clock=SystemClock())
        taken = []
        async with _relaying(kept, broadcast, _budgets):
            await wait_until(lambda: broadcast.accepted > 0, "the broadcast has begun")
            for number in range(_ANSWERS):
                begun = time.perf_counter()
                answer = _message(_BROADCAST + 1 + number, Purpose.ANSWER)
                await paced.send(answer, str(number))
                taken.append(answers.asked[str(number)] - begun)
                await asyncio.sleep(max(1 / _ANSWERS_RATE - taken[-1], 0))
        return percentile(taken, 0.99)


async def _until(holds: Callable[[], bool], *, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is measured does not know that it is
            await asyncio.sleep(0.001)


async def _peer(name: str, *given: object) -> dict[str, float]:
    """What a peer measured of itself, in an environment of its own; empty where that is not installed."""
    if not await asyncio.to_thread(_PEERS.exists):
        return {}
    script = Path(__file__).parent / "peers" / f"{name}.py"
    process = await asyncio.create_subprocess_exec(
        _PEERS, script, *map(str, given), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(_PEER_SECONDS):
        printed, _ = await process.communicate()
    found: dict[str, float] = json.loads(printed.splitlines()[-1]) if process.returncode == 0 else {}
    return found
