"""Messages that ask nothing, and questions that are other people's business: told apart before staff hear of them."""

import re
from collections.abc import Iterable

from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from knowledge.lexicon import Lexicon
from knowledge.search.normalizing import Normalizer, folded

_PICTURE_NAME = re.compile(r"\[[^\[\]\s]{1,5}\]")
"""How some platforms write their own little pictures into a text."""

_MARKS = re.compile(r"[\W_]+")


class Chatter:
    """Answers what is no question."""

    def __init__(self, wording: ContentWording, *, ambient: bool) -> None:
        """`ambient`: the bot listens in groups where nobody spoke to it."""
        self._ambient = ambient
        self._distress = wording.words("words.distress")
        self._sounds = sounds(wording.words("words.laughter"))

    def reply(self, turn: Turn) -> Reply | None:
        """The reply to distress, and to a message without a word in it; None for what may be a question."""
        text = turn.message.text or ""
        if any(word in text for word in self._distress) and (turn.message.addressed or self._ambient):
            return turn.reply("distress.help")
        if not asks_nothing(text, self._sounds):
            return None
        said = turn.outbound(turn.phrase("chatter.what-to-ask"))
        return Reply(messages=(said,) if turn.message.addressed else (), conversation=turn.conversation)


def sounds(words: Iterable[str]) -> re.Pattern[str]:
    """What matches a text that is made of these words alone."""
    longest_first = sorted(map(folded, words), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})+")


def asks_nothing(text: str, laughter: re.Pattern[str]) -> bool:
    """Whether nothing but marks, pictures, numbers and laughter stands in a text."""
    said = _MARKS.sub("", folded(_PICTURE_NAME.sub(" ", text)))
    return not any(character.isalpha() for character in said) or laughter.fullmatch(said) is not None


class Business:
    """Tells the registrar's business from the rest of the school's and the world's, by the words of the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._plain = Normalizer(lexicon).plain
        self._ours = _any_of(lexicon.anchors)
        self._elsewhere = _any_of(lexicon.elsewhere)

    def ours(self, text: str) -> bool:
        """Whether a question that nobody could answer is one for the registrar's office."""
        plain = self._plain(text)
        return self._ours.search(plain) is not None and self._elsewhere.search(plain) is None


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One of the words; of Latin letters only as a word of its own."""
    found = [rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" if word.isascii() else re.escape(word) for word in words]
    return re.compile("|".join(found) or "(?!)")
