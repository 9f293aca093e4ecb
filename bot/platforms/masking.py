"""Takes secrets out of what came in, before it is stored: ID numbers, mobile numbers, one-time codes.

A secret is replaced by a marker that says what stood there and is as long as the secret was (in UTF-16
units), so that the places a platform names within the text (mentions, commands) stay right. The kinds
can be read from the markers again, by `kinds_in`, after the update was stored and taken up by another process.
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib.resources import files
from typing import Any

_WORDS = tomllib.loads(files("bot.platforms").joinpath("words.toml").read_text("utf-8"))["masking"]


class Kind(StrEnum):
    """What a secret was."""

    ID_NUMBER = "id-number"
    MOBILE = "mobile"
    CODE = "code"


def _one_of(words: Iterable[str]) -> str:
    return "(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")"


_FILLER = _WORDS["filler"]
_DIGIT = "[0-9\uff10-\uff19]"
_LAST = "[0-9\uff10-\uff19xX\uff38\uff58]"
_BETWEEN = "[\\s.\u00b7\\-\u2010-\u2015\u200b-\u200f\u2060\ufeff]{0,2}"
_MARK = re.compile(f"\u3014({_one_of(_WORDS[kind] for kind in Kind)}){re.escape(_FILLER)}+\u3015")
_KIND_OF = {_WORDS[kind]: kind for kind in Kind}

# Eighteen digits, the last maybe an X. A lookahead: windows overlap, and the right one may begin within a wrong one.
_ID_WINDOW = re.compile(f"(?=({_DIGIT}(?:{_BETWEEN}{_DIGIT}){{16}}{_BETWEEN}{_LAST}))")
_BIRTH = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECK = "10X98765432"
_ID_LENGTH = 18

_MOBILE = re.compile(
    f"(?P<number>{_one_of(_WORDS['student_number_words'])}[^0-9\uff10-\uff19]{{0,4}})?"
    f"(?<!{_DIGIT})(?:(?:[+\uff0b]|[0\uff10]{{2}})?[8\uff18][6\uff16]{_BETWEEN})?"
    f"[1\uff11]{_BETWEEN}[3-9\uff13-\uff19](?:{_BETWEEN}{_DIGIT}){{9}}(?!{_DIGIT})"
)

_CODE = f"{_DIGIT}(?:[ \\-]?{_DIGIT}){{3,7}}(?!{_DIGIT})(?!\\s*{_one_of(_WORDS['units'])})"
_CODE_WORD = f"(?:{_one_of(_WORDS['code_words'])}|(?i:\\bcode\\b))"
_GAP = "[^0-9\uff10-\uff19\u3014]{0,10}?"
_LINK = f"(?:{_one_of(_WORDS['links'])}|[\\s,\uff0c:\uff1a(\uff08]){{0,4}}"
_CODE_BESIDE = re.compile(
    f"(?P<word>{_CODE_WORD}{_GAP})(?P<after>{_CODE})|(?<!{_DIGIT})(?P<before>{_CODE})(?={_LINK}{_CODE_WORD})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A text without its secrets, and which kinds of secrets were taken out."""

    text: str
    kinds: tuple[str, ...]


def mask(text: str) -> Masked:
    """The text with every secret replaced by a marker of the same length in UTF-16 units."""
    return _masked(text)


def mask_json(value: Any, leave: frozenset[str] = frozenset()) -> Any:
    """The same JSON value with every text in it masked, however deep; texts under the keys in `leave` stay.

    `leave` is for the platform's own identifiers, which nobody types and which may look like a secret.
    """
    match value:
        case str():
            return _masked(value).text
        case list():
            return [mask_json(item, leave) for item in value]
        case dict():
            return {
                _masked(key).text: item if key in leave and isinstance(item, str) else mask_json(item, leave)
                for key, item in value.items()
            }
        case _:
            return value


def kinds_in(text: str) -> tuple[str, ...]:
    """The kinds of secrets whose markers stand in a text, in the order of `Kind`."""
    found = {_KIND_OF[word] for word in _MARK.findall(text)}
    return tuple(kind.value for kind in Kind if kind in found)


def _masked(text: str) -> Masked:
    steps: tuple[Callable[[str], str], ...] = (
        partial(_mask_id_numbers, believable=_born_in_a_year),
        partial(_mask_id_numbers, believable=_stands_alone),
        partial(_MOBILE.sub, _mobile_marker),
        partial(_CODE_BESIDE.sub, _code_marker),
    )
    for step in steps:
        text = step(text)
    return Masked(text=text, kinds=kinds_in(text))


def _marker(kind: Kind, secret: str) -> str:
    word: str = _WORDS[kind]
    return f"\u3014{word}{_FILLER * (len(secret) - len(word) - 2)}\u3015"


def _mask_id_numbers(text: str, *, believable: Callable[[str, int, int], bool]) -> str:
    parts: list[str] = []
    done = 0
    for window in _ID_WINDOW.finditer(text):
        start, end = window.span(1)
        if start >= done and _check_digit_is_right(window[1]) and believable(text, start, end):
            parts += text[done:start], _marker(Kind.ID_NUMBER, window[1])
            done = end
    return "".join(parts) + text[done:]


def _plain(secret: str) -> str:
    """Its digits in ASCII, without what stands between them, and an X in capitals."""
    kept = (character for character in secret if character.isdecimal() or character in "xX\uff38\uff58")
    return "".join(str(int(character)) if character.isdecimal() else "X" for character in kept)


def _check_digit_is_right(secret: str) -> bool:
    number = _plain(secret)
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECK[total % 11] == number[17]


def _born_in_a_year(text: str, start: int, end: int) -> bool:
    """Even within a longer row of digits: eight of them are a date of birth."""
    return _BIRTH.fullmatch(_plain(text[start:end])[6:14]) is not None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """No other digit on either side, and nothing between its own."""
    neighbours = text[max(0, start - 1) : start] + text[end : end + 1]
    return end - start == _ID_LENGTH and not any(character.isdecimal() for character in neighbours)


def _mobile_marker(found: re.Match[str]) -> str:
    return found[0] if found["number"] else _marker(Kind.MOBILE, found[0])


def _code_marker(found: re.Match[str]) -> str:
    if found["before"]:
        return _marker(Kind.CODE, found["before"])
    return found["word"] + _marker(Kind.CODE, found["after"])
