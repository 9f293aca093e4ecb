"""What the search learns from: every question of every topic, and the messages that no topic answers."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.loading import Content
from knowledge.search.embedding import MODEL

FORMAT = 2
"""To be raised when the search reads lines otherwise than an older artefact was trained to."""

SIGNPOSTS = "project"
"""The source of topics that only point the way; see `signposts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Lines with the number of their topic in `topics`; the chatter has the number behind the last."""

    topics: tuple[str, ...]
    texts: tuple[str, ...]
    owners: NDArray[np.int32]


def corpus(content: Content) -> Corpus:
    """The lines of a content, in its own order; a look-alike is a line of the topic it belongs to."""
    topics = tuple(content.topics)
    number = {topic: place for place, topic in enumerate(topics)}
    lines = [(text, number[topic]) for topic, text in _questions(content) if topic in number]
    lines += [(text, len(topics)) for text in content.chatter]
    return Corpus(
        topics=topics,
        texts=tuple(text for text, _ in lines),
        owners=np.array([owner for _, owner in lines], dtype=np.int32),
    )


def _questions(content: Content) -> Iterator[tuple[str, str]]:
    for topic in content.topics.values():
        for text in (topic.question, *topic.similar, *content.asked.get(topic.id, ())):
            yield topic.id, text
    for topic in content.topics.values():
        for lookalike in topic.not_this:
            yield lookalike.goes_to, lookalike.ask


def fingerprint(content: Content) -> str:
    """What an artefact was trained on, as SHA-256 (hex): lines, lexicon, model and the way lines are read."""
    lines = corpus(content)
    lexicon = {name: getattr(content.lexicon, name) for name in sorted(content.lexicon.__slots__)}
    parts = [
        FORMAT,
        MODEL,
        lines.topics,
        lines.texts,
        lines.owners.tolist(),
        {k: _plain(v) for k, v in lexicon.items()},
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def _plain(value: object) -> object:
    return dict(value) if hasattr(value, "keys") else value  # type: ignore[call-overload]


def signposts(content: Content) -> NDArray[np.bool_]:
    """Which topics, in order, rest on no document: they point the way or speak of the bot itself.

    They are offered, and never answered unasked-for: much small talk reads like them.
    """
    return np.array(
        [
            all(cited.doc == SIGNPOSTS for answer in topic.answers for cited in answer.sources)
            for topic in content.topics.values()
        ],
        dtype=np.bool_,
    )
