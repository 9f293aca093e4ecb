"""Many questions at once, in the form the score reads."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from knowledge.composing import compose
from knowledge.loading import Content
from knowledge.scopes import NATIONAL
from knowledge.search.searcher import Searcher


def batch(
    content: Content, searcher: Searcher, rows: Iterable[Mapping[str, Any]], *, today: date
) -> Iterator[dict[str, Any]]:
    """What is found and would be said for each row, in order.

    A row has `q`, and may have `scope` (the asker's; else national) and `addressed` (else true). The result has
    `q`, `band`, `candidates` (topic and confidence, best first), `answer` (the whole text for the first
    candidate, None where none is in reach) and `scope` (that answer's).
    """
    for row in rows:
        found = searcher.search(row["q"], addressed=row.get("addressed", True))
        answer = None
        if found.candidates:
            topic = content.topics[found.candidates[0].topic]
            answer = compose(content, topic, row.get("scope", NATIONAL), today=today)
        yield {
            "q": row["q"],
            "band": str(found.band),
            "candidates": [{"topic": each.topic, "confidence": each.confidence} for each in found.candidates],
            "answer": answer.whole if answer else None,
            "scope": answer.scope if answer else None,
        }
