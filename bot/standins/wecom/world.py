"""What the stand-in knows: one corp with its members, its robot and its application, the chats and what was said."""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.standins.loopback import OwnTime
from bot.standins.wecom.cards import buttons
from bot.standins.wecom.faults import Code, WecomError
from bot.standins.wecom.seal import Seal

Json = dict[str, Any]

MEDIA_LIVES = 3 * 24 * 3600
"""Seconds for which an uploaded file can be sent."""


class Refusal(Exception):
    """Something a person cannot do; the user side answers 400 with these words."""


class Route(StrEnum):
    """By which way the bot spoke."""

    ROBOT = "robot"
    APP = "app"
    APPCHAT = "appchat"
    HOOK = "hook"


@dataclass(slots=True, kw_only=True)
class Chat:
    """A conversation the robot can be in; `addressed` once somebody there spoke to it."""

    id: str
    is_group: bool
    robot_in: bool = True
    addressed: bool = False


@dataclass(slots=True, kw_only=True)
class Message:
    """What the bot said. `number` grows with every change anywhere; `cards` is what single members see instead."""

    id: int
    number: int
    route: Route
    chat: str
    to: tuple[str, ...]
    """The members whom the application's message reached; empty elsewhere."""
    body: Json
    at: float
    msgid: str = ""
    edits: int = 0
    recalled: bool = False
    cards: dict[str, Json] = field(default_factory=dict)
    thumb: str = ""
    """The id under which members rate it, as the message first came; without one it shows no thumbs."""

    @property
    def kind(self) -> str:
        """The message's type."""
        return str(self.body["msgtype"])

    @property
    def text(self) -> str:
        """Its words, whatever its type."""
        return str(self.body.get(self.kind, {}).get("content", "")) if self.kind != "template_card" else ""

    def card_for(self, user: str) -> Json:
        """The card as one member sees it; empty for a message without one."""
        original: Json = self.body.get("template_card", {})
        return self.cards.get(user, original)

    def seen_by(self, user: str) -> Json:
        """The message as the user side shows it."""
        card = self.card_for(user)
        return {
            "id": self.id,
            "number": self.number,
            "route": self.route,
            "chat": self.chat,
            "to": list(self.to),
            "kind": self.kind,
            "text": self.text,
            "finished": bool(self.body.get("stream", {}).get("finish", True)),
            "card": card or None,
            "buttons": [button["text"] for button in buttons(card)],
            "body": self.body,
            "thumbs": bool(self.thumb),
            "edits": self.edits,
            "recalled": self.recalled,
        }


@dataclass(slots=True, kw_only=True)
class Media:
    """An uploaded file."""

    kind: str
    content: bytes
    at: float
    owner: str


@dataclass(slots=True, kw_only=True)
class Robot:
    """The 智能机器人: its credentials and, where it is set, its callback address (then it has no long connection)."""

    id: str
    secret: str
    seal: Seal
    name: str = "xueji"
    url: str = ""
    hides_ids: bool = False
    """Made by an ordinary member: it gets `wo…` ids."""
    gives_response_url: bool = False
    """Whether frames of the long connection bring a response_url too."""
    keeps_msgid: bool = False
    """Whether a refresh of a stream comes with the msgid of the message."""


@dataclass(slots=True, kw_only=True)
class App:
    """The 自建应用."""

    corp_id: str
    agent_id: int
    secret: str
    seal: Seal
    url: str = ""


