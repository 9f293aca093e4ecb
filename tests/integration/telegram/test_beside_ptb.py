"""What a kill and a bad update cost, beside python-telegram-bot's own application against the same stand-in."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from bot.standins.telegram import TelegramStandin
from scheduler.storage.database import Database
from tests.integration.telegram.echoing import HOLD_ON
from tests.integration.telegram.rig import GROUP, STUDENT
from tests.integration.waiting import wait_until

TEXTS = (HOLD_ON, "一", "二", "三", "四")
LAST = "还在吗"

Process = asyncio.subprocess.Process
Start = Callable[[str], Awaitable[Process]]


@pytest.fixture
async def start(standin: TelegramStandin, valkey_url: str, database: Database) -> AsyncIterator[Start]:
    """Starts one of the two bots; none outlives the test."""
    started: list[Process] = []

    async def begin(which: str) -> Process:
        command = ("-m", "tests.integration.telegram.echoing", which, standin.base_url, standin.token)
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, valkey_url, database.prefix, stdout=quiet, stderr=quiet
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def answered(standin: TelegramStandin) -> list[str]:
    return [shown["text"] for shown in await standin.messages(STUDENT)]


async def was_answered(standin: TelegramStandin, text: str) -> bool:
    return text in await answered(standin)


@asynccontextmanager
async def killed_and_started_again(standin: TelegramStandin, start: Start, which: str) -> AsyncIterator[None]:
    """Killed while the first text is being handled and all others were fetched; then started again."""
    first = await start(which)
    for text in TEXTS:
        standin.world.say(user=STUDENT, text=text)
    await wait_until(lambda: was_answered(standin, HOLD_ON), "the first text is in hand")
    await wait_until(lambda: not standin.world.queue, "Telegram was told that all were received")
    first.kill()
    await first.wait()
    await start(which)
    standin.world.say(user=STUDENT, text=LAST)
    await wait_until(lambda: was_answered(standin, LAST), "the bot is back")
    yield


async def test_a_kill_loses_nothing_and_repeats_the_one_reply_in_flight(standin: TelegramStandin, start: Start) -> None:
    async with killed_and_started_again(standin, start, "ours"):
        assert await answered(standin) == [HOLD_ON, HOLD_ON, "一", "二", "三", "四", LAST]


async def test_the_librarys_own_application_loses_what_it_had_queued(standin: TelegramStandin, start: Start) -> None:
    async with killed_and_started_again(standin, start, "ptb"):
        assert await answered(standin) == [HOLD_ON, LAST]


def poison(standin: TelegramStandin) -> None:
    """An update of a later version of Telegram, which the library does not understand, and a text behind it."""
    standin.world.inject(update={"message": {"message_id": 1, "chat": {"id": STUDENT, "type": "private"}}})
    standin.world.say(user=STUDENT, text=LAST)


async def test_a_bad_update_does_not_keep_the_next_one_away(standin: TelegramStandin, start: Start) -> None:
    poison(standin)
    await start("ours")
    await wait_until(lambda: was_answered(standin, LAST), "the text behind it was answered")


async def test_the_librarys_own_application_fetches_it_for_ever(standin: TelegramStandin, start: Start) -> None:
    poison(standin)
    await start("ptb")
    await wait_until(lambda: standin.polls > 5, "it was fetched again and again")
    assert len(standin.world.queue) == 2
    assert await answered(standin) == []


async def test_one_busy_group_never_delays_anybody_else(standin: TelegramStandin, start: Start) -> None:
    for text in (HOLD_ON, *(str(number) for number in range(50))):
        standin.world.say(user=STUDENT, chat=GROUP, text=text)
    standin.world.say(user=STUDENT, text=LAST)
    await start("ours")
    await wait_until(lambda: was_answered(standin, LAST), "somebody else was answered")
    assert [shown["text"] for shown in await standin.messages(GROUP)] == [HOLD_ON]
