"""The Bot API's methods, as strict as the platform: unknown parameters, too long texts and dead files are refused."""

import asyncio
import hashlib
import json
import re
import secrets
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.standins.telegram.faults import ApiError, bad_request
from bot.standins.telegram.pace import Pace
from bot.standins.telegram.shapes import Json, buttons, member, units
from bot.standins.telegram.world import PRESS_LIVES, Chat, Hook, Message, World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200
DESCRIPTION_LIMIT = 256
DATA_LIMIT = 64
BUTTON_LIMIT = 100
ROW_LIMIT = 8
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES = 10_000
DOCUMENT_BYTES = 50 * 1024 * 1024
EDITABLE_FOR = 48 * 3600
WHISPERED_WITHIN = 15
"""Seconds after a press within which its presser can be answered alone by a bot that is no admin."""
_PNG_HEADER = 24

_COMMON = {
    "message_thread_id": int, "disable_notification": bool, "protect_content": bool, "reply_parameters": dict,
    "ephemeral_message_parameters": dict,
}  # fmt: skip
_EDITED = {"chat_id": int, "message_id": int, "reply_markup": dict}
PARAMETERS: Mapping[str, Mapping[str, type]] = {
    "getMe": {},
    "getUpdates": {"offset": int, "limit": int, "timeout": int, "allowed_updates": list},
    "setWebhook": {"url": str, "secret_token": str, "allowed_updates": list, "max_connections": int},
    "deleteWebhook": {"drop_pending_updates": bool},
    "getWebhookInfo": {},
    "setMyCommands": {"commands": list, "scope": dict, "language_code": str},
    "sendMessage": {"chat_id": int, "text": str, "link_preview_options": dict, "reply_markup": dict, **_COMMON},
    "sendPhoto": {"chat_id": int, "photo": str, "caption": str, "reply_markup": dict, **_COMMON},
    "sendDocument": {"chat_id": int, "document": str, "caption": str, "reply_markup": dict, **_COMMON},
    "editMessageText": {"text": str, "link_preview_options": dict, **_EDITED},
    "editMessageCaption": {"caption": str, **_EDITED},
    "editMessageMedia": {"media": dict, **_EDITED},
    "answerCallbackQuery": {"callback_query_id": str, "text": str, "show_alert": bool, "cache_time": int},
    "deleteMessage": {"chat_id": int, "message_id": int},
    "getChatMember": {"chat_id": int, "user_id": int},
    "getChatAdministrators": {"chat_id": int},
    "getChatMemberCount": {"chat_id": int},
}
_REQUIRED = frozenset({"chat_id", "message_id", "media", "user_id", "callback_query_id", "photo", "document"})
_UPLOADED = frozenset({"photo", "document"})
_WEBHOOK = re.compile(r"https://\S+|http://127\.0\.0\.1[:/]\S+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")

Files = Mapping[str, bytes]


def parse(method: str, given: Mapping[str, Any]) -> Json:
    """The parameters of a call in their types; Telegram's 400 for what a method does not know, or lacks."""
    known = PARAMETERS[method]
    strangers = sorted(set(given) - set(known))
    if strangers:
        raise bad_request(f"{method} has no parameter {strangers[0]}")
    missing = sorted(_REQUIRED & set(known) - set(given))
    if missing:
        raise bad_request(f"parameter {missing[0]} is required")
    return {name: _converted(name, value, known[name]) for name, value in given.items()}


def _converted(name: str, value: Any, kind: type) -> Any:
    try:
        if kind in (dict, list, bool) and isinstance(value, str):
            value = json.loads(value)
        elif kind is int:
            value = int(value)
    except ValueError:
        raise bad_request(f"can't parse parameter {name}") from None
    if not isinstance(value, kind):
        raise bad_request(f"parameter {name} must be of type {kind.__name__}")
    return value


