"""A look at a group from outside: its size and its owner."""

import structlog
from telegram import Bot, ChatMember
from telegram.error import TelegramError

from bot.platforms.telegram import refs
from bot.ports import GroupLook
from scheduler.messages import Address

_log = structlog.get_logger(__name__)


async def look(bot: Bot, group: Address) -> GroupLook | None:
    """How many are in a group, and who owns it (nobody, if the owner left); None while Telegram does not say."""
    try:
        size = await bot.get_chat_member_count(group.chat)
        admins = await bot.get_chat_administrators(group.chat)
    except TelegramError as error:
        _log.info("group not looked at", why=type(error).__name__)
        return None
    owners = [refs.account(admin.user.id) for admin in admins if admin.status == ChatMember.OWNER]
    return GroupLook(size=size, owner=next(iter(owners), ""))
