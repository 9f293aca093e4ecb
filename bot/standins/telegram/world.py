"""What the stand-in knows: persons, chats, messages and the bot's queue of updates; and what persons do."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.standins.loopback import OwnTime
from bot.standins.telegram.faults import ApiError, bad_request
from bot.standins.telegram.shapes import Json, buttons, copy, entities, member

MESSAGE_LIVES = 24 * 3600
"""Seconds an unfetched message is kept for the bot."""

PRESS_LIVES = 150
"""Seconds an unfetched press is kept, and can be answered."""

_ALWAYS_ASKED = ("message", "edited_message", "channel_post", "callback_query", "my_chat_member")


class Refusal(Exception):
    """Something a person cannot do; the user side answers 400 with these words."""


@dataclass(slots=True, kw_only=True)
class Chat:
    """A chat; `topics` are threads of a forum, `gone` the words of Telegram's 403 when the bot cannot write."""

    id: int
    type: str
    title: str
    admin: bool = False
    topics: set[int] = field(default_factory=set)
    gone: str = ""
    migrated_to: int | None = None
    owner: int | None = None
    size: int = 2
    messages: dict[int, "Message"] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        """Whether several people are in it."""
        return self.type in ("group", "supergroup")

    def as_json(self) -> Json:
        """As updates and answers show it."""
        named = {"first_name": self.title} if self.type == "private" else {"title": self.title}
        return {"id": self.id, "type": self.type, **named, **({"is_forum": True} if self.topics else {})}


@dataclass(slots=True, kw_only=True)
class Message:
    """A message as Telegram shows it (`body`). `number` grows with every change anywhere."""

    body: Json
    number: int
    edits: int = 0
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Press:
    """A pressed button; `answered` once the bot did, with the toast it showed."""

    id: str
    at: float
    answered: bool = False
    toast: str = ""


@dataclass(slots=True, kw_only=True)
class Hook:
    """Where the bot wants to be called, and with what secret; `fault` says what went wrong last, at `fault_at`."""

    url: str
    secret: str
    fault: str = ""
    fault_at: float = 0.0


