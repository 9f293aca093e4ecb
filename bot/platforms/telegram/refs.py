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


def message_id(chat: int | str, *messages: int) -> str:
    """A message's id: Telegram numbers messages within their chat only, so the chat is part of it. A text too long for
    one message has the numbers of all its parts."""
    return f"{chat}/{','.join(f'{message:d}' for message in messages)}"


def message_numbers(ref: str) -> tuple[str, tuple[int, ...]]:
    """The chat of a message that may be several, and Telegram's numbers of them."""
    chat, _, numbers = ref.rpartition("/")
    return chat, tuple(int(number) for number in numbers.split(",") if number.isascii() and number.isdecimal())


def message_number(chat: str, ref: str | None) -> int | None:
    """Telegram's number of the message `ref`, of its last part; None where it is not in this chat (any more)."""
    of_chat, numbers = message_numbers(ref) if ref is not None else ("", ())
    return numbers[-1] if numbers and of_chat == chat else None
