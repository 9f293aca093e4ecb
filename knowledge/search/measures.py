"""The measures of the search, as `tests/fixtures/eval/score.py` defines them."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def of_questions(rows: Sequence[Row], answers: Sequence[Row]) -> dict[str, float]:
    """Shares of the questions: first right, among three, and what the bands do with them."""
    right = [{row["topic"], *row.get("also", ())} for row in rows]
    hit = hits(rows, answers)
    among = [
        any(each["topic"] in topics for each in answer["candidates"][:3])
        for answer, topics in zip(answers, right, strict=True)
    ]
    bands = [answer["band"] for answer in answers]
    measures = {
        "top1": sum(hit),
        "top3": sum(among),
        "sure_right": sum(band == "sure" and h for band, h in zip(bands, hit, strict=True)),
        "sure_wrong": sum(band == "sure" and not h for band, h in zip(bands, hit, strict=True)),
        "offered": sum(band == "maybe" and a for band, a in zip(bands, among, strict=True)),
    }
    return {name: count / len(rows) for name, count in measures.items()}


def of_chatter(rows: Sequence[Row], answers: Sequence[Row], chatter: Sequence[Row]) -> dict[str, float]:
    """Shares of the chatter taken for a question, and of the questions right above what chatter reaches."""
    levels = sorted((_confidence(answer) for answer in chatter), reverse=True)
    hit = hits(rows, answers)
    measures = {}
    for name, share in (("right_at_1pct_false", 0.01), ("right_at_0.2pct_false", 0.002)):
        level = levels[int(len(levels) * share)]
        above = sum(h and _confidence(answer) > level for h, answer in zip(hit, answers, strict=True))
        measures[name] = above / len(rows)
    for band in ("sure", "maybe"):
        measures[f"false_{band}"] = sum(answer["band"] == band for answer in chatter) / len(chatter)
    return measures


def of_scopes(rows: Sequence[Row], answers: Sequence[Row]) -> dict[str, float]:
    """The share of the answers that say what holds in the asker's scope, and how many say another scope's facts.

    A row's `must` are texts, or choices of texts, that the answer has; its `must_not` those it has not.
    """
    right = foreign = 0
    for row, answer in zip(rows, answers, strict=True):
        said = _plain(answer["answer"])
        wanted = [[each] if isinstance(each, str) else each for each in row["must"]]
        strange = any(_plain(each) in said for each in row["must_not"])
        foreign += strange
        right += not strange and all(any(_plain(text) in said for text in choice) for choice in wanted)
    return {"scope_rows": len(rows), "scope_right": right / len(rows), "foreign_facts": foreign}


def _plain(text: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def hits(rows: Sequence[Row], answers: Sequence[Row]) -> list[bool]:
    """Whether the first candidate is right, question by question."""
    return [
        bool(answer["candidates"]) and answer["candidates"][0]["topic"] in {row["topic"], *row.get("also", ())}
        for row, answer in zip(rows, answers, strict=True)
    ]


def _confidence(answer: Row) -> float:
    return float(answer["candidates"][0]["confidence"]) if answer["candidates"] else float("-inf")
