"""From a message to Telegram's calls, and from what comes of them to an outcome.

Texts are sent plain, without a parse mode: nothing in them can be taken for markup. A text too long for one
message is several; its buttons are under the last. A second file is a message after them. If a part was accepted and
a later one was not, the outcome is unknown: sending all again would repeat the first.

What only one person in a group needs to see goes out as a message that only they see, where the server knows
such messages and takes it; else for all to see. Whether it is shown at all is not promised, so that no deadline
is ever sent like that.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import MessageLimit
from telegram.error import BadRequest, TelegramError

from bot.buttons import ButtonSeal
from bot.platforms.rendering import split_text
from bot.platforms.telegram import refs
from bot.platforms.telegram.outcomes import cannot_edit, is_unchanged, outcome_of
from bot.platforms.telegram.pictures import FileGone, Picture, Pictures
from bot.platforms.telegram.whispers import Whispers
from bot.ports import StoreAway
from scheduler.messages import (
    Accepted,
    Choice,
    Link,
    OutboundMessage,
    Outcome,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Unknown,
    Verb,
)
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

_ROW_COLUMNS = 20
"""How wide the labels of one row may be together (a Chinese character is two), so that a phone shows them whole."""

_ROW_BUTTONS = 3

_KEYBOARDS = 1_024
"""How many keyboards are remembered: the same answer has the same one."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One call: a new message, or one put in the place of message number `replaces`."""

    chat: str
    thread: int | None
    text: str
    picture: Picture | None = None
    keyboard: InlineKeyboardMarkup | None = None
    reply_to: int | None = None
    replaces: int | None = None
    whisper: dict[str, Any] | None = None


