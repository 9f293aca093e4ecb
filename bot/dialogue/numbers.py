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
_NUMBER = re.compile(
    f"{_any_of(_WORDS['before'])}?[\\s(\\[]*(?P<number>[0-9]{{1,2}}|[{''.join(_VALUES)}])"
    f"[\\s)\\]]*{_any_of(_WORDS['after'])}?[\\s.,\u3001\u3002!?~]*{_any_of(_WORDS['particles'])}?[\\s.\u3002!?~]*"
)
_LONGEST_NUMBER = 16
_KEYCAP = str.maketrans("", "", "\ufe0f\u20e3\u200b\u200d\u2060\ufeff")


def chosen_number(text: str) -> int | None:
    """The number that a text is and nothing else, in any of its spellings (full-width, circled, in words, with
    a dot, "choose 1"); None for any other text. From 0 to 99."""
    if len(text) > _LONGEST_NUMBER:  # normalising a flood of characters would cost time
        return None
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text.translate(_KEYCAP)).strip())
    if found is None:
        return None
    return int(found["number"]) if found["number"].isascii() else _VALUES[found["number"]]
