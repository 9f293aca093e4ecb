"""The same student, in private and in the class group, on each platform."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from bot import web
from bot.bootstrap import Lane, seal, whereabouts
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.chatroom.receiver import ChatroomReceiver
from bot.platforms.chatroom.room import PLATFORM as CHATROOM
from bot.platforms.chatroom.room import Chatroom, Person, group_chat
from bot.platforms.chatroom.sender import ChatroomMessenger
from bot.platforms.telegram import refs as telegram_refs
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.outage import Outages
from bot.platforms.wecom import refs as wecom_refs
from bot.platforms.wecom.refs import GroupRoute
from bot.ports import RawUpdate
from bot.settings import read
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS
from bot.standins.wecom import NO_LIMITS as NO_WECOM_LIMITS
from bot.standins.wecom import Delivery, WecomStandin
from bot.standins.wecom.faults import Code
from bot.standins.wecom.world import World
from bot.wecom import Ground, Wired, wecom
from scheduler.messages import Address, Attachment
from scheduler.roster import Role
from tests.acceptance.staging import Said, Setting, Stage
from tests.integration.waiting import wait_until


class InChatroom:
    """The local chatroom."""

    def __init__(self, given: Setting) -> None:
        student = given.student
        who = Person(
            account=f"{CHATROOM}:{student.sid}",
            name=student.name,
            role=Role.STUDENT,
            class_id=student.class_id,
            sid=student.sid,
        )
        name = given.known.wording.label("bot.name")
        self._room = Chatroom(bot_name=name, classes={student.class_id: "1"}, persons=[who], clock=given.clock)
        buttons = seal(given.settings)
        self._receiver = ChatroomReceiver(self._room, given.kept.intake, buttons)
        self._chats = {False: who.id, True: group_chat(student.class_id)}
        self.account = who.account
        self.groups = [Address(platform=CHATROOM, chat=self._chats[True])]
        self.lane = Lane(
            name=CHATROOM,
            messenger=ChatroomMessenger(self._room, buttons),
            receive=self._receive,
            budgets=lambda to: (),
        )

    async def _receive(self, raw: RawUpdate) -> InboundMessage | None:
        return self._receiver.to_inbound(raw)

    async def say(self, text: str, *, in_group: bool) -> None:
        await self._receiver.post(self._chats[in_group], self.account, text, addressed=in_group)

    async def press(self, label: str, *, in_group: bool) -> None:
        chat = self._chats[in_group]
        message, button = next(
            (message, button)
            for message in reversed(self._room.history(chat))
            for button in message.buttons
            if label in button.label
        )
        await self._receiver.press(chat, self.account, message.id, button.token)

    async def rate(self, label: str, *, up: bool) -> None:
        await self.press(label, in_group=False)

    async def arrive(self) -> None:
        """Everything has."""

    async def handed(self) -> list[str]:
        names = [name for message in self._room.history(self._chats[True]) for name in message.files]
        return ["picture" if Attachment(name=name, digest="").is_picture else "file" for name in names]

    def spoil(self) -> bool:
        return False

    async def heard(self, *, in_group: bool) -> list[Said]:
        history = [message for message in self._room.history(self._chats[in_group]) if message.sender is None]
        return [
            Said(
                key=f"{message.id}{message.text}",
                text=message.text,
                buttons=tuple(button.label for button in message.buttons),
            )
            for message in sorted(history, key=lambda message: message.edited)
        ]


class OnTelegram:
    """Telegram's stand-in, over HTTP, polled."""

    _STUDENT, _GROUP = 11, -1001

    def __init__(self, standin: TelegramStandin, telegram: Telegram) -> None:
        self._standin = standin
        self._telegram = telegram
        self.account = telegram_refs.account(self._STUDENT)
        self.groups = [telegram_refs.address(self._GROUP)]
        self.lane = Lane(
            name=telegram_refs.PLATFORM,
            messenger=telegram,
            receive=telegram.receive,
            recall=telegram.recall,
            links=True,
            budgets=lambda to: (),
        )

    @classmethod
    async def open(cls, given: Setting) -> "OnTelegram":
        standin = await given.opened.enter_async_context(TelegramStandin(limits=NO_LIMITS))
        standin.world.group(chat=cls._GROUP, title="1")

        async def no_outage(*_: object) -> int:
            return 0

        telegram = await given.opened.enter_async_context(
            Telegram(
                token=standin.token,
                base_url=standin.base_url,
                seal=seal(given.settings),
                intake=given.kept.intake,
                uploads=given.kept.uploads,
                whereabouts=whereabouts(given.kept, given.clock),
                outages=Outages(given.kept.hearing, no_outage),
                clock=given.clock,
                figures=given.known.folder / "figures",
                menu=dict,
                long_poll=0,
            )
        )
        await telegram.introduce()
        stage = cls(standin, telegram)
        await stage.say("/start", in_group=False)
        return stage

    async def say(self, text: str, *, in_group: bool) -> None:
        if in_group:
            named = f"@{self._standin.world.me['username']} {text}"
            self._standin.world.say(user=self._STUDENT, chat=self._GROUP, text=named)
        else:
            self._standin.world.say(user=self._STUDENT, text=text)
        await self._telegram.fetch()

    async def press(self, label: str, *, in_group: bool) -> None:
        chat = self._GROUP if in_group else self._STUDENT
        message, button = next(
            (message, button)
            for message in reversed(await self._messages(in_group=in_group))
            for row in message["buttons"]
            for button in row
            if label in button
        )
        self._standin.world.press(user=self._STUDENT, chat=chat, message=message["message_id"], label=button)
        await self._telegram.fetch()

    async def rate(self, label: str, *, up: bool) -> None:
        await self.press(label, in_group=False)

    async def arrive(self) -> None:
        """Everything has."""

    async def heard(self, *, in_group: bool) -> list[Said]:
        return [
            Said(
                key=f"{message['message_id']} {message['edits']}",
                text=message["text"],
                buttons=tuple(button for row in message["buttons"] for button in row),
            )
            for message in await self._messages(in_group=in_group)
        ]

    async def handed(self) -> list[str]:
        given = [message for message in await self._messages(in_group=True) if message["photo"] or message["document"]]
        return ["picture" if message["photo"] else "file" for message in given]

    def spoil(self) -> bool:
        self._standin.fault(method="sendDocument", kind="bad-request")
        return True

    async def _messages(self, *, in_group: bool) -> list[dict[str, Any]]:
        return await self._standin.messages(self._GROUP if in_group else self._STUDENT)


