"""Telegram's numbers as the ids and addresses of this project, and back.

What should be a number and is none is a ValueError or a TypeError.
"""

from scheduler.messages import Address

PLATFORM = "telegram"

_GENERAL_TOPIC = "1"
"""The thread of a forum's General topic; Telegram refuses it when it is named."""


def address(chat: int, thread: int | None = None) -> Address:
    """The address of a chat, or of a topic in it; the General topic is the chat itself."""
    named = thread is not None and str(thread) != _GENERAL_TOPIC
    return Address(platform=PLATFORM, chat=f"{chat:d}", thread=f"{thread:d}" if named else None)


def account(user: int) -> str:
    """The account of a Telegram user; their ids are positive, a group's is below zero."""
    if user <= 0:
        raise ValueError("no user has such an id")
    return f"{PLATFORM}:{user:d}"


def is_group(chat: str) -> bool:
    """Whether the chat of an address is a group."""
    return chat.startswith("-")


def message_id(chat: int | str, message: int) -> str:
    """A message's id: Telegram numbers messages within their chat only, so the chat is part of it."""
    return f"{chat}/{message:d}"


def message_number(chat: str, ref: str | None) -> int | None:
    """Telegram's number of the message `ref`; None where it is not in this chat (any more)."""
    if ref is None:
        return None
    of_chat, _, number = ref.rpartition("/")
    return int(number) if of_chat == chat and number.isascii() and number.isdecimal() else None
