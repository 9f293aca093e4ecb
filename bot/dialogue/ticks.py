"""What a monitor says of signatures, read: everybody but some, only these, or that these are not there after all."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.dialogue.wording import ContentWording

_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Whose signatures are meant, by their numbers on the class's sheet: these, or with `others` all the others, while
    these are the ones that are missing.

    `signed` false: what was ticked there is taken back.
    """

    numbers: frozenset[int]
    others: bool = False
    signed: bool = True

    def of(self, number: int) -> bool | None:
        """Whether it is said that a signature stands there; None where nothing is said."""
        if number in self.numbers:
            return self.signed and not self.others
        return True if self.others else None


class TickReader:
    """Reads such sentences by the content's words."""

    def __init__(self, wording: ContentWording) -> None:
        def any_of(key: str) -> str:
            return "(?:" + "|".join(map(re.escape, sorted(wording.words(key), key=len, reverse=True))) + ")"

        but, outside, every = any_of("words.tick-but"), any_of("words.tick-outside"), any_of("words.tick-all")
        signed, back, after = any_of("words.tick-signed"), any_of("words.tick-back"), any_of("words.tick-number")
        self._upto = re.compile(rf"(\d+){after}?{any_of('words.tick-to')}(\d+)")
        mark = rf"(?:{after}|{any_of('words.tick-and')}|[,.;/\s])"
        between = f"{mark}*"
        between_two = rf"(?:{mark}+|{after}?{any_of('words.tick-to')})"
        numbers = rf"(?P<numbers>\d{{1,3}}(?:{between_two}\d{{1,3}})*){between}"
        self._all = re.compile(f"{every}+{signed}|{signed}{every}")
        self._but = re.compile(f"{but}{between}{numbers}{outside}?{every}*{signed}?")
        self._these = re.compile(f"{numbers}{every}*{signed}?")
        self._back = re.compile(f"(?:{back}{between}{numbers}|{numbers.replace('numbers', 'named')}{back})")

    def read(self, text: str) -> Ticks | None:
        """What a text says; None for anything else."""
        plain = unicodedata.normalize("NFKC", text[:_LONGEST]).strip().rstrip("\u3002.!")
        if self._all.fullmatch(plain):
            return Ticks(numbers=frozenset(), others=True)
        if found := self._but.fullmatch(plain):
            return Ticks(numbers=self._numbers([found["numbers"]]), others=True)
        if found := self._back.fullmatch(plain):
            return Ticks(numbers=self._numbers([found["numbers"], found["named"]]), signed=False)
        if found := self._these.fullmatch(plain):
            return Ticks(numbers=self._numbers([found["numbers"]]))
        return None

    def _numbers(self, texts: Iterable[str | None]) -> frozenset[int]:
        """All that are named, one by one or from the first of two to the second."""
        said = [text for text in texts if text]
        named = {int(one) for text in said for one in re.findall(r"\d+", text)}
        spans = [sorted(map(int, ends)) for text in said for ends in self._upto.findall(text)]
        return frozenset(named.union(*(range(first, last) for first, last in spans)))
