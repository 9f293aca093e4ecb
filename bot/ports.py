"""What the dialogue and the platforms ask of the outside: stores of the bot's own, and the receivers' intake."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.conversations import Conversation, GroupTalk
from knowledge.clustering import Clustering, Question
from scheduler.messages import Address
from scheduler.ports import StoreAway as StoreAway  # noqa: PLC0414 - known by this name to all of bot


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLook:
    """What a platform tells about a group: how many are in it, bots too, and the account of its owner, if anybody's."""

    size: int
    owner: str = ""


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
        """Store it, if the hold has not run out, and let go of it; StoreAway otherwise."""


class GroupStore(Protocol):
    """What the bot remembers of groups."""

    async def talk(self, group: Address) -> GroupTalk:
        """Of a group nothing was stored of: the empty talk."""

    async def change(self, group: Address, new: GroupTalk, *, seen_revision: int) -> bool:
        """Store it if the stored revision is still `seen_revision`; False otherwise."""


class QuestionLog(Protocol):
    """Questions nobody could answer, or was content with, masked and without their asker, for staff to learn from."""

    async def keep(self, masked_question: str, scope: str, at: datetime, *, unsolved: str = "") -> None:
        """Count it; `unsolved` is the topic whose answer did not help, empty where there was none."""

    async def kept(self) -> tuple[Question, ...]:
        """The questions kept, of any scope, the most frequent first."""

    async def forget(self, texts: Collection[str]) -> None:
        """Staff has seen to these."""

    async def count_differs(self, guide: str, step: str) -> None:
        """Somebody saw another page than this step describes."""

    async def differs(self) -> Mapping[tuple[str, str], int]:
        """How often that was so, by guide and step."""

    async def looked_into(self, guide: str, step: str) -> bool:
        """Staff has compared this step with the page: counted anew from now on; False if nothing was counted."""


class Clusterings(Protocol):
    """The questions kept, as they were put together last."""

    async def claim(self, night: date) -> bool:
        """Whether this process is the one to put them together that night."""

    async def put(self, clustering: Clustering) -> None:
        """It takes the place of the last."""

    async def last(self) -> Clustering | None:
        """None before the first."""


class TryCounter(Protocol):
    """How often somebody tried something that must not be guessed."""

    async def too_many(self, who: Sequence[str], limit: int, now: datetime) -> bool:
        """Whether any of these has `limit` misses within the hour before `now`."""

    async def count(self, who: Sequence[str], at: datetime) -> int:
        """Count one miss for each; the highest count of the last hour afterwards."""


class Admission(StrEnum):
    """Whether somebody is answered once more."""

    GRANTED = "granted"
    TOLD = "told"
    """Too much was asked: this is the one message that hears so."""
    SILENT = "silent"


class RateLimiter(Protocol):
    """How much one account can make the bot say."""

    async def admit(self, who: str, what: str, *, most: int, within: timedelta, now: datetime) -> Admission:
        """Count `what` for `who`, unless `most` were counted `within` the time before; then for as long nothing.

        Asked again for the same `what`, the answer is the same.
        """


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What came of a reload in one process: which version of the content it serves now.

    `faults` are why the new version was refused, one line each; none: it was taken.
    """

    version: str
    faults: tuple[str, ...] = ()


class ReloadStore(Protocol):
    """Reloads of the content, in which every serving process of one Redis takes part."""

    async def ask(self, request: str) -> tuple[str, ...]:
        """Ask all for a reload, named by an id of its own; the processes that serve now."""

    async def look(self, process: str) -> str:
        """The reload that was asked for last, empty if none was; and the process is known to serve for a while."""

    async def report(self, request: str, process: str, reloaded: Reloaded) -> None:
        """Say what came of it in a process."""

    async def reports(self, request: str) -> Mapping[str, Reloaded]:
        """What came of it so far, by process."""


class Uploads(Protocol):
    """The files that staff gave, and what a platform calls those it was given, so that each is uploaded once.

    `owner` is the credential that uploaded it (nobody else may use the name), `digest` the content's hash.
    """

    async def put(self, content: bytes, lasts: timedelta = ...) -> str:
        """Keep a file of staff for that long from now, sixty days unless said otherwise; its digest."""

    async def content(self, digest: str) -> bytes | None:
        """A file of staff; None for one that was never put, or too long ago."""

    async def find(self, owner: str, digest: str) -> str | None:
        """The platform's name for the file, if it was uploaded and still lasts."""

    async def keep(self, owner: str, digest: str, name: str, lasts: timedelta | None = None) -> None:
        """Remember the name for as long as the platform keeps the file; None: for good."""

    async def forget(self, owner: str, digest: str) -> None:
        """The platform does not know that name (any more)."""


class HearingLog(Protocol):
    """When each platform was last heard, so that an outage is known after it."""

    async def heard(self, platform: str, at: datetime) -> datetime | None:
        """It is heard now; the moment noted before, None for the first time. One process gets each moment."""


