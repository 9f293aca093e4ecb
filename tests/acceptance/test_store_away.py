"""The store goes away and comes back while people talk."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.bootstrap import Knowledge, Stores
from bot.demo import sample
from bot.demo.chat import Demo, demo
from bot.dialogue.limiting import MOST, Counted
from bot.platforms.chatroom.receiver import Taken
from bot.settings import read
from bot.storage.connection import close, connect, socket_url
from bot.storage.embedded import EmbeddedServer
from scheduler.clocks import VirtualClock
from tests.acceptance.college import COHORT
from tests.acceptance.conftest import TEN_DAYS_BEFORE
from tests.integration.waiting import wait_until

_PATIENCE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragile:
    """A demo whose server may be stopped."""

    demo: Demo
    server: EmbeddedServer
    pid_file: Path


def _pid_file(folder: Path) -> Path:
    return next(folder.rglob("valkey.pid"))


@pytest.fixture
async def fragile(known: Knowledge, tmp_path: Path) -> AsyncIterator[Fragile]:
    server = EmbeddedServer(tmp_path)
    with server.serving() as path:
        database = connect(socket_url(str(path)), "t", patience=_PATIENCE)
        clock = VirtualClock(TEN_DAYS_BEFORE)
        roster = ("roster.xlsx", sample.roster_xlsx(COHORT))
        shown = await demo(read(data=tmp_path), known, Stores(database, alone=True), clock, COHORT, roster)
        yield Fragile(demo=shown, server=server, pid_file=_pid_file(tmp_path))
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


async def test_what_a_server_that_hung_takes_afterwards_is_not_answered_twice(fragile: Fragile) -> None:
    shown = fragile.demo
    person = next(person for person in shown.room.persons.values() if person.sid)
    await shown.receiver.post(person.id, person.account, "你好")
    await shown.service.settle()
    pid = int(fragile.pid_file.read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        taken = await shown.receiver.post(person.id, person.account, "毕业证丢了怎么补办")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert isinstance(taken, Taken)
    assert not taken.stored

    async def taken_after_all() -> bool:
        return await shown.service.kept.intake.waiting() > 0

    await wait_until(taken_after_all, "what the server was given before it hung")
    before = shown.room.history(person.id)
    await shown.service.settle()
    assert shown.room.history(person.id) == before
    assert await shown.service.kept.intake.waiting() == 0


async def test_without_the_store_nobody_is_answered_without_end(fragile: Fragile) -> None:
    shown = fragile.demo
    one, other, *_ = (person for person in shown.room.persons.values() if person.sid)
    await asyncio.to_thread(fragile.server.stop)
    for _ in range(MOST[Counted.ASKED] + 3):
        await shown.receiver.post(one.id, one.account, "我的状态")
    said = [message.text for message in shown.room.history(one.id) if message.sender is None]
    assert len(said) == MOST[Counted.ASKED] + 1
    assert said[-1] == shown.service.known.wording.label("limit.reached")
    await shown.receiver.post(other.id, other.account, "我的状态")
    assert len(shown.room.history(other.id)) == 2
