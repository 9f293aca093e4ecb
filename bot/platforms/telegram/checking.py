"""A look at the configured Telegram bot from outside: its token, who else uses it, and which groups it hears."""

import asyncio
from datetime import datetime, timedelta

from telegram import Bot, User, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.platforms.findings import Finding, works, wrong
from bot.platforms.telegram.ears import Ears
from bot.platforms.telegram.receiver import Me
from bot.platforms.telegram.refs import PLATFORM
from bot.platforms.telegram.request import QuietRequest, silence_libraries
from bot.platforms.whereabouts import Whereabouts

_FRESH_FAULT = timedelta(hours=1)
"""How long a failed call of the webhook is worth telling."""

_READ_SECONDS = 10.0


async def check(
    *, token: str, base_url: str, webhook_url: str | None, whereabouts: Whereabouts, now: datetime
) -> tuple[Finding, ...]:
    """What is wrong with the bot and where it is mended, or that all is well; nothing is changed at Telegram."""
    silence_libraries()
    request = QuietRequest(connections=1, read_timeout=_READ_SECONDS)
    bot = Bot(token, base_url=f"{base_url.rstrip('/')}/bot", request=request, get_updates_request=request)
    await request.initialize()
    try:
        user, info = await bot.get_me(), await bot.get_webhook_info()
        return await _looked_at(bot, user, whereabouts) + _webhook(info, webhook_url, now) or (works(PLATFORM),)
    except InvalidToken:
        return (wrong(PLATFORM, "telegram.trouble.token"),)
    except TelegramError:
        return (wrong(PLATFORM, "telegram.trouble.unreachable"),)
    finally:
        await request.shutdown()


async def username(token: str, *, base_url: str) -> str | None:
    """What the bot is called in links; None while Telegram does not say."""
    silence_libraries()
    request = QuietRequest(connections=1, read_timeout=_READ_SECONDS)
    bot = Bot(token, base_url=f"{base_url.rstrip('/')}/bot", request=request, get_updates_request=request)
    await request.initialize()
    try:
        return (await bot.get_me()).username
    except TelegramError:
        return None
    finally:
        await request.shutdown()


async def _looked_at(bot: Bot, user: User, whereabouts: Whereabouts) -> tuple[Finding, ...]:
    """The groups whose questions it cannot hear, if Telegram's privacy mode keeps them from it."""
    me = Me(id=user.id, username=user.username or "", reads_groups=bool(user.can_read_all_group_messages))
    ears = Ears(bot, whereabouts, asyncio.sleep)
    await ears.look(me)
    return tuple(Finding(route=PLATFORM, said=note, wrong=True) for note in ears.notes(me))


def _webhook(info: WebhookInfo, configured: str | None, now: datetime) -> tuple[Finding, ...]:
    if info.url and info.url != configured:
        return (wrong(PLATFORM, "telegram.trouble.conflict"),)
    if info.last_error_date is not None and now - info.last_error_date < _FRESH_FAULT:
        return (wrong(PLATFORM, "telegram.trouble.webhook"),)
    return ()
