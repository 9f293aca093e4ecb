"""What the rules over topics, guides and the rest share: where a fault stands, links, placeholders."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter

from knowledge.faults import Fault
from knowledge.loading import Content
from knowledge.topics import Citation

_LINK = re.compile(
    r"https?://[^\s，。；：、）)】」”]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:[a-z0-9-]+\.)+(?:com|cn|net|org|edu|gov)\b[/\w.?=&%-]*",
    re.IGNORECASE | re.ASCII,
)
_VALUE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Notes:
    """Faults of one file."""

    content: Content
    file: str

    def at(self, message: str, *path: str | int) -> Fault:
        return Fault(self.file, self.content.line(self.file, *path), message)

    def sources(self, cited: tuple[Citation, ...], *path: str | int) -> Iterator[Fault]:
        """A fault where nothing is cited, or a document that is not among the sources."""
        if not cited:
            yield self.at("no source is cited", *path, "sources")
        for number, citation in enumerate(cited):
            if citation.doc not in self.content.sources:
                yield self.at(f"unknown source '{citation.doc}'", *path, "sources", number)

    def length(self, text: str, longest: int, what: str, *path: str | int) -> Iterator[Fault]:
        if len(text) > longest:
            yield self.at(f"{what} has {len(text)} characters of {longest}", *path)


def dead_links(note: Notes, content: Content, text: str, *path: str | int) -> Iterator[Fault]:
    """Addresses in a text that are not on the allow-list."""
    for found in _LINK.finditer(text):
        if not any(_within(found[0], link) for link in content.links):
            yield note.at(f"the link {found[0]} is not on the list of links", *path)


def _within(found: str, link: str) -> bool:
    bare = re.sub(r"^https?://", "", found).rstrip("/.")
    allowed = re.sub(r"^https?://", "", link).rstrip("/")
    return bare == allowed or bare.startswith(allowed + "/")


def placeholders(text: str) -> tuple[set[str], list[str]]:
    """The values a phrase names, and what is wrong with its braces, in words."""
    names: set[str] = set()
    wrong: list[str] = []
    try:
        for _, name, form, conversion in Formatter().parse(text):
            if name is None:
                continue
            if form or conversion or not _VALUE.fullmatch(name):
                wrong.append(f"a placeholder '{{{name}}}' that is no plain name")
            names.add(name)
    except ValueError as error:
        wrong.append(f"a brace that belongs to no value ({error})")
    return names, wrong
