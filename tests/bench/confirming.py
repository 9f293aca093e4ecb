"""Confirmations as they arrive on a deadline's evening: at a steady rate, in a burst, and from press to receipt."""

import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.bootstrap import Service, Stores, knowledge_of, seal, stores
from bot.buttons import ButtonSeal
from bot.codes import receipt
from bot.platforms.telegram.pictures import Pictures
from bot.platforms.telegram.sender import TelegramSender
from bot.ports import RawUpdate
from bot.settings import read
from knowledge.linting import load_checked
from knowledge.loading import CONTENT
from scheduler.acts import Act
from scheduler.calendar import ZONE, Deadline
from scheduler.campaigns import Campaign
from scheduler.clocks import SystemClock
from scheduler.messages import Action, Address, Verb
from scheduler.roster import Binding, BindingStrength, Student
from scheduler.stating import Stating
from tests.bench import college
from tests.bench.campaigns import campaign_of, school
from tests.bench.dispatching import log_to_nowhere, service
from tests.bench.figures import Figure, Measured, percentile
from tests.bench.peer import canned_bot

_STUDENTS = 40_000
_A_SECOND = 1_500
_SECONDS = 3
_BURST = 200
_PRESSED = 600
"""Presses of a round of the whole path, each of another student."""

_ROUNDS = 5
_FIRST_ACCOUNT = 100_000
_WARM = 500

_STEADY = f"a confirmation recorded, {_A_SECOND:,} arriving a second, p99"
_TOGETHER = f"{_BURST} confirmations at once, recorded"
_STEADY_PEER, _TOGETHER_PEER = "as many bare writes, p99", "as many bare writes"
_WHOLE = "confirmations a second, from press to receipt, stored first and sent"

