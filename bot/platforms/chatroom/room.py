"""The room itself: persons, class groups and private chats with the bot, as strict as a real platform.

It lives in this process' memory alone: the last messages of a chat, nothing on disk.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.platforms.rendering import utf16_length
from scheduler.messages import Address
from scheduler.ports import Clock
from scheduler.roster import Role

PLATFORM = "chatroom"

TEXT_LIMIT = 2_000
"""The longest text of one message, in UTF-16 units as browsers count."""

HISTORY = 200
"""How many messages a chat remembers."""

_GROUP = "g-"

_BACKLOG = 1_000
"""How many events a page may be behind before it has to connect again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be played. `account` is `chatroom:<id>`; class None: in the group of every class."""

    account: str
    name: str
    role: Role
    class_id: str | None = None
    sid: str | None = None

    @property
    def id(self) -> str:
        """The account without its platform: also the id of the person's private chat with the bot."""
        return self.account.partition(":")[2]

    @property
    def private(self) -> Address:
        """Where the bot writes to this person alone."""
        return Address(platform=PLATFORM, chat=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message of the bot: what it says and the sealed action it carries."""

    label: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMessage:
    """One message of a chat; `sender` is a person's account, None for the bot. `picture` is a figure's id, `files`
    the names of the files that go with it: the room shows no more of one."""

    id: str
    chat: str
    sender: str | None
    text: str
    at: datetime
    buttons: tuple[Button, ...] = ()
    picture: str | None = None
    files: tuple[str, ...] = ()
    reply_to: str | None = None
    edited: bool = False


class Event(StrEnum):
    """What a page is told about."""

    SAID = "said"
    EDITED = "edited"
    CLOCK = "clock"
    """The clock was turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that happened, at the room's time; `message` as it is now, None for the clock."""

    event: Event
    at: datetime
    message: RoomMessage | None = None


class Rejected(StrEnum):
    """Why the room does not take what a person sends."""

    NOT_IN_CHAT = "not-in-chat"
    """No such person or chat, or the one is not in the other."""
    EMPTY = "empty"
    TOO_LONG = "too-long"


@dataclass(slots=True, kw_only=True)
class _Chat:
    title: str
    members: frozenset[str]
    messages: dict[str, RoomMessage] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)


def group_chat(class_id: str) -> str:
    """The chat id of a class's group."""
    return f"{_GROUP}{class_id}"


def is_private(chat_id: str) -> bool:
    """Whether a chat is one person's own with the bot."""
    return not chat_id.startswith(_GROUP)


