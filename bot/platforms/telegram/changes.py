"""What Telegram says about chats: the bot let in, thrown out, promoted, blocked; a group moved, or given away."""

import json
from dataclasses import dataclass

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Update
from telegram.constants import ChatType

from bot.platforms.telegram import refs
from bot.platforms.telegram.receiver import MALFORMED, Unreadable
from bot.ports import RawUpdate
from scheduler.messages import Address

_MARKS = (b'"my_chat_member"', b'"chat_member"', b'"migrate_to_chat_id"', b'"migrate_from_chat_id"')
"""One of these stands in every update that tells of a change; most updates are not read a second time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A group became a supergroup, which has an id of its own."""

    old: Address
    new: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A group has another owner than before, or none. Told only where the bot is an admin."""

    chat: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How the bot stands in a chat from now on: whether it is there, and as an admin.

    `came`: it was not there before. `by` is the account that changed it.
    """

    chat: Address
    private: bool
    there: bool
    admin: bool
    came: bool
    by: str


def to_change(raw: RawUpdate) -> Moved | Place | Owned | None:
    """The change an update tells of, None for any other update; Unreadable for a malformed one."""
    if not any(mark in raw.body for mark in _MARKS):
        return None
    try:
        update = Update.de_json(json.loads(raw.body))
        if update.my_chat_member is not None:
            return _place(update.my_chat_member)
        if update.chat_member is not None:
            return _owned(update.chat_member)
        message = update.message
        if message is not None and message.migrate_to_chat_id:
            return Moved(old=refs.address(message.chat.id), new=refs.address(message.migrate_to_chat_id))
        if message is not None and message.migrate_from_chat_id:
            return Moved(old=refs.address(message.migrate_from_chat_id), new=refs.address(message.chat.id))
    except MALFORMED as error:
        raise Unreadable(type(error).__name__) from None  # the error's own text may quote the update
    return None


def is_there(member: ChatMember) -> bool:
    """Whether somebody of this status is in the chat."""
    return member.status not in (ChatMember.LEFT, ChatMember.BANNED) and (
        not isinstance(member, ChatMemberRestricted) or member.is_member
    )


def is_admin(member: ChatMember) -> bool:
    """Whether somebody of this status is an admin, and so hears everything."""
    return member.status in (ChatMember.ADMINISTRATOR, ChatMember.OWNER)


def _place(changed: ChatMemberUpdated) -> Place | None:
    if changed.chat.type == ChatType.CHANNEL:
        return None
    there = is_there(changed.new_chat_member)
    return Place(
        chat=refs.address(changed.chat.id),
        private=changed.chat.type == ChatType.PRIVATE,
        there=there,
        admin=is_admin(changed.new_chat_member),
        came=there and not is_there(changed.old_chat_member),
        by=refs.account(changed.from_user.id),
    )


def _owned(changed: ChatMemberUpdated) -> Owned | None:
    """Others who come and go are nobody's business."""
    status = (changed.old_chat_member.status, changed.new_chat_member.status)
    return Owned(chat=refs.address(changed.chat.id)) if ChatMember.OWNER in status else None
