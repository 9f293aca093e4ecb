"""Words that are commands, read from the content, and what each asks for."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.dialogue.wording import ContentWording


class Command(StrEnum):
    """What a word on its own asks for; the words themselves are the content's phrases `words.<command>`."""

    START = "start"
    HELP = "help"
    STATUS = "status"
    OPEN = "open"
    WRONG = "wrong"
    NOT_FOUND = "not-found"
    NO_LOGIN = "no-login"
    WITHDRAW = "withdraw"
    TOMORROW = "tomorrow"
    PROGRESS = "progress"
    NAMES = "names"
    BIND = "bind"
    PRIVACY = "privacy"
    ERASE = "erase"
    ACKNOWLEDGE = "acknowledge"
    """收到 and its like: read, and nothing more."""
    BACK = "back"
    SKIP = "skip"
    QUIT = "quit"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A command and the words after it."""

    command: Command
    rest: tuple[str, ...] = ()


class Commands:
    """Knows the words for each command."""

    def __init__(self, wording: ContentWording) -> None:
        self._words = {_plain(word): command for command in Command for word in wording.words(f"words.{command}")}

    def read(self, text: str) -> Called | None:
        """The command a text is; None for a sentence. Only `bind` takes further words."""
        whole = self._words.get(_plain(text))
        if whole is not None:
            return Called(command=whole)
        first, *rest = text.split() or [""]
        command = self._words.get(_plain(first))
        return Called(command=command, rest=tuple(rest)) if command is Command.BIND else None


def _plain(text: str) -> str:
    """A word without width, case, leading slash, dots and repeated marks."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold().removeprefix("/")
    return "".join(char for char in folded if unicodedata.category(char)[0] not in "PZCS")
