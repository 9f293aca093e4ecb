"""What somebody typed, as it is shown to somebody else."""

import unicodedata

_UNSEEN = {"Cf", "Cs"}
"""Zero-width signs, signs that turn the direction of writing, halves of characters: nothing anybody typed to be read.

What a font may not know yet (unassigned, private use) stays: rare characters of names are among it."""


def one_line(text: str, most: int | None = None) -> str:
    """It on one line, without what cannot be seen or makes the words around it look otherwise; at most so long."""
    seen = "".join(char for char in text if unicodedata.category(char) not in _UNSEEN)
    broken = "".join(" " if unicodedata.category(char) == "Cc" else char for char in seen)
    return " ".join(broken.split())[:most].rstrip()
