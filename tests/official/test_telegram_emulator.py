"""The bot against a stand-in for the Bot API that others wrote, by fetching and by webhook.

`lo-bot-api-emulator` knows fewer methods than Telegram and refuses every parameter it does not know. What it lacks
is left out here: edits of pictures, deleting, who is a member of a group. It keeps no texts, so the calls are noted on
their way to it, and each is held against Telegram's own documentation.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot import web
from bot.bootstrap import Stores, whereabouts
from bot.buttons import ButtonSeal
from bot.metrics import Metrics
from bot.platforms.telegram.lane import Hook, Telegram
from bot.platforms.telegram.outage import Outages
from bot.platforms.telegram.webhook import PATH
from bot.web import WebParts
from knowledge.loading import CONTENT
from scheduler.clocks import SystemClock
from scheduler.messages import Accepted, Action, Address, Choice, OutboundMessage, Purpose, Refused, Text, Verb
from scheduler.storage.database import Database
from tests.integration.telegram.contract import Calls, recording
from tests.integration.telegram.rig import STUDENT, Silences, read
from tests.integration.waiting import wait_until
from tests.official.installed import PYTHON

pytestmark = pytest.mark.official

TOKEN = "42:synthetic"
OPEN = Choice(label="核对", action=Action(verb=Verb.OPEN, subject="glut-check-2019"))
PRIVATE = OutboundMessage(
    to=Address(platform="telegram", chat=str(STUDENT)), body=Text(text="…"), purpose=Purpose.ANSWER, choices=(OPEN,)
)
UNKNOWN = frozenset({"link_preview_options"})
"""A parameter of Telegram's that the emulator refuses."""
PERSON = {"id": STUDENT, "is_bot": False, "first_name": "a"}


class Emulator:
    """The emulator in a process of its own; `say` and `press` play the student."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self._http = http

    async def say(self, text: str) -> None:
        await self._put(message=self._message(3) | {"from": PERSON, "text": text})

    async def press(self, data: str) -> None:
        of_the_bot = {"from": {"id": 42, "is_bot": True, "first_name": "xueji"}, "text": "…"}
        pressed = {"id": "77", "from": PERSON, "chat_instance": "1", "data": data}
        await self._put(callback_query=pressed | {"message": self._message(1) | of_the_bot})

    async def _put(self, **update: Any) -> None:
        answer = await self._http.post(f"{self.url}/__fixture/updates", json={"token": TOKEN, "update": update})
        assert answer.status_code == 200, answer.text

    @staticmethod
    def _message(number: int) -> dict[str, Any]:
        return {"message_id": number, "date": 1, "chat": {"id": STUDENT, "type": "private", "first_name": "a"}}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--port", str(port), "--enable-control", "--allow-insecure-loopback-webhooks")
    process = await asyncio.create_subprocess_exec(
        PYTHON.with_name("lo-bot-api-emulator"), *options, stdout=asyncio.subprocess.DEVNULL
    )
    async with httpx.AsyncClient(trust_env=False) as http:
        emulator = Emulator(f"http://127.0.0.1:{port}", http)

        async def answers() -> bool:
            with suppress(httpx.TransportError):
                return (await http.post(f"{emulator.url}/bot{TOKEN}/getMe")).status_code == 200
            return False

        try:
            await wait_until(answers, "the emulator is up")
            yield emulator
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def bot_at(url: str, database: Database, **changes: Any) -> AsyncIterator[tuple[Telegram, Stores]]:
    kept, clock = Stores(database, alone=True), SystemClock()
    async with Telegram(
        token=TOKEN, base_url=url, seal=ButtonSeal(b"a secret of the tests"), intake=kept.intake,
        uploads=kept.uploads, whereabouts=whereabouts(kept, clock), outages=Outages(kept.hearing, Silences()),
        clock=clock, figures=CONTENT / "figures", menu=lambda: {"help": "能做什么"}, long_poll=0, **changes,
    ) as bot:  # fmt: skip
        await bot.introduce()
        yield bot, kept


@asynccontextmanager
async def web_service() -> AsyncIterator[tuple[FastAPI, str]]:
    async def well() -> dict[str, str | None]:
        return {}

    app = web.create(WebParts(health=well, registry=Metrics().registry))
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(web.serve(app, host="127.0.0.1", port=0, on_ready=port.set_result))
    try:
        yield app, f"http://127.0.0.1:{await port}"
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def converse(bot: Telegram, kept: Stores, emulator: Emulator, calls: Calls, *, fetch: bool) -> None:
    """A question, an answer with a button and one with a picture, and the button pressed."""

    async def hear() -> Any:
        if fetch:
            await bot.fetch()
        return (await read(bot, kept.intake)).one

    await emulator.say("学信网怎么注册")
    asked = await hear()
    assert asked.text == "学信网怎么注册"
    assert isinstance(await bot.send(replace(PRIVATE, reply_to=asked.id), "请核对 <b>&"), Accepted)
    for _ in range(2):
        assert isinstance(await bot.send(replace(PRIVATE, picture="phone-fill"), "填手机号"), Accepted)
    markup = calls.of("sendMessage")[-1]["reply_markup"]
    await emulator.press(markup.partition('"callback_data": "')[2].partition('"')[0])
    assert (await hear()).action == OPEN.action
    assert isinstance(await bot.send(replace(PRIVATE, replaces=f"{STUDENT}/1"), "登记好了"), Accepted)


async def test_a_conversation_by_fetching(emulator: Emulator, database: Database) -> None:
    async with recording(emulator.url, unknown_there=UNKNOWN) as calls, bot_at(calls.base_url, database) as (bot, kept):
        await converse(bot, kept, emulator, calls, fetch=True)
        assert calls.faults == []
        assert {"getMe", "getUpdates", "sendMessage", "sendPhoto", "answerCallbackQuery"} <= {n for n, _ in calls.made}
        first, second = calls.of("sendPhoto")
        assert (first["photo"] == "file", second["photo"] != "file") == (True, True), "uploaded once, then named"


async def test_a_conversation_by_webhook(emulator: Emulator, database: Database) -> None:
    async with web_service() as (app, address), recording(emulator.url, unknown_there=UNKNOWN) as calls:
        hook = Hook(url=f"{address}{PATH}", secret="a-secret_of-the-tests", refused=lambda why: None)
        async with bot_at(calls.base_url, database, hook=hook) as (bot, kept):
            for router in bot.routes:
                app.include_router(router)
            await converse(bot, kept, emulator, calls, fetch=False)
            await bot.check_webhook(hook)
            assert bot.health.trouble == ""
        assert calls.faults == []


async def test_what_it_refuses_is_an_outcome(emulator: Emulator, database: Database) -> None:
    async with bot_at(emulator.url, database) as (bot, _):
        assert isinstance(await bot.send(PRIVATE, " "), Refused)
        endless = Choice(label="好", action=Action(verb=Verb.OPEN, subject="x" * 60))
        assert isinstance(await bot.send(replace(PRIVATE, choices=(endless,)), "在吗"), Refused)
