"""To whom in a group a message can be shown alone: whoever pressed a button just now, and anybody where the bot is
an admin. Telegram calls such messages ephemeral; a server that does not know them shows the message to all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.platforms.telegram import refs

PRESS_COUNTS = timedelta(seconds=15)
"""How long after a press a message can be shown to the one who pressed."""

_HASTE = timedelta(seconds=2)
"""How much earlier it is given up: the message has to arrive in time."""


class Whispers:
    """The presses of the last seconds. They are of no use to any other process or later, so nothing is stored."""

    def __init__(self, is_admin: Callable[[str], bool]) -> None:
        self._is_admin = is_admin
        self._pressed: dict[tuple[str, str], tuple[str, datetime]] = {}

    def pressed(self, chat: str, account: str, press: str, at: datetime) -> None:
        """An account pressed a button in a group."""
        self._pressed = {who: found for who, found in self._pressed.items() if at - found[1] < PRESS_COUNTS}
        self._pressed[chat, account] = press, at

    def to(self, chat: str, account: str, now: datetime) -> dict[str, Any] | None:
        """What makes a message in this group one for this account alone; None where that cannot be asked for."""
        user = account.removeprefix(f"{refs.PLATFORM}:")
        press, at = self._pressed.get((chat, account), ("", now))
        if not user.isdecimal() or not chat.startswith("-"):
            return None
        if press and now - at < PRESS_COUNTS - _HASTE:
            return {"ephemeral_message_parameters": {"receiver_user_id": int(user), "callback_query_id": press}}
        if self._is_admin(chat):
            return {"ephemeral_message_parameters": {"receiver_user_id": int(user)}}
        return None
