"""The rules of messages: which types each route takes, and how many bytes of each."""

import base64
import binascii
import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from bot.standins.wecom.faults import Code, WecomError

Json = dict[str, Any]

STREAM_BYTES = 20_480
TEXT_BYTES = 2_048
APP_MARKDOWN_BYTES = 2_048
HOOK_MARKDOWN_BYTES = 4_096
WELCOME_BYTES = 20_480
FEEDBACK_BYTES = 256
HOOK_PICTURE_BYTES = 2 * 1024 * 1024
STREAM_PICTURE_BYTES = 10 * 1024 * 1024
STREAM_PICTURES = 10
MEDIA_BYTES: Mapping[str, int] = {
    "image": 10 * 1024 * 1024,
    "voice": 2 * 1024 * 1024,
    "video": 10 * 1024 * 1024,
    "file": 20 * 1024 * 1024,
}
SMALLEST_MEDIA = 5
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_SMALLEST_PICTURE = 100


def part(body: Json, name: str) -> Json:
    """The object of a message's type."""
    found = body.get(name)
    if not isinstance(found, dict):
        raise WecomError(Code.BAD_FIELD, f"{name} missing")
    return found


def msgtype(body: Json, allowed: Collection[str]) -> str:
    """The message's type, if this route takes it."""
    kind = body.get("msgtype")
    if not isinstance(kind, str) or kind not in allowed:
        raise WecomError(Code.BAD_TYPE, "invalid message type")
    return kind


def words(content: object, most: int, *, blank: bool = False) -> str:
    """A text within its limit, which is in bytes."""
    if not isinstance(content, str):
        raise WecomError(Code.BAD_FIELD, "content must be a string")
    if not blank and not content.strip():
        raise WecomError(Code.EMPTY, "empty content")
    try:
        length = len(content.encode())
    except UnicodeEncodeError:
        raise WecomError(Code.BAD_ENCODING, "invalid charset") from None
    if length > most:
        raise WecomError(Code.TOO_LONG, f"content exceed max length {most}")
    return content


def feedback(holder: Json) -> None:
    """The id under which people may rate a message."""
    if "feedback" in holder:
        given = part(holder, "feedback").get("id")
        if not isinstance(given, str) or not 1 <= len(given.encode()) <= FEEDBACK_BYTES:
            raise WecomError(Code.BAD_FIELD, "feedback.id invalid")


def check_stream(body: Json, *, pictures: bool) -> Json:
    """The stream part of an answer; `pictures` may come with its end where the route takes them."""
    stream = part(body, "stream")
    if not isinstance(stream.get("id"), str) or not stream["id"]:
        raise WecomError(Code.BAD_FIELD, "stream.id missing")
    if not isinstance(stream.get("finish", False), bool):
        raise WecomError(Code.BAD_FIELD, "stream.finish must be a boolean")
    words(stream.get("content", ""), STREAM_BYTES, blank=True)
    feedback(stream)
    if "msg_item" in stream:
        if not pictures or not stream.get("finish"):
            raise WecomError(Code.BAD_FIELD, "stream.msg_item not allowed here")
        _check_pictures(stream["msg_item"])
    return stream


def _check_pictures(items: object) -> None:
    if not isinstance(items, list) or len(items) > STREAM_PICTURES:
        raise WecomError(Code.BAD_FIELD, "stream.msg_item invalid length")
    for item in items:
        if not isinstance(item, dict) or item.get("msgtype") != "image":
            raise WecomError(Code.BAD_FIELD, "stream.msg_item.msgtype invalid")
        check_picture(part(item, "image"), STREAM_PICTURE_BYTES)


def check_picture(image: Json, most: int) -> None:
    """A picture that comes within the message, with its digest."""
    try:
        content = base64.b64decode(str(image.get("base64")), validate=True)
    except (binascii.Error, ValueError):
        raise WecomError(Code.BAD_FIELD, "image.base64 invalid") from None
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != image.get("md5"):
        raise WecomError(Code.BAD_FIELD, "image.md5 mismatch")
    if len(content) > most:
        raise WecomError(Code.PICTURE_TOO_LARGE, "image size exceed")
    if not is_picture(content):
        raise WecomError(40123, "invalid image")


def is_picture(content: bytes) -> bool:
    """Whether it begins as a PNG or JPEG does, and is more than a dot."""
    return content.startswith(_PICTURES) and len(content) >= _SMALLEST_PICTURE


def check_upload(kind: str, content: bytes) -> None:
    """Whether a file may be uploaded as this kind."""
    if kind not in MEDIA_BYTES:
        raise WecomError(Code.BAD_MEDIA_TYPE, "invalid media type")
    if not SMALLEST_MEDIA <= len(content) <= MEDIA_BYTES[kind]:
        raise WecomError(40006, "invalid media size")
    if kind == "image" and not is_picture(content):
        raise WecomError(40123, "invalid image")
