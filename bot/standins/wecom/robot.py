"""The 智能机器人's rules, whichever way it is connected: what can be answered, how, until when, and how often."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.standins.wecom.bodies import (
    SMALLEST_MEDIA,
    STREAM_BYTES,
    WELCOME_BYTES,
    check_stream,
    check_upload,
    feedback,
    msgtype,
    part,
    words,
)
from bot.standins.wecom.cards import check_card
from bot.standins.wecom.faults import Code, WecomError
from bot.standins.wecom.pace import Pace
from bot.standins.wecom.world import Chat, Message, Route, World

Json = dict[str, Any]

ANSWERED_WITHIN = 24 * 3600
EVENT_WITHIN = 5.0
STREAM_LIVES = 6 * 60
MOST_UNFINISHED = 3
"""How many messages of one member can wait for the end of their answers."""

RESPONSE_URL_LIVES = 3600
UPLOAD_LIVES = 30 * 60
CHUNK_BYTES = 512 * 1024
MOST_CHUNKS = 100

_MEDIA = ("image", "file", "voice", "video")
_SENT = ("markdown", "template_card", *_MEDIA)


class CallbackKind(StrEnum):
    """What came to the robot."""

    MESSAGE = "message"
    ENTER = "enter_chat"
    PRESS = "template_card_event"
    RATING = "feedback_event"


@dataclass(slots=True, kw_only=True)
class Callback:
    """Something that came to the robot, and how it was answered; `body` is its JSON."""

    kind: CallbackKind
    user: str
    chat: Chat
    at: float
    body: Json
    req_id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    response_code: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    pressed: Message | None = None
    streams: dict[str, tuple[Message, float]] = field(default_factory=dict)
    """Each stream's message, and when it began."""
    carded: bool = False
    """Whether the one card that a stream may bring came."""
    answered: bool = False
    """Whether an event had its one answer."""
    late_reply_used: bool = False
    """Whether its response_url was used."""

    @property
    def msgid(self) -> str:
        """The platform's own id of it."""
        return str(self.body["msgid"])


@dataclass(slots=True, kw_only=True)
class _Upload:
    kind: str
    size: int
    md5: str
    most: int
    at: float
    chunks: dict[int, bytes] = field(default_factory=dict)


