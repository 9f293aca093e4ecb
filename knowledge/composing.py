"""The text of an answer: what holds for the asker, with its lead-in and where it comes from; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.loading import Content
from knowledge.topics import Answer, Audience, Kind, Part, Source, Topic, answers_in_reach


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedAnswer:
    """What is said to one asker.

    The first of `parts` is said at once, each further one has the label it is asked for by.
    `scope` and `kind` are those of the answer that comes first, the asker's own.
    """

    parts: tuple[Part, ...]
    source_line: str
    scope: str
    kind: Kind

    @property
    def whole(self) -> str:
        """All parts and the source line in one text."""
        return "\n\n".join([*(part.text for part in self.parts), self.source_line])


def compose(
    content: Content, topic: Topic, scope: str, *, today: date, audience: Audience = Audience.STUDENT
) -> ComposedAnswer | None:
    """What an asker of `scope` is told on `topic` on that day; None where no answer is in reach.

    An answer that is `with_wider` is followed by the wider one: their first parts are said together,
    their further parts one after the other.
    """
    answers = answers_in_reach(topic, scope, content.tree, audience)
    if not answers:
        return None
    first = _opening(content, answers[0], today)
    for wider in answers[1:]:
        first = content.phrases["answer.joined"].format(text=first, wider=_opening(content, wider, today))
    further = tuple(part for answer in answers for part in answer.parts[1:])
    return ComposedAnswer(
        parts=(Part(text=first), *further),
        source_line=_source_line(content, answers, scope),
        scope=answers[0].scope,
        kind=answers[0].kind,
    )


def _opening(content: Content, answer: Answer, today: date) -> str:
    """The first part, with the words that keep an old or a recurring fact from passing for today's."""
    text = answer.parts[0].text
    if answer.is_history(today):
        return content.phrases["answer.history"].format(scope=content.tree[answer.scope].name, text=text)
    if answer.kind is Kind.CALENDAR:
        return content.phrases["answer.calendar"].format(text=text)
    return text


def _source_line(content: Content, answers: tuple[Answer, ...], scope: str) -> str:
    """Where it comes from: of each answer the documents of the asker's own line of scopes, else its first.

    Another school's document among the grounds of a national answer would read as that school's fact.
    """
    lineage = content.tree.lineage(scope)
    items: dict[str, list[str]] = {}
    for answer in answers:
        own = [
            cited
            for cited in answer.sources
            if content.sources[cited.doc].scope in lineage and content.sources[cited.doc].year >= answer.as_of
        ]
        for cited in own or [cited for cited in answer.sources if cited.doc == answer.sources[0].doc]:
            known = items.setdefault(cited.doc, [])
            if cited.item not in known:
                known.append(cited.item)
    phrases = content.phrases
    cited_documents = (_citation(phrases, content.sources[doc], cited) for doc, cited in items.items())
    return phrases["answer.source"].format(sources=phrases["answer.source-join"].join(cited_documents))


def _citation(phrases: Mapping[str, str], source: Source, items: list[str]) -> str:
    return phrases["answer.citation"].format(
        publisher=source.publisher,
        title=source.title,
        dated=source.dated,
        items=phrases["answer.item-join"].join(items),
    )
