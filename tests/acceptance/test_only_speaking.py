"""Groups that WeCom lets the bot write to and not hear: those its application made, and those with a webhook."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.bootstrap import Knowledge, Service, Stores
from bot.demo import sample
from bot.demo.college import import_roster, open_campaign
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.wecom.refs import GroupRoute, group
from bot.settings import read
from bot.standins.wecom import Limits, WecomStandin
from bot.standins.wecom.world import World
from bot.wecom import Ground, wecom
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Address, OutboundMessage, Purpose, Text
from scheduler.roster import Group
from scheduler.storage.database import Database
from tests.acceptance.college import COHORT
from tests.acceptance.conftest import TEN_DAYS_BEFORE

FIRST_WAVE = datetime.fromisoformat("2019-12-15T21:59:00+08:00")
HOOK, HOOKED = "class-1", "wrHooked"
LINES = [
    f"{number}. 第{number}条：请看 https://www.chsi.com.cn/ 上的说明，不要叫 <@all> 点 <a href> 里的字。"
    for number in range(90)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A group the bot can only write to: its address, and where WeCom shows what arrived."""

    address: Address
    chat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """WeCom with its own limits, the bot, and the place."""

    wecom: WecomStandin
    service: Service
    clock: VirtualClock
    place: Place

    async def turn_to(self, moment: datetime) -> None:
        self.clock.advance_to(moment)
        await self.service.settle()

    async def tell(self, text: str, number: int = 0) -> None:
        """Leave a text of staff to the outbox."""
        message = OutboundMessage(to=self.place.address, body=Text(text=text), purpose=Purpose.NOTICE)
        delivery = Delivery(id=f"told-{number}", kind=Kind.REPLY, message=message)
        await self.service.kept.outbox.queue(delivery, self.clock.now())

    async def arrived(self) -> list[str]:
        """The texts that arrived, oldest first."""
        return [shown["text"] for shown in await self.wecom.messages(chat=self.place.chat)]


async def appchat(wecom: WecomStandin) -> Place:
    """A group that the application made."""
    for user in ("Stu01", "Stu02"):
        wecom.world.member(user=user)
    app = wecom.world.app
    async with httpx.AsyncClient(base_url=f"{wecom.http_url}/cgi-bin/") as http:
        asked = {"corpid": app.corp_id, "corpsecret": app.secret}
        token = (await http.get("gettoken", params=asked)).json()["access_token"]
        made = await http.post("appchat/create", params={"access_token": token}, json={"userlist": ["Stu01", "Stu02"]})
    chat = made.json()["chatid"]
    return Place(address=group(GroupRoute.APPCHAT, chat), chat=chat)


async def webhook(wecom: WecomStandin) -> Place:
    """A group with a webhook."""
    return Place(address=group(GroupRoute.HOOK, HOOK), chat=HOOKED)


async def nobody(_: InboundMessage) -> None:
    raise AssertionError("the store is not away")


@pytest.fixture(params=[appchat, webhook], ids=lambda place: place.__name__)
async def stage(
    request: pytest.FixtureRequest, database: Database, known: Knowledge, tmp_path: Path
) -> AsyncIterator[Stage]:
    clock, kept = VirtualClock(TEN_DAYS_BEFORE), Stores(database, alone=True)
    roster = await import_roster(kept, known.content, COHORT, "roster.xlsx", sample.roster_xlsx(COHORT))
    world = World(clock=lambda: clock.now().timestamp())
    async with AsyncExitStack() as opened:
        standin = await opened.enter_async_context(WecomStandin(limits=Limits(), world=world))
        open_place: Callable[[WecomStandin], Awaitable[Place]] = request.param
        key = world.hook(chat=HOOKED)["key"]
        place = await open_place(standin)
        names = ("corp_id", "agent_id", "app_secret")
        given: dict[str, Any] = {f"wecom_{name}": standin.credentials[name] for name in names}
        settings = read(data=tmp_path, wecom_base_url=standin.http_url, wecom_webhooks=f"{HOOK}={key}", **given)
        ground = Ground(
            settings=settings, kept=kept, wording=known.wording, figures=known.folder / "figures", clock=clock,
            metrics=Metrics(), without_store=nobody, opened=opened, alone=True,
        )  # fmt: skip
        wired = await wecom(ground)
        assert wired is not None
        await kept.bindings.bind_group(Group(address=place.address, classes=(min(roster.classes),)))
        service = Service(settings=settings, known=known, kept=kept, clock=clock, lanes=[wired.lane], metrics=Metrics())
        await service.reminders.start()
        yield Stage(wecom=standin, service=service, clock=clock, place=place)
        await service.reminders.stop()


async def test_a_wave_arrives_and_says_where_to_confirm_since_nothing_can_be_pressed(stage: Stage) -> None:
    await open_campaign(stage.service, COHORT)
    await stage.turn_to(FIRST_WAVE)
    (reminder,) = await stage.arrived()
    assert "12月22日" in reminder
    assert "私聊" in reminder


async def test_a_long_text_arrives_whole_in_parts_and_nothing_in_it_takes_effect(stage: Stage) -> None:
    await stage.tell("\n".join(LINES))
    await stage.service.settle()
    parts = await stage.arrived()
    assert len(parts) > 1
    assert not any(mark in part for part in parts for mark in ("<@", "<a"))
    shown = "\n".join(parts).translate({ord("＜"): "<", ord("．"): "."})
    assert [line.strip() for line in shown.splitlines()] == LINES


async def test_many_texts_at_once_arrive_at_the_pace_wecom_allows_and_none_is_lost(stage: Stage) -> None:
    for number in range(30):
        await stage.tell(f"第{number}件事。", number)
    for _ in range(20):
        await stage.turn_to(stage.clock.now() + timedelta(seconds=10))
    assert sorted(await stage.arrived()) == sorted(f"第{number}件事。" for number in range(30))
    assert stage.wecom.world.complaints == []
