"""Text of damaged slides: characters, words and lines that an extraction wrote twice."""

import re
from dataclasses import dataclass

from knowledge.importing.marks import pattern

DAMAGED = 0.08
"""The share of a text's ideographs that stand in doublings from which it counts as damaged; sound text has 0.01."""
FEWEST = 5
"""Doublings below which a text is not damaged, however short it is."""
RUN_ON = 300
"""Characters of a line above which it is taken for a page without paragraphs."""
SAMPLES = 3
_ROUNDS = 4
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A text with its doublings collapsed; `samples` are some of them, as they stood and as they stand."""

    text: str
    count: int
    samples: tuple[str, ...]


def mend(text: str) -> Mended | None:
    """The text without its doublings and with paragraphs again; None if it is not damaged.

    Only a text that is damaged as a whole is touched: in sound text a repeated word is meant.
    """
    if not _is_damaged(text):
        return None
    collapsed: list[str] = []
    text = _without_pages(text)

    def once(found: re.Match[str]) -> str:
        kept = next(group for group in found.groups() if group)
        whole = found[0][::2] if found.re is pattern("mended_pairs") else kept
        collapsed.append(f"{found[0].strip()} → {whole.strip()}")
        return whole

    for _ in range(_ROUNDS):
        before = text
        for name in ("mended_repeat", "mended_pairs", "mended_dates"):
            text = pattern(name).sub(once, text)
        if text == before:
            break
    lines = (part.strip() for line in text.splitlines() for part in _paragraphs(line))
    return Mended(text="\n".join(lines), count=len(collapsed), samples=_telling(collapsed))


def _telling(collapsed: list[str]) -> tuple[str, ...]:
    """Those of the changes that have a digit first: a wrong date does more harm than a wrong word."""
    short = [change for change in dict.fromkeys(collapsed) if len(change) <= RUN_ON / 10]
    return tuple(sorted(short, key=lambda change: not any(c.isdigit() for c in change))[:SAMPLES])


def _is_damaged(text: str) -> bool:
    doubled = [
        ideographs
        for name in ("mended_repeat", "mended_pairs")
        for found in pattern(name).finditer(text)
        if (ideographs := len(_IDEOGRAPH.findall(found[0])))
    ]
    return len(doubled) >= FEWEST and sum(doubled) >= DAMAGED * len(_IDEOGRAPH.findall(text))


def _without_pages(text: str) -> str:
    """The text in one piece if all its paragraphs are pages that count 1, 2, 3 and break in mid-sentence."""
    pages = [line for line in text.splitlines() if line.strip()]
    numbers = [found[1] if (found := pattern("page_break").match(line)) else "" for line in pages]
    counted = [number for number in numbers if number]
    if len(counted) < SAMPLES or counted != [str(n) for n in range(1, len(counted) + 1)]:
        return text
    return "".join(pattern("page_break").sub("", page) for page in pages)


def _paragraphs(line: str) -> list[str]:
    return pattern("run_on").split(line) if len(line) > RUN_ON else [line]
