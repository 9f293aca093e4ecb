"""What a message asks, before anything is searched: two questions in one, or the rest of the last one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dialogue.wording import ContentWording
from knowledge.lexicon import Lexicon
from knowledge.search.normalizing import folded

FOLLOWS_WITHIN = timedelta(minutes=10)
"""How long after an answer a short message can be the rest of a question about it."""

_LONGEST_REST = 10
"""Letters of a message that can be the rest of a question; a longer one says by itself what it is about."""

_SHORTEST_HALF = 3
"""Letters of a question; what is shorter is an opening or a mark."""

_MARKS = "?\u3002\n"
_PAUSES = _MARKS + " ,;\u3001"
_SPACE_AND_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionWords:
    """Words by which questions are told apart; all folded as `knowledge.search.normalizing.folded` does.

    `also` begin a second question where a clause begins, unless it begins with one of `also_not`. `asking`
    mark a question or a trouble. Of a follow-up `opens` stand at the beginning, `closes` at the end, and
    each of `bare` is one on its own.
    """

    also: tuple[str, ...]
    also_not: tuple[str, ...]
    asking: tuple[str, ...]
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    bare: frozenset[str]

    @classmethod
    def of(cls, wording: ContentWording, lexicon: Lexicon) -> "QuestionWords":
        """The words of the content."""

        def words(key: str) -> tuple[str, ...]:
            return tuple(folded(word) for word in wording.words(key))

        return cls(
            also=words("words.also"),
            also_not=words("words.also-not"),
            asking=tuple(folded(word) for word in (*lexicon.asking, *lexicon.trouble)),
            opens=words("words.follow-up-opens"),
            closes=words("words.follow-up-closes"),
            bare=frozenset(words("words.follow-up")),
        )


def two_questions(text: str, words: QuestionWords) -> tuple[str, str] | None:
    """The two questions of a message that holds exactly two; None for any other message.

    A piece between marks is a question if it says so; one beside a word like "also" is one in any case.
    """
    also = rf"(?:^|(?<=[{re.escape(_PAUSES)}]))(?!{_any_of(words.also_not)}){_any_of(words.also)}"
    pieces = re.split(rf"([{re.escape(_MARKS)}]|{also})", folded(text))
    found = []
    for place in range(0, len(pieces), 2):
        before, after = pieces[max(place - 1, 0) : place], pieces[place + 1 : place + 2]
        said_to_be = after == ["?"] or any(mark in words.also for mark in (*before, *after))
        if _long_enough(pieces[place]) and (said_to_be or any(word in pieces[place] for word in words.asking)):
            found.append(pieces[place].strip())
    return (found[0], found[1]) if len(found) == 2 else None  # noqa: PLR2004 - two is what is asked for


def follows_up(text: str, answered_at: datetime | None, now: datetime, words: QuestionWords) -> bool:
    """Whether a message can be the rest of a question about what was answered at that moment."""
    if answered_at is None or not answered_at <= now <= answered_at + FOLLOWS_WITHIN:
        return False
    rest = _SPACE_AND_MARKS.sub("", folded(text))
    if len(rest) > _LONGEST_REST:
        return False
    return rest in words.bare or _begins(rest, words.opens) or _ends(rest, words.closes)


def _any_of(words: Sequence[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, words)) or '(?!)'})"


def _long_enough(piece: str) -> bool:
    return len(_SPACE_AND_MARKS.sub("", piece)) >= _SHORTEST_HALF


def _begins(rest: str, opens: Sequence[str]) -> bool:
    return any(rest.startswith(word) and rest != word for word in opens)


def _ends(rest: str, closes: Sequence[str]) -> bool:
    return any(rest.endswith(word) and rest != word for word in closes)
