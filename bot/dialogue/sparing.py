"""Somebody wants to be reminded less: in private on a deadline's last day only, until they want all of it again."""

from dataclasses import replace

from bot.dialogue.commands import Called
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.messages import Purpose
from scheduler.ports import BindingStore


class Sparing:
    """Takes the wish for fewer reminders. What is told to a group and to staff stays as it is."""

    def __init__(self, bindings: BindingStore, wording: ContentWording) -> None:
        self._bindings = bindings
        self._off = wording.words("words.off")

    async def order(self, turn: Turn, called: Called) -> Reply | None:
        """The reply to the command; None where other words follow it: then it is a question."""
        wanted = "".join(called.rest)
        if wanted and wanted not in self._off:
            return None
        own = await self._bindings.of_account(turn.message.account)
        if not own:
            return turn.reply("fewer.unbound")
        for binding in own:
            await self._bindings.bind(replace(binding, last_day_only=not wanted))
        return turn.reply("fewer.over" if wanted else "fewer.noted", purpose=Purpose.RECEIPT)
