"""Questions a second to WeCom's robot, from a frame of its long connection to the frames that answer it."""

import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.bootstrap import Lane, Service, Stores, knowledge_of, seal, stores
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.wecom import frames
from bot.platforms.wecom.api import Answer, Answered
from bot.platforms.wecom.cards import Cards
from bot.platforms.wecom.connection import Connection
from bot.platforms.wecom.frames import Body, Callback, Command
from bot.platforms.wecom.lane import Hearing, WeCom
from bot.platforms.wecom.media import RobotMedia
from bot.platforms.wecom.receiver import Reader
from bot.platforms.wecom.refs import PLATFORM
from bot.platforms.wecom.robot import Robot
from bot.ports import TakenUpdate
from bot.settings import Settings, read
from bot.storage.leases import RedisConnectionLease
from bot.storage.ways import RedisAnswerWays
from knowledge.linting import load_checked
from scheduler.clocks import SystemClock
from tests.bench import college
from tests.bench.dispatching import log_to_nowhere, private_updates
from tests.bench.figures import Figure, Measured, least, percentile, rounds
from tests.bench.peer import Peer, peer
from tests.bench.questions import asked

_ROUNDS, _SECONDS = 5, 15
_QUESTIONS = 240
_PEER_MANY, _PEER_ONE = "PTB, concurrent updates", "PTB, one update at a time"


class _Canned(Connection):
    """Writes each frame and has it acknowledged at once."""

    async def ask(self, command: Command, body: Body | None = None, *, req_id: str | None = None) -> Answer:
        frames.write(command, req_id or frames.new_req_id(command), body)
        return Answered(code=0, body={})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """The robot, and the peer in the same process."""

    kept: Stores
    hearing: Hearing
    service: Service
    many: Peer
    one: Peer
    numbers: Iterator[int]

    async def rate(self, questions: Sequence[str]) -> float:
        """Questions a second: each read, stored, handed out, answered and forgotten."""
        texts = await self._frames(questions)
        begun = time.perf_counter()
        await asyncio.gather(*(self._hear(text) for text in texts))
        await self.kept.intake.run_until_idle(self.service.handle)
        return len(texts) / (time.perf_counter() - begun)

    async def latencies(self, questions: Sequence[str]) -> list[float]:
        """Seconds from a frame to its answer, one after the other, the intake running as in service."""
        answered, taken = asyncio.Event(), []

        async def handle(update: TakenUpdate) -> None:
            await self.service.handle(update)
            answered.set()

        texts = await self._frames(questions)
        running = asyncio.create_task(self.kept.intake.run(handle))
        for text in texts:
            answered.clear()
            begun = time.perf_counter()
            await self._hear(text)
            await answered.wait()
            taken.append(time.perf_counter() - begun)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return taken

    async def _frames(self, questions: Sequence[str]) -> list[str]:
        await college.forgive(self.kept, PLATFORM)
        members = itertools.cycle(college.ACCOUNTS)
        return [_frame(next(self.numbers), str(next(members)), question) for question in questions]

    async def _hear(self, text: str) -> None:
        callback = frames.read(text)
        assert isinstance(callback, Callback)
        await self.hearing.hear(callback)


def figures() -> Iterator[Measured]:
    """How many a second with many at once, and how long one takes by itself."""
    rates, peers, latencies, peer_latencies = asyncio.run(_take())
    value, beside = statistics.median(rates), statistics.median(peers)
    name = "questions a second to WeCom's robot, known, stored first and sent"
    yield Figure(name=name, value=value, unit="/s", aim=least(beside), beside=beside, peer=_PEER_MANY)
    value, beside = percentile(latencies, 0.99), percentile(peer_latencies, 0.99)
    name = "from WeCom's frame to its answer, stored first and sent, p99"
    yield Figure(name=name, value=1_000 * value, unit="ms", beside=1_000 * beside, peer=_PEER_ONE)


async def _take() -> tuple[list[float], list[float], list[float], list[float]]:
    """The rates of each round, the peer's, and all latencies, the peer's too."""
    rates: list[float] = []
    peers: list[float] = []
    latencies: list[float] = []
    peer_latencies: list[float] = []
    known = list(itertools.islice(itertools.cycle(asked()), _QUESTIONS))
    with tempfile.TemporaryDirectory() as folder:
        async with _bench(Path(folder)) as bench:
            await bench.rate(known)
            for _ in rounds(_ROUNDS, seconds=_SECONDS):
                bodies = [update.body for update in private_updates(known)]
                peers.append(await bench.many.rate(bodies))
                rates.append(await bench.rate(known))
                latencies += await bench.latencies(known)
                peer_latencies += await bench.one.latencies(bodies)
    return rates, peers, latencies, peer_latencies


@asynccontextmanager
async def _bench(data: Path) -> AsyncIterator[_Bench]:
    settings = read(data=data)
    known = knowledge_of(load_checked())
    async with (
        stores(settings, serving=True) as (kept, _),
        peer(concurrent=True) as many,
        peer(concurrent=False) as one,
    ):
        await college.enrol(kept, known.content, PLATFORM)
        wording, figures_of = known.wording, known.folder / "figures"
        hearing, wecom = _robot(settings, kept, Cards(seal=seal(settings), wording=wording, thumbs=True), figures_of)
        lane = Lane(name=PLATFORM, messenger=wecom, receive=wecom.receive, budgets=lambda to: ())
        service = Service(
            settings=settings, known=known, kept=kept, clock=SystemClock(), lanes=[lane], metrics=Metrics()
        )
        with log_to_nowhere():
            yield _Bench(kept=kept, hearing=hearing, service=service, many=many, one=one, numbers=itertools.count(1))


def _robot(settings: Settings, kept: Stores, cards: Cards, figures_of: Path) -> tuple[Hearing, WeCom]:
    """The robot over a connection whose far end is canned."""
    clock, ways = SystemClock(), RedisAnswerWays(kept.database)
    reader = Reader(seal=seal(settings))

    async def nobody(message: InboundMessage) -> object:
        return message

    hearing = Hearing(intake=kept.intake, reader=reader, clock=clock, when_store_is_away=nobody)
    connection = _Canned(
        url="",
        bot_id="bench",
        secret="",
        lease=RedisConnectionLease(kept.database, "bench", alone=True),
        tries=kept.tries,
        clock=clock,
        hand_on=hearing.hear,
    )
    media = RobotMedia(folder=figures_of, connection=connection, uploads=kept.uploads)
    robot = Robot(connection=connection, ways=ways, cards=cards, media=media, clock=clock)
    return hearing, WeCom(routes=[robot], reader=reader, ways=ways, connection=connection)


def _frame(number: int, member: str, question: str) -> str:
    """A private question as the long connection brings it."""
    body = {
        "msgid": f"m{number}",
        "aibotid": "aibX",
        "chattype": "single",
        "from": {"userid": member},
        "msgtype": "text",
        "text": {"content": question},
    }
    frame = {"cmd": Command.MESSAGE, "headers": {"req_id": f"r{number}"}, "body": body}
    return json.dumps(frame, ensure_ascii=False)
