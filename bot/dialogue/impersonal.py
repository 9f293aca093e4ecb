"""What may be kept of a question for staff to learn from: nothing that says whose it was."""

import re

from bot.dialogue.turns import Asker

_NUMBER = re.compile(r"(?<!\w)\w*\d(?:[\s\-]?\d){4,}\w*")
"""Five figures and more, with the letters they are grown together with: student numbers, telephones, groups.

Sought from a word's beginning only: a long word would else be tried anew from each of its letters.
"""

_LEFT_OUT = "…"


def impersonal(text: str, asker: Asker) -> str:
    """The question without the asker's own name and without long numbers; secrets were masked before."""
    if asker.student is not None and asker.student.name:
        text = text.replace(asker.student.name, _LEFT_OUT)
    return _NUMBER.sub(_LEFT_OUT, text)
