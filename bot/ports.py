"""What the dialogue and the platforms ask of the outside: stores of the bot's own, and the receivers' intake."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.conversations import Conversation, GroupTalk
from scheduler.messages import Address
from scheduler.ports import StoreAway as StoreAway  # noqa: PLC0414 - known by this name to all of bot


@dataclass(frozen=True, slots=True, kw_only=True)
class RawUpdate:
    """What a platform delivered, masked, before anybody has made sense of it.

    `key` is the platform's own id for it, by which a repeat is known; `chat` decides its partition, so
    that updates of one chat are handled in order. `body` is the platform's JSON after masking.
    """

    platform: str
    key: str
    chat: str
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUpdate:
    """An update taken from the intake; `ticket` finishes it. `redelivered`: an earlier worker died on it."""

    ticket: str
    update: RawUpdate
    redelivered: bool


Handle = Callable[[TakenUpdate], Awaitable[None]]
"""Handles one update. StoreAway: it is tried again; any other exception sets it aside."""


class Intake(Protocol):
    """Updates between a platform and their handling: stored before they are acknowledged, kept until handled."""

    async def store(self, updates: Sequence[RawUpdate]) -> int:
        """Keep them durably; how many were new (a key seen before is dropped). StoreAway if not all were kept."""

    async def run(self, handle: Handle) -> None:
        """Hand out updates until cancelled, in order within a chat and in parallel across chats.

        First come those an earlier process left unfinished. When `handle` returns the update is forgotten;
        one that it fails on, or on which its process died again and again, is set aside and counted, and
        the next ones go on.
        """

    async def run_until_idle(self, handle: Handle) -> int:
        """Handle in the same way what is stored now, until nothing is left; how many there were."""


class ConversationStore(Protocol):
    """Conversations, one owner at a time."""

    def locked(self, address: Address, account: str) -> AbstractAsyncContextManager["OpenConversation"]:
        """Hold the conversation of this account in this chat; it is loaded after the lock is held."""


class OpenConversation(Protocol):
    """A conversation while it is held."""

    conversation: Conversation

    async def save(self, conversation: Conversation) -> None:
        """Store it, if the hold has not run out; StoreAway otherwise."""


class GroupStore(Protocol):
    """What the bot remembers of groups."""

    async def talk(self, group: Address) -> GroupTalk:
        """Of a group nothing was stored of: the empty talk."""

    async def change(self, group: Address, new: GroupTalk, *, seen_revision: int) -> bool:
        """Store it if the stored revision is still `seen_revision`; False otherwise."""


class QuestionLog(Protocol):
    """Questions nobody could answer, masked and without their asker, for staff to learn from."""

    async def keep(self, masked_question: str, scope: str, at: datetime) -> None: ...

    async def unanswered(self) -> tuple[tuple[str, int], ...]:
        """The questions kept, with how often each was asked, the most frequent first."""

    async def count_differs(self, guide: str, step: str) -> None:
        """Somebody saw another page than this step describes."""


class TryCounter(Protocol):
    """How often somebody tried something that must not be guessed."""

    async def too_many(self, who: Sequence[str], limit: int, now: datetime) -> bool:
        """Whether any of these has `limit` misses within the hour before `now`."""

    async def count(self, who: Sequence[str], at: datetime) -> int:
        """Count one miss for each; the highest count of the last hour afterwards."""


class SwitchKind(StrEnum):
    """What staff can say about the outside world."""

    INCIDENT = "incident"
    """A system does not work now; the subject is the system."""
    UNREGISTERED = "unregistered"
    """Nobody of a cohort is registered yet; the subject is the cohort."""


CHSI = "chsi"
"""The system an incident can be of: 学信网."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Something staff said holds from `since` until `until` (UTC); `expected` is the day registration is expected."""

    kind: SwitchKind
    subject: str
    since: datetime
    until: datetime
    expected: date | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is on: it ends by itself."""
        return self.since <= now < self.until


class SwitchStore(Protocol):
    """The switches, one of a kind and subject."""

    async def put(self, switch: Switch) -> None:
        """Replaces what was said of the same before."""

    async def end(self, kind: SwitchKind, subject: str) -> bool:
        """Forget it; False if there was nothing."""

    async def all(self) -> tuple[Switch, ...]:
        """Those that hold and those that have ended by themselves."""


class Verdict(StrEnum):
    """What somebody thinks of an answer."""

    SOLVED = "solved"
    UNSOLVED = "unsolved"


class RatingLog(Protocol):
    """How many found the answers to a topic of use; no text and no person."""

    async def rate(self, topic: str, verdict: Verdict, by: str) -> bool:
        """Count it; whoever rated the topic before changes their verdict, False if it is the same again."""

    async def counts(self) -> Mapping[tuple[str, Verdict], int]:
        """How often each verdict stands on each topic; none that stands on nothing."""