class World(OwnTime):
    """One bot's Telegram. Message numbers begin anew in every chat, as Telegram's do."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self.me: Json = {"id": 7_000_000_001, "is_bot": True, "first_name": "xueji", "username": "xueji_bot"}
        self.token = f"{self.me['id']}:{secrets.token_urlsafe(26)}"
        self.reads_all = True
        self.chats: dict[int, Chat] = {}
        self.persons: dict[int, Json] = {}
        self.files: dict[str, bytes] = {}
        self.presses: dict[str, Press] = {}
        self.commands: list[Json] = []
        self.whispers = False
        """Whether the server knows messages that only one person in a group sees; older ones do not."""
        self.hook: Hook | None = None
        self.queue: list[tuple[int, float, Json]] = []
        self.asked_for: tuple[str, ...] = _ALWAYS_ASKED
        self._next_update = 100_000
        self._changes = 0

    def number_updates_from(self, first: int) -> None:
        """Number updates anew, as Telegram does after a week without any."""
        self._next_update = first

    # -- what persons do

    def group(
        self,
        *,
        chat: int,
        title: str = "group",
        kind: str = "supergroup",
        admin: bool = False,
        topics: tuple[int, ...] = (),
        owner: int | None = None,
        size: int = 2,
    ) -> Json:
        """Make a group (or change it) with the bot in it; `size` counts the bot too."""
        made = Chat(id=chat, type=kind, title=title, admin=admin, topics=set(topics), owner=owner, size=size)
        before = self.chats.get(chat)
        self.chats[chat] = made
        if before is not None:
            made.messages = before.messages
            self._tell_of_owner(made, before.owner)
        return made.as_json()

    def say(self, *, user: int, text: str = "", chat: int | None = None, **more: Any) -> Json:
        """A person writes: in a group, or (`chat` left out) to the bot alone.

        `reply_to` a message's number, `thread` a topic's, `name` the person's; `photo` or `sticker` true; `anonymous`
        as an admin who hides; `bot` true for another bot; `raw` further fields of the message.
        """
        place = self._place(user, chat, more.get("name"))
        body = self._spoken(place, user, text, more)
        message = self.keep(place, body)
        if self._bot_sees(place, body):
            self.send_update("message", message.body, MESSAGE_LIVES)
        return {"message_id": body["message_id"], "chat": place.id}

    def edit(self, *, chat: int, message: int, text: str) -> Json:
        """A person changes what they wrote."""
        kept = self.message(chat, message)
        if kept is None:
            raise Refusal("no such message")
        kept.body |= {"text": text, "entities": entities(text), "edit_date": int(self.now)}
        self.send_update("edited_message", kept.body, MESSAGE_LIVES)
        return {"message_id": message}

    def press(self, *, user: int, chat: int, message: int, label: str | None = None, data: str | None = None) -> Json:
        """A person presses the button with this label; or sends `data` of their own, as a tampered client can."""
        kept = self.message(chat, message)
        if kept is None:
            raise Refusal("no such message")
        if data is None:
            data = next((button.get("callback_data") for button in buttons(kept.body) if button["text"] == label), None)
        if data is None:
            raise Refusal("no such button")
        press = Press(id=str(secrets.randbits(63)), at=self.now)
        self.presses[press.id] = press
        query = {"id": press.id, "from": self._person(user), "message": kept.body, "chat_instance": "1", "data": data}
        self.send_update("callback_query", query, PRESS_LIVES)
        return {"press": press.id}

    def follow(self, *, user: int, chat: int, message: int, label: str) -> Json:
        """A person opens the link of a button to the bot's private chat, and presses Start there."""
        kept = self.message(chat, message)
        urls = (
            [button["url"] for button in buttons(kept.body) if button["text"] == label and "url" in button]
            if kept
            else []
        )
        opened = (
            re.fullmatch(rf"https://t\.me/{self.me['username']}\?start=([A-Za-z0-9_-]{{1,64}})", urls[0])
            if urls
            else None
        )
        if opened is None:
            raise Refusal("no such link")
        return self.say(user=user, text=f"/start {opened[1]}")

    def block(self, *, user: int, blocked: bool = True) -> Json:
        """A person blocks the bot, or lets it in again."""
        place = self._place(user, None, None)
        place.gone = "bot was blocked by the user" if blocked else ""
        self._tell_of_me(place, user, ("member", "kicked") if blocked else ("kicked", "member"))
        return {}

    def invite(self, *, user: int, chat: int) -> Json:
        """A person brings the bot into a group, for the first time or again."""
        place = self._place(user, chat, None)
        place.gone = ""
        self._tell_of_me(place, user, ("left", "administrator" if place.admin else "member"))
        return {}

    def promote(self, *, user: int, chat: int, admin: bool = True) -> Json:
        """A person makes the bot an admin of a group, or takes that back."""
        place = self._place(user, chat, None)
        before, place.admin = place.admin, admin
        self._tell_of_me(place, user, tuple("administrator" if one else "member" for one in (before, admin)))
        return {}

    def kick(self, *, chat: int, user: int = 1) -> Json:
        """A group throws the bot out."""
        self.chats[chat].gone = f"bot was kicked from the {self.chats[chat].type} chat"
        self._tell_of_me(self.chats[chat], user, ("member", "kicked"))
        return {}

    def migrate(self, *, chat: int, to: int, user: int = 1) -> Json:
        """A group becomes a supergroup with another id."""
        old = self.chats[chat]
        self.group(chat=to, title=old.title, admin=old.admin)
        for place, moved in ((old, {"migrate_to_chat_id": to}), (self.chats[to], {"migrate_from_chat_id": chat})):
            said = self.keep(place, {"from": self._person(user), **moved})
            self.send_update("message", said.body, MESSAGE_LIVES)
        old.migrated_to = to
        return {"chat": to}

    def inject(self, *, update: Json) -> Json:
        """Put any update at all into the bot's queue; its `update_id` is the stand-in's."""
        self._queue(update, MESSAGE_LIVES)
        return {"update_id": self._next_update - 1}

    # -- what the bot's methods use

    def keep(self, chat: Chat, body: Json) -> Message:
        """A new message in a chat, with its number, date and chat filled in."""
        number = max(chat.messages, default=0) + 1
        body |= {"message_id": number, "date": int(self.now), "chat": chat.as_json()}
        chat.messages[number] = message = Message(body=body, number=0)
        self.touch(message)
        return message

    def touch(self, message: Message) -> None:
        """The message is new, or has changed."""
        self._changes += 1
        message.number = self._changes
        self.bell.ring()

    def message(self, chat: int, number: int) -> Message | None:
        """A message that is still there."""
        found = self.chats[chat].messages.get(number) if chat in self.chats else None
        return None if found is None or found.deleted else found

    def reachable(self, chat: int) -> Chat:
        """The chat, if the bot may write there now; Telegram's refusal otherwise."""
        found = self.chats.get(chat)
        if found is None and chat in self.persons:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        if found is None:
            raise bad_request("chat not found")
        if found.migrated_to is not None:
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=found.migrated_to)
        if found.gone:
            raise ApiError(403, f"Forbidden: {found.gone}")
        return found

    def pending(self, offset: int) -> list[Json]:
        """What is waiting for the bot, after everything below `offset` was confirmed."""
        if offset < 0:
            offset = self.queue[max(0, len(self.queue) + offset)][0] if self.queue else 0
        self.queue = [entry for entry in self.queue if entry[0] >= offset and entry[1] > self.now]
        return [update for _, _, update in self.queue]

    def send_update(self, kind: str, body: Json, lives: float) -> None:
        """Queue an update of a kind the bot asked for; a copy, since the message may change later."""
        if kind in self.asked_for:
            self._queue({kind: copy(body)}, lives)

    # -- inside

    def _tell_of_me(self, place: Chat, user: int, status: tuple[str, ...]) -> None:
        before, after = (member(self.me, one) for one in status)
        changed = {"chat": place.as_json(), "from": self._person(user), "date": int(self.now)}
        self.send_update(
            "my_chat_member", changed | {"old_chat_member": before, "new_chat_member": after}, MESSAGE_LIVES
        )

    def _tell_of_owner(self, place: Chat, before: int | None) -> None:
        """Somebody owns the group now, or its owner has left: told to a bot that is an admin and asked for it."""
        user, status = (place.owner, ("member", "creator")) if place.owner else (before, ("creator", "left"))
        if user is None or place.owner == before or not place.admin:
            return
        old, new = (member(self._person(user), one) for one in status)
        changed = {"chat": place.as_json(), "from": self._person(user), "date": int(self.now)}
        self.send_update("chat_member", changed | {"old_chat_member": old, "new_chat_member": new}, MESSAGE_LIVES)

    def _queue(self, update: Json, lives: float) -> None:
        update = {"update_id": self._next_update, **update}
        self.queue.append((self._next_update, self.now + lives, update))
        self._next_update += 1
        self.bell.ring()

    def _person(self, user: int, name: str | None = None, *, is_bot: bool = False) -> Json:
        person = self.persons.setdefault(user, {"id": user, "is_bot": False, "first_name": name or f"user {user}"})
        person["is_bot"] = person["is_bot"] or is_bot
        if name:
            person["first_name"] = name
        return person

    def _place(self, user: int, chat: int | None, name: str | None) -> Chat:
        person = self._person(user, name)
        if chat is None or chat == user:
            return self.chats.setdefault(user, Chat(id=user, type="private", title=person["first_name"]))
        if chat not in self.chats:
            raise Refusal("no such group")
        return self.chats[chat]

    def _spoken(self, place: Chat, user: int, text: str, more: Json) -> Json:
        body: Json = {"from": self._person(user, is_bot=bool(more.get("bot")))}
        words = "caption" if more.get("photo") else "text"
        if text:
            body |= {words: text, "caption_entities" if words == "caption" else "entities": entities(text)}
        if more.get("photo"):
            body["photo"] = [{"file_id": "of-a-user", "file_unique_id": "u", "width": 90, "height": 90}]
        if more.get("sticker"):
            body["sticker"] = {
                "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                "is_animated": False, "is_video": False,
            }  # fmt: skip
        if more.get("anonymous"):
            body["from"] = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
            body["sender_chat"] = place.as_json()
        if more.get("thread"):
            place.topics.add(more["thread"])
            body |= {"message_thread_id": more["thread"], "is_topic_message": True}
        if more.get("reply_to"):
            answered = self.message(place.id, more["reply_to"])
            if answered is None:
                raise Refusal("no such message to reply to")
            body["reply_to_message"] = {k: v for k, v in answered.body.items() if k != "reply_to_message"}
        return body | (more.get("raw") or {})

    def _bot_sees(self, place: Chat, body: Json) -> bool:
        """Privacy mode: in a group the bot sees commands and replies to itself, unless it is an admin."""
        if place.gone or not place.is_group or self.reads_all or place.admin:
            return not place.gone
        if body.get("reply_to_message", {}).get("from", {}).get("id") == self.me["id"]:
            return True
        commands = re.findall(r"(?:^|\s)/\w+(@\w+)?", body.get("text", ""))
        return any(not named or named.casefold() == f"@{self.me['username']}" for named in commands)
