"""A college of two classes in the chatroom, with a bot that says what it heard, served over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from websockets.asyncio.client import ClientConnection, connect

import knowledge
from bot.buttons import ButtonSeal
from bot.messages import InboundMessage
from bot.platforms.chatroom.pages import chatroom_pages
from bot.platforms.chatroom.receiver import ChatroomReceiver
from bot.platforms.chatroom.room import PLATFORM, Chatroom, Person
from bot.platforms.chatroom.sender import ChatroomMessenger
from bot.ports import RawUpdate, TakenUpdate
from bot.storage.intake import RedisIntake
from bot.web import WebParts, create, serve
from scheduler.clocks import VirtualClock
from scheduler.messages import Action, Choice, OutboundMessage, Purpose, Text, Verb
from scheduler.roster import Role

BOT_NAME = "学籍通"
FIGURES = Path(knowledge.__file__).parent / "content" / "figures"
CLASSES = {"c1": "计科1901班", "c2": "软工1901班"}
NEXT_WAVE = timedelta(days=3)


def person(account: str, name: str, role: Role = Role.STUDENT, class_id: str | None = "c1") -> Person:
    """Somebody of the sample college."""
    return Person(account=f"{PLATFORM}:{account}", name=name, role=role, class_id=class_id, sid=account)


LI, WANG, ZHAO = person("s1", "李子涵", Role.MONITOR), person("s2", "王雨桐"), person("s3", "阿依古丽·买买提")
CHEN = person("s4", "陈浩然", class_id="c2")
TEACHER = person("t1", "示例辅导员", Role.COUNSELLOR, None)
PERSONS = (LI, WANG, ZHAO, CHEN, TEACHER)


class EchoBot:
    """Answers who speaks to it with what they said; some words ask it for buttons, a figure or a long text."""

    def __init__(self, clock: VirtualClock, intake: RedisIntake) -> None:
        self.clock = clock
        self.intake = intake
        self.heard: list[RawUpdate] = []
        self.seal = ButtonSeal(b"a secret of the tests")
        self.room = Chatroom(bot_name=BOT_NAME, classes=CLASSES, persons=PERSONS, clock=clock)
        self.receiver = ChatroomReceiver(self.room, intake, self.seal, when_store_is_away=self.without_store)
        self.messenger = ChatroomMessenger(self.room, self.seal)
        self.waves = [clock.now() + NEXT_WAVE]

    async def hear(self, taken: TakenUpdate) -> None:
        """Answer an update, if it speaks to the bot."""
        self.heard.append(taken.update)
        inbound = self.receiver.to_inbound(taken.update)
        if inbound is not None and inbound.addressed:
            await self.answer(inbound)

    async def answer(self, inbound: InboundMessage) -> None:
        """Say what was heard."""
        if inbound.action:
            await self.say(inbound, f"按了{inbound.action.verb.name} {inbound.action.subject}", replaces=True)
        elif inbound.other:
            await self.say(inbound, inbound.other)
        elif inbound.text == "按钮":
            choices = tuple(
                Choice(label=label, action=_ask(topic)) for label, topic in (("是的", "yes"), ("不是", "no"))
            )
            await self.say(inbound, "请选一个：", choices=choices)
        elif inbound.text == "图":
            await self.say(inbound, "照着图做。", picture="phone-follow")
        elif inbound.text == "长":
            await self.say(inbound, "这一句话有十个字符。" * 500)
        else:
            await self.say(inbound, f"听到：{inbound.text}")

    async def without_store(self, inbound: InboundMessage) -> None:
        """What is said while nothing can be stored."""
        if inbound.addressed:
            await self.say(inbound, "现在什么也记不下来。")

    async def say(
        self,
        inbound: InboundMessage,
        text: str,
        *,
        choices: tuple[Choice, ...] = (),
        picture: str | None = None,
        replaces: bool = False,
    ) -> None:
        """Send it to where the person spoke."""
        message = OutboundMessage(
            to=inbound.address,
            body=Text(text=text),
            purpose=Purpose.ANSWER,
            choices=choices,
            picture=picture,
            reply_to=inbound.id if not inbound.private and inbound.text else None,
            replaces=inbound.replaces if replaces else None,
        )
        await self.messenger.send(message, text)

    async def turn_clock(self, to: datetime | None) -> bool:
        """To an instant, or to the next of `waves`."""
        if to is None and not self.waves:
            return False
        self.clock.advance_to(to or self.waves.pop(0))
        return True

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """The address of the page while the bot listens."""
        pages = chatroom_pages(self.room, self.receiver, figures=FIGURES, turn_clock=self.turn_clock)
        parts = WebParts(health=_well, registry=CollectorRegistry(), chatroom=pages)
        async with listening(parts) as url:
            hearing = asyncio.create_task(self.intake.run(self.hear))
            yield url
            await _ended(hearing)


@asynccontextmanager
async def listening(parts: WebParts) -> AsyncIterator[str]:
    """The address of a web service while it runs."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    service = asyncio.create_task(serve(create(parts), host="127.0.0.1", port=0, on_ready=port.set_result))
    try:
        yield f"http://127.0.0.1:{await port}"
    finally:
        await _ended(service)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _ask(topic: str) -> Action:
    return Action(verb=Verb.ASK, subject=topic)


class Watch:
    """What a page is told over its live connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def next(self) -> dict[str, Any]:
        """The next thing it is told."""
        async with asyncio.timeout(10):
            told: dict[str, Any] = json.loads(await self._connection.recv())
        return told

    async def message(self, kind: str = "said") -> dict[str, Any]:
        """The next message that is said, or edited, by anybody."""
        while (told := await self.next())["kind"] != kind:
            pass
        message: dict[str, Any] = told["message"]
        return message

    async def answer(self) -> dict[str, Any]:
        """The next message the bot says."""
        while (message := await self.message())["sender"] is not None:
            pass
        return message


@asynccontextmanager
async def watching(url: str, account: str) -> AsyncIterator[Watch]:
    """The live connection of a person's page; the first it is told is the history."""
    address = f"{url.replace('http', 'ws', 1)}/chatroom/ws?account={account}"
    async with connect(address) as connection:
        yield Watch(connection)


async def _well() -> dict[str, str | None]:
    return {"store": None}
