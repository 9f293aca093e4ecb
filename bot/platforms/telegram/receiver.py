"""From Telegram's updates to what the dialogue knows.

What is left out, so that nobody answers it: channel posts and what a channel forwards into its group, anonymous
admins (their account is a placeholder), other bots, commands to other bots, service messages, and what somebody
forwards into a group, unless a secret stands in it. A picture with a caption is its caption: that is the question;
a picture without one is a picture. A press on a button that is none of this bot's, or no longer, is
`other=UNKNOWN_BUTTON`. Who opens the private chat by a link of this bot pressed the button that the link names.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Message, MessageEntity, Update, User
from telegram.constants import ChatType

from bot.buttons import ButtonSeal
from bot.messages import UNKNOWN_BUTTON, InboundMessage
from bot.platforms.masking import kinds_in
from bot.platforms.telegram import refs
from bot.ports import RawUpdate
from scheduler.messages import Action, Verb

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member")
"""What is asked of Telegram; named every time, since the server remembers what was asked before."""

IDENTIFIERS = frozenset(
    {"id", "file_id", "file_unique_id", "thumbnail_file_id", "chat_instance", "inline_message_id", "media_group_id"}
)
"""Texts of an update that Telegram makes and nobody types: they are not masked."""

_PEOPLE_TALK = (ChatType.PRIVATE, ChatType.GROUP, ChatType.SUPERGROUP)

_OTHER_KINDS = (
    "sticker", "voice", "video_note", "video", "animation", "audio", "document",
    "venue", "location", "contact", "poll", "dice", "game", "story",
)  # fmt: skip
"""Kinds of messages the bot does not read, the narrower first (an animation is also a document)."""

_IN_LINKS = frozenset({Verb.PRIVATE, Verb.JOIN})
"""What a link may ask for. A button's data can be read by whoever sees the button, put into a link and sent to somebody
else: what they state, take back or erase would then be done by one tap of theirs."""

_OPENED_BY_LINK = re.compile(r"/start(?:@\w+)? (?P<token>[A-Za-z0-9_-]{1,64})\s*")

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>[A-Za-z0-9_]+))?(?=\s|$)")


MALFORMED = (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)
"""What the library raises for an update that is not shaped as Telegram's are."""


class Unreadable(ValueError):
    """An update that is not shaped as Telegram's are: it has to be set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The bot itself: its user id, its username, and whether it sees all of a group's messages."""

    id: int
    username: str
    reads_groups: bool


def to_inbound(raw: RawUpdate, me: Me, seal: ButtonSeal) -> InboundMessage | None:
    """What a person did, or None for what is not for the bot; Unreadable for a malformed update."""
    try:
        update = Update.de_json(json.loads(raw.body))
        if update.callback_query is not None:
            return _press(update.callback_query, raw, seal)
        if update.message is not None:
            return _said(update.message, me, seal)
        if update.edited_message is not None:
            return _said(update.edited_message, me, seal, edited=True)
    except MALFORMED as error:
        raise Unreadable(type(error).__name__) from None  # the error's own text may quote the message
    return None


def press_id(raw: RawUpdate) -> str | None:
    """The id by which a press has to be answered at once; None for anything else."""
    try:
        query = json.loads(raw.body)["callback_query"]["id"]
    except (LookupError, RecursionError, TypeError, ValueError):
        return None
    return query if isinstance(query, str) else None


def _press(query: CallbackQuery, raw: RawUpdate, seal: ButtonSeal) -> InboundMessage | None:
    message = query.message
    if message is None or query.data is None or message.chat.type not in _PEOPLE_TALK:
        return None
    action = seal.open(query.data)
    thread = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
    return InboundMessage(
        id=str(query.id),
        address=refs.address(message.chat.id, thread),
        account=refs.account(query.from_user.id),
        at=raw.received_at,
        private=message.chat.type == ChatType.PRIVATE,
        addressed=True,
        action=action,
        other=UNKNOWN_BUTTON if action is None else None,
        replaces=refs.message_id(message.chat.id, message.message_id) if message.is_accessible else None,
    )


