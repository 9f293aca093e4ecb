"""A group asks the bot to be quiet: its monitor or staff of one of its classes may."""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from bot.dialogue.commands import Called
from bot.dialogue.manners import Manners
from bot.dialogue.numbers import chosen_number
from bot.dialogue.rights import Right, may
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.letters import moment_words
from scheduler.messages import Purpose

UNLESS_SAID = timedelta(hours=1)
LONGEST = timedelta(hours=24)
_HALF_AN_HOUR = timedelta(minutes=30)


class Quieting:
    """Takes the wish for quiet."""

    def __init__(self, manners: Manners, wording: ContentWording) -> None:
        self._manners = manners
        self._off = wording.words("words.off")
        self._half = wording.words("words.half-an-hour")
        self._units = [
            *((word, timedelta(hours=1)) for word in wording.words("words.hours")),
            *((word, timedelta(minutes=1)) for word in wording.words("words.minutes")),
        ]

    async def order(self, turn: Turn, called: Called) -> Reply | None:
        """The reply to the command; None where it is none (in private, or other words), silence for who may not."""
        lasts = self.lasts(called.rest)
        if turn.message.private or lasts is None:
            return None
        if not any(may(turn.asker, Right.HUSH, class_id) for class_id in turn.asker.classes):
            return turn.nothing()
        if not lasts:
            await self._manners.hush(turn.message.address, None)
            return turn.reply("quiet.over", purpose=Purpose.RECEIPT)
        until = turn.now + lasts
        await self._manners.hush(turn.message.address, until)
        return turn.reply(turn.phrase("quiet.noted", until=moment_words(until)), purpose=Purpose.RECEIPT)

    def lasts(self, words: Sequence[str]) -> timedelta | None:
        """How long the words after the command ask for, at most a day; zero to end it, None for other words."""
        said = unicodedata.normalize("NFKC", "".join(words))
        if not said:
            return UNLESS_SAID
        if said in self._off:
            return timedelta()
        if said in self._half:
            return _HALF_AN_HOUR
        for word, unit in self._units:
            number = chosen_number(said.removesuffix(word)) if said.endswith(word) else None
            if number:
                return min(number * unit, LONGEST)
        return None