class RobotRules:
    """What the robot may say, carried out on a world."""

    def __init__(self, world: World, pace: Pace) -> None:
        self._world = world
        self._pace = pace
        self.callbacks: list[Callback] = []
        self._uploads: dict[str, _Upload] = {}

    def by_req_id(self, req_id: str) -> Callback:
        """The callback that a frame answers."""
        for callback in self.callbacks:
            if callback.req_id == req_id:
                return callback
        raise WecomError(Code.REQUEST_ID_WRONG, "invalid req_id")

    # -- the long connection

    def respond(self, callback: Callback, body: Json) -> None:
        """aibot_respond_msg: any number of answers to a message."""
        self._answerable(callback, CallbackKind.MESSAGE, ANSWERED_WITHIN)
        if msgtype(body, ("stream", *_SENT)) == "stream":
            self._stream(callback, check_stream(body, pictures=False), body)
        else:
            self._say(callback.chat, self._checked(body, _SENT))

    def welcome(self, callback: Callback, body: Json) -> None:
        """aibot_respond_welcome_msg: one answer to somebody who opened the chat, within five seconds."""
        self._answerable(callback, CallbackKind.ENTER, EVENT_WITHIN)
        self._greet(callback, body)

    def update(self, callback: Callback, body: Json) -> None:
        """aibot_respond_update_msg: another card for those who pressed, within five seconds."""
        self._answerable(callback, CallbackKind.PRESS, EVENT_WITHIN)
        self._replace_card(callback, body)

    def send(self, body: Json) -> None:
        """aibot_send_msg: to a conversation in which somebody spoke to the robot before."""
        chat = self._found(body.get("chatid"), body.get("chat_type", 0))
        self._say(chat, self._checked({k: v for k, v in body.items() if k not in ("chatid", "chat_type")}, _SENT))

    # -- the callback address

    def reply(self, callback: Callback, body: Json) -> None:
        """What stands in the answer to a callback; the empty answer is none of this one's business."""
        match callback.kind:
            case CallbackKind.MESSAGE:
                self._reply_to_message(callback, body)
            case CallbackKind.ENTER:
                self._greet(callback, body)
            case CallbackKind.PRESS:
                self._replace_card(callback, body)
            case CallbackKind.RATING:
                raise WecomError(Code.BAD_TYPE, "a rating is not answered")

    def late_reply(self, response_code: str, body: Json) -> None:
        """One message by a response_url, within an hour."""
        found = [callback for callback in self.callbacks if callback.response_code == response_code]
        if not found or found[0].kind not in (CallbackKind.MESSAGE, CallbackKind.PRESS):
            raise WecomError(Code.BAD_HOOK, "invalid response_code")
        callback = found[0]
        too_late = self._world.now - callback.at > RESPONSE_URL_LIVES
        if too_late or callback.late_reply_used or "response_url" not in callback.body:
            raise WecomError(Code.BAD_HOOK, "invalid response_code")
        self._say(callback.chat, self._checked(body, ("markdown", "template_card")))
        callback.late_reply_used = True

    def unfinished(self, callback: Callback) -> list[str]:
        """The streams of a message for whose end the platform still waits."""
        if self._world.now - callback.at > STREAM_LIVES:
            return []
        return [name for name, (message, _) in callback.streams.items() if not message.body["stream"]["finish"]]

    def waits(self, user: str) -> bool:
        """Whether so many of a member's answers go on that the robot does not hear the next message."""
        going_on = [one for one in self.callbacks if one.user == user and self.unfinished(one)]
        return len(going_on) >= MOST_UNFINISHED

    # -- uploads

    def begin_upload(self, body: Json) -> Json:
        """aibot_upload_media_init."""
        kind, size, chunks = body.get("type"), body.get("total_size"), body.get("total_chunks")
        if kind not in _MEDIA:
            raise WecomError(Code.BAD_MEDIA_TYPE, "invalid media type")
        if not isinstance(size, int) or size < SMALLEST_MEDIA or not isinstance(body.get("filename"), str):
            raise WecomError(Code.BAD_FIELD, "total_size or filename invalid")
        if not isinstance(chunks, int) or not 1 <= chunks <= MOST_CHUNKS:
            raise WecomError(Code.BAD_FIELD, "total_chunks invalid")
        if not self._pace.take("upload", "robot", self._world.now):
            raise WecomError(Code.TOO_OFTEN)
        name = secrets.token_urlsafe(16)
        self._uploads[name] = _Upload(
            kind=str(kind), size=size, md5=str(body.get("md5", "")), most=chunks, at=self._world.now
        )
        return {"upload_id": name}

    def take_chunk(self, body: Json) -> Json:
        """aibot_upload_media_chunk: in any order, repeated or not; counted from 0 or from 1."""
        upload, index = self._upload(body), body.get("chunk_index")
        try:
            content = base64.b64decode(str(body.get("base64_data")), validate=True)
        except (binascii.Error, ValueError):
            raise WecomError(Code.BAD_FIELD, "base64_data invalid") from None
        if type(index) is not int or not 0 <= index <= upload.most or not 1 <= len(content) <= CHUNK_BYTES:
            raise WecomError(Code.BAD_FIELD, "chunk_index or size invalid")
        upload.chunks[index] = content
        return {}

    def end_upload(self, body: Json) -> Json:
        """aibot_upload_media_finish: the file's id, if all of it came."""
        upload = self._upload(body)
        content = b"".join(upload.chunks[index] for index in sorted(upload.chunks))
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if len(upload.chunks) != upload.most or len(content) != upload.size or digest != upload.md5:
            raise WecomError(Code.BAD_FIELD, "md5 or size mismatch")
        check_upload(upload.kind, content)
        media_id = self._world.upload(upload.kind, content, "robot")
        return {"type": upload.kind, "media_id": media_id, "created_at": int(self._world.now)}

    # -- inside

    def _reply_to_message(self, callback: Callback, body: Json) -> None:
        kind = msgtype(body, ("stream", "template_card", "stream_with_template_card"))
        if kind == "template_card":
            self._say(callback.chat, self._checked(body, ("template_card",)))
            return
        stream = check_stream(body, pictures=True)
        card = check_card(body.get("template_card")) if kind == "stream_with_template_card" else None
        if card is not None and callback.carded:
            raise WecomError(Code.BAD_FIELD, "a second card")
        self._stream(callback, stream, {"msgtype": "stream", "stream": stream})
        if card is not None:
            callback.carded = True
            self._say(callback.chat, {"msgtype": "template_card", "template_card": card})

    def _stream(self, callback: Callback, stream: Json, body: Json) -> None:
        shown: Json = {**body, "stream": {"finish": False, "content": "", **stream}}
        known = callback.streams.get(stream["id"])
        if known is None:
            self._pay(callback.chat)
            message = self._world.keep(Route.ROBOT, callback.chat.id, shown)
            callback.streams[stream["id"]] = (message, self._world.now)
            return
        message, began = known
        if message.body["stream"]["finish"] or self._world.now - began > STREAM_LIVES:
            raise WecomError(Code.STREAM_TOO_OLD, "stream message update expired")
        self._world.change(message, shown)

    def _greet(self, callback: Callback, body: Json) -> None:
        kind = msgtype(body, ("text", "template_card"))
        if kind == "text":
            words(part(body, "text").get("content"), WELCOME_BYTES)
        else:
            check_card(body.get("template_card"))
        self._pay(callback.chat)
        callback.answered = True
        self._world.keep(Route.ROBOT, callback.chat.id, body)

    def _replace_card(self, callback: Callback, body: Json) -> None:
        if body.get("response_type") != "update_template_card":
            raise WecomError(Code.BAD_FIELD, "response_type invalid")
        card = check_card(body.get("template_card"), update=True)
        pressed = callback.pressed
        if pressed is None or card.get("task_id") not in (None, pressed.body["template_card"].get("task_id")):
            raise WecomError(Code.BAD_FIELD, "template_card.task_id is another card's")
        users = body.get("userids")
        if users is not None and not (isinstance(users, list) and all(isinstance(user, str) for user in users)):
            raise WecomError(Code.BAD_FIELD, "userids invalid")
        callback.answered = True
        if users:
            self._world.show_card(pressed, [self._world.meant(user) or user for user in users], card)
        else:
            pressed.cards.clear()
            self._world.change(pressed, {"msgtype": "template_card", "template_card": card})

    def _checked(self, body: Json, allowed: Sequence[str]) -> Json:
        kind = msgtype(body, allowed)
        given = part(body, kind)
        if kind == "markdown":
            words(given.get("content"), STREAM_BYTES)
            feedback(given)
        elif kind == "template_card":
            check_card(given)
        else:
            self._world.check_media(given.get("media_id"), kind, "robot")
        return body

    def _say(self, chat: Chat, body: Json) -> None:
        self._pay(chat)
        self._world.keep(Route.ROBOT, chat.id, body)

    def _pay(self, chat: Chat) -> None:
        if not chat.robot_in:
            raise WecomError(Code.NOT_IN_GROUP, "bot not in chat")
        if not self._pace.take("conversation", chat.id, self._world.now):
            raise WecomError(Code.TOO_OFTEN)

    def _found(self, named: object, chat_type: object) -> Chat:
        kinds: Mapping[object, tuple[bool, ...]] = {0: (True, False), 1: (False,), 2: (True,)}
        if chat_type not in kinds:
            raise WecomError(Code.BAD_FIELD, "chat_type invalid")
        for is_group in kinds[chat_type]:
            for chat in self._world.chats.values():
                name = chat.id if is_group else self._world.spelled(chat.id)
                if chat.is_group is is_group and chat.addressed and name == named:
                    return chat
        raise WecomError(Code.BAD_CHAT)

    def _answerable(self, callback: Callback, kind: CallbackKind, within: float) -> None:
        late = self._world.now - callback.at > within
        if callback.kind is not kind or late or callback.answered:
            raise WecomError(Code.REQUEST_ID_WRONG, "invalid req_id")

    def _upload(self, body: Json) -> _Upload:
        upload = self._uploads.get(str(body.get("upload_id")))
        if upload is None or self._world.now - upload.at > UPLOAD_LIVES:
            raise WecomError(Code.BAD_FIELD, "upload_id invalid")
        return upload
