"""Reads who somebody says they are, as it is typed: a code, or a student number and a name."""

import re
import unicodedata

_BETWEEN = ' \t\n:,+、。!【】[]()“”"'
"""What people put around and between a number and a name; looks and widths are folded before."""

_NUMBER = r"(?=[A-Za-z]*\d)[0-9A-Za-z]{6,}"
"""A code or a student number."""

_NAMED = re.compile(rf"(?P<before>\D*?)(?P<number>{_NUMBER})(?P<after>\D*)")

_LETTERS_ALONE = re.compile(r"[A-Z]{8}|[A-Z]{10}")
"""A code that happens to have no figure."""

_BARE_CODE = re.compile(r"(?=[A-Z]*\d)(?=\d*[A-Z])(?:[A-Z2-9]{8}|[A-Z2-9]{10})")
"""A student's code has 8 signs, an invitation 10."""

_BARE_NUMBER = re.compile(r"(?P<number>[A-Z]?\d{8,})[\s:,+、]*(?P<name>[^\W\d_a-zA-Z][^\W\d_a-zA-Z·.・]{1,14})")


def said_behind(rest: str, *, apart: bool) -> tuple[str, ...]:
    """What stands behind the word for binding: (code,) or (number, name), in either order; empty for neither.

    `apart`: there is a space behind the word. Without one it may be the beginning of a sentence, so that the code or
    the number has to follow at once.
    """
    folded = _folded(rest)
    named = _NAMED.fullmatch(folded)
    if named is None:
        return (folded,) if _LETTERS_ALONE.fullmatch(folded) else ()
    if named["before"] and not apart:
        return ()
    name = f"{named['before']}{named['after']}".translate(dict.fromkeys(map(ord, _BETWEEN)))
    return (named["number"], name) if name else (named["number"],)


def said_alone(text: str) -> tuple[str, ...]:
    """A text that is nothing but a code, or a number and a name; empty for any other."""
    folded = _folded(text)
    if _BARE_CODE.fullmatch(folded.upper()) and folded.isascii():
        return (folded,)
    named = _BARE_NUMBER.fullmatch(folded)
    return (named["number"], named["name"]) if named else ()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(_BETWEEN)
