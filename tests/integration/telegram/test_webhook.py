"""Telegram calls: stored before it hears 200, turned away without the secret, never held up by what cannot be read."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from bot import web
from bot.platforms.bodies import MOST_BYTES
from bot.platforms.telegram.lane import Hook, Telegram
from bot.platforms.telegram.receiver import ALLOWED_UPDATES
from bot.platforms.telegram.webhook import PATH
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS
from bot.storage.connection import close, connect, socket_url
from bot.storage.intake import RedisIntake
from bot.web import WebParts
from tests.integration.telegram.rig import GROUP, STUDENT, Lanes, read
from tests.integration.waiting import wait_until

SECRET = "a-secret_of-the-tests"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Called:
    """A bot that is called, the address it is called at, and what it turned away."""

    def __init__(self, bot: Telegram, url: str, refused: list[str]) -> None:
        self.bot = bot
        self.url = url
        self.refused = refused

    async def post(self, content: bytes | Iterator[bytes], secret: str | None = SECRET) -> int:
        headers = {} if secret is None else {HEADER: secret}
        async with httpx.AsyncClient() as http:
            body: Any = content if isinstance(content, bytes) else _slowly(content)
            return (await http.post(self.url, content=body, headers=headers)).status_code


async def _slowly(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@asynccontextmanager
async def called(lanes: Lanes, **changes: Any) -> AsyncIterator[Called]:
    app, refused = web.create(WebParts(health=_well, registry=CollectorRegistry())), list[str]()
    async with _serving(app) as address:
        hook = Hook(url=f"{address}{PATH}", secret=SECRET, refused=refused.append)
        async with lanes(hook=hook, **changes) as bot:
            for router in bot.routes:
                app.include_router(router)
            await bot.introduce()
            yield Called(bot, hook.url, refused)


async def _well() -> dict[str, str | None]:
    return {}


@asynccontextmanager
async def _serving(app: FastAPI) -> AsyncIterator[str]:
    """The address of an application while it is served; routes may be added meanwhile."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(web.serve(app, host="127.0.0.1", port=0, on_ready=port.set_result))
    yield f"http://127.0.0.1:{await port}"
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def hooked(lanes: Lanes) -> AsyncIterator[Called]:
    async with called(lanes) as hooked:
        yield hooked


def update(number: int, **part: Any) -> bytes:
    return json.dumps({"update_id": number, **part}).encode()


def said(text: str) -> dict[str, Any]:
    person = {"id": STUDENT, "is_bot": False, "first_name": "a"}
    return {"message_id": 1, "date": 1, "chat": {"id": STUDENT, "type": "private"}, "from": person, "text": text}


async def test_what_people_say_comes_in_by_the_webhook(
    standin: TelegramStandin, hooked: Called, intake: RedisIntake
) -> None:
    standin.world.say(user=STUDENT, text="一")
    standin.world.say(user=STUDENT, text="二")
    await wait_until(lambda: not standin.world.queue, "both were taken")
    heard = await read(hooked.bot, intake)
    assert [message.text for message in heard.messages if message] == ["一", "二"]
    assert standin.world.asked_for == ALLOWED_UPDATES


async def test_telegram_hears_yes_before_anything_is_handled(
    standin: TelegramStandin, hooked: Called, intake: RedisIntake
) -> None:
    standin.world.say(user=STUDENT, text="在吗")
    await wait_until(lambda: not standin.world.queue, "it was taken")
    assert await intake.waiting() == 1


async def test_a_call_that_is_repeated_is_answered_yes_and_dropped(hooked: Called, intake: RedisIntake) -> None:
    body = update(7, message=said("在吗"))
    assert [await hooked.post(body), await hooked.post(body)] == [200, 200]
    assert await intake.waiting() == 1


@pytest.mark.parametrize("secret", [None, "", "a-secret_of-the-test", f"{SECRET}x", SECRET.upper(), "密"])
async def test_without_the_secret_nothing_is_taken_and_it_is_counted(
    hooked: Called, intake: RedisIntake, secret: str | None
) -> None:
    body = update(7, message=said("在吗"))
    headers = [] if secret is None else [(HEADER.encode(), secret.encode())]
    async with httpx.AsyncClient() as http:
        answer = await http.post(hooked.url, content=body, headers=headers)
    assert answer.status_code == 403
    assert hooked.refused == ["secret"]
    assert await intake.waiting() == 0


async def test_what_is_no_update_is_set_aside_and_answered_yes(hooked: Called, intake: RedisIntake) -> None:
    bodies = [b"", b"{", b"\xff\xfe", b"[1]", b"7", b'{"message": {}}', update(1)[:-1], b"[" * 100_000]
    assert [await hooked.post(body) for body in bodies] == [200] * len(bodies)
    assert hooked.bot.health.set_aside == len(bodies)
    assert await hooked.post(update(8, message=said("还在吗"))) == 200
    assert (await read(hooked.bot, intake)).one.text == "还在吗"


