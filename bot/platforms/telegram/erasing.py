"""Taking messages out of a chat: what holds a secret, where the bot may, and what the bot itself said."""

from datetime import datetime, timedelta

import structlog
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.messages import InboundMessage
from bot.platforms.telegram.outcomes import outcome_of
from bot.platforms.telegram.refs import PLATFORM, message_number, message_numbers
from scheduler.messages import Accepted, Outcome, Refused, RefusedWhy

_log = structlog.get_logger(__name__)

_GONE = "message to delete not found"
_TOO_LATE = "message can't be deleted"

RECALLED_WITHIN = timedelta(hours=48)
"""A bot can delete its own message for so long."""


async def recall(bot: Bot, message_id: str, now: datetime) -> Outcome:
    """Take back what the bot said, every part of it; a yes also where it is gone already."""
    chat, numbers = message_numbers(message_id)
    for number in numbers:
        try:
            await bot.delete_message(chat, number)
        except TelegramError as error:
            said = error.message.casefold() if isinstance(error, BadRequest) else ""
            if _TOO_LATE in said:
                return Refused(why=RefusedWhy.EXPIRED)
            if _GONE not in said:
                return outcome_of(error, now)
    return Accepted(message_id=message_id) if numbers else Refused(why=RefusedWhy.NO_RIGHT)


async def erase(bot: Bot, message: InboundMessage) -> bool:
    """Delete a person's message; whether it is gone now. Without the right, or when it is too old, it stays."""
    number = message_number(message.address.chat, message.id)
    if number is None:
        return False
    try:
        await bot.delete_message(message.address.chat, number)
    except TelegramError as error:
        gone = isinstance(error, BadRequest) and _GONE in error.message.casefold()
        _log.info("message not deleted", platform=PLATFORM, gone=gone, why=type(error).__name__)
        return gone
    return True
