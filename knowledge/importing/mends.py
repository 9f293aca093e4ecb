"""What is wrong with the content, said as the clerk can mend it."""

import re

from knowledge.faults import Fault
from knowledge.importing.refusals import wording


def in_chinese(message: str) -> str:
    """What the parser, the linter or the search says, in the clerk's language; as it is where there is no sentence."""
    for known in wording("mends")["mends"]:
        found = re.fullmatch(known["says"], message, re.DOTALL)
        if found:
            return str(known["means"]).format(*found.groups())
    return message


def told(fault: Fault | str) -> str:
    """A fault, or one that was written down as `file:line: message`, with its place first."""
    place, _, message = str(fault).partition(": ")
    return f"{place}：{in_chinese(message)}" if re.search(r":\d+$", place) else in_chinese(str(fault))
