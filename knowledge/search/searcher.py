"""From a message to a band and its candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.loading import Content
from knowledge.search import artefact
from knowledge.search.artefact import ARTEFACT, NoArtefact
from knowledge.search.embedding import E5, Embedding, NoEmbedding
from knowledge.search.engines import NOTHING, Engine, Ranked, Trained, Untrained
from knowledge.search.index import Floats
from knowledge.search.normalizing import Asked, Normalizer
from knowledge.search.remembering import Remembered

REMEMBERED = 4_096
"""How many findings are kept, by plain question."""
SHORT = 400
"""Up to so many characters a message is remembered as it was typed, too."""


class Band(StrEnum):
    """How sure a search is."""

    SURE = "sure"
    """Answer."""
    MAYBE = "maybe"
    """Offer up to three, and "none of these"."""
    NONE = "none"
    """Say so, give the office, log the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A topic and how likely it is meant, between 0 and 1."""

    topic: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a search found: at most five candidates, best first, their confidences strictly falling.

    `asked` is the plain question, of a long message the part that asks.
    """

    band: Band
    candidates: tuple[Candidate, ...]
    asked: str


class Searcher:
    """Finds the topic of a message; thread-safe.

    `semantic` says whether the embedding takes part; `why_lexical` why not, in English, for `/readyz`.
    `embedding` is the one that takes part: another searcher can go on with it.
    """

    def __init__(
        self, content: Content, engine: Engine, *, why_lexical: str | None, embedding: Embedding | None = None
    ) -> None:
        self.why_lexical = why_lexical
        self.embedding = embedding
        self._topics = tuple(content.topics)
        self._engine = engine
        self._read = Normalizer(content.lexicon).read
        self._typed: Remembered[Asked] = Remembered(REMEMBERED)
        self._ranked: Remembered[Ranked] = Remembered(REMEMBERED)

    @property
    def semantic(self) -> bool:
        return self.why_lexical is None

    @classmethod
    def open(
        cls, content: Content, artefact_folder: Path = ARTEFACT, *, embedding: Embedding | None = None
    ) -> "Searcher":
        """A searcher over the content, as trained where the artefact fits it, with the embedding where there is one.

        An artefact that is missing or was trained on other content is not used: topics are then ranked by
        likeness alone, and `why_lexical` says so. `embedding` replaces the installed one.
        """
        try:
            return cls.trained(content, artefact_folder, embedding=embedding)
        except NoArtefact as reason:
            return cls.lexical(content, str(reason))

    @classmethod
    def lexical(cls, content: Content, why: str = "") -> "Searcher":
        """A searcher by likeness alone, whatever is installed; `why` it is one."""
        engine: Engine = Untrained(content, Normalizer(content.lexicon))
        return cls(content, engine, why_lexical=why)

    @classmethod
    def trained(cls, content: Content, artefact_folder: Path, *, embedding: Embedding | None = None) -> "Searcher":
        """As `open`, but raises `NoArtefact` where there is none that fits the content."""
        trained = artefact.load(artefact_folder, content)
        why = None
        if embedding is None:
            try:
                embedding = E5()
            except NoEmbedding as reason:
                why = str(reason)
        searcher = cls(content, Trained(trained, content, embedding), why_lexical=why, embedding=embedding)
        searcher.search(next(iter(content.topics), ""))  # reads the tables that the first question needs
        return searcher

    def search(self, text: str, *, addressed: bool = True) -> Finding:
        """The topics a message may ask about; never raises, whatever the text.

        With `addressed` false (a group message that did not call the bot) the band is sure or none,
        and sure only at a much higher level.
        """
        asked = self._asked(text)
        found = self._ranked.get(asked.whole)
        if found is None:
            found = self._ranked.put(asked.whole, self._engine.rank(asked) if asked.key else NOTHING)
        return self._finding(asked, found, addressed)

    def remembered(self, text: str, *, addressed: bool = True) -> Finding | None:
        """What `search` finds, at once where the same was searched before; None where it has to be searched."""
        asked = self._typed.get(text)
        found = self._ranked.get(asked.whole) if asked is not None else None
        return None if asked is None or found is None else self._finding(asked, found, addressed)

    def alike(self, texts: Sequence[str]) -> Floats:
        """How alike messages are to each other, shape (texts, texts), from 0 to 1 or a little below."""
        return self._engine.alike([self._read(text) for text in texts])

    def _asked(self, text: str) -> Asked:
        if len(text) > SHORT:
            return self._read(text)
        return self._typed.get(text) or self._typed.put(text, self._read(text))

    def _finding(self, asked: Asked, found: Ranked, addressed: bool) -> Finding:
        candidates = tuple(
            Candidate(topic=self._topics[topic], confidence=confidence)
            for topic, confidence in zip(found.topics, found.confidences, strict=True)
        )
        return Finding(band=self._band(found, addressed), candidates=candidates, asked=asked.clause)

    def _band(self, found: Ranked, addressed: bool) -> Band:
        first = found.confidences[0] if found.confidences else 0.0
        levels = self._engine.levels
        if first >= (levels.sure if addressed else levels.ambient):
            return Band.SURE
        return Band.MAYBE if addressed and first >= levels.maybe else Band.NONE
