"""The process killed at every step between Telegram and an answer: nothing is lost, at most one reply is repeated."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from itertools import count
from typing import Any
from urllib.parse import unquote

import pytest

from bot.bootstrap import Stores, whereabouts
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.outage import Outages
from bot.ports import TakenUpdate
from bot.standins.telegram import TelegramStandin
from bot.storage.connection import close, connect, socket_url
from scheduler.clocks import VirtualClock
from scheduler.messages import OutboundMessage, Purpose, Text
from scheduler.storage.database import Database
from tests.integration.proxy import CuttingProxy, cutting, is_the_line
from tests.integration.telegram.rig import GROUP, STUDENT, Lanes, Silences

SAID = ((STUDENT, "一"), (STUDENT, "二"), (GROUP, "三"))


async def whole_way(lanes: Lanes, kept: Stores, clock: VirtualClock) -> None:
    """What one process does until nothing is left: fetch, store, answer, forget, confirm."""
    places, outages = whereabouts(kept, clock), Outages(kept.hearing, Silences())
    async with lanes(intake=kept.intake, uploads=kept.uploads, whereabouts=places, outages=outages) as bot:
        await bot.introduce()
        for _ in range(2):
            await bot.fetch()
            await kept.intake.run_until_idle(lambda taken: echo(bot, taken))


async def echo(bot: Telegram, taken: TakenUpdate) -> None:
    message = await bot.receive(taken.update)
    assert message is not None
    body = Text(text=message.text or "")
    await bot.send(OutboundMessage(to=message.address, body=body, purpose=Purpose.ANSWER), body.text)


async def killed_at_the_cut(way: Coroutine[Any, Any, None], proxy: CuttingProxy) -> bool:
    """Walk until the line to the store is cut and end the walk right there; whether it was cut."""
    others = asyncio.all_tasks()
    walking, cut = asyncio.create_task(way), asyncio.create_task(proxy.cut.wait())
    await asyncio.wait([walking, cut], return_when=asyncio.FIRST_COMPLETED)
    begun = [task for task in asyncio.all_tasks() - others if not is_the_line(task) and not is_telegrams(task)]
    for task in begun:
        task.cancel()
    await asyncio.gather(walking, cut, *begun, return_exceptions=True)
    return proxy.cut.is_set()


def is_telegrams(task: asyncio.Task[Any]) -> bool:
    """Whether a task is the stand-in's, which lives on when the bot dies."""
    return "RequestResponseCycle" in getattr(task.get_coro(), "__qualname__", "")


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
async def test_a_kill_at_any_step_loses_nothing_and_repeats_at_most_the_reply_in_flight(
    standin: TelegramStandin,
    lanes: Lanes,
    clock: VirtualClock,
    database: Database,
    valkey_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    after_it_was_done: bool,
) -> None:
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    for step in count(1):
        for chat in (STUDENT, GROUP):
            standin.world.chats.get(chat, standin.world.chats[GROUP]).messages.clear()
        for chat, text in SAID:
            standin.world.say(user=STUDENT, chat=chat, text=text)
        prefix = f"{database.prefix}{step}"
        async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (proxy, path):
            dying = connect(socket_url(path), prefix)
            was_cut = await killed_at_the_cut(whole_way(lanes, Stores(dying, alone=True), clock), proxy)
            await close(dying)
        heir = connect(socket_url(target), prefix)
        await whole_way(lanes, Stores(heir, alone=True), clock)
        await close(heir)
        await explain(standin)
        if not was_cut:
            assert step > 8, "the way has steps that were cut"
            return


async def explain(standin: TelegramStandin) -> None:
    """Every text is answered, those of one chat in their order, and not more than one of a chat twice."""
    assert standin.world.queue == []
    for chat in (STUDENT, GROUP):
        said = [text for where, text in SAID if where == chat]
        answers = [shown["text"] for shown in await standin.messages(chat)]
        assert list(dict.fromkeys(answers)) == said
        assert sum(times - 1 for times in Counter(answers).values()) <= 1
