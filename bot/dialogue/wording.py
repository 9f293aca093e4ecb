"""Phrases of the content turned into words."""

from collections.abc import Mapping

from scheduler.messages import Body, Phrase, Text


class ContentWording:
    """The words for a body, from the content's phrases.

    Every phrase may use {you}; who is spoken to formally gives it as a value, all others are 你.
    """

    def __init__(self, phrases: Mapping[str, str], informal: str) -> None:
        self._phrases = phrases
        self._informal = informal

    def render(self, body: Body) -> str:
        """The words; KeyError for a phrase the content does not have or a value it misses."""
        match body:
            case Text(text=text):
                return text
            case Phrase(key=key, values=values):
                said = {
                    name: self.render(value) if isinstance(value, Phrase) else value for name, value in values.items()
                }
                return self._phrases[key].format(**{"you": self._informal, **said})

    def label(self, key: str, **values: str | int) -> str:
        """The words of a button or a part of a sentence."""
        return self.render(Phrase(key=key, values=values))

    def words(self, key: str) -> tuple[str, ...]:
        """A phrase that lists words, as its words."""
        return tuple(self._phrases[key].split())

    def labels(self, prefix: str) -> Mapping[str, str]:
        """All phrases under a prefix, by the rest of their key."""
        return {key.removeprefix(prefix): text for key, text in self._phrases.items() if key.startswith(prefix)}
