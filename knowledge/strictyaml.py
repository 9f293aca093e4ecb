"""YAML without its surprises: every scalar is text, nothing repeats, and every value knows its line.

A file is read into a tree of `Spot`s. Reading a spot as something that it is not records a fault and
yields an empty stand-in, so that one pass finds every fault of a file.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

from knowledge.faults import Fault

_Choice = TypeVar("_Choice", bound=StrEnum)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path_ = tuple[str | int, ...]
"""Where a value stands inside its file: keys and places in lists, from the top."""


@dataclass(slots=True)
class Sheet:
    """One file being read: its faults so far, and the line of everything in it."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    lines: dict[Path_, int] = field(default_factory=dict)

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.file, line, message))


@dataclass(frozen=True, slots=True)
class Spot:
    """One value of a file: text, a list of spots, a mapping of spots, or None where nothing can be read."""

    sheet: Sheet
    path: Path_
    value: "str | list[Spot] | dict[str, Spot] | None"

    @property
    def line(self) -> int:
        return self.sheet.lines.get(self.path, 1)

    def fault(self, message: str) -> None:
        self.sheet.fault(self.line, message)

    def text(self) -> str:
        """The text without surrounding space; a fault where there is none."""
        if isinstance(self.value, str):
            stripped = self.value.strip()
            if not stripped:
                self.fault(f"{self._name} is empty")
            return stripped
        self._is_not("a text")
        return ""

    def items(self) -> "list[Spot]":
        if isinstance(self.value, list):
            return self.value
        self._is_not("a list")
        return []

    def entries(self) -> "dict[str, Spot]":
        """A mapping whose keys are ids or the like, free to choose."""
        if isinstance(self.value, dict):
            return self.value
        self._is_not("a mapping")
        return {}

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> "Fields":
        """A mapping with just these keys; unknown and missing ones are faults."""
        entries = self.entries()
        for key in entries.keys() - set(required) - set(optional):
            entries[key].fault(f"unknown key '{key}'")
        if isinstance(self.value, dict):
            for key in required:
                if key not in entries:
                    self.fault(f"missing key '{key}'")
        return Fields(self, entries)

    def day(self) -> date:
        text = self.text()
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fault(f"{self._name} is no date: '{text}' (write 2026-11-22)")
            return date.min

    def one_of(self, choices: type[_Choice]) -> _Choice:
        text = self.text()
        try:
            return choices(text)
        except ValueError:
            self.fault(f"{self._name} is '{text}', not one of {', '.join(choices)}")
            return next(iter(choices))

    def truth(self) -> bool:
        text = self.text()
        if text not in {"true", "false"}:
            self.fault(f"{self._name} is '{text}', not true or false")
        return text == "true"

    @property
    def _name(self) -> str:
        names = [str(key) for key in self.path if isinstance(key, str)]
        return f"'{names[-1]}'" if names else "the file"

    def _is_not(self, what: str) -> None:
        if self.value is not None:
            self.fault(f"{self._name} is not {what}")


@dataclass(frozen=True, slots=True)
class Fields:
    """The keys of a mapping whose shape is known; a missing one reads as an empty stand-in."""

    owner: Spot
    entries: Mapping[str, Spot]

    def __getitem__(self, key: str) -> Spot:
        return self.entries.get(key) or Spot(self.owner.sheet, (*self.owner.path, key), None)

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)


def read(folder: Path, file: str) -> Spot:
    """The file's tree; one that cannot be read at all is a fault in its sheet and an empty stand-in."""
    sheet = Sheet(file)
    nothing = Spot(sheet, (), None)
    try:
        text = (folder / file).read_text("utf-8-sig")
        root = yaml.compose(text, _LOADER)
    except FileNotFoundError:
        sheet.fault(1, "the file is missing")
        return nothing
    except UnicodeDecodeError:
        sheet.fault(1, "the file is not UTF-8")
        return nothing
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        sheet.fault(mark.line + 1 if mark else 1, f"no YAML: {error.problem or error.context}")
        return nothing
    except yaml.YAMLError as error:
        sheet.fault(1, f"no YAML: {str(error).splitlines()[0]}")
        return nothing
    if root is None:
        sheet.fault(1, "the file is empty")
        return nothing
    return _spot(sheet, (), root, set())


def _spot(sheet: Sheet, path: Path_, node: yaml.Node, seen: set[int]) -> Spot:
    sheet.lines.setdefault(path, node.start_mark.line + 1)
    if id(node) in seen:  # an alias is the anchor's own node, and may even hold itself
        sheet.fault(node.start_mark.line + 1, "anchors and aliases are not used here")
        return Spot(sheet, path, None)
    seen.add(id(node))
    match node:
        case yaml.ScalarNode():
            return Spot(sheet, path, str(node.value))
        case yaml.SequenceNode():
            return Spot(sheet, path, [_spot(sheet, (*path, n), item, seen) for n, item in enumerate(node.value)])
        case yaml.MappingNode():
            return Spot(sheet, path, _mapping(sheet, path, node, seen))
    return Spot(sheet, path, None)


def _mapping(sheet: Sheet, path: Path_, node: yaml.MappingNode, seen: set[int]) -> dict[str, Spot]:
    entries: dict[str, Spot] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            sheet.fault(line, "a key is not a text")
            continue
        key = str(key_node.value)
        if key in entries:
            sheet.fault(line, f"'{key}' appears twice")
            continue
        sheet.lines[(*path, key)] = line
        entries[key] = _spot(sheet, (*path, key), value_node, seen)
    return entries
