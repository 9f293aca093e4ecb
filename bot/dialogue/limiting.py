"""How much one person can make the bot say, wherever they write to it."""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.dialogue.commands import OF_STAFF, Command, Commands
from bot.dialogue.numbers import chosen_number
from bot.messages import InboundMessage
from bot.ports import Admission, RateLimiter

WINDOW = timedelta(minutes=5)
"""Also how long nothing is said to who went beyond."""


class Counted(StrEnum):
    """What is counted apart."""

    ASKED = "ask"
    PRESSED = "press"
    """Presses, numbers and the words of a guide or a campaign: nobody in a hurry is held back from confirming,
    no monitor from ticking one signature after the other."""
    MASKED = "masked"
    """Messages that held a secret, also where nobody spoke to the bot: each is warned of, whatever else was said."""


MOST = {Counted.ASKED: 20, Counted.PRESSED: 120, Counted.MASKED: 10}
"""How often one account is answered within the window."""

_WORDS_FOR_BUTTONS = OF_STAFF | frozenset(
    {
        Command.OPEN, Command.WRONG, Command.NOT_FOUND, Command.NO_LOGIN, Command.WITHDRAW, Command.TOMORROW,
        Command.BACK, Command.SKIP, Command.QUIT, Command.DIFFERS,
    }
)  # fmt: skip


def counted_as(account: str, what: Counted) -> str:
    """Under which name the limiter counts what somebody does."""
    return f"{account}|{what}"


class Limiting:
    """Counts what people ask of the bot."""

    def __init__(self, limiter: RateLimiter, commands: Commands) -> None:
        self._limiter = limiter
        self._commands = commands

    async def admit(self, message: InboundMessage, now: datetime) -> Admission:
        """Whether a message is answered; the same message always hears the same.

        What does not speak to the bot hears little anyway and is not counted, unless it holds a secret.
        """
        if not message.addressed and not message.masked:
            return Admission.GRANTED
        what = self._counted(message)
        who = counted_as(message.account, what)
        return await self._limiter.admit(who, message.id, most=MOST[what], within=WINDOW, now=now)

    def _counted(self, message: InboundMessage) -> Counted:
        if message.masked:
            return Counted.MASKED
        if message.action is not None:
            return Counted.PRESSED
        text = message.text or ""
        called = self._commands.read(text)
        instead = chosen_number(text) is not None or (called is not None and called.command in _WORDS_FOR_BUTTONS)
        return Counted.PRESSED if instead else Counted.ASKED
