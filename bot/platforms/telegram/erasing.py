"""Taking a message that holds a secret out of a group, where the bot may."""

import structlog
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.messages import InboundMessage
from bot.platforms.telegram.refs import PLATFORM, message_number

_log = structlog.get_logger(__name__)

_GONE = "message to delete not found"


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