async def test_an_update_that_cannot_be_parsed_does_not_hold_up_the_next(
    standin: TelegramStandin, hooked: Called, intake: RedisIntake
) -> None:
    standin.world.inject(update={"message": {"message_id": 1, "chat": {"id": STUDENT, "type": "private"}}})
    standin.world.say(user=STUDENT, text="还在吗")
    await wait_until(lambda: not standin.world.queue, "both were taken")
    heard = await read(hooked.bot, intake)
    assert [message.text for message in heard.messages if message] == ["还在吗"]
    assert await intake.set_aside() == 1


async def test_a_body_over_a_mebibyte_is_refused_before_it_is_read_whole(hooked: Called, intake: RedisIntake) -> None:
    part = b"x" * 65_536
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 64 * MOST_BYTES:
            sent += len(part)
            yield part

    with suppress(httpx.WriteError, httpx.ReadError):  # the answer comes while the client still writes
        assert await hooked.post(endless()) == 413
    assert sent < 64 * MOST_BYTES
    assert await hooked.post(update(7, message=said("x" * MOST_BYTES))) == 413
    assert hooked.refused == ["too-large"] * 2
    assert await intake.waiting() == 0


async def test_while_nothing_can_be_stored_telegram_is_told_to_come_again(
    lanes: Lanes, valkey_url: str, tmp_path: Path
) -> None:
    away = tmp_path / "socket"
    database = connect(socket_url(str(away)), f"t{secrets.token_hex(6)}")
    async with (
        TelegramStandin(limits=NO_LIMITS, retry_seconds=0.01) as standin,
        called(
            lanes,
            intake=RedisIntake(database, alone=True),
            token=standin.token,
            base_url=standin.base_url,
        ) as hooked,
    ):
        assert await hooked.post(update(7, message=said("在吗"))) == 503
        standin.world.say(user=STUDENT, text="一")
        await wait_until(lambda: standin.world.hook is not None and bool(standin.world.hook.fault), "a call failed")
        assert standin.world.hook is not None
        assert "503" in standin.world.hook.fault
        away.symlink_to(_path(valkey_url))
        await wait_until(lambda: not standin.world.queue, "it was taken after all")
        heard = await read(hooked.bot, RedisIntake(database, alone=True))
        assert heard.one.text == "一"
    await close(database)


async def test_a_webhook_that_does_not_work_is_said(standin: TelegramStandin, hooked: Called, lanes: Lanes) -> None:
    hook = Hook(url=f"{hooked.url}-nowhere", secret=SECRET, refused=lambda why: None)
    async with lanes(hook=hook) as bot:
        await bot.introduce()
        standin.world.say(user=STUDENT, text="一")
        await wait_until(lambda: standin.world.hook is not None and bool(standin.world.hook.fault), "a call failed")
        await bot.check_webhook(hook)
        assert [note.key for note in bot.notes()] == ["telegram.trouble.webhook"]


async def test_a_webhook_that_another_program_took_over_is_said_and_not_taken_back(
    standin: TelegramStandin, hooked: Called, lanes: Lanes
) -> None:
    hook = Hook(url=hooked.url, secret=SECRET, refused=lambda why: None)
    async with lanes(hook=Hook(url=f"{hooked.url}-other", secret=SECRET, refused=lambda why: None)) as other:
        await other.introduce()
        await hooked.bot.check_webhook(hook)
    assert [note.key for note in hooked.bot.notes()] == ["telegram.trouble.conflict"]
    assert standin.world.hook is not None
    assert standin.world.hook.url.endswith("-other")


async def test_a_bot_that_fetches_takes_the_webhook_down_first(
    standin: TelegramStandin, hooked: Called, lanes: Lanes, intake: RedisIntake
) -> None:
    async with lanes() as bot:
        await bot.introduce()
        assert standin.world.hook is None
        standin.world.say(user=STUDENT, chat=GROUP, text="/help")
        await bot.fetch()
        assert (await read(bot, intake)).one.text == "/help"


async def test_nothing_of_a_call_is_logged(hooked: Called) -> None:
    with capture_logs() as logged:
        for body in (b"business", update(7, message=said("business")), update(8, message="business")):
            await hooked.post(body)
            await hooked.post(body, "business")
    assert logged
    assert "business" not in str(logged)
    assert SECRET not in str(logged)


def _path(url: str) -> str:
    return url.removeprefix("unix://").partition("?")[0]
