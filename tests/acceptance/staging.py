"""What a stage is: a platform with one student on it, in private and in the class group."""

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.bootstrap import Knowledge, Lane, Stores
from bot.settings import Settings, read
from scheduler.clocks import VirtualClock
from scheduler.messages import Address
from scheduler.roster import Student

_NUMBERED = re.compile(r"^(\d+)\u3001(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of the bot, with the labels of its buttons; `key` is another one once it was changed."""

    key: str
    text: str
    buttons: tuple[str, ...] = ()

    def offers(self, label: str) -> bool:
        """Whether a choice with these words can be made, by button or by number."""
        return self.number_of(label) is not None or any(label in button for button in self.buttons)

    def number_of(self, label: str) -> str | None:
        """The number by which a choice is picked, where it stands in the text."""
        return next((number for number, said in _NUMBERED.findall(self.text) if label in said), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every stage stands on."""

    known: Knowledge
    kept: Stores
    clock: VirtualClock
    folder: Path
    student: Student
    opened: AsyncExitStack

    @property
    def settings(self) -> Settings:
        return read(data=self.folder)


class Stage(Protocol):
    """A platform with one student, who has written to the bot before, and the group of the student's class.

    `groups` are the addresses by which the group is reached: one that is heard, and one that can be written to
    unasked where that is another.
    """

    lane: Lane
    account: str
    groups: list[Address]

    async def say(self, text: str, *, in_group: bool) -> None:
        """The student writes; in the group to the bot by name. Returns when it is in the intake."""

    async def press(self, label: str, *, in_group: bool) -> None:
        """The student presses the newest button whose label has these words. StopIteration if there is none."""

    async def rate(self, label: str, *, up: bool) -> None:
        """The student says of the newest answer what they think of it: by thumb, or by the button of that label."""

    async def arrive(self) -> None:
        """Return when everything that was said has arrived."""

    async def heard(self, *, in_group: bool) -> list[Said]:
        """All that the bot said there so far, oldest first; what was edited, as it is now and as the newest."""

    async def handed(self) -> list[str]:
        """What the bot gave the group beside words, oldest first: `picture` or `file`."""

    def spoil(self) -> bool:
        """The second file that goes to the group is refused; False where nothing ever is."""