class WayKind(StrEnum):
    """By what something that came in can still be answered."""

    FRAME = "frame"
    """The request id of a frame of a long connection."""
    STREAM = "stream"
    """The id of an answer that the platform fetches piece by piece."""
    RESPONSE_URL = "response-url"
    """An address to which one message may be posted."""
    FRAME_CARD = "frame-card"
    """The request id of a press over a long connection: it changes the pressed card once."""
    CARD_CODE = "card-code"
    """What changes one card once."""
    THUMB = "thumb"
    """The sealed rating that a thumb under an answer stands for."""


class Occasion(StrEnum):
    """What is to be answered, where the platform takes another answer to each."""

    MESSAGE = "message"
    PRESS = "press"
    """A pressed button: its card is changed, for who pressed it alone."""
    OPENED = "opened"
    """Somebody opened the chat: a welcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to answer, open until `until` (UTC); `many`: more than once. `token` is a secret of the platform's.

    `who` is the platform's own id of the one who pressed a button, `card` that of the card it was on.
    """

    kind: WayKind
    token: str
    until: datetime
    many: bool
    occasion: Occasion = Occasion.MESSAGE
    who: str = ""
    card: str = ""


class AnswerWays(Protocol):
    """The ways to answer what came in, for whichever process answers.

    A reference is what an outgoing message names: of a group message its own id (`reply_to`), of a private chat
    its address, of a press what it says in `InboundMessage.replaces`, or the chat its answer goes to.
    """

    async def keep(self, reference: str, ways: Sequence[Way], now: datetime) -> None:
        """These take the place of all that were kept there before; none: there is no way any more."""

    async def peek(self, reference: str, kind: WayKind, now: datetime) -> Way | None:
        """The way, if it is still open; it stays."""

    async def take(self, reference: str, kind: WayKind, now: datetime) -> Way | None:
        """The way, if it is still open; one that is good for one answer is gone with this.

        Whoever loses the server's answer has lost that way too: it is never used twice.
        """


class ConnectionLease(Protocol):
    """The right to hold a connection that a platform allows only once, among all processes."""

    async def take(self) -> bool:
        """Take it, or hold on to it, for ten seconds; False while another process has it."""

    async def release(self) -> None:
        """Let another process have it at once; nothing happens if it is not held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a platform gave for a secret, good until `until` (UTC); `number` counts those of one secret."""

    value: str
    number: int
    until: datetime


class NoToken(StrEnum):
    """Why there is no token now."""

    FETCH = "fetch"
    """Whoever is told this fetches one; nobody else does meanwhile."""
    WAIT = "wait"
    """Somebody is fetching one."""


class TokenStore(Protocol):
    """One token for each secret, shared by all processes and fetched by one of them at a time.

    `secret` is any name that is the secret's alone; `by` names whoever asks and is used once.
    """

    async def ask(self, secret: str, *, dead: int, by: str, now: datetime) -> Token | NoToken | int:
        """The token, unless it has run out or is number `dead`, which was refused; a number is the code by which
        the platform refused the secret a moment ago."""

    async def keep(self, secret: str, value: str, *, until: datetime, by: str, now: datetime) -> Token:
        """Keep what `by` fetched, for everybody."""

    async def refuse(self, secret: str, code: int, *, until: datetime, by: str = "", number: int = 0) -> None:
        """Nobody fetches until then: `by` was refused a token, or token `number` was refused as soon as fetched."""

    async def leave(self, secret: str, *, by: str) -> None:
        """`by` could not fetch one: the next who asks may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing said in a reply that the platform waits for: a text, a card (its JSON), a picture (a figure's id)."""

    text: str = ""
    card: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySoFar:
    """A reply that was begun at that moment: what was said in it, and whether anything can still be added."""

    begun_at: datetime
    said: tuple[Said, ...] = ()
    over: bool = False


class PendingReplies(Protocol):
    """Replies that a platform waits for or fetches piece by piece, put together by one process, sent by another."""

    async def begin(self, reply: str, now: datetime) -> None:
        """Nothing happens if it was begun before."""

    async def add(self, reply: str, said: Said, *, room: int) -> bool:
        """Say one thing more; False if the reply was never begun, is over, or its texts would have more bytes than
        `room`. A text that stands there already is not said again."""

    async def finish(self, reply: str) -> None:
        """Nothing can be added any more."""

    async def so_far(self, reply: str) -> ReplySoFar | None:
        """None for a reply that was never begun, or long ago."""

    async def whole(self, reply: str, *, wait: float) -> ReplySoFar | None:
        """The reply when it is over, or as it is after `wait` seconds."""


class UsedSignatures(Protocol):
    """Which signature came around which message, for as long as one is taken for fresh."""

    async def fits(self, signature: str, message: str) -> bool:
        """Whether this signature never came around another message (both as digests)."""


class ErrandNotTaken(Exception):
    """Nobody took the errand, and now nobody will: it was not done."""


class Errands(Protocol):
    """What a process asks of the one that has a connection which a platform allows only once."""

    async def ask(self, text: str, *, wait: float) -> str | None:
        """The answer; None if it was taken and not answered within `wait` seconds. ErrandNotTaken, StoreAway.

        After StoreAway it may have been done all the same.
        """

    async def take(self, *, wait: float) -> tuple[str, str] | None:
        """The next errand, its id and text; None if none comes within `wait` seconds. Whoever takes it has it alone."""

    async def answer(self, errand: str, text: str) -> None:
        """Answer a taken errand, by its id."""
