"""Names of classes and colleges as the names of files."""

import re
from collections.abc import Mapping
from itertools import count

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_LONGEST_NAME = 60
"""Characters of a name that stand in a file's name; a file's name has 255 bytes."""


def file_names(names: Mapping[str, str]) -> dict[str, str]:
    """Names as files can bear them, by id; where one is taken already, by whatever capitals, a number makes another."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for one, name in names.items():
        plain = _NOT_IN_NAMES.sub("_", name).strip(" .")[:_LONGEST_NAME] or "_"
        candidates = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
        given[one] = next(candidate for candidate in candidates if candidate.casefold() not in taken)
        taken.add(given[one].casefold())
    return given
