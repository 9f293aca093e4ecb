"""Students confirm while the bot and its store are killed: whoever was given a receipt is recorded, and once.

The bot is `xueji serve` as an operator starts it, the store the one it brings along, and whoever presses nothing but
what they see on their screen. What a kill interrupts is pressed again by whom it keeps waiting, as people do.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import re
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.bootstrap import stores
from bot.cli.office import content_and_words
from bot.settings import read
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS
from bot.standins.telegram.world import Refusal
from bot.storage.stores import Stores
from scheduler.calendar import ZONE, Deadline
from scheduler.campaigns import NOTHING_YET, Campaign, State
from scheduler.evidence import pseudonym
from scheduler.messages import Address
from scheduler.ports import StoreAway
from scheduler.roster import Binding, BindingStrength
from tests.integration.school import campaign, enter, import_students, student

_PLATFORM = "telegram"
_FIRST_PERSON = 20_001
_CLASS_SIZE = 20
_AT_ONCE = 40
"""Students that confirm around a kill."""

_WITHIN_SECONDS = 1.0
"""In which they begin, and somewhere in which the kill falls."""

_IMPATIENT_SECONDS = 10.0
"""After which somebody who sees nothing tries again."""

_ROUND_SECONDS = 120.0
"""More than a round takes: who has no receipt then never gets one."""

_READY_SECONDS = 60.0
_AWAY_SECONDS = 0.2

_ASKS = "确认"
_RECEIPT = re.compile(r"(?:回执|编号)([A-Z0-9]{4})")

_VICTIMS = (("bot",), ("store",), ("bot", "store"))
"""What is killed in one round after the other."""


@dataclass(slots=True, kw_only=True)
class Recorded:
    """What came of it: receipts that students saw, those among them that are not in the store as they saw them, and
    what does not agree there. `oddities` says which."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    unexplained: int = 0
    oddities: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Evening:
    """A school on Telegram on the evening of a deadline; `kept` is the bot's store, seen from outside."""

    kept: Stores
    standin: TelegramStandin
    campaign: Campaign
    data: Path
    persons: Sequence[int]
    button: str
    chance: random.Random
    receipts: dict[int, set[str]] = field(default_factory=dict)
    report: Recorded = field(default_factory=Recorded)
    _bot: asyncio.subprocess.Process | None = None

    async def serve(self) -> None:
        """The bot, from here until it is killed or told to stop."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XUEJI_")}
        telegram = {"XUEJI_TELEGRAM_TOKEN": self.standin.token, "XUEJI_TELEGRAM_BASE_URL": self.standin.base_url}
        self._bot = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from bot.cli import main; main()", "serve",
            env={**kept, **telegram, "XUEJI_DATA": str(self.data), "XUEJI_PORT": "0"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert self._bot.stdout is not None
        async with asyncio.timeout(_READY_SECONDS):
            assert await self._bot.stdout.readline(), "the bot ended before it served"

    async def stop(self) -> None:
        """Let the bot come to its end."""
        if self._bot is not None and self._bot.returncode is None:
            self._bot.terminate()
            await self._bot.wait()

    async def kill(self, victims: Sequence[str]) -> None:
        """Kill what is named, and start the bot again if it is among them; the store is the bot's to start."""
        if "store" in victims:
            os.kill(int((self.data / "valkey" / "valkey.pid").read_text()), signal.SIGKILL)
        if "bot" in victims:
            assert self._bot is not None
            self._bot.kill()
            await self._bot.wait()
            await self.serve()
        self.report.kills += len(victims)

    async def confirm(self, person: int) -> None:
        """Ask for the check list and press the button under it, as often as it takes until there is a receipt."""
        await asyncio.sleep(self.chance.uniform(0, _WITHIN_SECONDS))
        while person not in self.receipts:
            self.standin.world.say(user=person, text=_ASKS)
            listed = await self._sees(person, self._offers)
            if listed is None:
                continue
            with contextlib.suppress(Refusal):  # the receipt of a press before has just taken its place
                self.standin.world.press(user=person, chat=person, message=listed["message_id"], label=self.button)
            await self._sees(person, _receipt)

    def _offers(self, message: dict[str, Any]) -> bool:
        return [self.button] in message["buttons"]

    async def _sees(self, person: int, looked_for: Callable[[dict[str, Any]], object]) -> dict[str, Any] | None:
        """The last message like that in somebody's chat, when there is one or a receipt; None if they lose patience.

        Every receipt that was on their screen counts as acknowledged, however the chat looks later.
        """
        seen = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_IMPATIENT_SECONDS):
                while True:
                    news = await self.standin.messages(person, after=seen, wait=_IMPATIENT_SECONDS)
                    seen = max((one["number"] for one in news), default=seen)
                    for number in filter(None, map(_receipt, news)):
                        self.receipts.setdefault(person, set()).add(number)
                    found = [one for one in news if looked_for(one)]
                    if found or person in self.receipts:
                        return found[-1] if found else None
        return None