class OnWeCom:
    """WeCom's stand-in: the robot by long connection, or by URL beside the application and a webhook.

    `private` says to whom the student writes alone: the robot or the application.
    """

    _STUDENT, _GROUP, _HOOK = "Stu01", "wrClass", "class-1"

    def __init__(self, standin: WecomStandin, given: Setting, wired: Wired, *, private_app: bool) -> None:
        self._standin = standin
        self._intake = given.kept.intake
        self._words = given.known.wording
        self._private_app = private_app
        self._calls: list[asyncio.Task[object]] = []
        self.lane = wired.lane
        self.account = wecom_refs.account(self._STUDENT)
        self.groups = [wecom_refs.group(GroupRoute.ROBOT, self._GROUP)]
        if private_app or standin.world.robot.url:
            self.groups.append(wecom_refs.group(GroupRoute.HOOK, self._HOOK))

    async def say(self, text: str, *, in_group: bool) -> None:
        people = self._standin.people
        if in_group:
            await self._call(people.say(user=self._STUDENT, chat=self._GROUP, text=text))
        elif self._private_app:
            await self._call(people.tell(user=self._STUDENT, text=text))
        else:
            await self._call(people.say(user=self._STUDENT, text=text))

    async def greet(self) -> None:
        """Let the robot know the chats: it may write where it was written to."""
        await self.say("帮助", in_group=True)
        await self.say("帮助", in_group=False)

    async def press(self, label: str, *, in_group: bool) -> None:
        views = await self._views(in_group=in_group)
        message, button = next(
            (view["id"], button) for view in reversed(views) for button in view["buttons"] if label in button
        )
        await self._call(self._standin.people.press(user=self._STUDENT, message=message, label=button))

    async def rate(self, label: str, *, up: bool) -> None:
        views = await self._views(in_group=False)
        if self._private_app:
            await self.press(label, in_group=False)
            return
        assert not any(label in button for view in views for button in view["buttons"])
        rated = next(view["id"] for view in reversed(views) if view["thumbs"])
        await self._call(self._standin.people.rate(user=self._STUDENT, message=rated, kind=1 if up else 2))

    async def arrive(self) -> None:
        for delivery in await asyncio.gather(*self._calls):
            assert isinstance(delivery, Delivery)
            if delivery.reply is not None and delivery.reply.get("msgtype") == "stream":
                await self._standin.refresh(msgid=delivery.msgid)
        self._calls.clear()
        assert self._standin.world.complaints == []

    async def heard(self, *, in_group: bool) -> list[Said]:
        said: list[Said] = []
        for view in await self._views(in_group=in_group):
            card = view["card"] or {}
            words = view["text"] or view["body"].get("stream", {}).get("content", "") or card.get("sub_title_text", "")
            if view["kind"] in {"image", "file"} or words == self._words.label("wecom.card.taken"):
                continue
            if not words and card and said:  # the buttons of the text before
                said[-1] = replace(said[-1], buttons=tuple(view["buttons"]))
            else:
                said.append(Said(key=f"{view['id']} {view['edits']}", text=words, buttons=tuple(view["buttons"])))
        return said

    async def handed(self) -> list[str]:
        kinds = [view["kind"] for view in await self._views(in_group=True)]
        return ["picture" if kind == "image" else kind for kind in kinds if kind in {"image", "file"}]

    def spoil(self) -> bool:
        call = "webhook/send" if self._standin.world.robot.url else "aibot_send_msg"
        self._standin.fault(call=call, code=Code.BAD_PARAMETER, after=1)
        return True

    async def _call(self, act: Coroutine[Any, Any, object]) -> None:
        """Let WeCom call; the answer may take until the callback was handled."""
        before = await self._intake.waiting()
        self._calls.append(asyncio.create_task(act))

        async def has_come() -> bool:
            return await self._intake.waiting() > before

        await wait_until(has_come, "the callback in the intake")

    async def _views(self, *, in_group: bool) -> list[dict[str, Any]]:
        return await self._standin.messages(user=self._STUDENT, chat=self._GROUP if in_group else "")


