"""What the bot says of itself: what it can be told, by whom, and who can be asked instead."""

from bot.dialogue.commands import Command
from bot.dialogue.rights import Right, may
from bot.dialogue.turns import Turn, preceded
from scheduler.messages import Phrase

_MORE = ((Right.NUDGE, "command.help-monitor"), (Right.BIND_GROUP, "command.help-counsellor"))
"""What the help adds for somebody with such a right, which stands for all that come with it."""


def told(turn: Turn, command: Command) -> Phrase:
    """The answer to a command that only asks to be told something, the same whatever was said before."""
    if command is Command.HELP:
        return _help(turn)
    message = turn.message
    here = {"chat": str(message.address), "account": message.account, "office": turn.asker.office}
    return turn.phrase(f"command.{command}", **here)


def _help(turn: Turn) -> Phrase:
    """The words that mean something from this person: a student is not shown the staff's, nor is a group."""
    said = turn.phrase("command.help")
    for right, key in _MORE:
        if turn.in_private and may(turn.asker, right):
            said = preceded(turn, key, said)
    return said
