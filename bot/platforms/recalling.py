"""For how long each platform lets a message be taken back."""

from datetime import timedelta

from bot.platforms.telegram import erasing
from bot.platforms.telegram.refs import PLATFORM as TELEGRAM
from bot.platforms.wecom import app
from bot.platforms.wecom.refs import PLATFORM as WECOM
from scheduler.messages import Address


def recallable(to: Address, message_id: str) -> timedelta | None:
    """How long after it was accepted; None: never, as with WeCom's robot, appchats and webhooks."""
    if to.platform == TELEGRAM:
        return erasing.RECALLED_WITHIN
    return app.RECALLED_WITHIN if to.platform == WECOM and app.can_be_recalled(message_id) else None