class Methods:
    """Carries calls out on a world. Faults and HTTP are the server's."""

    def __init__(self, world: World, pace: Pace) -> None:
        self._world = world
        self._pace = pace
        self.polls = 0
        self.closing = False
        """Set when the stand-in stops: polls that wait come back empty."""
        self.waiting_polls = 0
        self._calls: Mapping[str, Callable[[Json, Files], Awaitable[Any]]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "setMyCommands": self._set_my_commands,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "editMessageText": self._edit_text,
            "editMessageCaption": self._edit_caption,
            "editMessageMedia": self._edit_media,
            "answerCallbackQuery": self._answer,
            "deleteMessage": self._delete,
            "getChatMember": self._get_chat_member,
            "getChatAdministrators": self._get_chat_administrators,
            "getChatMemberCount": self._get_chat_member_count,
        }

    async def call(self, method: str, given: Mapping[str, Any], files: Files) -> Any:
        """The method's result; ApiError as the platform would."""
        if method not in self._calls:
            raise ApiError(404, "Not Found")
        return await self._calls[method](
            parse(method, {**{name: "" for name in files if name in _UPLOADED}, **given}), files
        )

    async def _get_me(self, _: Json, __: Files) -> Json:
        return {
            **self._world.me,
            "can_join_groups": True,
            "can_read_all_group_messages": self._world.reads_all,
            "supports_inline_queries": False,
        }

    async def _get_updates(self, asked: Json, _: Files) -> list[Json]:
        if asked.get("allowed_updates"):
            self._world.asked_for = tuple(asked["allowed_updates"])
        if self._world.hook is not None:
            raise ApiError(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
            )
        self.polls += 1
        mine = self.polls
        self._world.bell.ring()  # another poll that waits has to give way
        loop = asyncio.get_running_loop()
        until = loop.time() + min(asked.get("timeout", 0), 50)  # real time, whatever the stand-in's own clock says
        while True:
            if mine != self.polls:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            found = self._world.pending(asked.get("offset", 0))
            if found or self.closing or loop.time() >= until:
                return found[: max(1, min(asked.get("limit", 100), 100))]
            self.waiting_polls += 1
            self._world.bell.ring()
            try:
                await self._world.bell.wait(until - loop.time())
            finally:
                self.waiting_polls -= 1

    async def _set_webhook(self, asked: Json, _: Files) -> bool:
        if not _WEBHOOK.fullmatch(asked.get("url", "")):
            raise bad_request("bad webhook: HTTPS url must be provided for webhook")
        if not _SECRET.fullmatch(asked.get("secret_token", "")):
            raise bad_request("secret token contains unallowed characters")
        if asked.get("allowed_updates"):
            self._world.asked_for = tuple(asked["allowed_updates"])
        self._world.hook = Hook(url=asked["url"], secret=asked.get("secret_token", ""))
        self._world.bell.ring()
        return True

    async def _get_webhook_info(self, _: Json, __: Files) -> Json:
        hook = self._world.hook or Hook(url="", secret="")
        told = {"last_error_date": int(hook.fault_at), "last_error_message": hook.fault} if hook.fault else {}
        waiting = len(self._world.queue)
        return {"url": hook.url, "has_custom_certificate": False, "pending_update_count": waiting, **told}

    async def _delete_webhook(self, asked: Json, _: Files) -> bool:
        self._world.hook = None
        if asked.get("drop_pending_updates"):
            self._world.queue.clear()
        return True

    async def _set_my_commands(self, asked: Json, _: Files) -> bool:
        for command in asked.get("commands", []):
            if not _COMMAND.fullmatch(command.get("command", "")):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= units(command.get("description", "")) <= DESCRIPTION_LIMIT:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self._world.commands = asked.get("commands", [])
        return True

    async def _send_message(self, asked: Json, _: Files) -> Json:
        chat = self._open(asked)
        body = {"text": _checked_text(asked.get("text", ""))} | self._placed(chat, asked)
        return self._kept(chat, asked, body)

    async def _send_photo(self, asked: Json, files: Files) -> Json:
        chat = self._open(asked)
        body = {"photo": self._photo(asked["photo"], files)} | _caption(asked) | self._placed(chat, asked)
        return self._kept(chat, asked, body)

    async def _send_document(self, asked: Json, files: Files) -> Json:
        chat = self._open(asked)
        document = self._document(asked["document"], files)
        return self._kept(chat, asked, {"document": document} | _caption(asked) | self._placed(chat, asked))

    def _kept(self, chat: Chat, asked: Json, body: Json) -> Json:
        """As the answer shows it: a message for one person alone has no number."""
        whisper = asked.get("ephemeral_message_parameters") if self._world.whispers else None
        if whisper is None:
            return self._world.keep(chat, body).body
        press = self._world.presses.get(str(whisper.get("callback_query_id")))
        fresh = press is not None and self._world.now - press.at <= WHISPERED_WITHIN
        receiver = self._world.persons.get(whisper.get("receiver_user_id", 0))
        if not chat.is_group or receiver is None or not (fresh or chat.admin):
            raise bad_request("EPHEMERAL_NOT_ALLOWED")
        body["receiver_user"] = receiver
        return self._world.keep(chat, body).body | {"message_id": 0}

    async def _edit_text(self, asked: Json, _: Files) -> Json:
        message = self._own(asked)
        if "text" not in message.body:
            raise bad_request("there is no text in the message to edit")
        return self._change(message, {"text": _checked_text(asked.get("text", ""))} | _markup(asked))

    async def _edit_caption(self, asked: Json, _: Files) -> Json:
        message = self._own(asked)
        if "photo" not in message.body:
            raise bad_request("there is no caption in the message to edit")
        return self._change(message, _caption(asked) | _markup(asked))

    async def _edit_media(self, asked: Json, files: Files) -> Json:
        message = self._own(asked)
        media = asked["media"]
        if media.get("type") != "photo" or set(media) - {"type", "media", "caption"}:
            raise bad_request("can't parse InputMedia: unsupported parameters")
        new = {"photo": self._photo(str(media.get("media", "")), files)} | _caption(media) | _markup(asked)
        return self._change(message, new)

    async def _answer(self, asked: Json, _: Files) -> bool:
        press = self._world.presses.get(asked["callback_query_id"])
        if press is None or self._world.now - press.at > PRESS_LIVES:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        if units(asked.get("text", "")) > TOAST_LIMIT:
            raise bad_request("MESSAGE_TOO_LONG")
        press.answered, press.toast = True, asked.get("text", "")
        self._world.bell.ring()
        return True

    async def _delete(self, asked: Json, _: Files) -> bool:
        chat = self._world.reachable(asked["chat_id"])
        message = self._world.message(chat.id, asked["message_id"])
        if message is None:
            raise bad_request("message to delete not found")
        mine = message.body["from"]["id"] == self._world.me["id"]
        too_old = self._world.now - message.body["date"] > EDITABLE_FOR
        if too_old or not (mine or chat.admin or chat.type == "private"):
            raise bad_request("message can't be deleted")
        message.deleted = True
        self._world.touch(message)
        return True

    async def _get_chat_member(self, asked: Json, _: Files) -> Json:
        chat = self._world.reachable(asked["chat_id"])
        if asked["user_id"] != self._world.me["id"]:
            person = self._world.persons.get(asked["user_id"])
            if person is None:
                raise bad_request("user not found")
            return member(person, "member")
        return member(self._world.me, "administrator" if chat.admin else "member")

    async def _get_chat_administrators(self, asked: Json, _: Files) -> list[Json]:
        chat = self._world.reachable(asked["chat_id"])
        if not chat.is_group:
            raise bad_request("there are no administrators in the private chat")
        owner = self._world.persons.get(chat.owner or 0)
        owners = [member(owner, "creator")] if owner else []
        return [*owners, *([member(self._world.me, "administrator")] if chat.admin else [])]

    async def _get_chat_member_count(self, asked: Json, _: Files) -> int:
        return self._world.reachable(asked["chat_id"]).size

    def _open(self, asked: Json) -> Chat:
        chat = self._world.reachable(asked["chat_id"])
        self._pay(chat)
        thread = asked.get("message_thread_id")
        if thread is not None and thread not in chat.topics:  # the General topic must not be named either
            raise bad_request("message thread not found")
        return chat

    def _pay(self, chat: Chat) -> None:
        wait = self._pace.take(chat.id, group=chat.is_group, now=self._world.now)
        if wait:
            raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)

    def _placed(self, chat: Chat, asked: Json) -> Json:
        body: Json = {"from": self._world.me} | _markup(asked)
        if "message_thread_id" in asked:
            body |= {"message_thread_id": asked["message_thread_id"], "is_topic_message": True}
        reply = asked.get("reply_parameters")
        if reply is not None:
            answered = self._world.message(chat.id, int(reply.get("message_id", 0)))
            if answered is None and not reply.get("allow_sending_without_reply"):
                raise bad_request("message to be replied not found")
            if answered is not None:
                body["reply_to_message"] = {k: v for k, v in answered.body.items() if k != "reply_to_message"}
        return body

    def _own(self, asked: Json) -> Message:
        chat = self._world.reachable(asked["chat_id"])
        self._pay(chat)
        message = self._world.message(chat.id, asked["message_id"])
        if message is None:
            raise bad_request("message to edit not found")
        if message.body["from"]["id"] != self._world.me["id"]:
            raise bad_request("message can't be edited")
        return message

    def _change(self, message: Message, new: Json) -> Json:
        kept = {
            k: v for k, v in message.body.items() if k not in ("text", "caption", "photo", "reply_markup", "edit_date")
        }
        before = {k: v for k, v in message.body.items() if k in ("text", "caption", "photo", "reply_markup")}
        if "photo" not in new and "photo" in before:
            new = {"photo": before["photo"], **new}
        if new == before:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        message.body = kept | new | {"edit_date": int(self._world.now)}
        message.edits += 1
        self._world.touch(message)
        return message.body

    def _document(self, named: str, files: Files) -> Json:
        content, file_id = self._file("document", named, files)
        if not 0 < len(content) <= DOCUMENT_BYTES:
            raise bad_request("file must be non-empty")
        unique = hashlib.sha256(content).hexdigest()[:16]
        return {"file_id": file_id, "file_unique_id": unique, "file_size": len(content)}

    def _file(self, kind: str, named: str, files: Files) -> tuple[bytes, str]:
        """What is uploaded with a call, or was before, and its file id."""
        content = files.get(named.removeprefix("attach://")) if named.startswith("attach://") else files.get(kind)
        if content is None:
            if named not in self._world.files:
                raise bad_request("wrong remote file identifier specified: Wrong string length")
            return self._world.files[named], named
        file_id = secrets.token_urlsafe(24)
        self._world.files[file_id] = content
        return content, file_id

    def _photo(self, named: str, files: Files) -> list[Json]:
        content, file_id = self._file("photo", named, files)
        width, height = _sides(content)
        unique = hashlib.sha256(content).hexdigest()[:16]
        return [{"file_id": file_id, "file_unique_id": unique, "width": width, "height": height}]