class Chatroom:
    """Keeps the chats, says who is in them, and tells the pages what happens."""

    def __init__(self, *, bot_name: str, classes: Mapping[str, str], persons: Sequence[Person], clock: Clock) -> None:
        """`classes` are class names by id. ValueError for an account twice or one that looks like a group."""
        self.persons = {person.account: person for person in persons}
        if len(self.persons) != len(persons) or any(not is_private(person.id) for person in persons):
            raise ValueError("the accounts of a chatroom are unique and do not begin with g-")
        self.bot_name = bot_name
        self.clock = clock
        self.classes = dict(classes)
        self._chats = {group_chat(class_id): self._group(class_id, name) for class_id, name in classes.items()}
        self._chats |= {person.id: _Chat(title=person.name, members=frozenset({person.account})) for person in persons}
        # Stored updates and deliveries name message ids, so those of an earlier life of the room must not come again.
        self._ids = itertools.count(time.time_ns() // 1_000)
        self._listeners: dict[asyncio.Queue[News | None], frozenset[str]] = {}

    def _group(self, class_id: str, name: str) -> _Chat:
        members = (person.account for person in self.persons.values() if person.class_id in {class_id, None})
        return _Chat(title=name, members=frozenset(members))

    def new_id(self) -> str:
        """An id that is higher than every one before it, for messages and presses alike."""
        return str(next(self._ids))

    def chats_of(self, account: str) -> dict[str, str]:
        """The chats a person is in, by id with their titles: class groups first, the private chat last."""
        return {chat_id: chat.title for chat_id, chat in self._chats.items() if account in chat.members}

    def history(self, chat_id: str) -> tuple[RoomMessage, ...]:
        """What the chat still remembers, oldest first; nothing for an unknown chat."""
        chat = self._chats.get(chat_id)
        return tuple(chat.messages.values()) if chat else ()

    def message(self, chat_id: str, message_id: str) -> RoomMessage | None:
        """A message the chat still remembers."""
        chat = self._chats.get(chat_id)
        return chat.messages.get(message_id) if chat else None

    def offered(self, chat_id: str, message_id: str, token: str) -> bool:
        """Whether that message carries this button, or did before it was edited."""
        chat = self._chats.get(chat_id)
        return chat is not None and token in chat.offered.get(message_id, ())

    def admits(self, chat_id: str, account: str) -> bool:
        """Whether the person is in the chat."""
        chat = self._chats.get(chat_id)
        return chat is not None and account in chat.members

    def from_bot(self, chat_id: str, message_id: str | None) -> bool:
        """Whether that message of the chat is the bot's."""
        message = self.message(chat_id, message_id) if message_id else None
        return message is not None and message.sender is None

    def post(self, chat_id: str, account: str, text: str, *, reply_to: str | None = None) -> RoomMessage | Rejected:
        """A person says something; everybody in the chat sees it."""
        if not self.admits(chat_id, account):
            return Rejected.NOT_IN_CHAT
        if not text.strip():
            return Rejected.EMPTY
        if utf16_length(text) > TEXT_LIMIT:
            return Rejected.TOO_LONG
        return self._add(
            RoomMessage(
                id=self.new_id(), chat=chat_id, sender=account, text=text, at=self.clock.now(), reply_to=reply_to
            )
        )

    def say(
        self,
        chat_id: str,
        text: str,
        *,
        buttons: tuple[Button, ...] = (),
        picture: str | None = None,
        files: tuple[str, ...] = (),
        reply_to: str | None = None,
    ) -> RoomMessage | None:
        """The bot says something; None where there is no such chat. ValueError for a text over the limit."""
        if chat_id not in self._chats:
            return None
        _check_length(text)
        return self._add(
            RoomMessage(
                id=self.new_id(), chat=chat_id, sender=None, text=text, at=self.clock.now(),
                buttons=buttons, picture=picture, files=files, reply_to=reply_to,
            )
        )  # fmt: skip

    def edit(
        self, chat_id: str, message_id: str, text: str, *, buttons: tuple[Button, ...] = (), picture: str | None = None
    ) -> RoomMessage | None:
        """The bot puts something else in the place of a message of its own; None where there is none."""
        old = self.message(chat_id, message_id)
        if old is None or old.sender is not None:
            return None
        _check_length(text)
        new = replace(old, text=text, buttons=buttons, picture=picture, edited=True)
        self._keep(new)
        self._tell(News(event=Event.EDITED, at=self.clock.now(), message=new))
        return new

    def clock_turned(self) -> None:
        """Tell every page that the clock shows another time."""
        self._tell(News(event=Event.CLOCK, at=self.clock.now()))

    @contextmanager
    def listening(self, account: str) -> Iterator[asyncio.Queue[News | None]]:
        """The news of a person's chats as they come; None once the listener fell too far behind."""
        news: asyncio.Queue[News | None] = asyncio.Queue(_BACKLOG)
        self._listeners[news] = frozenset(self.chats_of(account))
        try:
            yield news
        finally:
            self._listeners.pop(news, None)

    def _add(self, message: RoomMessage) -> RoomMessage:
        self._keep(message)
        self._tell(News(event=Event.SAID, at=message.at, message=message))
        return message

    def _keep(self, message: RoomMessage) -> None:
        chat = self._chats[message.chat]
        chat.messages[message.id] = message
        chat.offered.setdefault(message.id, set()).update(button.token for button in message.buttons)
        while len(chat.messages) > HISTORY:
            oldest = next(iter(chat.messages))
            del chat.messages[oldest], chat.offered[oldest]

    def _tell(self, news: News) -> None:
        for queue, chats in list(self._listeners.items()):
            if news.message is not None and news.message.chat not in chats:
                continue
            if queue.qsize() >= _BACKLOG - 1:  # the last place is for the word that it is over
                del self._listeners[queue]
                queue.put_nowait(None)
            else:
                queue.put_nowait(news)


def _check_length(text: str) -> None:
    if utf16_length(text) > TEXT_LIMIT:
        raise ValueError(f"a message of the chatroom has at most {TEXT_LIMIT} characters")
