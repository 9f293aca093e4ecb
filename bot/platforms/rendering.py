"""What every platform's sender needs: long texts in parts."""

import re
from collections.abc import Callable

# Where a text is cut, best first: a paragraph, a line, a sentence, a clause, a word. Only the second half of
# what fits is looked through, so that a cut never leaves a tiny part behind.
_CUTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n{2,}",
        r"\n",
        "[\u3002\uff01\uff1f!?\u2026](?:[\u201d\u2019\u300d\u300f)\uff09]*)|\\.(?=\\s)",
        "[\uff1b;\uff0c,\u3001]",
        r"\s",
    )
)
# What must not be torn from the character before it: joiners, variation signs, combining marks, skin tones.
_CLINGS = re.compile("[\u200d\ufe00-\ufe0f\u0300-\u036f\u20e3\U0001f3fb-\U0001f3ff]")

_LONGEST_CHARACTER = 16
"""How many code points of one character are looked through at most for its beginning."""

Measure = Callable[[str], int]


def utf16_length(text: str) -> int:
    """How many UTF-16 units a text has: what Telegram counts. A lone surrogate counts as one."""
    return len(text) + sum(character > "\uffff" for character in text)


def split_text(text: str, limit: int, *, first: int | None = None, measure: Measure = utf16_length) -> tuple[str, ...]:
    """The text in parts that together are the text again, none longer than `limit` by `measure`.

    `first` is another limit for the first part (a picture's caption). Cut at the end of a paragraph, else of
    a line, a sentence, a clause, a word. An empty text is one empty part. ValueError for a limit so small
    that one character may not fit.
    """
    room = limit if first is None else first
    if min(room, limit) < measure("\U00010000"):
        raise ValueError(f"no character is sure to fit into {min(room, limit)}")
    parts: list[str] = []
    while measure(text) > room:
        cut = _cut(text, _fitting(text, room, measure))
        parts.append(text[:cut])
        text, room = text[cut:], limit
    if text or not parts:
        parts.append(text)
    return tuple(parts)


def _fitting(text: str, room: int, measure: Measure) -> int:
    """How many characters of the beginning fit; at least one."""
    low, high = 1, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, most: int) -> int:
    for cuts in _CUTS:
        ends = [found.end() for found in cuts.finditer(text, most // 2, most)]
        if ends:
            return ends[-1]
    for whole in range(most, max(0, most - _LONGEST_CHARACTER), -1):
        if not _CLINGS.match(text, whole) and text[whole - 1] != "\u200d":
            return whole
    return most
