"""A strict stand-in for WeCom's four routes: `WecomStandin` in a process of one's own, `main` alone."""

from bot.standins.wecom.driver import Delivery
from bot.standins.wecom.faults import Code, Fault, FaultKind
from bot.standins.wecom.pace import NO_LIMITS, Limits
from bot.standins.wecom.server import WecomStandin, main

__all__ = ["NO_LIMITS", "Code", "Delivery", "Fault", "FaultKind", "Limits", "WecomStandin", "main"]
