"""Secrets and things the bot cannot read: the person is told, and nothing of it is kept."""

from collections.abc import Iterable
from dataclasses import replace

from bot.dialogue.turns import Reply, Turn
from bot.messages import UNKNOWN_BUTTON


def distressed(text: str, words: Iterable[str]) -> bool:
    """Whether a message speaks of ending one's life."""
    return any(word in text for word in words)


def guard(turn: Turn) -> Reply | None:
    """The reply to what holds a secret or is no text; None for what may go on."""
    message = turn.message
    if message.masked:
        private = replace(turn, to=message.private_address)
        return private.reply("guard.secret")
    if message.other == UNKNOWN_BUTTON:
        return turn.reply("button.outdated")
    if message.edited:
        return turn.nothing()
    if message.picture or message.other is not None:
        if not message.addressed:
            return turn.nothing()
        return turn.reply("guard.picture" if message.picture else "guard.other")
    return None
