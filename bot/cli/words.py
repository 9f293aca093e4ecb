"""The sentences of the clerk's commands."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def words(table: str) -> Mapping[str, str]:
    """The sentences of one table of the data file beside this module."""
    tables = tomllib.loads((Path(__file__).parent / "content.toml").read_text("utf-8"))
    found: Mapping[str, str] = tables[table]
    return found
