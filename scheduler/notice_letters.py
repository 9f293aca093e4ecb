"""What a notice says, and the buttons under it, as it was approved."""

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.messages import Action, Attachment, Choice, Link, Phrase, Verb
from scheduler.notices import Form, Notice, ReadLevel

Choices = tuple[tuple[Phrase | str, Action], ...]
"""Buttons by their label, a phrase or an answer's own words, and what pressing them asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLetter:
    """A notice in phrases: its body, its buttons, its links and its files."""

    body: Phrase
    choices: Choices
    links: tuple[Link, ...]
    files: tuple[Attachment, ...]

    def buttons(self, words: Callable[[Phrase], str]) -> tuple[Choice, ...]:
        """The choices in words."""
        return in_words(self.choices, words)


def in_words(choices: Choices, words: Callable[[Phrase], str]) -> tuple[Choice, ...]:
    """Choices whose labels are put into words where they are not the words themselves."""
    return tuple(
        Choice(label=label if isinstance(label, str) else words(label), action=action) for label, action in choices
    )


def letter(notice: Notice, about: Notice | None = None) -> NoticeLetter:
    """What a notice says; `about` is the one that its form speaks of. A nudge says that one again, with its buttons."""
    said = about if notice.form is Form.NUDGE and about is not None else notice
    whole = Phrase(
        key=f"notice.level.{said.level}", values={"title": said.title, "text": said.text, "number": said.number}
    )
    files = tuple(sorted(said.files, key=lambda file: not file.is_picture))  # where it can, a picture carries the words
    if notice.form is Form.PLAIN:
        return NoticeLetter(body=whole, choices=_choices(said), links=said.links, files=files)
    values: dict[str, str | int | Phrase] = {"number": notice.about, "text": notice.text, "notice": whole}
    body = Phrase(key=f"notice.form.{notice.form}", values=values)
    return NoticeLetter(body=body, choices=_choices(said), links=said.links, files=files)


def _choices(notice: Notice) -> Choices:
    subject = str(notice.number)
    match notice.level:
        case ReadLevel.TELL:
            return ()
        case ReadLevel.CLICK:
            return ((Phrase(key="button.notice-read"), Action(verb=Verb.READ, subject=subject)),)
        case ReadLevel.ANSWER if len(notice.questions) > 1:
            return ((Phrase(key="button.notice-answer"), Action(verb=Verb.READ, subject=subject)),)
        case ReadLevel.ANSWER:
            return answer_choices(notice, 0)


def answer_choices(notice: Notice, place: int) -> Choices:
    """The answers to one question as buttons."""
    return tuple(
        (option, Action(verb=Verb.READ, subject=str(notice.number), detail=f"{place}-{number}"))
        for number, option in enumerate(notice.questions[place].options)
    )
