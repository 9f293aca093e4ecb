"""A strict stand-in for Telegram's Bot API: `TelegramStandin` in a process of one's own, `main` alone."""

from bot.standins.telegram.faults import Fault, FaultKind
from bot.standins.telegram.pace import Limits
from bot.standins.telegram.server import TelegramStandin, main

__all__ = ["Fault", "FaultKind", "Limits", "TelegramStandin", "main"]
