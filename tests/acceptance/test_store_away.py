"""The store goes away and comes back while people talk."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.bootstrap import Knowledge, Stores
from bot.demo import sample
from bot.demo.chat import Demo, demo
from bot.platforms.chatroom.receiver import Taken
from bot.settings import read
from bot.storage.connection import close, connect, socket_url
from bot.storage.embedded import EmbeddedServer
from scheduler.clocks import VirtualClock
from tests.acceptance.college import COHORT
from tests.acceptance.conftest import TEN_DAYS_BEFORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragile:
    """A demo whose server may be stopped."""

    demo: Demo
    server: EmbeddedServer


@pytest.fixture
async def fragile(known: Knowledge, tmp_path: Path) -> AsyncIterator[Fragile]:
    server = EmbeddedServer(tmp_path)
    with server.serving() as path:
        database = connect(socket_url(str(path)), "t")
        clock = VirtualClock(TEN_DAYS_BEFORE)
        roster = ("roster.xlsx", sample.roster_xlsx(COHORT))
        shown = await demo(read(data=tmp_path), known, Stores(database, alone=True), clock, COHORT, roster)
        yield Fragile(demo=shown, server=server)
        await close(database)


async def test_questions_are_answered_and_nothing_is_recorded_until_it_is_back(fragile: Fragile) -> None:
    shown = fragile.demo
    person = next(person for person in shown.room.persons.values() if person.sid)
    await asyncio.to_thread(fragile.server.stop)

    taken = await shown.receiver.post(person.id, person.account, "毕业证丢了怎么补办")
    assert isinstance(taken, Taken)
    assert not taken.stored
    said = [message.text for message in shown.room.history(person.id) if message.sender is None]
    assert "暂时不能登记" in said[0]
    assert "依据" in said[1]
    assert (await shown.service.health())["store"] is not None

    await shown.receiver.post(person.id, person.account, "我的状态")
    *_, last = shown.room.history(person.id)
    assert "暂时不能登记" in last.text

    await shown.receiver.post(person.id, person.account, "学信网招程序员吗")
    *_, last = shown.room.history(person.id)
    assert "没有审过的答案" in last.text
    assert "记下" not in last.text

    await asyncio.to_thread(fragile.server.start)
    assert (await shown.service.health())["store"] is None
    taken = await shown.receiver.post(person.id, person.account, "我的状态")
    assert isinstance(taken, Taken)
    assert taken.stored
    await shown.service.settle()
    *_, last = shown.room.history(person.id)
    assert "暂时不能登记" not in last.text
