"""Notices to a thousand chats while relays are killed, the store dies and the platform is in a bad mood.

What is counted at the end: every message the platform really got, beside every line of the ledger.
"""

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS
from bot.storage.connection import close, connect, socket_url
from bot.storage.embedded import EmbeddedServer
from bot.storage.stores import Stores
from bot.talk import broadcasts
from scheduler.clocks import SystemClock
from scheduler.deliveries import Attempt
from scheduler.messages import Accepted, Address, Refused, RetryLater, Unknown
from scheduler.notices import Arrival, Audience, Notice, approve, schedule
from scheduler.ports import StoreAway
from scheduler.roster import Binding, BindingStrength, Group
from scheduler.storage.keys import OutboxKeys
from tests.chaos.relaying import DEAD_AFTER, Order, started
from tests.integration.school import import_students, student
from tests.servers import Watched

_PLATFORM = "telegram"
_FIRST_PERSON, _FIRST_GROUP = 10_001, -1_000_001
_A_CLASS = 4
_RELAYS = 2
_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 300.0
"""More than a round takes: what is not settled by then is never settled."""

_MOODS = ("flood", "server-error", "cut", "broken-json", "no-result", "forbidden", "hang")
_SELDOM = "flood-bare"
"""Each holds the lane for seconds, whatever the round is about; one fault in so many."""
_ONE_IN = 50

_AN_HOUR = 3_600
_STOPPED_SECONDS = 2 * DEAD_AFTER
_HALF_A_COMMAND = b"*3\r\n$3\r\nSET\r\n$9\r\nwhat it w"
"""What a server leaves at the end of its log that dies while it writes."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What came of it.

    `in_flight` counts the sends that had begun and whose outcome nobody could learn: their process was killed, or the
    platform gave no answer. `unexplained` counts the chats whose messages and ledger do not agree; `oddities` says
    which, and what was lost.
    """

    rounds: int = 0
    kills: int = 0
    sent: int = 0
    in_flight: int = 0
    lost: int = 0
    repeated: int = 0
    unexplained: int = 0
    oddities: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class World:
    """A school on Telegram: persons and class groups, its store, a platform that can be made to fail.

    `store` is where processes find the store. Groups are named by the number they had first; `moved` is where they are.
    """

    kept: Stores
    store: str
    standin: TelegramStandin
    persons: Sequence[int]
    groups: Sequence[int]
    chance: random.Random
    report: Report = field(default_factory=Report)
    moved: dict[int, int] = field(default_factory=dict)
    _begun: int = 0

    async def relays(self) -> dict[str, asyncio.subprocess.Process]:
        """As many as a round begins with, by their names."""
        return dict(await asyncio.gather(*(self.relay() for _ in range(_RELAYS))))

    async def relay(self) -> tuple[str, asyncio.subprocess.Process]:
        """One more relay that has begun to work, and its name; its clock is up to two seconds wrong, or an hour."""
        self._begun += 1
        wrong = self.chance.choice([self.chance.uniform(-2, 2)] * 4 + [self.chance.choice((-_AN_HOUR, _AN_HOUR))])
        order = Order(
            store=self.store,
            prefix=self.kept.database.prefix,
            token=self.standin.token,
            platform=self.standin.base_url,
            worker=f"r{self._begun}",
            offset=wrong,
        )
        return order.worker, await started(order)


