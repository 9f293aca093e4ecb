"""The frames of the 智能机器人's long connection, built and read; nothing here talks to anybody.

A frame is JSON with `cmd`, `headers.req_id` and `body`; the answer to a frame of ours has no `cmd`, but an
`errcode` and the same `req_id`.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.platforms.wecom import refs
from bot.platforms.wecom.cards import rated_under
from scheduler.messages import Address

Body = Mapping[str, Any]


class Command(StrEnum):
    """What a frame asks for."""

    SUBSCRIBE = "aibot_subscribe"
    PING = "ping"
    MESSAGE = "aibot_msg_callback"
    """From WeCom: somebody said something."""
    EVENT = "aibot_event_callback"
    """From WeCom: something happened."""
    RESPOND = "aibot_respond_msg"
    WELCOME = "aibot_respond_welcome_msg"
    UPDATE = "aibot_respond_update_msg"
    SEND = "aibot_send_msg"
    UPLOAD_BEGIN = "aibot_upload_media_init"
    UPLOAD_CHUNK = "aibot_upload_media_chunk"
    UPLOAD_END = "aibot_upload_media_finish"


_CALLBACKS = frozenset({Command.MESSAGE, Command.EVENT})

DISCONNECTED = "disconnected_event"
"""The event by which WeCom says that another connection of the same robot took over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Something that came in: answered, where it can be, under its `req_id`."""

    req_id: str
    command: Command
    body: Body

    @property
    def event(self) -> str:
        """The event's name; empty for a message."""
        event = self.body.get("event")
        name = event.get("eventtype") if isinstance(event, dict) and self.command is Command.EVENT else None
        return name if isinstance(name, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """WeCom's answer to a frame of ours; `code` 0 is a yes."""

    req_id: str
    code: int
    body: Body = field(default_factory=dict)


def read(text: str | bytes) -> Callback | Ack | None:
    """What a frame says; None for one that is not shaped as WeCom's are, or of a command nobody knows here."""
    try:
        frame = json.loads(text, strict=False)
    except (RecursionError, ValueError):
        return None
    headers = frame.get("headers") if isinstance(frame, dict) else None
    req_id = headers.get("req_id") if isinstance(headers, dict) else None
    if not isinstance(req_id, str) or not req_id.isprintable():  # it has to go back as it came
        return None
    command, body = frame.get("cmd"), frame.get("body")
    if isinstance(command, str) and command in _CALLBACKS and isinstance(body, dict):
        return Callback(req_id=req_id, command=Command(command), body=body)
    code = _number(frame.get("errcode"))
    if command or code is None:
        return None
    return Ack(req_id=req_id, code=code, body=body if isinstance(body, dict) else {})


def write(command: Command, req_id: str, body: Body | None = None) -> str:
    """A frame of ours."""
    frame: dict[str, Any] = {"cmd": command, "headers": {"req_id": req_id}}
    if body is not None:
        frame["body"] = body
    return json.dumps(frame, ensure_ascii=False)


def new_req_id(command: Command) -> str:
    """A request id nobody used before."""
    return f"{command}_{secrets.token_hex(8)}"


def markdown(content: str, thumb: str = "") -> Body:
    """A message in markdown, as `cards.markdown_parts` makes its parts; rated by thumbs under this id, if given."""
    return {"msgtype": "markdown", "markdown": {"content": content, **rated_under(thumb)}}


def plain(content: str) -> Body:
    """A plain text: taken as a welcome and nowhere else."""
    return {"msgtype": "text", "text": {"content": content}}


def card(template_card: Body) -> Body:
    """A card as a message."""
    return {"msgtype": "template_card", "template_card": template_card}


def media(kind: str, media_id: str) -> Body:
    """An uploaded file or picture (`kind` as it was uploaded) as a message."""
    return {"msgtype": kind, kind: {"media_id": media_id}}


def to(address: Address, message: Body) -> Body:
    """A message to a conversation, unasked; WeCom would guess whether it is a group."""
    in_group = refs.route_of(address) is not None
    return {"chatid": refs.id_of(address), "chat_type": 2 if in_group else 1, **message}


def update(template_card: Body, userid: str) -> Body:
    """A card in the place of the one that was pressed, for who pressed it alone."""
    return {"response_type": "update_template_card", "userids": [userid], "template_card": template_card}


def _number(value: object) -> int | None:
    """An error code, which some answers write as text."""
    if type(value) is int:
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value) else None
