"""Why a file of the clerk's was not taken, as one sentence of the data file beside this module."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def wording(name: str) -> Mapping[str, Any]:
    """The patterns and sentences of `documents` or `sheet`; read here and not from the content, which may be broken."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken; `lines` say why, one fault each, in the clerk's language."""

    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def refusal(table: str, key: str, **values: object) -> Refusal:
    """The refusal that the data file words under `key`."""
    return Refusal((str(wording(table)["faults"][key]).format(**values),))
