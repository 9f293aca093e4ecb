"""A document of questions and answers into drafts, which a person completes before they are content."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.importing.house import draft_yaml
from knowledge.importing.mending import Mended, mend
from knowledge.importing.pairs import Pair, pairs
from knowledge.importing.reading import Block, Line, read
from knowledge.importing.refusals import Refusal, refusal, wording
from knowledge.loading import CONTENT
from knowledge.topic_rules import PART

SUMMARY = "summary.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A pair on its way to a topic, and what a person has to look at in it, in the clerk's language."""

    pair: Pair
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """What a document gave: its drafts in order, the lines outside them, and what was mended, if it was damaged."""

    file: str
    drafts: tuple[Draft, ...]
    outside: tuple[str, ...]
    mended: Mended | None

    def summary(self, folder: Path) -> str:
        """What was found, for the clerk; the lines outside any pair at its end."""
        notes = wording("documents")["notes"]
        lines = [notes["pairs"].format(file=self.file, count=len(self.drafts), folder=folder)]
        if self.mended:
            lines.append(notes["mended"].format(count=self.mended.count, samples="；".join(self.mended.samples)))
        for number, draft in enumerate(self.drafts, start=1):
            lines.append(f"{_name(number)}  {draft.pair.item}  {draft.pair.question}")
            lines += [f"    {warning}" for warning in draft.warnings]
        if self.outside:
            lines += [notes["outside"].format(count=len(self.outside), file=SUMMARY), *self.outside]
        return "\n".join(lines) + "\n"


def drafts(path: Path) -> Drafts | Refusal:
    """The drafts that a DOCX, PDF, XLSX or TXT file gives, or why it gives none."""
    blocks = read(path)
    if isinstance(blocks, Refusal):
        return blocks
    mended = mend("\n".join(block.text for block in blocks if isinstance(block, Line)))
    found = pairs(_mended_blocks(blocks, mended))
    if not found.pairs:
        return refusal("documents", "no_pairs", file=path.name)
    return Drafts(
        file=path.name,
        drafts=tuple(Draft(pair=pair, warnings=tuple(_warnings(pair, mended is not None))) for pair in found.pairs),
        outside=found.outside,
        mended=mended,
    )


def write(found: Drafts, folder: Path) -> Refusal | None:
    """One YAML file a draft and a summary, into a folder that has no drafts yet and is no content."""
    if folder.resolve().is_relative_to(CONTENT.resolve()) or (folder / "topics").is_dir() or folder.name == "topics":
        return refusal("documents", "folder_content", folder=folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return refusal("documents", "folder_used", folder=folder)
    folder.mkdir(parents=True, exist_ok=True)
    note = wording("documents")["notes"]["draft"]
    for number, draft in enumerate(found.drafts, start=1):
        pair = draft.pair
        written = draft_yaml(note, question=pair.question, answer=pair.answer, item=pair.item, warnings=draft.warnings)
        (folder / _name(number)).write_text(written, "utf-8")
    (folder / SUMMARY).write_text(found.summary(folder), "utf-8")
    return None


def _mended_blocks(blocks: Iterable[Block], mended: Mended | None) -> Iterator[Block]:
    """The blocks, with the mended lines in the place of the first damaged one."""
    if mended is None:
        yield from blocks
        return
    yield from (Line(text) for text in mended.text.splitlines())
    yield from (block for block in blocks if not isinstance(block, Line))


def _warnings(pair: Pair, damaged: bool) -> Iterator[str]:
    words = wording("documents")
    if not pair.asked:
        yield words["notes"]["heading"]
    if damaged:
        yield words["notes"]["damaged"]
    if len(pair.answer) > PART:
        yield words["notes"]["long"].format(length=len(pair.answer), limit=PART)
    text = f"{pair.question}\n{pair.answer}"
    yield from (warned["text"] for warned in words["warnings"].values() if re.search(warned["pattern"], text))


def _name(number: int) -> str:
    return f"draft-{number:03}.yaml"