def _sides(content: bytes) -> tuple[int, int]:
    if len(content) > PHOTO_BYTES or not content.startswith(b"\x89PNG\r\n\x1a\n") or len(content) < _PNG_HEADER:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = struct.unpack(">II", content[16:_PNG_HEADER])
    if width + height > PHOTO_SIDES or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return int(width), int(height)


def _checked_text(text: str) -> str:
    if not text.strip():
        raise bad_request("message text is empty")
    if units(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text.strip()


def _caption(asked: Json) -> Json:
    caption = str(asked.get("caption", "")).strip()
    if units(caption) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return {"caption": caption} if caption else {}


def _markup(asked: Json) -> Json:
    markup = asked.get("reply_markup")
    if markup is None:
        return {}
    rows = markup.get("inline_keyboard")
    if set(markup) != {"inline_keyboard"} or not all(isinstance(row, list) for row in rows):
        raise bad_request("object expected as reply markup")
    pressable = buttons({"reply_markup": markup})
    if len(pressable) > BUTTON_LIMIT or any(len(row) > ROW_LIMIT for row in rows):
        raise bad_request("too many buttons")
    for button in pressable:
        if not button.get("text", "").strip():
            raise bad_request("inline keyboard button text is empty")
        if "url" in button and not button["url"].startswith(("https://", "http://", "tg://")):
            raise bad_request("BUTTON_URL_INVALID")
        if "url" not in button and not 1 <= len(button.get("callback_data", "").encode()) <= DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
    return {"reply_markup": markup}
