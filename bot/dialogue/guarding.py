"""Secrets and things the bot cannot read: the person is told, and nothing of it is kept."""

from dataclasses import replace

from bot.dialogue.turns import Reply, Turn
from bot.messages import JOINED, UNKNOWN_BUTTON, InboundMessage
from scheduler.messages import Phrase

_WORST_FIRST = ("list", "password")
"""The kinds of secrets of which something of their own is said, as the receivers name them."""


def warning(message: InboundMessage) -> Phrase:
    """What is said of a message that held a secret: that it was deleted, or that it has to be recalled."""
    kind = next((kind for kind in _WORST_FIRST if kind in message.masked), "secret")
    values = {"what": Phrase(key=f"guard.what.{kind}"), "advice": Phrase(key=f"guard.advice.{kind}")}
    return Phrase(key="guard.secret-erased" if message.erased else "guard.secret", values=values)


def guard(turn: Turn) -> Reply | None:
    """The reply to what holds a secret or is no text; None for what may go on."""
    message = turn.message
    if message.masked:
        private = replace(turn, to=message.private_address)
        return private.reply(warning(message))
    if message.other == JOINED:
        return turn.reply("group.joined")
    if message.other == UNKNOWN_BUTTON:
        return turn.reply("button.outdated")
    if message.edited:
        return turn.nothing()
    if message.picture or message.other is not None:
        if not message.addressed:
            return turn.nothing()
        if turn.conversation.is_writing(turn.now):
            return turn.reply("notice.write.files")
        return turn.reply("guard.picture" if message.picture else "guard.other")
    return None
