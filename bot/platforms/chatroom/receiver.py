"""From the room to the bot: what a person does is stored, masked, before the room acknowledges it.

The stored body is JSON with `id`, `chat`, `account`, `at` and either `text`, `reply_to` and `to_bot`
(whether that is a message of the bot), or `press`: a `message` of the room, the `token` of the
pressed button, and whether the room had `offered` that button there.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.buttons import ButtonSeal
from bot.messages import InboundMessage
from bot.platforms.chatroom.room import PLATFORM, Chatroom, Rejected, is_private
from bot.platforms.masking import kinds_in, mask
from bot.ports import Intake, RawUpdate, StoreAway
from scheduler.messages import Address

UNKNOWN_BUTTON = "unknown-button"
"""What `InboundMessage.other` names for a press on a button that this bot did not put there."""

Stateless = Callable[[InboundMessage], Awaitable[object]]
"""Answers what can be answered while nothing can be stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The room took it, under this id; `stored` false: the bot's store was away and nothing was recorded."""

    id: str
    stored: bool


class ChatroomReceiver:
    """Takes what persons do in the room, and reads it back as the dialogue knows it."""

    def __init__(
        self,
        room: Chatroom,
        intake: Intake,
        seal: ButtonSeal,
        *,
        when_store_is_away: Stateless | None = None,
    ) -> None:
        self._room = room
        self._intake = intake
        self._seal = seal
        self._mention = f"@{room.bot_name}"
        self._when_store_is_away = when_store_is_away

    async def post(
        self, chat: str, account: str, text: str, *, addressed: bool = False, reply_to: str | None = None
    ) -> Taken | Rejected:
        """A person says something; `addressed` puts the mention before it in a group, where it is missing."""
        said = text.encode("utf-8", "replace").decode()  # half a character from a broken client
        if addressed and not is_private(chat) and self._mention not in said:
            said = f"{self._mention} {said}"
        posted = self._room.post(chat, account, said, reply_to=reply_to)
        if isinstance(posted, Rejected):
            return posted
        body = {"text": mask(said).text, "reply_to": reply_to, "to_bot": self._room.from_bot(chat, reply_to)}
        return await self._deliver(posted.id, chat, account, body)

    async def press(self, chat: str, account: str, message_id: str, token: str) -> Taken | Rejected:
        """A person presses a button under a message of the chat."""
        if not self._room.admits(chat, account):
            return Rejected.NOT_IN_CHAT
        offered = self._room.offered(chat, message_id, token)
        press = {"message": message_id, "token": token, "offered": offered}
        return await self._deliver(self._room.new_id(), chat, account, {"press": press})

    def to_inbound(self, raw: RawUpdate) -> InboundMessage | None:
        """What a stored update says; None for one that this room did not write."""
        try:
            body = json.loads(raw.body)
            return self._press(body) if "press" in body else self._message(body)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    async def _deliver(self, update: str, chat: str, account: str, what: Mapping[str, Any]) -> Taken:
        now = self._room.clock.now()
        body = json.dumps({"id": update, "chat": chat, "account": account, "at": now.isoformat(), **what})
        raw = RawUpdate(platform=PLATFORM, key=update, chat=chat, body=body.encode(), received_at=now)
        try:
            await self._intake.store([raw])
        except StoreAway:
            inbound = self.to_inbound(raw)
            if inbound is not None and self._when_store_is_away is not None:
                await self._when_store_is_away(inbound)
            return Taken(id=update, stored=False)
        return Taken(id=update, stored=True)

    def _message(self, body: Mapping[str, Any]) -> InboundMessage:
        text, private = body["text"], is_private(body["chat"])
        mentioned = self._mention in text
        return InboundMessage(
            **_envelope(body),
            addressed=private or mentioned or body["to_bot"],
            text=text.replace(self._mention, " ").strip() if mentioned else text,
            masked=kinds_in(text),
            reply_to=body["reply_to"],
        )

    def _press(self, body: Mapping[str, Any]) -> InboundMessage:
        press = body["press"]
        action = self._seal.open(press["token"]) if press["offered"] else None
        return InboundMessage(
            **_envelope(body),
            addressed=True,
            action=action,
            other=None if action else UNKNOWN_BUTTON,
            replaces=press["message"],
        )


def _envelope(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a message and a press have in common."""
    return {
        "id": body["id"],
        "address": Address(platform=PLATFORM, chat=body["chat"]),
        "account": body["account"],
        "at": datetime.fromisoformat(body["at"]),
        "private": is_private(body["chat"]),
    }
