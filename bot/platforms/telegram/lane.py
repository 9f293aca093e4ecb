"""One Telegram bot from start to stop: who it is, its menu, what comes in, what goes out, how it is."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from fastapi import APIRouter
from telegram import Bot, BotCommand
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.buttons import ButtonSeal
from bot.messages import JOINED, InboundMessage
from bot.platforms.telegram.arrivals import Hearing, Patience, Pause
from bot.platforms.telegram.changes import Moved, Owned, Place, to_change
from bot.platforms.telegram.ears import Ears
from bot.platforms.telegram.erasing import erase, recall
from bot.platforms.telegram.looking import look
from bot.platforms.telegram.outage import Outages
from bot.platforms.telegram.pictures import Pictures
from bot.platforms.telegram.polling import LONG_POLL, Polling
from bot.platforms.telegram.receiver import ALLOWED_UPDATES, Me, press_id, to_inbound
from bot.platforms.telegram.refs import PLATFORM
from bot.platforms.telegram.request import QuietRequest, silence_libraries
from bot.platforms.telegram.sender import TelegramSender
from bot.platforms.telegram.webhook import Webhook
from bot.platforms.telegram.whispers import Whispers
from bot.platforms.whereabouts import Whereabouts
from bot.ports import GroupLook, Intake, RawUpdate, StoreAway, Uploads
from scheduler.messages import Address, OutboundMessage, Outcome, Phrase
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

_FETCHERS = 2
"""Connections for fetching: with one, a torn connection can block the next fetch."""

_CALLERS = 64

_WEBHOOK_CHECKED = 60.0
"""Seconds between two looks at how Telegram gets on with the webhook."""

_FRESH_FAULT = timedelta(minutes=2)
"""How long a failed call of the webhook counts as trouble that lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """How Telegram calls, where it does not have to be asked: the public address, and the secret it shows.

    `refused` counts, by its reason, each call that is turned away.
    """

    url: str
    secret: str
    refused: Callable[[str], None]


