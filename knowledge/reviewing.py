"""What a clerk has to look at again by a given day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.loading import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An answer or a guide to be reviewed, and whom it holds for."""

    review_by: date
    file: str
    line: int
    title: str
    scope: str


def due(content: Content, by: date) -> tuple[Due, ...]:
    """Everything whose review is due on or before that day, the longest due first."""
    return tuple(sorted((item for item in _all(content) if item.review_by <= by), key=lambda d: (d.review_by, d.file)))


def _all(content: Content) -> Iterator[Due]:
    for topic in content.topics.values():
        file = f"topics/{topic.id}.yaml"
        for number, answer in enumerate(topic.answers):
            yield Due(
                review_by=answer.review_by,
                file=file,
                line=content.line(file, "answers", number),
                title=topic.title,
                scope=answer.scope,
            )
    for guide in content.guides.values():
        file = f"guides/{guide.id}.yaml"
        yield Due(
            review_by=guide.review_by,
            file=file,
            line=content.line(file, "review_by"),
            title=guide.title,
            scope=guide.scope,
        )
