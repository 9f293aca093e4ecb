"""The syllable of each ideograph, without its tone: spelled once in training, looked up ever after.

The library that spells keeps fifty megabytes of words; what the search needs of it are a few hundred
syllables and the number of one for each ideograph.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

IDEOGRAPHS = range(0x4E00, 0xA000)


@dataclass(frozen=True, slots=True)
class Sounds:
    """`numbers` (ideographs,) is each one's place among the `syllables`; the first of these stands for none."""

    syllables: NDArray[np.str_]
    numbers: NDArray[np.uint16]

    @classmethod
    def spelled(cls) -> "Sounds":
        """The table of all ideographs."""
        heard = [spell(chr(code)) for code in IDEOGRAPHS]
        known = [syllable if ord(syllable[0]) not in IDEOGRAPHS else "" for syllable in heard]
        syllables, numbers = np.unique(np.array(["", *known]), return_inverse=True)
        return cls(syllables, numbers[1:].astype(np.uint16))

    def __call__(self, char: str) -> str:
        """The syllable of a character; itself where it has none."""
        code = ord(char)
        if code not in IDEOGRAPHS:
            return char
        return str(self.syllables[self.numbers[code - IDEOGRAPHS.start]]) or char


@cache
def spell(char: str) -> str:
    """As the table has it, for where there is no table."""
    if ord(char) not in IDEOGRAPHS:
        return char
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its tables are read only where there is no table of ours

    return str(lazy_pinyin(char)[0])
