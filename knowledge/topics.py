"""Topics, their scoped answers, and the pure rule that picks what an asker is told."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.scopes import ScopeTree

UNDATED = "undated"
"""The year of a document, or of a fact, that carries none."""


class Kind(StrEnum):
    """What sort of fact an answer states; the kind decides wording and which answer wins."""

    RULE = "rule"
    """Law, ministry or school rule, good until repealed; the nearest scope wins."""
    MECHANICS = "mechanics"
    """How 学信网 looks and works; national, the newest wins."""
    CALENDAR = "calendar"
    """Recurs each term and needs a clerk to confirm it; the nearest scope wins."""
    DATED = "dated"
    """A deadline or hand-in of one year; over after `ends`, then told as history only."""
    PLACE = "place"
    """A person, room, office or phone, told with its year."""


class Audience(StrEnum):
    """To whom an answer speaks: a student is not told to open a system only staff can open."""

    STUDENT = "student"
    TEACHER = "teacher"
    REGISTRAR = "registrar"


class CampaignFact(StrEnum):
    """What an asker's open campaign knows better than any dated document."""

    STUDENT_DEADLINE = "student-deadline"
    HAND_IN = "hand-in"
    WHO_MUST = "who-must"
    CHECKLIST = "checklist"
    REMARKS = "remarks"
    """What looks wrong and is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document answers are built from; `dated` is how its date is said aloud."""

    id: str
    title: str
    publisher: str
    year: str
    dated: str
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One item of one source, by the source's id and the item's own numbering."""

    doc: str
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One screenful of an answer; every part but the first has the label it is asked for by."""

    text: str
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What holds for one scope. `as_of` is a year or "undated"; `ends` only for kind `dated`."""

    scope: str
    kind: Kind
    audience: Audience
    parts: tuple[Part, ...]
    sources: tuple[Citation, ...]
    as_of: str
    reviewed: date
    review_by: date
    ends: date | None = None
    with_wider: bool = False

    def is_history(self, today: date) -> bool:
        """Whether a dated answer is over, and may only be told as that year's."""
        return self.ends is not None and today > self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """A question that reads like this topic and belongs to another."""

    ask: str
    goes_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing students want to know."""

    id: str
    title: str
    question: str
    similar: tuple[str, ...]
    answers: tuple[Answer, ...]
    not_this: tuple[Lookalike, ...] = ()
    see: tuple[str, ...] = ()
    guide: str | None = None
    family: str | None = None
    from_campaign: CampaignFact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer to a deciding question, and the topic it leads to."""

    label: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The one question that decides between topics which a question alone cannot tell apart."""

    id: str
    ask: str
    options: tuple[Option, ...]


def answers_in_reach(
    topic: Topic, scope: str, tree: ScopeTree, audience: Audience = Audience.STUDENT
) -> tuple[Answer, ...]:
    """What an asker of `scope` is told on `topic`: nothing, one answer, or one with its wider complement.

    The nearest scope up the tree wins, never a sibling's. Of `mechanics` the newest wins whatever
    its scope on the way up. Staff are told what students are told where nothing was written for them.
    """
    lineage = tree.lineage(scope)
    reachable = [answer for answer in topic.answers if answer.scope in lineage]
    audiences = (audience,) if audience is Audience.STUDENT else (audience, Audience.STUDENT)
    for wanted in audiences:
        own = [answer for answer in reachable if answer.audience is wanted]
        if own:
            return _nearest_first(own, lineage)
    return ()


def _nearest_first(answers: list[Answer], lineage: tuple[str, ...]) -> tuple[Answer, ...]:
    newest_mechanics = max(
        (answer for answer in answers if answer.kind is Kind.MECHANICS), key=lambda a: a.as_of, default=None
    )
    ordered = sorted(
        (a for a in answers if a.kind is not Kind.MECHANICS or a is newest_mechanics),
        key=lambda a: lineage.index(a.scope),
    )
    said: list[Answer] = []
    for answer in ordered:
        said.append(answer)
        if not answer.with_wider:
            break
    return tuple(said)
