"""A bare number somebody chooses by, read in every spelling."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from importlib.resources import files

_WORDS = tomllib.loads(files("bot.dialogue").joinpath("numbers.toml").read_text("utf-8"))


def _any_of(words: Iterable[str]) -> str:
    return "(?:" + "|".join(map(re.escape, words)) + ")"


_VALUES = {word: value for value, word in enumerate(_WORDS["digits"])} | {_WORDS["two"]: 2}
_OPENING, _CLOSING = (f"[\\s{re.escape(_WORDS[marks])}]*" for marks in ("opening", "closing"))
_NUMBER = re.compile(
    f"{_OPENING}{_any_of(_WORDS['before'])}?{_OPENING}(?P<number>[0-9]{{1,2}}|[{''.join(_VALUES)}]){_CLOSING}"
    f"{_any_of(_WORDS['after'])}?{_CLOSING}[\\s.,\u3001\u3002!?~]*{_any_of(_WORDS['particles'])}?[\\s.\u3002!?~]*"
)
_LONGEST_NUMBER = 16
_KEYCAP = str.maketrans("", "", "\ufe0f\u20e3\u200b\u200d\u2060\ufeff")
_IN_A_CIRCLE = "No"
"""The Unicode category of the numbers in black circles, which have no plain form of their own."""


def chosen_number(text: str) -> int | None:
    """The number that a text is and nothing else, in any of its spellings (full-width, circled, in words, with
    a dot, "choose 1"); None for any other text. From 0 to 99."""
    if len(text) > _LONGEST_NUMBER:  # normalising a flood of characters would cost time
        return None
    plain = unicodedata.normalize("NFKC", text.translate(_KEYCAP))
    found = _NUMBER.fullmatch("".join(map(_out_of_circle, plain)).strip())
    if found is None:
        return None
    return int(found["number"]) if found["number"].isascii() else _VALUES[found["number"]]


def _out_of_circle(character: str) -> str:
    return f"{unicodedata.numeric(character):g}" if unicodedata.category(character) == _IN_A_CIRCLE else character