async def _on_wecom(given: Setting, *, by_url: bool, private_app: bool) -> OnWeCom:
    world = World(clock=lambda: given.clock.now().timestamp())
    standin = await given.opened.enter_async_context(
        WecomStandin(limits=NO_WECOM_LIMITS, world=world, refresh_seconds=None)
    )
    world.group(chat=OnWeCom._GROUP)
    key = world.hook(chat=OnWeCom._GROUP)["key"]
    credentials = standin.credentials
    names = (
        ("robot_id", "robot_secret")
        if not by_url
        else ("robot_token", "robot_aes_key", "corp_id", "agent_id", "app_secret", "app_token", "app_aes_key")
    )
    settings = read(
        data=given.folder,
        wecom_robot_name=credentials["robot_name"],
        wecom_socket_url=standin.ws_url,
        wecom_base_url=standin.http_url,
        **({"wecom_webhooks": f"{OnWeCom._HOOK}={key}"} if by_url else {}),
        **{f"wecom_{name}": credentials[name] for name in names},
    )

    async def never(_: InboundMessage) -> None:
        raise AssertionError("the store is not away")

    wired = await wecom(
        Ground(
            settings=settings,
            kept=given.kept,
            wording=given.known.wording,
            figures=given.known.folder / "figures",
            clock=given.clock,
            metrics=Metrics(),
            without_store=never,
            opened=given.opened,
            alone=True,
        )
    )
    assert wired is not None
    if by_url:
        address = await given.opened.enter_async_context(_served(wired))
        await standin.set_robot_url(url=f"{address}/wecom/robot")
        await standin.set_app_url(url=f"{address}/wecom/app")
    else:
        running = asyncio.create_task(wired.wecom.run())
        given.opened.push_async_callback(_ended, running)
        await standin.until(lambda: standin.connections.live is not None)
    stage = OnWeCom(standin, given, wired, private_app=private_app)
    await stage.greet()
    return stage


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@contextlib.asynccontextmanager
async def _served(wired: Wired) -> AsyncIterator[str]:
    """The addresses that WeCom calls, on loopback."""
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def healthy() -> Mapping[str, str | None]:
        return {}

    app = web.create(web.WebParts(health=healthy, registry=Metrics().registry, routers=wired.routers))
    serving = asyncio.create_task(web.serve(app, host="127.0.0.1", port=0, on_ready=ready.set_result))
    yield f"http://127.0.0.1:{await ready}"
    await _ended(serving)


async def chatroom(given: Setting) -> Stage:
    """The local chatroom."""
    return InChatroom(given)


async def telegram(given: Setting) -> Stage:
    """Telegram, polled."""
    return await OnTelegram.open(given)


async def wecom_connection(given: Setting) -> Stage:
    """The robot by long connection."""
    return await _on_wecom(given, by_url=False, private_app=False)


async def wecom_url(given: Setting) -> Stage:
    """The robot by URL, beside the application and a webhook."""
    return await _on_wecom(given, by_url=True, private_app=False)


async def wecom_application(given: Setting) -> Stage:
    """The application in private, beside a robot by URL and a webhook in the group."""
    return await _on_wecom(given, by_url=True, private_app=True)


STAGES: tuple[Callable[[Setting], Awaitable[Stage]], ...] = (
    chatroom,
    telegram,
    wecom_connection,
    wecom_url,
    wecom_application,
)
