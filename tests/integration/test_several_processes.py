"""Several processes of `xueji` on one store, as an operator starts them: one serves, others only send what waits."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest

from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS
from bot.storage.connection import close, connect, socket_url
from bot.storage.embedded import EmbeddedServer
from scheduler.clocks import SystemClock
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Accepted, Address, OutboundMessage, Purpose, Text
from scheduler.storage.database import Database
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.outbox import RedisOutbox
from tests.integration.waiting import wait_until

XUEJI = Path(sys.executable).with_name("xueji")
CHATS = range(1_001, 1_041)


@pytest.fixture
async def standin() -> AsyncIterator[TelegramStandin]:
    async with TelegramStandin(limits=NO_LIMITS) as one:
        for chat in CHATS:
            one.world.say(user=chat, text="/start")
        yield one


@pytest.fixture
def environment(tmp_path: Path, standin: TelegramStandin) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XUEJI_")}
    telegram = {"XUEJI_TELEGRAM_TOKEN": standin.token, "XUEJI_TELEGRAM_BASE_URL": standin.base_url}
    return {**kept, **telegram, "XUEJI_DATA": str(tmp_path / "data"), "XUEJI_PORT": "0"}


@contextlib.asynccontextmanager
async def running(environment: Mapping[str, str], *words: str) -> AsyncIterator[str]:
    """The command until the end, ready; its first line."""
    process = await asyncio.create_subprocess_exec(
        XUEJI, *words, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
        assert line, "it ended before it was ready"
        yield line
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        async with asyncio.timeout(20):
            await process.wait()


@contextlib.asynccontextmanager
async def attached(environment: Mapping[str, str]) -> AsyncIterator[Database]:
    with EmbeddedServer(Path(environment["XUEJI_DATA"])).attached() as path:
        database = connect(socket_url(str(path)), "xj")
        try:
            yield database
        finally:
            await close(database)


def note(chat: int) -> Delivery:
    to = Address(platform="telegram", chat=str(chat))
    message = OutboundMessage(to=to, body=Text(text="from the outbox"), purpose=Purpose.NOTICE)
    return Delivery(id=f"note@{to}", kind=Kind.NOTE, message=message)


async def checks(page: str) -> Mapping[str, str | None]:
    """What the health page says of each check."""
    async with httpx.AsyncClient(trust_env=False) as client:
        found: Mapping[str, str | None] = (await client.get(page)).json()["checks"]
    return found


async def wrong_with_the_lane(page: str) -> str | None:
    """What it says of Telegram's lane."""
    return (await checks(page))["lane telegram"]


async def test_the_health_page_has_the_lanes_of_configured_routes_alone(environment: Mapping[str, str]) -> None:
    webhooks = {**environment, "XUEJI_TELEGRAM_TOKEN": "", "XUEJI_WECOM_WEBHOOKS": "class=key"}
    async with running(webhooks, "serve") as serving:
        (page,) = [word for word in serving.split() if word.startswith("http")]
        assert [check for check in await checks(page) if check.startswith("lane ")] == ["lane wecom-hook"]


async def test_each_message_is_sent_once_by_whichever_process_and_serving_sends_none_if_told_so(
    environment: Mapping[str, str], standin: TelegramStandin
) -> None:
    async with running(environment, "serve", "--no-relay") as serving, attached(environment) as database:
        (page,) = [word for word in serving.split() if word.startswith("http")]
        assert "xueji work" in (await wrong_with_the_lane(page) or "")
        outbox = RedisOutbox(database)
        for chat in CHATS:
            assert await outbox.queue(note(chat), SystemClock().now())
        assert await RedisLanes(database, "dead").take("telegram", SystemClock().now(), count=5, wait=0)
        async with running(environment, "work") as lanes, running(environment, "work"):
            assert lanes.split() == ["telegram"]

            async def attended() -> bool:
                return await wrong_with_the_lane(page) is None

            await wait_until(attended, "the serving process sees that somebody sends")

            async def all_settled() -> bool:
                accepted = [one for one in await outbox.ledger() if isinstance(one.outcome, Accepted)]
                return sum(one.kind is Kind.NOTE for one in accepted) == len(CHATS)

            await wait_until(all_settled, "everything is accepted")
        got = {chat: [one["text"] for one in await standin.messages(chat)] for chat in CHATS}
        assert all(texts.count("from the outbox") == 1 for texts in got.values())
        assert (await RedisLanes(database, "reader").state("telegram")).waiting == (0, 0, 0)


async def test_a_sending_process_that_is_told_to_stop_leaves_nothing_in_doubt_and_the_next_one_goes_on(
    environment: Mapping[str, str], standin: TelegramStandin
) -> None:
    async with attached(environment) as database:
        outbox = RedisOutbox(database)
        for chat in CHATS:
            assert await outbox.queue(note(chat), SystemClock().now())

        async def accepted() -> int:
            return sum(isinstance(one.outcome, Accepted) for one in await outbox.ledger())

        async def begun() -> bool:
            return await accepted() > 0

        async def done() -> bool:
            return await accepted() == len(CHATS)

        async with running(environment, "work"):
            await wait_until(begun, "it is sending")
        assert all(isinstance(one.outcome, Accepted) for one in await outbox.ledger())
        async with running(environment, "work"):
            await wait_until(done, "the rest is sent")
    got = [[one["text"] for one in await standin.messages(chat)].count("from the outbox") for chat in CHATS]
    assert got == [1] * len(CHATS)