class Telegram:
    """The lane of one bot token. Use as `async with`; then `run()` it as a task, and cancel that to stop.

    `figures` is the folder of the pictures (`<id>.png`), `menu` gives the commands shown in the input field
    with what each does. With a `hook` Telegram calls and `routes` are to be served; without, updates are fetched.
    `read_timeout` is how many seconds a call may go without an answer.
    """

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        seal: ButtonSeal,
        intake: Intake,
        uploads: Uploads,
        whereabouts: Whereabouts,
        outages: Outages,
        clock: Clock,
        figures: Path,
        menu: Callable[[], Mapping[str, str]],
        hook: Hook | None = None,
        pause: Pause = asyncio.sleep,
        read_timeout: float = 10.0,
        long_poll: int = LONG_POLL,
    ) -> None:
        silence_libraries()
        fetching = QuietRequest(connections=_FETCHERS, read_timeout=read_timeout)
        calling = QuietRequest(connections=_CALLERS, read_timeout=read_timeout)
        self._bot = Bot(token, base_url=f"{base_url.rstrip('/')}/bot", request=calling, get_updates_request=fetching)
        self._requests = (fetching, calling)
        self._seal = seal
        self._clock = clock
        self._menu = menu
        self._hook = hook
        self._pause = pause
        self._outages = outages
        self._whereabouts = whereabouts
        self._ears = Ears(self._bot, whereabouts, pause)
        self._whispers = Whispers(self._ears.is_admin)
        pictures = Pictures(figures, owner=f"{PLATFORM}:{token.partition(':')[0]}", uploads=uploads)
        self._sender = TelegramSender(self._bot, seal, pictures, clock, self._whispers)
        self._hearing = Hearing()
        self._patience = Patience(self._hearing, pause)
        self._polling = Polling(
            request=fetching, api=self._bot.base_url, intake=intake, clock=clock,
            hearing=self._hearing, patience=self._patience, long_poll=long_poll,
        )  # fmt: skip
        self.routes: tuple[APIRouter, ...] = ()
        if hook is not None:
            webhook = Webhook(
                secret=hook.secret, intake=intake, clock=clock, hearing=self._hearing, refused=hook.refused
            )
            self.routes = (webhook.router(),)
        self._me: asyncio.Future[Me] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        for request in self._requests:
            await request.initialize()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for request in self._requests:
            await request.shutdown()
        self._me.cancel()

    async def run(self) -> None:
        """Say hello and hear until cancelled; Telegram being away is waited out."""
        me = await self.introduce()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.look_into_groups(me))
            group.create_task(self._hear())

    async def _hear(self) -> None:
        while True:
            if self._hook is None:
                await self.fetch()
            else:
                await self.check_webhook(self._hook)
                await self._pause(_WEBHOOK_CHECKED)

    async def fetch(self) -> None:
        """Fetch once, and store what came before returning."""
        await self._polling.once()
        if self._hearing.heard_at is not None and not self._hearing.trouble:
            await self._outages.heard(self._hearing.heard_at)

    async def check_webhook(self, hook: Hook) -> None:
        """Ask Telegram whether it gets through; what it says is in `health`."""
        try:
            info = await self._bot.get_webhook_info()
        except TelegramError as error:
            self._hearing.trouble = "token" if isinstance(error, InvalidToken) else "unreachable"
            return
        now = self._clock.now()
        if info.url != hook.url:  # another program took it over; taking it back would begin a war
            self._hearing.trouble = "conflict"
        elif info.last_error_date is not None and now - info.last_error_date < _FRESH_FAULT:
            self._hearing.trouble = "webhook"
        else:
            self._patience.over()
            await self._outages.heard(now)

    async def introduce(self, *, hears: bool = True) -> Me:
        """Learn who the bot is, say whether Telegram is to call or to be asked, set the menu; only the first where
        another process `hears`."""
        while not self._me.done():
            try:
                user = await self._bot.get_me()
                if hears:
                    await self._set_webhook()
                    await self._set_menu()
            except TelegramError as error:
                await self._patience.wait_out("token" if isinstance(error, InvalidToken) else "unreachable")
                continue
            me = Me(id=user.id, username=user.username or "", reads_groups=bool(user.can_read_all_group_messages))
            _log.info("telegram ready", bot=me.id, reads_groups=me.reads_groups, webhook=self._hook is not None)
            self._sender.username = me.username
            self._patience.over()
            self._me.set_result(me)
        return await self._me

    async def _set_webhook(self) -> None:
        if self._hook is None:
            await self._bot.delete_webhook()
        else:
            await self._bot.set_webhook(self._hook.url, secret_token=self._hook.secret, allowed_updates=ALLOWED_UPDATES)

    async def renew_menu(self) -> None:
        """Set the menu of another version of the content; where that fails, the old one stands until the next start."""
        try:
            await self._set_menu()
        except TelegramError as error:
            _log.warning("menu not renewed", why=type(error).__name__)

    async def _set_menu(self) -> None:
        menu = self._menu()
        try:
            await self._bot.set_my_commands([BotCommand(name, said) for name, said in menu.items()])
        except BadRequest:  # a fault of the content; the bot works without a menu
            _log.warning("menu refused", commands=sorted(menu))

    async def look_into_groups(self, me: Me) -> None:
        """Ask how the bot stands in every bound group; see `notes`."""
        try:
            await self._ears.look(me)
        except StoreAway:
            _log.warning("store away, groups not looked into")

    async def receive(self, raw: RawUpdate) -> InboundMessage | None:
        """What an update says, None if it is not for the dialogue, `Unreadable` if it is malformed.

        A press is answered here, before anything else is done about it: the button stops spinning. What concerns
        the bot's own place in a chat is noted here.
        """
        me = await asyncio.shield(self._me)
        change = to_change(raw)
        if change is not None:
            return await self._note(change, raw, me)
        inbound = to_inbound(raw, me, self._seal)
        pressed = press_id(raw) if inbound is None or inbound.text is None else None
        if pressed is not None:
            await self._answer_press(pressed, inbound)
        return inbound

    async def _answer_press(self, press: str, inbound: InboundMessage | None) -> None:
        try:
            await self._bot.answer_callback_query(press)
        except TelegramError as error:  # too old by now, or no connection: the press itself was received
            _log.info("press not answered", why=type(error).__name__)
        else:
            if inbound is not None and not inbound.private:
                self._whispers.pressed(inbound.address.chat, inbound.account, press, self._clock.now())

    async def _note(self, change: Moved | Place | Owned, raw: RawUpdate, me: Me) -> InboundMessage | None:
        """Write down what changed; being brought into a group is something to answer."""
        if isinstance(change, Moved):
            await self._whereabouts.moved(change.old, change.new)
            return None
        if isinstance(change, Owned):
            await self._whereabouts.owner_changed(change.chat)
            return None
        if not change.there:
            await self._whereabouts.lost(change.chat)
        else:
            await self._whereabouts.found(change.chat)
        if change.private:
            return None
        await self._ears.told(change, me)
        if not change.came:
            return None
        return InboundMessage(
            id=f"joined/{raw.key}",
            address=change.chat,
            account=change.by,
            at=raw.received_at,
            private=False,
            addressed=True,
            other=JOINED,
        )

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Send one message; see `scheduler.ports.Messenger`."""
        return await self._sender.send(message, text)

    async def recall(self, to: Address, message_id: str) -> Outcome:
        """Take back what the bot said; see `scheduler.relay.Recall`."""
        return await recall(self._bot, message_id, self._clock.now())

    async def look(self, group: Address) -> GroupLook | None:
        """How many are in a group, and who owns it; None while Telegram does not say."""
        return await look(self._bot, group)

    async def erase(self, message: InboundMessage) -> bool:
        """Take somebody's message out of a group; whether it is gone."""
        return await erase(self._bot, message)

    @property
    def health(self) -> Hearing:
        """When Telegram was last heard, and what is wrong with hearing it."""
        return self._hearing

    def notes(self) -> tuple[Phrase, ...]:
        """What staff should know about this bot, as phrases of the content."""
        notes = [Phrase(key=f"telegram.trouble.{self.health.trouble}")] if self.health.trouble else []
        if self._me.done() and not self._me.cancelled():
            notes += self._ears.notes(self._me.result())
        return tuple(notes)
