"""The content folder in, one frozen `Content` out, or all that is wrong with it at once."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from knowledge import parsing
from knowledge.campaign_templates import CampaignTemplate
from knowledge.faults import ContentFaults, Fault
from knowledge.guides import Guide
from knowledge.lexicon import EMPTY_LEXICON, Lexicon
from knowledge.lexicon import parse as parse_lexicon
from knowledge.scopes import ScopeTree
from knowledge.strictyaml import Path_, Spot, read
from knowledge.topics import Family, Source, Topic

__all__ = ["CONTENT", "Content", "ContentFaults", "Fault", "load"]

CONTENT = Path(__file__).parent / "content"
"""The content that comes with the package."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything the bot may say, as one version.

    `version` is the SHA-256 (hex) of all files it was read from. `links` are the only addresses an
    answer may contain. `asked` holds further questions by topic and `chatter` messages that no topic
    answers: the search learns from both. `figures` are the ids with both an SVG and a PNG.
    """

    version: str
    tree: ScopeTree
    sources: Mapping[str, Source]
    links: tuple[str, ...]
    topics: Mapping[str, Topic]
    families: Mapping[str, Family]
    guides: Mapping[str, Guide]
    templates: Mapping[str, CampaignTemplate]
    phrases: Mapping[str, str]
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lexicon: Lexicon = EMPTY_LEXICON
    chatter: tuple[str, ...] = ()
    figures: frozenset[str] = frozenset()
    lines: Mapping[str, Mapping[Path_, int]] = field(default_factory=dict, repr=False, compare=False)

    def line(self, file: str, *path: str | int) -> int:
        """The line of a value in its file, or of the nearest thing around it that has one."""
        known = self.lines.get(file, {})
        for length in range(len(path), -1, -1):
            if path[:length] in known:
                return known[path[:length]]
        return 1


def load(folder: Path = CONTENT) -> Content:
    """Read a content folder; raises `ContentFaults` with every fault of form in it.

    Only the form of each file is judged here; whether the files fit together is `linting`'s.
    """
    reader = _Reader(folder)
    content = Content(
        version=version(folder),
        tree=ScopeTree(reader.file("scopes.yaml", parsing.scopes, {})),
        sources=reader.file("sources.yaml", parsing.sources, {}),
        links=reader.file("links.yaml", Spot.texts, ()),
        topics=reader.folder("topics", parsing.topic),
        families=reader.file("families.yaml", parsing.families, {}),
        guides=reader.folder("guides", parsing.guide),
        templates=reader.folder("campaigns", parsing.campaign),
        phrases=reader.file("phrases.yaml", _phrases, {}),
        asked=reader.folder("asked", lambda _, root: root.texts()),
        lexicon=reader.file("lexicon.yaml", parse_lexicon, EMPTY_LEXICON),
        chatter=reader.file("chatter.yaml", _chatter, ()),
        figures=_figures(folder / "figures"),
        lines=MappingProxyType(reader.lines),
    )
    if reader.faults:
        raise ContentFaults(reader.faults)
    return content


def phrases(folder: Path = CONTENT) -> Mapping[str, str]:
    """The phrases of a content folder alone, whatever is wrong with them."""
    return _phrases(read(folder, "phrases.yaml"))


def version(folder: Path) -> str:
    """SHA-256 over the names and bytes of all YAML files of a content folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class _Reader:
    """Reads files one by one and keeps their faults and lines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.faults: list[Fault] = []
        self.lines: dict[str, Mapping[Path_, int]] = {}

    def file(self, name: str, parse: Callable[[Spot], _Value], nothing: _Value) -> _Value:
        root = read(self._folder, name)
        value = nothing if root.value is None else parse(root)
        self.faults += root.sheet.faults
        self.lines[name] = root.sheet.lines
        return value

    def folder(self, name: str, parse: Callable[[str, Spot], _Value]) -> Mapping[str, _Value]:
        values: dict[str, _Value] = {}
        for path in sorted((self._folder / name).glob("*.yaml")):
            root = read(self._folder, f"{name}/{path.name}")
            if root.value is not None:
                values[path.stem] = parse(path.stem, root)
            self.faults += root.sheet.faults
            self.lines[root.sheet.file] = root.sheet.lines
        return MappingProxyType(values)


def _phrases(root: Spot) -> dict[str, str]:
    return {key: spot.text() for key, spot in root.entries().items()}


def _chatter(root: Spot) -> tuple[str, ...]:
    """A list of messages, or such lists by kind."""
    if isinstance(root.value, dict):
        return tuple(text for kind in root.value.values() for text in kind.texts())
    return root.texts()


def _figures(folder: Path) -> frozenset[str]:
    drawn = {path.stem for path in folder.rglob("*.svg")}
    return frozenset(drawn & {path.stem for path in folder.rglob("*.png")})
