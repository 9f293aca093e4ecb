"""Takes secrets out of what came in, before it is stored: ID numbers, mobile numbers, one-time codes, passwords, and
lists of people with their numbers.

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

from bot.platforms.rendering import utf16_length

_WORDS = tomllib.loads(files("bot.platforms").joinpath("words.toml").read_text("utf-8"))["masking"]


class Kind(StrEnum):
    """What a secret was."""

    ID_NUMBER = "id-number"
    MOBILE = "mobile"
    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    LIST = "list"
    """Several people with their student, telephone or ID numbers."""


def _one_of(words: Iterable[str]) -> str:
    return "(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")"


_FILLER = _WORDS["filler"]
_DIGIT = "[0-9\uff10-\uff19]"
_LAST = "[0-9\uff10-\uff19xX\uff38\uff58]"
_BETWEEN = "[\\s.\u00b7\\-\u2010-\u2015\u200b-\u200f\u2060\ufeff]{0,3}"
_MARK = re.compile(f"\u3014({_one_of(_WORDS[kind] for kind in Kind)}){re.escape(_FILLER)}+\u3015")
_KIND_OF = {_WORDS[kind]: kind for kind in Kind}

# Eighteen digits, the last maybe an X. A lookahead: windows overlap, and the right one may begin within a wrong one.
_ID_WINDOW = re.compile(f"(?=({_DIGIT}(?:{_BETWEEN}{_DIGIT}){{16}}{_BETWEEN}{_LAST}))")
_BIRTH = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECK = "10X98765432"
_ID_LENGTH = 18

# Before 1999 an ID number had fifteen digits: a place, a day of birth with two digits of the year, an order; no check.
_RUN = re.compile(f"{_DIGIT}(?:{_BETWEEN}{_DIGIT})*")
_OLD_ID = re.compile(
    "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])[0-9]{4}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
)
_OWN_NUMBER = re.compile(f"{_one_of(_WORDS['student_number_words'])}[^0-9\uff10-\uff19]{{0,4}}\\Z")
_LONGEST_BEFORE = 12
"""How much before a number is looked through for the word that says what it is."""

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

_TYPED = "[!-~\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"
_NO_ADDRESS = "(?!(?i:https?:|www\\.))"
_QUOTE = '[\\s"\u201c\u300c\u300e]{0,3}'
_PASSWORD = re.compile(
    f"(?P<word>(?:{_one_of(_WORDS['password_words'])}|(?<![A-Za-z])(?i:password|passwd|pwd|mima)(?![A-Za-z])){_QUOTE}"
    f"(?P<link>(?:{_one_of(_WORDS['password_links'])}|(?i:is)(?![A-Za-z])|[:\uff1a=\uff1d]){{0,2}}){_QUOTE})"
    f"{_NO_ADDRESS}(?P<secret>{_TYPED}{{4,64}}+)(?!\\s*{_one_of(_WORDS['units'] + _WORDS['lengths'])})(?P<more>\\w?)"
)
_LEAST_UNSAID = 6
"""Characters of a password where nothing says that one follows, or that holds no digit."""

_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_NAME = f"{_HAN}{{2,4}}(?:\u00b7{_HAN}{{1,8}})?"
_LABEL_ENDS = _WORDS["label_ends"]
_ROW_NUMBER = re.compile(f"(?<!{_DIGIT}){_DIGIT}(?:[ \\-]?{_DIGIT}){{7,18}}+[xX\uff38\uff58]?")
_APART = "[\\s:\uff1a,\uff0c]{0,3}"
_NAME_BEFORE = re.compile(f"{_NAME}(?<![{_LABEL_ENDS}]){_APART}\\Z")
_NAME_BEHIND = re.compile(f"{_APART}{_NAME}(?<![{_LABEL_ENDS}])")
_LONGEST_NAME = 16
_HAN_RUN = re.compile(f"{_HAN}{{2,}}")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_ROWS_OF_A_LIST = 3
_SHORTEST_LIST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A text without its secrets, and which kinds of secrets were taken out."""

    text: str
    kinds: tuple[str, ...]


def mask(text: str) -> Masked:
    """The text with every secret replaced by a marker of the same length in UTF-16 units."""
    masked = _masked(text)
    return Masked(text=masked, kinds=kinds_in(masked))


def mask_json(value: Any, leave: frozenset[str] = frozenset()) -> Any:
    """The same JSON value with every text in it masked, however deep; texts under the keys in `leave` stay.

    `leave` is for the platform's own identifiers, which nobody types and which may look like a secret.
    """
    match value:
        case str():
            return _masked(value)
        case list():
            return [mask_json(item, leave) for item in value]
        case dict():
            return {
                _masked_key(key): item if key in leave and isinstance(item, str) else mask_json(item, leave)
                for key, item in value.items()
            }
        case _:
            return value


