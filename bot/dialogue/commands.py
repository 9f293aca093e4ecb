"""Words that are commands, read from the content, and what each asks for."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.dialogue.identifying import said_behind
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
    CORRECTIONS = "corrections"
    """What students reported wrong, or the one whose number follows; with a number of the sheet: take back what that
    student stated."""
    PROXY = "proxy"
    """State for students of a class who cannot; numbers of the sheet follow."""
    PAPER = "paper"
    """Who has signed on paper; numbers of the sheet follow."""
    HANDED = "handed"
    """The class's papers were handed in."""
    HANDED_ON = "handed-on"
    """The college has passed its papers on to the registrar."""
    NUDGE = "nudge"
    """Remind those of a class who still owe."""
    EXPORT = "export"
    """A class's paper as a file."""
    CHART = "chart"
    """The progress as a picture."""
    PASTE = "paste"
    """A text for a class's group that the bot is not in."""
    BIND = "bind"
    PRIVACY = "privacy"
    WHERE = "where"
    """The ids of the chat and the account, for who sets the bot up."""
    ERASE = "erase"
    THANKS = "thanks"
    PERSON = "person"
    """Somebody to talk to instead of the bot."""
    ACKNOWLEDGE = "acknowledge"
    """收到 and its like: read, and nothing more."""
    BACK = "back"
    SKIP = "skip"
    QUIT = "quit"
    DIFFERS = "differs"
    QUIET = "quiet"
    """Ask the bot to be quiet in a group for a while."""
    FEWER = "fewer"
    """Ask for private reminders on the last day only."""
    INCIDENT = "incident"
    UNREGISTERED = "unregistered"
    BIND_CLASS = "bind-class"
    """Say in a group which classes it is of."""
    UNBIND_CLASS = "unbind-class"
    MONITOR = "monitor"
    """Say that one is the class's monitor: staff decides."""
    HAND_OVER = "hand-over"
    """A monitor names the one who follows."""
    STAND_IN = "stand-in"
    """Staff asks for a code that makes a colleague their deputy."""
    WRITE_NOTICE = "write-notice"
    NOTICES = "notices"
    """The last notices of somebody of the staff, or the one whose number follows."""
    CLAIM = "claim"
    """Staff says whose account it is; anybody else asks for that."""


OF_STAFF = frozenset(
    {
        Command.PROGRESS, Command.NAMES, Command.NUDGE, Command.PROXY, Command.CORRECTIONS, Command.EXPORT,
        Command.CHART, Command.PASTE, Command.PAPER, Command.HANDED, Command.HANDED_ON,
    }
)  # fmt: skip
"""What those who look after a class ask about it; most of them take its name."""

_WITH_WORDS = OF_STAFF - {Command.PAPER} | frozenset(
    {
        Command.BIND, Command.CLAIM, Command.HAND_OVER, Command.STAND_IN, Command.QUIET, Command.FEWER,
        Command.INCIDENT, Command.UNREGISTERED, Command.NOTICES,
    }
)  # fmt: skip
"""Commands that take further words."""

_WITH_NUMBER = frozenset({Command.QUIET, Command.UNREGISTERED, Command.PROXY, Command.CORRECTIONS})
"""Commands whose number is often typed without a space before it."""

_WITH_NAMES = frozenset({Command.BIND_CLASS, Command.UNBIND_CLASS, Command.PAPER})
"""Commands followed by names, with or without a space or a colon between."""

_READ_BEFORE = 256
"""How many texts are remembered as they were read: each is looked at several times while it is answered."""

_LONGEST_ORDER = 40
"""Characters; what is longer and begins with a word of staff tells or asks something."""

_NUMBER = re.compile(r"\d")
_UP_TO_NUMBER = re.compile(r"(\D+?)\s*(\d.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A command and the words after it."""

    command: Command
    rest: tuple[str, ...] = ()


class Commands:
    """Knows the words for each command."""

    def __init__(self, wording: ContentWording) -> None:
        every = [(word, command) for command in Command for word in wording.words(f"words.{command}")]
        self._words = {_plain(word): command for word, command in every if _plain(word)}
        nods = [word for word, command in every if command is Command.ACKNOWLEDGE and not _plain(word)]
        self._nods = frozenset(_without_looks("".join(nods)))
        self._naming = [(word, command) for word, command in self._words.items() if command in _WITH_NAMES]
        of_staff = ((word, command) for word, command in self._words.items() if command in OF_STAFF)
        self._glued = sorted(of_staff, key=lambda one: -len(one[0]))
        self._binding = [word for word, command in self._words.items() if command is Command.BIND]
        self._read_before = lru_cache(maxsize=_READ_BEFORE)(self._read)

    def read(self, text: str) -> Called | None:
        """The command a text is, with the words some take; None for a sentence."""
        return self._read_before(text)

    def _read(self, text: str) -> Called | None:
        whole = Command.ACKNOWLEDGE if self._nod(text) else self._words.get(_plain(text))
        if whole is not None:
            return Called(command=whole)
        first, *rest = text.split() or [""]
        command = self._words.get(_plain(first))
        if (who := self._bound(text, apart=command is Command.BIND)) is not None:
            return who
        if command in _WITH_WORDS:
            return Called(command=command, rest=tuple(rest))
        for word, command in self._naming:
            if text.strip().startswith(word):
                names = text.strip().removeprefix(word).lstrip(":\uff1a")
                return Called(command=command, rest=tuple(names.split()))
        numbered = _UP_TO_NUMBER.fullmatch(text.strip())
        command = self._words.get(_plain(numbered[1])) if numbered else None
        if numbered and command in _WITH_NUMBER:
            return Called(command=command, rest=tuple(numbered[2].split()))
        return self._of_a_class(text.strip())

    def _of_a_class(self, text: str) -> Called | None:
        """A word of staff with a class's name, or numbers of its sheet, typed right behind it."""
        for word, command in self._glued:
            if text.startswith(word) and len(text) <= _LONGEST_ORDER and _NUMBER.search(text):
                return Called(command=command, rest=tuple(text.removeprefix(word).split()))
        return None

    def _bound(self, text: str, *, apart: bool) -> Called | None:
        """Binding with who it is behind the word; without a space between, only a code or a number may follow."""
        spelt = text.strip()
        word = next((word for word in self._binding if spelt.startswith(word)), None)
        who = said_behind(spelt.removeprefix(word), apart=apart) if word else ()
        return Called(command=Command.BIND, rest=who) if who else None

    def _nod(self, text: str) -> bool:
        """Whether a text is nothing but signs that stand for having read, like a thumb."""
        signs = _without_looks(text)
        return bool(signs) and self._nods.issuperset(signs)


def _without_looks(signs: str) -> str:
    """Signs without spaces and without what only says how they look: their colour, their skin."""
    return "".join(
        sign for sign in signs if not sign.isspace() and unicodedata.category(sign) not in {"Mn", "Sk", "Cf"}
    )


@lru_cache(maxsize=256)
def _plain(text: str) -> str:
    """A word without width, case, leading slash, dots and repeated marks."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold().removeprefix("/")
    return "".join(char for char in folded if unicodedata.category(char)[0] not in "PZCS")
