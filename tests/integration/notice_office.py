"""An office with three groups on Telegram's stand-in, at whose command line notices are typed."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Lane, Service, Stores, seal, whereabouts
from bot.metrics import Metrics
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.outage import Outages
from bot.platforms.telegram.refs import PLATFORM, address
from bot.settings import read
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS, Limits
from bot.talk import Knowledge
from knowledge.loading import CONTENT
from scheduler.clocks import SystemClock
from scheduler.pacing import telegram_budgets
from scheduler.roster import Binding, BindingStrength, Group
from scheduler.storage.database import Database
from tests.integration.school import import_students, student
from tests.integration.test_forms import xueji

FIGURES = CONTENT / "figures"
GROUPS = {"c1": -1001, "c2": -1002, "c3": -1003}
STUDENT = 11
ZHANG, LI = ("--by", "zhang"), ("--by", "li")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The bot with Telegram behind it, beside which the commands are typed."""

    service: Service
    standin: TelegramStandin
    kept: Stores

    async def settle(self) -> None:
        """Everything that is due happens."""
        await self.service.broadcasts.step()
        for relay in self.service.relays:
            await relay.run_until_idle()
        await self.service.broadcasts.step()

    async def draft(self, *words: str, title: str = "交表", text: str = "周四17:00前交系里。") -> int:
        """The number of a new draft."""
        code, said, faults = await xueji(
            "notice", "draft", "--title", title, "--text", text, *ZHANG, "--json", *(words or ("--everybody",))
        )
        assert code == 0, faults
        return int(json.loads(said)["number"])

    async def sent(self, *words: str) -> int:
        """The number of a notice that has gone out."""
        number = await self.draft(*words)
        code, _, faults = await xueji("notice", "send", str(number), "--quiet-reason", "test", *ZHANG)
        assert code == 0, faults
        await self.settle()
        return number

    async def status(self, number: int) -> dict[str, Any]:
        code, said, faults = await xueji("notice", "status", str(number), "--json")
        assert code == 0, faults
        found: dict[str, Any] = json.loads(said)
        return found

    async def in_group(self, class_id: str) -> list[dict[str, Any]]:
        return [one for one in await self.standin.messages(GROUPS[class_id]) if not one.get("deleted")]


@asynccontextmanager
async def opened_office(
    database: Database,
    known: Knowledge,
    valkey_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    strict: bool = False,
) -> AsyncIterator[Office]:
    """Three classes with a group each, of which the third has lost the bot, and a fourth class without a group.

    `strict`: Telegram's limits hold, and the bot keeps to them.
    """
    monkeypatch.setenv("XUEJI_REDIS_URL", valkey_url)
    monkeypatch.setenv("XUEJI_REDIS_PREFIX", database.prefix)
    monkeypatch.chdir(tmp_path)
    kept, clock = Stores(database, alone=True), SystemClock()
    settings = read(data=tmp_path)
    await import_students(kept.rosters, *(student(f"s{one}", one) for one in (*GROUPS, "c4")))
    private = address(STUDENT)
    bound = Binding(account=f"{PLATFORM}:{STUDENT}", sid="sc1", strength=BindingStrength.STRONG, private=private)
    await kept.bindings.bind(bound)
    async with AsyncExitStack() as opened:
        standin = await opened.enter_async_context(TelegramStandin(limits=Limits() if strict else NO_LIMITS))
        standin.world.say(user=STUDENT, text="/start")
        for class_id, chat in GROUPS.items():
            standin.world.group(chat=chat, title=class_id)
            await kept.bindings.bind_group(Group(address=address(chat), classes=(class_id,)))

        async def no_outage(*_: object) -> int:
            return 0

        telegram = await opened.enter_async_context(
            Telegram(
                token=standin.token,
                base_url=standin.base_url,
                seal=seal(settings),
                intake=kept.intake,
                uploads=kept.uploads,
                whereabouts=whereabouts(kept, clock),
                outages=Outages(kept.hearing, no_outage),
                clock=clock,
                figures=known.folder / "figures",
                menu=dict,
                long_poll=0,
            )
        )
        await telegram.introduce()
        lane = Lane(
            name=PLATFORM,
            messenger=telegram,
            receive=telegram.receive,
            recall=telegram.recall,
            links=True,
            budgets=lambda to: telegram_budgets(to, in_group=to.chat.startswith("-")) if strict else (),
        )
        service = Service(settings=settings, known=known, kept=kept, clock=clock, lanes=[lane], metrics=Metrics())
        yield Office(service=service, standin=standin, kept=kept)