Do = Callable[[Student], Awaitable[None]]
"""What is done when a student comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """A school whose students have all still to confirm, and the service that records it; each confirms once."""

    kept: Stores
    telegram: Service
    buttons: ButtonSeal
    campaign: Campaign
    stating: Stating
    students: Iterator[Student]
    numbers: Iterator[int]

    def next(self, count: int) -> list[Student]:
        """So many who have not confirmed yet."""
        return list(itertools.islice(self.students, count))

    async def confirm(self, student: Student) -> None:
        """What the dialogue does when somebody states that all is right."""
        now = SystemClock().now()
        stated = await self.stating.state(self.campaign, student, Act.CONFIRM, by=student.sid, now=now)
        if stated.refused is not None:
            raise RuntimeError(f"a confirmation was refused: {stated.refused}")

    async def write(self, student: Student) -> None:
        """One bare write for a student: what the server, its disk and the machine take at least."""
        await self.kept.database.call("SET", f"{self.kept.database.prefix}:bench", student.sid)

    async def pressed(self) -> float:
        """Presses a second: each stored, handed out, recorded, answered with a receipt, forgotten."""
        students = self.next(_PRESSED)
        await asyncio.gather(*(self.kept.bindings.bind(_binding(_account(one), one)) for one in students))
        updates = [self._press(next(self.numbers), _account(one)) for one in students]
        begun = time.perf_counter()
        await self.kept.intake.store(updates)
        await self.kept.intake.run_until_idle(self.telegram.handle)
        a_second = len(updates) / (time.perf_counter() - begun)
        classes = {one.class_id for one in students}
        done = (await self.kept.campaigns.progress(self.campaign.id, tuple(classes))).done
        if done < len(students):
            raise RuntimeError(f"{len(students)} pressed, {done} are recorded")
        return a_second

    def _press(self, number: int, account: int) -> RawUpdate:
        """The press of the button under a check list, as Telegram writes it."""
        now = datetime.now(UTC)
        person = {"id": account, "is_bot": False, "first_name": "a"}
        message = {
            "message_id": 1,
            "date": int(now.timestamp()),
            "chat": {"id": account, "type": "private", "first_name": "a"},
            "text": "?",
        }
        token = self.buttons.seal(Action(verb=Verb.CONFIRM, subject=self.campaign.id))
        query = {"id": str(number), "from": person, "message": message, "chat_instance": "1", "data": token}
        body = json.dumps({"update_id": number, "callback_query": query}).encode()
        return RawUpdate(platform=college.PLATFORM, key=str(number), chat=str(account), body=body, received_at=now)


async def steadily(do: Do, students: Sequence[Student]) -> list[float]:
    """Seconds from when each was to arrive to its answer; the next arrives whether or not this one is done."""
    begun = time.perf_counter() + 0.1

    async def arriving(due: float, student: Student) -> float:
        await do(student)
        return time.perf_counter() - due

    under_way = []
    for place, student in enumerate(students):
        due = begun + place / _A_SECOND
        early = due - time.perf_counter()
        if early > 0:
            await asyncio.sleep(early)
        under_way.append(asyncio.create_task(arriving(due, student)))
    return await asyncio.gather(*under_way)


async def together(do: Do, students: Sequence[Student]) -> float:
    """Seconds until all of those who come at the same moment have their answer."""
    begun = time.perf_counter()
    await asyncio.gather(*map(do, students))
    return time.perf_counter() - begun


def figures() -> Iterator[Measured]:
    """A steady stream, bursts, and the whole way; every write is on disk before it is answered."""
    taken = asyncio.run(_take())
    for name, peer, aim in ((_STEADY, _STEADY_PEER, 20.0), (_TOGETHER, _TOGETHER_PEER, 150.0)):
        value, beside = 1_000 * statistics.median(taken[name]), 1_000 * statistics.median(taken[peer])
        yield Figure(name=name, value=value, unit="ms", aim=aim, beside=beside, peer=peer)
    yield Figure(name=_WHOLE, value=statistics.median(taken[_WHOLE]), unit="/s", aim=300.0)


async def _take() -> dict[str, list[float]]:
    """What each round gave, by name."""
    taken = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        async with _bench(Path(folder)) as bench:
            await asyncio.gather(*map(bench.confirm, bench.next(_WARM)))
            await bench.pressed()
            for _ in range(_ROUNDS):
                arriving, bursting = bench.next(_A_SECOND * _SECONDS), bench.next(_BURST)
                taken[_STEADY].append(percentile(await steadily(bench.confirm, arriving), 0.99))
                taken[_STEADY_PEER].append(percentile(await steadily(bench.write, arriving), 0.99))
                taken[_TOGETHER].append(await together(bench.confirm, bursting))
                taken[_TOGETHER_PEER].append(await together(bench.write, bursting))
                taken[_WHOLE].append(await bench.pressed())
    return taken


@asynccontextmanager
async def _bench(data: Path) -> AsyncIterator[_Bench]:
    settings = read(data=data)
    known = knowledge_of(load_checked())
    bot = canned_bot()
    async with stores(settings, serving=True) as (kept, _), bot:
        pictures = Pictures(CONTENT / "figures", owner="bench", uploads=kept.uploads)
        buttons = seal(settings)
        sender = TelegramSender(bot, buttons, pictures, SystemClock())
        campaign, students = await _enrol(kept)
        with log_to_nowhere():
            yield _Bench(
                kept=kept,
                telegram=service(settings, known, kept, sender),
                buttons=buttons,
                campaign=campaign,
                stating=Stating(kept.campaigns, receipt),
                students=iter(students),
                numbers=itertools.count(1),
            )


async def _enrol(kept: Stores) -> tuple[Campaign, Sequence[Student]]:
    """The school in the store, its campaign open for another week; its students, no two of a class after another."""
    roster, now = school(_STUDENTS), datetime.now(UTC)
    await kept.rosters.apply(roster, now=now)
    usual = campaign_of(tuple(roster.classes))
    ends = Deadline(words="", day=(now.astimezone(ZONE) + timedelta(days=7)).date())
    campaign = replace(usual, stages=(replace(usual.stages[0], deadline=ends),), opened_at=now)
    students = list(roster.students.values())
    size = len(students) // len(roster.classes)
    sizes = dict.fromkeys(roster.classes, size)
    await kept.campaigns.enter(
        campaign, seen_revision=0, roster_version=roster.version, sizes=sizes, exempt={}, now=now
    )
    return campaign, [one for seat in range(size) for one in students[seat::size]]


def _account(student: Student) -> int:
    return _FIRST_ACCOUNT + int(student.sid, 16)


def _binding(account: int, student: Student) -> Binding:
    return Binding(
        account=f"{college.PLATFORM}:{account}",
        sid=student.sid,
        strength=BindingStrength.STRONG,
        private=Address(platform=college.PLATFORM, chat=str(account)),
    )