class TelegramSender:
    """Sends for one bot. `whispers` knows to whom a message can be shown alone."""

    def __init__(
        self, bot: Bot, seal: ButtonSeal, pictures: Pictures, clock: Clock, whispers: Whispers | None = None
    ) -> None:
        self._bot = bot
        self._seal = seal
        self._pictures = pictures
        self._clock = clock
        self._whispers = whispers
        self.username = ""
        """The bot's own, for links to its private chat; empty until it is known."""

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Send it, its body being `text` in words; what came of it. Expected failures are outcomes."""
        try:
            keyboard = keyboard_of(message.choices, self._seal, self.username, message.links)
        except ValueError:  # ids too long for a button
            _log.error("button too long", verbs=[str(choice.action.verb) for choice in message.choices])
            return Refused(why=RefusedWhy.BAD_CONTENT)
        shown = await self._shown(message)
        chat, sent = message.to.chat, list[int]()
        whisper = self._whisper(message)
        for part in _parts(message, text, shown, keyboard, whisper):
            outcome = await self._try(part)
            if not isinstance(outcome, Accepted):
                return outcome if not sent else Unknown(why="partly-sent")
            sent += refs.message_numbers(outcome.message_id)[1]
        return Accepted(message_id=refs.message_id(chat, *sent)) if sent else Refused(why=RefusedWhy.BAD_CONTENT)

    async def _shown(self, message: OutboundMessage) -> list[Picture]:
        if message.files:
            return [self._pictures.attached(file) for file in message.files]
        figure = None if message.picture is None else await self._pictures.load(message.picture)
        return [figure] if figure else []

    def _whisper(self, message: OutboundMessage) -> dict[str, Any] | None:
        if self._whispers is None or message.only_for is None or message.purpose is Purpose.DEADLINE:
            return None
        return self._whispers.to(message.to.chat, message.only_for, self._clock.now())

    async def _try(self, part: _Part) -> Outcome:
        try:
            if part.whisper is not None:
                try:
                    return await self._accepted(replace(part, reply_to=None))
                except BadRequest:  # too late, or the server will not have it: for all to see, then
                    part = replace(part, whisper=None)
            if part.replaces is not None and await self._edit(part, part.replaces):
                return Accepted(message_id=refs.message_id(part.chat, part.replaces))
            return await self._accepted(part)
        except FileGone:
            return Refused(why=RefusedWhy.BAD_CONTENT)
        except StoreAway:  # before the file could be read
            return RetryLater(at=self._clock.now(), why="store-away")
        except (TelegramError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            return outcome_of(error, self._clock.now(), in_group=refs.is_group(part.chat))

    async def _accepted(self, part: _Part) -> Accepted:
        sent = await self._new(part)
        return Accepted(message_id=refs.message_id(part.chat, sent.message_id))

    async def _edit(self, part: _Part, number: int) -> bool:
        """Put the part in the place of an earlier message; False where a new one has to be sent."""

        async def put(file: str | bytes) -> Message | bool:
            media = InputMediaPhoto(file, caption=part.text)
            return await self._bot.edit_message_media(
                media, chat_id=part.chat, message_id=number, reply_markup=part.keyboard
            )

        try:
            if part.picture is not None:
                await self._pictures.put(part.picture, put)
            else:
                await self._bot.edit_message_text(
                    part.text,
                    chat_id=part.chat,
                    message_id=number,
                    reply_markup=part.keyboard,
                    link_preview_options=_NO_PREVIEW,
                )
        except TelegramError as error:
            if not is_unchanged(error) and not cannot_edit(error):
                raise
            return is_unchanged(error)
        return True

    async def _new(self, part: _Part) -> Message:
        reply = ReplyParameters(part.reply_to, allow_sending_without_reply=True) if part.reply_to is not None else None
        if part.picture is None:
            return await self._bot.send_message(
                part.chat,
                part.text,
                message_thread_id=part.thread,
                reply_parameters=reply,
                reply_markup=part.keyboard,
                link_preview_options=_NO_PREVIEW,
                api_kwargs=part.whisper,
            )

        document = part.picture.document

        async def put(file: str | bytes) -> Message:
            send = self._bot.send_document if document else self._bot.send_photo
            return await send(
                part.chat,
                file,
                filename=document or None,
                caption=part.text or None,
                message_thread_id=part.thread,
                reply_parameters=reply,
                reply_markup=part.keyboard,
                api_kwargs=part.whisper,
            )

        sent = await self._pictures.put(part.picture, put)
        if not isinstance(sent, Message):
            raise TypeError("a file was answered without a message")
        return sent


def _parts(
    message: OutboundMessage,
    text: str,
    shown: Sequence[Picture],
    keyboard: InlineKeyboardMarkup | None,
    whisper: dict[str, Any] | None,
) -> list[_Part]:
    """The calls a message takes: at least one. The first of what is shown, the reply and the edit are the first's, the
    buttons stand under the last words, and what else is shown follows them."""
    first = MessageLimit.CAPTION_LENGTH if shown else MessageLimit.MAX_TEXT_LENGTH
    texts = split_text(_sendable(text), MessageLimit.MAX_TEXT_LENGTH, first=first)
    texts = tuple(part for part in texts if part.strip()) or ("",)
    chat, thread = message.to.chat, message.to.thread
    bare = _Part(chat=chat, thread=int(thread) if thread else None, text="", whisper=whisper)
    words = [replace(bare, text=part) for part in texts]
    words[-1] = replace(words[-1], keyboard=keyboard)
    words[0] = replace(
        words[0],
        picture=shown[0] if shown else None,
        reply_to=refs.message_number(chat, message.reply_to),
        replaces=refs.message_number(chat, message.replaces),
    )
    return [*words, *(replace(bare, picture=picture) for picture in shown[1:])]


@lru_cache(maxsize=_KEYBOARDS)
def keyboard_of(
    choices: tuple[Choice, ...], seal: ButtonSeal, username: str = "", links: tuple[Link, ...] = ()
) -> InlineKeyboardMarkup | None:
    """The buttons under a message, as many in a row as a phone shows whole, and links below them; ValueError for ids
    too long.

    `username` is the bot's: going on in private is then a link there, which also opens a chat never opened before.
    """
    rows: list[list[InlineKeyboardButton]] = []
    room = 0
    for choice in choices:
        label = _sendable(choice.label)
        token = seal.seal(choice.action)
        if choice.action.verb is Verb.PRIVATE and username:
            button = InlineKeyboardButton(label, url=f"https://t.me/{username}?start={token}")
        else:
            button = InlineKeyboardButton(label, callback_data=token)
        room -= _columns(label)
        if room < 0 or len(rows[-1]) == _ROW_BUTTONS:
            rows.append([])
            room = _ROW_COLUMNS - _columns(label)
        rows[-1].append(button)
    rows += [[InlineKeyboardButton(_sendable(link.label), url=link.url)] for link in links]
    return InlineKeyboardMarkup(rows) if rows else None


def _columns(label: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in label)


def _sendable(text: str) -> str:
    """Without lone surrogates, which are no characters and cannot be encoded."""
    return text.encode("utf-8", "replace").decode()