def _said(message: Message, me: Me, seal: ButtonSeal, *, edited: bool = False) -> InboundMessage | None:
    sender = message.from_user
    if sender is None or sender.is_bot or message.sender_chat is not None or message.chat.type not in _PEOPLE_TALK:
        return None
    private = message.chat.type == ChatType.PRIVATE
    heard = _heard(message, me, seal if private else None)
    if heard is None:
        return None
    masked = kinds_in(heard.text or "")
    forwarded = message.forward_origin is not None and not private
    if forwarded and not masked:
        return None
    answered = message.reply_to_message
    return InboundMessage(
        id=refs.message_id(message.chat.id, message.message_id),
        address=refs.address(message.chat.id, message.message_thread_id if message.is_topic_message else None),
        account=refs.account(sender.id),
        at=message.edit_date if edited and message.edit_date else message.date,
        private=private,
        addressed=private or (not forwarded and (heard.addressed or _answers(answered, me))),
        text=heard.text,
        action=heard.action,
        picture=heard.picture,
        other=heard.other,
        masked=masked,
        reply_to=refs.message_id(message.chat.id, answered.message_id) if answered else None,
        edited=edited,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    text: str | None = None
    action: Action | None = None
    picture: bool = False
    other: str | None = None
    addressed: bool = False


def _heard(message: Message, me: Me, links: ButtonSeal | None) -> _Heard | None:
    """What was said, without the mention of the bot; None for a command to another bot or a service message.

    `links` opens what a link into the private chat carries; one this bot would not make is a plain start.
    """
    words = message.text or message.caption
    if words and links is not None and (opened := _OPENED_BY_LINK.fullmatch(words)):
        action = links.open(opened["token"])
        if action is None or action.verb not in _IN_LINKS:
            return _Heard(text="/start", addressed=True)
        return _Heard(action=action, addressed=True)
    if words:
        command = _COMMAND.match(words)
        named = command["bot"] if command else None
        if named is not None and named.casefold() != me.username.casefold():
            return None
        text, mentioned = _without_mention(words, message.entities or message.caption_entities, me)
        if command and named:
            text = f"/{command['name']}{words[command.end() :]}"
        return _Heard(text=text.strip(), addressed=mentioned or command is not None)
    if message.photo or (message.document and str(message.document.mime_type).startswith("image/")):
        return _Heard(picture=True)
    other = next((kind for kind in _OTHER_KINDS if getattr(message, kind)), None)
    return _Heard(other=other) if other else None


def _without_mention(words: str, entities: tuple[MessageEntity, ...], me: Me) -> tuple[str, bool]:
    """The words without the bot's mentions, and whether there was one. Entities count in UTF-16 units."""
    units = words.encode("utf-16-le", "surrogatepass")
    mentioned = False
    for entity in sorted(entities, key=lambda entity: entity.offset, reverse=True):
        start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
        if _names_me(entity, units[start:end].decode("utf-16-le", "replace"), me):
            mentioned = True
            units = units[:start] + units[end:]
    return units.decode("utf-16-le", "surrogatepass"), mentioned


def _names_me(entity: MessageEntity, named: str, me: Me) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return isinstance(entity.user, User) and entity.user.id == me.id
    return entity.type == MessageEntity.MENTION and named.casefold() == f"@{me.username}".casefold()


def _answers(answered: Message | None, me: Me) -> bool:
    """Whether a message replies to the bot. In a topic every message "replies" to the one that opened it."""
    if answered is None or answered.from_user is None or answered.forum_topic_created is not None:
        return False
    return answered.from_user.id == me.id


def chat_of(update: dict[str, Any]) -> str:
    """The chat an update belongs to, for its order among others; empty where it names none."""
    for kind in ALLOWED_UPDATES:
        part = update.get(kind)
        if isinstance(part, dict):
            holder = part.get("message") if kind == "callback_query" else part
            chat = holder.get("chat") if isinstance(holder, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return str(chat["id"])
    return ""