def _receipt(message: dict[str, Any]) -> str | None:
    found = _RECEIPT.search(message["text"])
    return found[1] if found else None


@contextlib.asynccontextmanager
async def evening(folder: Path, *, rounds: int, seed: int) -> AsyncIterator[Evening]:
    """Such an evening with students enough for so many rounds; the bot serves."""
    persons = range(_FIRST_PERSON, _FIRST_PERSON + rounds * _AT_ONCE)
    _, wording = content_and_words()
    async with (
        stores(read(data=folder), serving=False) as (kept, _),
        TelegramStandin(limits=NO_LIMITS) as standin,
    ):
        stage = Evening(
            kept=kept,
            standin=standin,
            campaign=await _enrol(kept, persons),
            data=folder,
            persons=persons,
            button=wording.label("button.confirm"),
            chance=random.Random(seed),
        )
        await stage.serve()
        try:
            yield stage
        finally:
            await stage.stop()


async def _enrol(kept: Stores, persons: Sequence[int]) -> Campaign:
    of_class = {person: f"c{place // _CLASS_SIZE}" for place, person in enumerate(persons)}
    await import_students(kept.rosters, *(student(f"s{person}", one) for person, one in of_class.items()))
    for person in persons:
        to = Address(platform=_PLATFORM, chat=str(person))
        await kept.bindings.bind(
            Binding(account=str(to), sid=f"s{person}", strength=BindingStrength.STRONG, private=to)
        )
    now = datetime.now(UTC)
    usual = campaign(*dict.fromkeys(of_class.values()))
    deadline = Deadline(words="", day=(now.astimezone(ZONE) + timedelta(days=2)).date())
    due = replace(usual, stages=(replace(usual.stages[0], deadline=deadline, waves=()),), opened_at=now)
    return await enter(kept.campaigns, due, sizes=Counter(of_class.values()))


async def confirmations(folder: Path, *, kills: int, seed: int) -> Recorded:
    """Rounds of confirmations, each with its kills, until there were so many; and what is in the store in the end."""
    killed = list(_killed(kills))
    async with evening(folder, rounds=len(killed), seed=seed) as stage:
        for victims, persons in zip(killed, _parts(stage.persons), strict=True):
            await _round(stage, persons, victims)
        await _explain(stage)
    return stage.report


def _killed(kills: int) -> Iterator[Sequence[str]]:
    victims = itertools.cycle(_VICTIMS)
    while kills > 0:
        yield (killed := next(victims))
        kills -= len(killed)


def _parts(persons: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(persons), _AT_ONCE):
        yield persons[start : start + _AT_ONCE]


async def _round(stage: Evening, persons: Sequence[int], victims: Sequence[str]) -> None:
    async def killing() -> None:
        await asyncio.sleep(stage.chance.uniform(0, 1.5 * _WITHIN_SECONDS))
        await stage.kill(victims)

    async with asyncio.timeout(_ROUND_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(killing())
        for person in persons:
            group.create_task(stage.confirm(person))


async def _explain(stage: Evening) -> None:
    """Hold what students have on their screens against the states, those against the counters and the evidence."""
    campaigns, report = stage.kept.campaigns, stage.report
    changes = await _changes(stage.kept)
    states = await campaigns.states_of(stage.campaign.id, stage.campaign.classes)
    for person in stage.persons:
        sid = f"s{person}"
        shown = {number for one in await stage.standin.messages(person) if (number := _receipt(one))}
        acknowledged = stage.receipts.get(person, set()) | shown
        state = states.get(sid, NOTHING_YET)
        entries = changes[pseudonym(await stage.kept.evidence.key_of(sid) or "", sid)]
        report.acknowledged += bool(acknowledged)
        report.lost += bool(acknowledged) and (state.state, {state.receipt}) != (State.CONFIRMED, acknowledged)
        if (acknowledged, state.state, entries) != ({state.receipt}, State.CONFIRMED, [State.CONFIRMED]):
            report.unexplained += 1
            report.oddities.append(f"{sid}: saw {sorted(acknowledged)}, is {state}, entries {entries}")
    for class_id, progress in (await campaigns.progress_of_each(stage.campaign.id, stage.campaign.classes)).items():
        own = await campaigns.states(stage.campaign.id, class_id)
        done = sum(state.state is State.CONFIRMED for state in own.values())
        if (progress.done, progress.owing) != (done, _CLASS_SIZE - done):
            report.unexplained += 1
            report.oddities.append(f"{class_id}: counted {progress}, {done} are done")


async def _changes(kept: Stores) -> Mapping[str, Sequence[str]]:
    """By pseudonym, to which states the evidence says that somebody came, in order."""
    while True:
        with contextlib.suppress(StoreAway):  # killed just now: the bot starts it again
            head = await kept.evidence.seal(datetime.now(UTC))
            break
        await asyncio.sleep(_AWAY_SECONDS)
    found = defaultdict(list)
    async for line in kept.evidence.entries(head):
        entry = json.loads(line)
        if entry["kind"] == "state":
            found[entry["who"]].append(entry["is"])
    return found
