"""Lua scripts as they lie beside this package, composed of what they use and called by their hash."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script and the hash by which the server keeps it."""

    text: str
    sha: str

    @classmethod
    def of(cls, text: str) -> "Script":
        """The script of this text."""
        return cls(text=text, sha=hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


@cache
def load(package: str, name: str, *, uses: tuple[str, ...] = ()) -> Script:
    """The script `scripts/<name>.lua` of a package, behind the files of local functions it `uses`."""
    folder = files(package) / "scripts"
    return Script.of("\n".join((folder / f"{part}.lua").read_text("utf-8") for part in (*uses, name)))
