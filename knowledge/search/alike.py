"""How alike questions are to each other, by the features the search itself goes by."""

from collections.abc import Sequence

import numpy as np

from knowledge.search.embedding import Embedding
from knowledge.search.index import Floats, Index
from knowledge.search.meaning import Meaning
from knowledge.search.normalizing import Asked
from knowledge.search.ranker import joined
from knowledge.search.terms import Terms


def by_words(asked: Sequence[Asked], terms: Terms) -> Floats:
    """Shape (questions, questions), of one at least; a word counts more the fewer questions have it."""
    buckets = [terms(each) for each in asked]
    index = Index.of(buckets)
    return np.stack([index.likeness(each) for each in buckets])


def by_words_and_meaning(asked: Sequence[Asked], terms: Terms, meaning: Meaning, embedding: Embedding) -> Floats:
    """The same, and what the embedding hears; one of its calls a question."""
    return joined(by_words(asked, terms), meaning.between(embedding.many([each.clause for each in asked])))