@contextlib.asynccontextmanager
async def world(store: str, *, chats: int, seed: int) -> AsyncIterator[World]:
    """A world of so many chats over a store at that address, one in five of them a class group."""
    chance = random.Random(seed)
    persons = range(_FIRST_PERSON, _FIRST_PERSON + chats * 4 // 5)
    groups = range(_FIRST_GROUP, _FIRST_GROUP - len(persons) // _A_CLASS, -1)
    kept = Stores(connect(store, "storm"), alone=True)
    async with TelegramStandin(limits=NO_LIMITS) as standin:
        for person in persons:
            standin.world.say(user=person, text="/start")
        for chat in groups:
            standin.world.group(chat=chat, title=f"class {chat}")
        await _enrol(kept, persons, groups)
        yield World(kept=kept, store=store, standin=standin, persons=persons, groups=list(groups), chance=chance)
    await close(kept.database)


@contextlib.asynccontextmanager
async def embedded_world(folder: Path, *, chats: int, seed: int) -> AsyncIterator[tuple[World, EmbeddedServer]]:
    """A world over a store of its own."""
    server = EmbeddedServer(folder)
    with server.attached() as path:
        async with world(socket_url(str(path)), chats=chats, seed=seed) as stage:
            yield stage, server


async def _enrol(kept: Stores, persons: Sequence[int], groups: Sequence[int]) -> None:
    of_class = {person: f"c{place // _A_CLASS}" for place, person in enumerate(persons)}
    await import_students(kept.rosters, *(student(f"s{person}", one) for person, one in of_class.items()))
    for person in persons:
        to = Address(platform=_PLATFORM, chat=str(person))
        await kept.bindings.bind(
            Binding(account=str(to), sid=f"s{person}", strength=BindingStrength.STRONG, private=to)
        )
    for place, chat in enumerate(groups):
        to = Address(platform=_PLATFORM, chat=str(chat))
        await kept.bindings.bind_group(Group(address=to, classes=(f"c{place}",)))


async def killing(world: World, *, kills: int) -> None:
    """One round: a notice to every chat, relays killed at random moments meanwhile, and what came of it."""
    relays = await world.relays()
    notices = await release(world)
    writing = asyncio.create_task(_move_on(world, notices))
    coming: set[asyncio.Task[tuple[str, asyncio.subprocess.Process]]] = set()
    for _ in range(kills):
        await asyncio.sleep(world.chance.uniform(0.05, 0.5))
        if not relays:
            relays.update([await coming.pop()])
        name = world.chance.choice(list(relays))
        relays[name].kill()
        await relays.pop(name).wait()
        world.report.kills += 1
        world.report.in_flight += await _in_flight(world, name)
        coming.add(asyncio.create_task(world.relay()))
    relays.update(await asyncio.gather(*coming))
    await _finished(writing, relays)
    await explain(world, notices)


async def stopping(world: World, *, times: int) -> None:
    """One round in which relays stand still until others have taken over, and then go on as if nothing had been."""
    relays = await world.relays()
    notices = await release(world)
    writing = asyncio.create_task(_move_on(world, notices))
    for _ in range(times):
        await asyncio.sleep(world.chance.uniform(0.05, 0.5))
        stopped = world.chance.choice(list(relays.values()))
        stopped.send_signal(signal.SIGSTOP)
        await asyncio.sleep(_STOPPED_SECONDS)
        stopped.send_signal(signal.SIGCONT)
    await _finished(writing, relays)
    await explain(world, notices, kills=False)


async def failing_over(folder: Path, report: Report, *, chats: int, seed: int) -> None:
    """One round in which the master of a Sentinel set is killed while a notice goes out, in a world of its own.

    The office has seen that the notice is released: that much has reached the replica.
    """
    watched = Watched(folder)
    with watched.running():
        async with world(watched.url, chats=chats, seed=seed) as stage:
            stage.report = report
            relays = await stage.relays()
            notices = await release(stage)
            assert await stage.kept.database.call("WAIT", 1, 1_000) == 1
            writing = asyncio.create_task(_move_on(stage, notices))
            await asyncio.sleep(stage.chance.uniform(0.1, 0.5))
            watched.master.kill()
            report.kills += 1
            await _finished(writing, relays)
            await _move_on(stage, notices)  # all of it may have gone out before: then the next server says so, too
            await explain(stage, notices, kills=False)


async def losing_the_store(world: World, server: EmbeddedServer, *, seconds: float) -> None:
    """One round in which the store is killed within a write, and is gone for so long."""
    relays = await world.relays()
    notices = await release(world)
    writing = asyncio.create_task(_move_on(world, notices))
    await asyncio.sleep(world.chance.uniform(0.5, 1.5))
    info = await world.kept.database.call("INFO", "server")
    os.kill(info["process_id"], signal.SIGKILL)
    await asyncio.sleep(seconds)
    with max(server.socket.parent.glob("appendonlydir/*.incr.aof")).open("ab") as log:
        log.write(_HALF_A_COMMAND)
    await asyncio.to_thread(server.start)
    await _finished(writing, relays)
    await explain(world, notices, kills=False)


async def bad_weather(world: World) -> None:
    """One round in which the platform fails in every way it knows, some groups move, and some throw the bot out."""
    relays = await world.relays()
    for chat in world.chance.sample([*world.persons, *world.groups], k=len(world.persons) // 4):
        place, times = world.moved.get(chat, chat), world.chance.choice((1, 1, 2))
        world.standin.fault(method="sendMessage", kind=_mood(world.chance), chat=place, times=times)
    kicking = 3  # and as many move, which a group does once
    leaving = world.chance.sample([chat for chat in world.groups if chat not in world.moved], k=2 * kicking)
    for chat in leaving[kicking:]:
        world.moved[chat] = chat * 100
        world.standin.world.migrate(chat=chat, to=chat * 100)
    for chat in leaving[:kicking]:
        world.standin.world.kick(chat=chat)
    notices = await release(world)
    await _finished(asyncio.create_task(_move_on(world, notices)), relays)
    await explain(world, notices, kills=False)


def _mood(chance: random.Random) -> str:
    return chance.choice(_MOODS) if chance.randrange(_ONE_IN) else _SELDOM


async def release(world: World) -> list[int]:
    """A notice to every person and one to every group; each released by two people at once, of whom one is too late."""
    numbers = []
    for audience in (Audience(everybody=True, each=True), Audience(everybody=True)):
        number = await world.kept.notices.new_number()
        now = SystemClock().now()
        draft = Notice(
            number=number, title="storm", text=f"notice {number}", author="office:a", audience=audience, created_at=now
        )
        released = approve(draft, by="office:b", count=1, most_alone=0)
        assert isinstance(released, Notice)
        set_for_now = schedule(released, at=now, now=now, quiet_reason="a test")
        assert isinstance(set_for_now, Notice)
        for seen, step in ((0, draft), (draft.revision, released)):
            assert await world.kept.notices.save(step, seen_revision=seen, by="office:b", now=now)
        both = [replace(set_for_now, quiet_reason=f"a test of {name}") for name in ("b", "c")]
        pressed = await asyncio.gather(
            *(world.kept.notices.save(step, seen_revision=released.revision, by="office:b", now=now) for step in both)
        )
        assert sorted(pressed) == [False, True]
        numbers.append(number)
    return numbers


async def _move_on(world: World, notices: Sequence[int]) -> None:
    """What two serving processes do about notices, until these have come to rest."""
    moving = [broadcasts(world.kept, SystemClock()) for _ in range(2)]
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            with contextlib.suppress(StoreAway):
                await asyncio.gather(*(one.step() for one in moving))
                stored = [await world.kept.notices.get(number) for number in notices]
                if all(notice is not None and notice.ended_at is not None for notice in stored):
                    return
            await asyncio.sleep(_LOOK_SECONDS)


async def _finished(writing: asyncio.Task[None], relays: Mapping[str, asyncio.subprocess.Process]) -> None:
    try:
        await writing
    finally:
        for process in relays.values():
            process.kill()
            await process.wait()


async def _in_flight(world: World, worker: str) -> int:
    marks = await world.kept.database.call("HGETALL", OutboxKeys(world.kept.database.prefix).attempts)
    return sum(mark.split(" ")[1] == worker for mark in marks.values())


async def explain(world: World, notices: Sequence[int], *, kills: bool = True) -> None:
    """Hold what the platform got against the ledger, chat by chat, and write it into the report."""
    attempts: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in await world.kept.outbox.ledger():
        attempts[attempt.delivery].append(attempt)
    report = world.report
    report.rounds += 1
    for number, chats in zip(notices, (world.persons, world.groups), strict=True):
        results = await world.kept.notice_results.results(number)
        for place, chat in enumerate(chats):
            target, unreached = (f"s{chat}", f"s{chat}") if chat > 0 else (f"{_PLATFORM}:{chat}", f"class:c{place}")
            its_own = attempts.get(f"notice:{number}:0:{target}", [])
            got = await _got(world, chat, number)
            said = Counter(type(attempt.outcome) for attempt in its_own if not isinstance(attempt.outcome, RetryLater))
            if unreached in results and results[unreached].state is Arrival.UNREACHED:
                said[Refused] += 1  # known not to be reached any more: nothing was tried
            report.in_flight += 0 if kills else said[Unknown]
            if not _judge(report, said, got):
                report.oddities.append(f"notice {number} to {chat}: ledger {dict(said)}, messages {got}")


async def _got(world: World, chat: int, number: int) -> int:
    """How many messages of a notice a chat got."""
    places = [chat, world.moved[chat]] if chat in world.moved else [chat]
    shown = [one["text"] for place in places for one in await world.standin.messages(place)]
    return sum(f"notice {number}\n" in text for text in shown)


def _judge(report: Report, said: Mapping[type, int], got: int) -> bool:
    """Count what came of one delivery; whether the messages are those of the ledger, and none came twice."""
    report.sent += got
    report.repeated += max(0, got - 1)
    lost = not got and not (said.get(Unknown) or said.get(Refused))
    accepted = said.get(Accepted, 0)
    fits = accepted <= got <= min(1, accepted + said.get(Unknown, 0)) and type(None) not in said
    report.lost += lost
    report.unexplained += not fits
    return fits and not lost