class World(OwnTime):
    """One corp. Members are made when they first do something; `visible` ones can be written to by the application."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self.stopping = asyncio.Event()
        corp = f"ww{secrets.token_hex(8)}"
        self.robot = Robot(id=f"aib{secrets.token_urlsafe(18)}", secret=secrets.token_urlsafe(32), seal=_new_seal(""))
        self.app = App(corp_id=corp, agent_id=1000002, secret=secrets.token_urlsafe(32), seal=_new_seal(corp))
        self.members: dict[str, str] = {}
        self.unseen: set[str] = set()
        """Members outside the application's visible range."""
        self.chats: dict[str, Chat] = {}
        self.hooks: dict[str, str] = {}
        """The group behind each webhook's key."""
        self.messages: list[Message] = []
        self.media: dict[str, Media] = {}
        self.files: dict[str, Media] = {}
        """What members sent, ciphered, by the name in its address."""
        self.complaints: list[str] = []
        """What the bot did that the platform would have dropped without telling it."""
        self._changes = 0

    # -- who is there

    def member(self, *, user: str, name: str = "", visible: bool = True) -> Json:
        """Make a member (or change one)."""
        self.members[user] = name or user
        (self.unseen.discard if visible else self.unseen.add)(user)
        return {"user": user}

    def group(self, *, chat: str = "", robot_in: bool = True) -> Json:
        """Make a group (or change it), with the robot in it or not; its chatid is made up where none is given."""
        chat = chat or f"wr{secrets.token_urlsafe(16)}"
        known = self.chats.setdefault(chat, Chat(id=chat, is_group=True))
        known.robot_in = robot_in
        return {"chat": chat}

    def hook(self, *, chat: str) -> Json:
        """Make a webhook in a group; its key is the answer."""
        self.group(chat=chat)
        key = secrets.token_hex(16)
        self.hooks[key] = chat
        return {"key": key}

    def spelled(self, user: str) -> str:
        """A member's id as the robot gets to see it."""
        return f"wo{_hidden(user)}" if self.robot.hides_ids else user

    def opened(self, spelled: object) -> str | None:
        """The member behind a `wo…` id."""
        return next((user for user in self.members if spelled == f"wo{_hidden(user)}"), None)

    def meant(self, spelled: str) -> str | None:
        """The member behind an id as the robot saw it, or an application writes it: without regard to case."""
        if opened := self.opened(spelled):
            return opened
        return next((user for user in self.members if user.lower() == spelled.lower()), None)

    # -- what was said

    def keep(self, route: Route, chat: str, body: Json, to: Iterable[str] = ()) -> Message:
        """A new message of the bot's."""
        thumb = str(body.get(str(body["msgtype"]), {}).get("feedback", {}).get("id", ""))
        message = Message(
            id=len(self.messages) + 1,
            number=0,
            route=route,
            chat=chat,
            to=tuple(to),
            body=body,
            at=self.now,
            thumb=thumb,
        )
        self.messages.append(message)
        self._touch(message)
        return message

    def change(self, message: Message, body: Json) -> None:
        """The message shows something else now."""
        message.body = body
        message.edits += 1
        self._touch(message)

    def show_card(self, message: Message, users: Iterable[str], card: Json) -> None:
        """Single members see another card from now on; the others keep theirs."""
        message.cards |= dict.fromkeys(users, card)
        message.edits += 1
        self._touch(message)

    def recall(self, message: Message) -> None:
        """The message is taken back."""
        message.recalled = True
        self._touch(message)

    def message(self, number: int) -> Message:
        """A message by its id."""
        if not 1 <= number <= len(self.messages):
            raise Refusal("no such message")
        return self.messages[number - 1]

    def written(self, *, user: str = "", chat: str = "", after: int = 0) -> list[Json]:
        """What a member has in private, or what stands in a chat, as `user` sees it, in the order of its changes."""
        found = [
            message
            for message in self.messages
            if message.number > after and (message.chat == chat if chat else _is_private(message, user))
        ]
        return [message.seen_by(user) for message in sorted(found, key=lambda message: message.number)]

    def complain(self, what: str) -> str:
        """Note what the platform would have dropped."""
        self.complaints.append(what)
        self.bell.ring()
        return what

    # -- files

    def upload(self, kind: str, content: bytes, owner: str) -> str:
        """Keep an uploaded file; its id."""
        name = f"3{secrets.token_urlsafe(32)}"
        self.media[name] = Media(kind=kind, content=content, at=self.now, owner=owner)
        return name

    def check_media(self, media_id: object, kind: str, owner: str) -> None:
        """WeCom's refusal of a file that is not there (any more), not of this kind, or somebody else's."""
        found = self.media.get(media_id) if isinstance(media_id, str) else None
        if found is None or found.kind != kind or found.owner != owner or self.now - found.at > MEDIA_LIVES:
            raise WecomError(Code.MEDIA_GONE, "invalid media_id")

    def _touch(self, message: Message) -> None:
        self._changes += 1
        message.number = self._changes
        self.bell.ring()


def _is_private(message: Message, user: str) -> bool:
    return message.chat == user if message.route is Route.ROBOT else message.route is Route.APP and user in message.to


def _hidden(user: str) -> str:
    """What follows the `wo`: thirty characters, as WeCom's have, however short the member's own id is."""
    return base64.urlsafe_b64encode(hashlib.sha256(user.encode()).digest()).decode()[:30]


def _new_seal(receive_id: str) -> Seal:
    key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return Seal(token=secrets.token_hex(12), aes_key=key, receive_id=receive_id)
