"""Dangers somebody brings into a chat: a link that pretends to be 学信网, an offer of paid help.

Whoever only asks about such an offer is not warned but answered.
"""

import re
from enum import StrEnum

from bot.dialogue.manners import Manners
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from knowledge.lexicon import Lexicon
from knowledge.links import genuine, pretenders
from knowledge.loading import Content
from knowledge.search.normalizing import folded

_BLANKS = re.compile("[ \t]+")
_SENTENCE_ENDS = re.compile("[\u3002!\n;~]+|\\?(?=.)")


class Danger(StrEnum):
    """What is warned of; the warning is the phrase `warning.<danger>`."""

    FAKE_LINK = "fake-link"
    PAID_HELP = "paid-help"


class Alerting:
    """Warns, in a group at most once in half an hour of the same, and also where nobody spoke to the bot."""

    def __init__(self, content: Content, wording: ContentWording, manners: Manners) -> None:
        self._manners = manners
        self._genuine = genuine(content.links, wording.words("words.chsi-names"))
        self._offers = Offers(wording, content.lexicon)

    async def reply(self, turn: Turn) -> Reply | None:
        """The warning, or silence where it stands in the group already; None for what may go on."""
        danger = self.danger(turn.message.text or "")
        if danger is None:
            return None
        if not turn.message.private and not await self._manners.once(turn.message, f"warning:{danger}", turn.now):
            return None if turn.message.addressed else turn.nothing()
        said = turn.reply(turn.phrase(f"warning.{danger}", address=self._genuine.address))
        return said.urgently()

    def danger(self, text: str) -> Danger | None:
        """What in a text is to be warned of."""
        if pretenders(text, self._genuine):
            return Danger.FAKE_LINK
        return Danger.PAID_HELP if self._offers.made_in(text) else None


class Offers:
    """Knows offers of paid help by the content's words."""

    def __init__(self, wording: ContentWording, lexicon: Lexicon) -> None:
        self._help = _folded(wording.words("words.paid-help"))
        self._offering = _folded(wording.words("words.paid-offering"))
        self._doubt = _folded(wording.words("words.paid-doubt"))
        self._asking = _folded(wording.words("words.paid-asking"))
        self._business = _folded(lexicon.anchors)

    def made_in(self, text: str) -> bool:
        """Whether a text offers to do the registrar's business for money; not whether it asks about such offers."""
        said = _BLANKS.sub("", folded(text))
        helps = sum(word in said for word in self._help)
        if not helps or not any(word in said for word in self._business):
            return False
        if any(word in said for word in self._doubt) or self._asks(said):
            return False
        return helps > 1 or any(word in said for word in self._offering)

    def _asks(self, said: str) -> bool:
        *_, last = [sentence for sentence in _SENTENCE_ENDS.split(said) if sentence.strip()] or [""]
        return any(word in last for word in self._asking)


def _folded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(folded(word) for word in words)
