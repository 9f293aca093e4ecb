"""One Telegram bot from start to stop: who it is, its menu, what comes in, what goes out, how it is."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from telegram import Bot, BotCommand
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.buttons import ButtonSeal
from bot.messages import InboundMessage
from bot.platforms.telegram.pictures import Pictures
from bot.platforms.telegram.polling import LONG_POLL, Pause, Polling, PollingHealth
from bot.platforms.telegram.receiver import Me, press_id, to_inbound
from bot.platforms.telegram.request import QuietRequest, silence_libraries
from bot.platforms.telegram.sender import TelegramSender
from bot.ports import Intake, RawUpdate
from scheduler.messages import OutboundMessage, Outcome, Phrase
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

_FETCHERS = 2
"""Connections for fetching: with one, a torn connection can block the next fetch."""

_CALLERS = 64


class Telegram:
    """The lane of one bot token. Use as `async with`; then `run()` it as a task, and cancel that to stop.

    `figures` is the folder of the pictures (`<id>.png`), `menu` the commands shown in the input field with
    what each does. `read_timeout` is how many seconds a call may go without an answer.
    """

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        seal: ButtonSeal,
        intake: Intake,
        clock: Clock,
        figures: Path,
        menu: Mapping[str, str],
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
        self._menu = menu
        self._sender = TelegramSender(self._bot, seal, Pictures(figures), clock)
        self._polling = Polling(
            request=fetching, api=self._bot.base_url, intake=intake, clock=clock, pause=pause, long_poll=long_poll
        )
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
        """Say hello and fetch updates until cancelled; Telegram being away is waited out."""
        await self.introduce()
        while True:
            await self.fetch()

    async def fetch(self) -> None:
        """Fetch once, and store what came before returning."""
        await self._polling.once()

    async def introduce(self) -> Me:
        """Learn who the bot is, take down a webhook that would keep updates away, set the menu."""
        while not self._me.done():
            try:
                user = await self._bot.get_me()
                await self._bot.delete_webhook()
                await self._set_menu()
            except TelegramError as error:
                await self._polling.wait_out("token" if isinstance(error, InvalidToken) else "unreachable")
                continue
            me = Me(id=user.id, username=user.username or "", reads_groups=bool(user.can_read_all_group_messages))
            _log.info("telegram ready", bot=me.id, reads_groups=me.reads_groups)
            self._me.set_result(me)
        return await self._me

    async def _set_menu(self) -> None:
        try:
            await self._bot.set_my_commands([BotCommand(name, said) for name, said in self._menu.items()])
        except BadRequest:  # a fault of the content; the bot works without a menu
            _log.warning("menu refused", commands=sorted(self._menu))

    async def receive(self, raw: RawUpdate) -> InboundMessage | None:
        """What an update says, None if it is not for the bot, `Unreadable` if it is malformed.

        A press is answered here, before anything else is done about it: the button stops spinning.
        """
        me = await asyncio.shield(self._me)
        inbound = to_inbound(raw, me, self._seal)
        pressed = press_id(raw)
        if pressed is not None:
            try:
                await self._bot.answer_callback_query(pressed)
            except TelegramError as error:  # too old by now, or no connection: the press itself was received
                _log.info("press not answered", why=type(error).__name__)
        return inbound

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Send one message; see `scheduler.ports.Messenger`."""
        return await self._sender.send(message, text)

    @property
    def health(self) -> PollingHealth:
        """When Telegram was last heard, and what is wrong with fetching."""
        return self._polling.health

    def notes(self) -> tuple[Phrase, ...]:
        """What staff should know about this bot, as phrases of the content."""
        notes = [Phrase(key=f"telegram.trouble.{self.health.trouble}")] if self.health.trouble else []
        if self._me.done() and not self._me.cancelled() and not self._me.result().reads_groups:
            notes.append(Phrase(key="telegram.note.privacy-mode"))
        return tuple(notes)
