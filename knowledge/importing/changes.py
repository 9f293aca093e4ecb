"""The change gate: what an edit of the content changes for those who ask, question by question."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.composing import compose
from knowledge.loading import Content
from knowledge.search.artefact import ARTEFACT
from knowledge.search.searcher import Band, Searcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A question whose answer is watched; `topic` is the right one where somebody said so, "none" for no topic."""

    text: str
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a version of the content makes of a question: the first topic, if any, and how sure the search is."""

    topic: str | None
    band: Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A question that is answered otherwise; `scopes` are those that read another text than before."""

    question: Recorded
    old: Told
    new: Told
    scopes: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """Whether the right topic came first before and does not now."""
        return self.question.topic is not None and self.old.topic == self.question.topic != self.new.topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """What of one kind was added, removed or changed, by name."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Everything that differs between two versions of the content; `asked` is how many questions were put to both."""

    asked: int
    questions: tuple[Change, ...]
    topics: Differing
    answers: Differing
    phrases: Differing

    def __bool__(self) -> bool:
        return bool(self.questions) or any(
            kind.added or kind.removed or kind.changed for kind in (self.topics, self.answers, self.phrases)
        )


def differences(
    old: Content,
    new: Content,
    recorded: Iterable[Recorded],
    *,
    today: date,
    artefacts: tuple[Path, Path] = (ARTEFACT, ARTEFACT),
) -> Differences:
    """Put every recorded question, and every question of either content, to both, each with its artefact."""
    before, after = (_Teller(content, today, folder) for content, folder in zip((old, new), artefacts, strict=True))
    questions = tuple(dict.fromkeys([*recorded, *_own(old), *_own(new)]))
    distinct = tuple({question.text: question for question in reversed(questions)}.values())[::-1]
    return Differences(
        asked=len(distinct),
        questions=tuple(filter(None, (_change(question, before, after) for question in distinct))),
        topics=_differing(old.topics, new.topics),
        answers=_differing(_answers(old), _answers(new)),
        phrases=_differing(old.phrases, new.phrases),
    )


def _own(content: Content) -> Iterator[Recorded]:
    for topic in content.topics.values():
        yield from (Recorded(text=line, topic=topic.id) for line in (topic.question, *topic.similar))


def _answers(content: Content) -> dict[str, object]:
    """The answers by topic, scope, audience and kind, which together name one."""
    return {
        f"{topic.id} {answer.scope} {answer.audience} {answer.kind}": answer
        for topic in content.topics.values()
        for answer in topic.answers
    }


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> Differing:
    return Differing(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(name for name in new if name in old and old[name] != new[name]),
    )


def _change(question: Recorded, before: "_Teller", after: "_Teller") -> Change | None:
    old, new = before.told(question), after.told(question)
    scopes = tuple(scope for scope in after.scopes | before.scopes if before.text(old, scope) != after.text(new, scope))
    return Change(question=question, old=old, new=new, scopes=tuple(sorted(scopes))) if old != new or scopes else None


class _Teller:
    """One version of the content, asked."""

    def __init__(self, content: Content, today: date, artefact: Path) -> None:
        self.scopes = frozenset(content.tree)
        self._content = content
        self._today = today
        self._searcher = Searcher.open(content, artefact)
        self._texts: dict[tuple[str, str], str | None] = {}

    def told(self, question: Recorded) -> Told:
        finding = self._searcher.search(question.text)
        sure = finding.band is not Band.NONE and finding.candidates
        return Told(topic=finding.candidates[0].topic if sure else None, band=finding.band)

    def text(self, told: Told, scope: str) -> str | None:
        """What an asker of this scope reads; None where no answer is in reach."""
        if told.topic is None or scope not in self.scopes:
            return None
        key = (told.topic, scope)
        if key not in self._texts:
            composed = compose(self._content, self._content.topics[told.topic], scope, today=self._today)
            self._texts[key] = composed.whole if composed else None
        return self._texts[key]