def kinds_in(text: str) -> tuple[str, ...]:
    """The kinds of secrets whose markers stand in a text, in the order of `Kind`."""
    found = {_KIND_OF[word] for word in _MARK.findall(text)}
    return tuple(kind.value for kind in Kind if kind in found)


def _masked_key(key: str) -> str:
    """Nearly all keys are fields' names, in which there is nothing to look for."""
    return key if key.isascii() and key.replace("_", "").isalpha() else _masked(key)


def _masked(text: str) -> str:
    steps: tuple[Callable[[str], str], ...] = (
        _mask_lists,
        partial(_mask_id_numbers, believable=_born_in_a_year),
        partial(_mask_id_numbers, believable=_stands_alone),
        partial(_RUN.sub, _old_id_marker),
        partial(_MOBILE.sub, _mobile_marker),
        partial(_CODE_BESIDE.sub, _code_marker),
        partial(_PASSWORD.sub, _password_marker),
    )
    for step in steps:
        text = step(text)
    return text


def _marker(kind: Kind, secret: str) -> str:
    word: str = _WORDS[kind]
    return f"\u3014{word}{_FILLER * (utf16_length(secret) - len(word) - 2)}\u3015"


def _mask_lists(text: str) -> str:
    if len(text) < _SHORTEST_LIST:
        return text
    lines = text.splitlines(keepends=True)
    rows = [place for place, line in enumerate(lines) if _is_row(line)]
    if len(rows) >= _ROWS_OF_A_LIST:
        for place in rows:
            row = lines[place].strip()
            lines[place] = lines[place].replace(row, _marker(Kind.LIST, row), 1)
        text = "".join(lines)
    return _mask_in_a_line(text)


def _mask_in_a_line(text: str) -> str:
    """The text without three or more numbers that have a name beside them, and without these names."""
    spans = [span for found in _ROW_NUMBER.finditer(text) if (span := _with_names(text, found)) is not None]
    if len(spans) < _ROWS_OF_A_LIST:
        return text
    parts: list[str] = []
    done = 0
    for start, end in spans:
        start = max(start, done)  # a name between two numbers went with the first  # noqa: PLW2901
        parts += text[done:start], _marker(Kind.LIST, text[start:end])
        done = end
    return "".join(parts) + text[done:]


def _with_names(text: str, number: re.Match[str]) -> tuple[int, int] | None:
    """From where to where a number stands with the names on either side; None for one without any."""
    first = max(0, number.start() - _LONGEST_NAME)
    before = _NAME_BEFORE.search(text[first : number.start()])
    behind = _NAME_BEHIND.match(text, number.end())
    if (before is None and behind is None) or not _is_numbered(number[0]):
        return None
    return (first + before.start() if before else number.start()), (behind.end() if behind else number.end())


def _is_row(line: str) -> bool:
    """Whether a line holds a number and something that can be a name."""
    return _is_numbered(line) and any(run[-1] not in _LABEL_ENDS for run in _HAN_RUN.findall(line))


def _is_numbered(text: str) -> bool:
    """Whether a text holds a number that can be a person's: no day, no telephone with an area code."""
    for found in _ROW_NUMBER.finditer(text):
        number = _plain(found[0])
        if not _DAY.fullmatch(number) and not ("-" in found[0] and number.startswith("0")):
            return True
    return False


def _old_id_marker(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - _LONGEST_BEFORE) : found.start()]
    is_one = _OLD_ID.fullmatch(_plain(found[0])) is not None and _OWN_NUMBER.search(before) is None
    return _marker(Kind.ID_NUMBER, found[0]) if is_one else found[0]


def _password_marker(found: re.Match[str]) -> str:
    secret = found["secret"]
    if not _can_be_a_password(secret, said=bool(found["link"]), alone=not found["more"]):
        return found[0]
    return f"{found['word']}{_marker(Kind.PASSWORD, secret)}{found['more']}"


def _can_be_a_password(typed: str, *, said: bool, alone: bool) -> bool:
    """Whether it is one. `said`: something says that a password follows; `alone`: no word goes on behind it."""
    digits, long_enough = any(map(str.isdecimal, typed)), len(typed) >= _LEAST_UNSAID
    if said:
        return digits or (long_enough and alone)
    return digits and long_enough and not _DAY.fullmatch(_plain(typed))


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
