"""What the application, its appchats and the group webhooks send: the bodies of messages, as WeCom's JSON."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from bot.platforms.wecom.cards import Card, markdown_parts, text_parts

Payload = Mapping[str, Any]
"""A message's type and content, without whom it is for."""

TEXT_BYTES = 2_048
"""Most bytes of a text message; more is cut off without a word."""

HOOK_MARKDOWN_BYTES = 4_096
"""Most bytes of a webhook's markdown message."""

HOOK_PICTURE_BYTES = 2 * 1024 * 1024

_EVERYBODY = "@all"

_TAG = re.compile("<(?=[A-Za-z/@])")
_HARMLESS = "\uff1c"
"""Looks like the mark that begins a link or names a member in a text, and begins nothing."""


def texts(text: str) -> tuple[Payload, ...]:
    """The text as plain messages, nothing in it taking effect; none for a text without a word in it."""
    parts = text_parts(_TAG.sub(_HARMLESS, text), TEXT_BYTES)
    return tuple({"msgtype": "text", "text": {"content": part}} for part in parts)


def hook_texts(text: str, *, calls_everybody: bool = False) -> tuple[Payload, ...]:
    """As `texts`, for a webhook: a text too long for one message is markdown, which takes fewer of the few allowed.

    Only a text can call everybody in the group; nobody is ever called by name.
    """
    plain = texts(text)
    if plain and calls_everybody:
        first, *rest = plain
        return ({**first, "text": {**first["text"], "mentioned_list": [_EVERYBODY]}}, *rest)
    if len(plain) <= 1:
        return plain
    parts = markdown_parts(text, HOOK_MARKDOWN_BYTES)
    return tuple({"msgtype": "markdown", "markdown": {"content": part}} for part in parts)


def hook_image(content: bytes) -> Payload | None:
    """A PNG or JPEG as a webhook takes it; None for one that is too large."""
    if len(content) > HOOK_PICTURE_BYTES:
        return None
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(content).decode(), "md5": md5}}


def media(kind: str, media_id: str) -> Payload:
    """A file or picture (`kind` as it was uploaded)."""
    return {"msgtype": kind, kind: {"media_id": media_id}}


def card(shown: Card) -> Payload:
    """A card as the application sends it."""
    return {"msgtype": "template_card", "template_card": app_card(shown)}


def app_card(shown: Card) -> Card:
    """A card of the robot's as the application's, whose buttons say that a press calls back."""
    buttons = shown.get("button_list")
    return shown if buttons is None else {**shown, "button_list": [{"type": 0, **button} for button in buttons]}
