"""Questions without a good answer, put together for staff by the search's own features."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.clustering import BY_MEANING, BY_WORDS, Cluster, Near, Question, clusters
from knowledge.search.searcher import Searcher

MOST_QUESTIONS = 2_000
"""How many of the most frequent are looked at: with the embedding, a minute or two of one core."""
MOST_CLUSTERS = 300
"""How many are kept for staff, the most asked about."""
NEAREST = 3


def gather(questions: Sequence[Question], searcher: Searcher) -> tuple[Cluster, ...]:
    """The clusters of the most frequent questions, each with the topics nearest to its first one."""
    questions = sorted(questions, key=lambda question: (-question.times, question.text))[:MOST_QUESTIONS]
    if not questions:
        return ()
    likeness = searcher.alike([question.text for question in questions])
    found = clusters(questions, likeness, BY_MEANING if searcher.semantic else BY_WORDS)
    return tuple(replace(cluster, nearest=_nearest(cluster, searcher)) for cluster in found[:MOST_CLUSTERS])


def _nearest(cluster: Cluster, searcher: Searcher) -> tuple[Near, ...]:
    candidates = searcher.search(cluster.texts[0]).candidates[:NEAREST]
    return tuple(Near(topic=each.topic, confidence=each.confidence) for each in candidates)
