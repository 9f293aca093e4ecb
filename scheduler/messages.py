"""What goes out: a message to one address, its purpose, and what came of sending it.

No platform is known here. A body is a phrase key with values, rendered at send time so that counts
are fresh and no names lie in a queue, or text that staff or the reviewed content wrote.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Address:
    """One place to reach someone: a chat on a platform, and a forum topic in it where there are any."""

    platform: str
    chat: str
    thread: str | None = None

    def __str__(self) -> str:
        chat = f"{self.platform}:{self.chat}"
        return chat if self.thread is None else f"{chat}:{self.thread}"

    @property
    def lane(self) -> str:
        """The lane by which it is reached: its platform's, or that of the route which its chat names before a slash."""
        route, slash, _ = self.chat.partition("/")
        return f"{self.platform}-{route}" if slash else self.platform

    @classmethod
    def parse(cls, text: str) -> "Address":
        """The address that `str` wrote; a chat id may hold anything but a colon."""
        platform, chat, *thread = text.split(":")
        return cls(platform=platform, chat=chat, thread=thread[0] if thread else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A sentence of the content by its key, with the values it is filled with; a value may itself be a phrase."""

    key: str
    values: Mapping[str, "str | int | Phrase"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Text that is said as it stands: a reviewed answer, or what staff wrote."""

    text: str


Body = Phrase | Text


def joined(key: str, phrases: Sequence[Phrase]) -> Phrase:
    """Several phrases as one (at least one): `key` says how a `first` stands before the `rest`."""
    last = phrases[-1]
    for phrase in reversed(phrases[:-1]):
        last = Phrase(key=key, values={"first": phrase, "rest": last})
    return last


@unique
class Verb(StrEnum):
    """What a button asks for; one letter, because button data has little room."""

    ASK = "a"
    """Answer the topic `subject`; `detail` is the part's number, counted from 1."""
    NONE_OF_THESE = "n"
    """None of the offered topics."""
    GUIDE = "g"
    """Begin the guide `subject`."""
    STEP = "s"
    """In guide `subject`: `detail` is the step's id, a slash, and a choice's number or a control's word."""
    OPEN = "o"
    """Open the check list of campaign `subject`."""
    CONFIRM = "c"
    """State for campaign `subject` that everything was looked at and is right."""
    WRONG = "w"
    """Report a wrong item in campaign `subject`; `detail` is the item's id, empty to be asked for it."""
    NOT_FOUND = "f"
    """Say in campaign `subject` that 学信网 shows no record."""
    NO_LOGIN = "l"
    """Say in campaign `subject` that logging in does not work."""
    TROUBLE = "t"
    """Something is the matter in campaign `subject`: ask what."""
    WITHDRAW = "u"
    """Take back one's last statement in campaign `subject`."""
    NAMES = "m"
    """Show monitor or counsellor who still owes; campaign `subject`, class `detail`, empty to be asked for it."""
    PROGRESS = "j"
    """Show staff how its classes stand."""
    NUDGE = "k"
    """Remind those who owe now; campaign `subject`, class `detail`, empty to be asked for it. What will be sent is
    shown first."""
    NUDGE_NOW = "K"
    """Send what was shown: campaign `subject`, class `detail`."""
    PROXY = "v"
    """State for students of a class, campaign `subject`: `detail` is the class, or a reason for those named before."""
    EXPORT = "X"
    """Hand over a paper of a class: campaign `subject`, `detail` the class, and after a slash which paper, without
    which it is asked for."""
    PASTE = "B"
    """Say what to paste into the group of a class: campaign `subject`, class `detail`."""
    PAPER = "P"
    """Show whose signatures stand on a class's sheet: campaign `subject`, class `detail`."""
    HAND_IN = "H"
    """A class's papers were handed in: campaign `subject`, `detail` the class, after "=" once it was asked, after "-"
    to take it back."""
    AMEND = "A"
    """Take back what a student stated in campaign `subject`: `detail` is the class, or the student."""
    REPORTED = "q"
    """Say how many of a class reported wrong items: campaign `subject`, class `detail`, empty to be asked for it;
    after "=" show who reported which."""
    CORRECTION = "Q"
    """Open the reported item `subject`; `detail` is the step it takes, "=" and the reason it is refused for, "*" to
    refuse it in one's own words, "+" with those that were shown. No subject: the list from place `detail` on."""
    STATUS = "i"
    """Show one's own state in campaign `subject`."""
    TOMORROW = "z"
    """Remind once more tomorrow evening, campaign `subject`."""
    ERASE = "e"
    """Erase the account's binding; `detail` is "yes" once it was asked."""
    PRIVATE = "p"
    """Go on in the private chat with the bot; a platform that can makes it a link. What goes on there, if
    anything: `subject` is a verb, `detail` the action's own subject, a dot, and its detail."""
    NOTICE = "N"
    """Go on with notice `subject` as `detail` says, or with the one that is being written where there is no subject."""
    READ = "R"
    """Say of notice `subject` that it was read; `detail` is a question's place and an answer's number, with a dash."""
    CLAIM = "C"
    """Staff says whose account it is that waits under claim `subject`: `detail` is a sid, or "no" for nobody's they
    know; empty to see whose it can be."""
    GROUP_CODE = "G"
    """Staff asks for a code to post in the group of class `subject`."""
    JOIN = "J"
    """Show the code `subject` of an invitation of staff: what a link of the office asks for."""
    MONITOR = "V"
    """Staff says that student `subject` is a monitor of their class; `detail` "no": that they are not."""
    CLAIM_ME = "W"
    """Ask staff of class `subject` to say whose this account is; `detail` is the sid of who they say they are."""
    RECORD = "D"
    """Which of one's own student records is meant: `subject` is its sid."""
    RATE = "r"
    """Say whether the answer to topic `subject` helped; `detail` is the verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A pressed button or a chosen number. Who pressed it is never in it: that comes from the update."""

    verb: Verb
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way on that is offered under a message: its label and what choosing it asks for."""

    label: str
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page that is offered under a message: a button where the platform has such, else a line of its text."""

    label: str
    url: str


def beside(text: str, links: Sequence[Link]) -> str:
    """The text with its links as lines."""
    return "\n\n".join([text, "\n".join(f"{link.label} {link.url}" for link in links)]) if links else text


class Purpose(StrEnum):
    """Why a message is sent; within one conversation's budget the first named goes first."""

    ALARM = "alarm"
    """What staff has to know now."""
    DEADLINE = "deadline"
    """A wave of a campaign."""
    RECEIPT = "receipt"
    """The record of a statement, for the one who made it."""
    ANSWER = "answer"
    """The reply to what somebody asked."""
    NOTICE = "notice"
    """A broadcast of staff."""


_MOST_STEM, _MOST_ENDING = 60, 10
"""Characters of a file's name; in bytes less than the 255 of a file system."""

_SHOWN = (".jpeg", ".jpg", ".png")
"""Files that every platform shows as a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a message: its name as people see it, and the SHA-256 of its content in hex digits, by
    which the content is kept (`bot.ports.Uploads`)."""

    name: str
    digest: str

    @classmethod
    def named(cls, name: str, digest: str) -> "Attachment":
        """A file under a name that leads nowhere and reads as it is written: without folders, control characters and
        marks that turn the reading direction, its ending kept."""
        plain = "".join(letter for letter in re.split(r"[/\\]", name)[-1] if unicodedata.category(letter)[0] != "C")
        stem, dot, ending = plain.strip(" .").rpartition(".")
        return cls(name=f"{stem[:_MOST_STEM]}{dot}{ending.replace(' ', '')[:_MOST_ENDING]}" or "file", digest=digest)

    @property
    def is_picture(self) -> bool:
        """Whether it is shown as a picture, not handed over as a file."""
        return self.name.lower().endswith(_SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """One message to one address.

    `picture` is a figure's id; `files` go in its place in their order, and a message without its files is not sent at
    all.
    `reply_to` and `replaces` are message ids of the platform: the message answered, and the message this one is put
    in the place of where the platform can edit. `only_for` is the account that alone needs to see it in a group,
    where the platform can do that; others may see it elsewhere. After `expires_at` (UTC) it is no longer worth
    sending. `calls_everybody`: all who are in the group are called, where the platform lets a bot do that.
    `queued_as` is said in its place where it has to wait: what a person wrote of themselves lies in no queue. `key` is
    the same when the same is sent once more; empty: nothing tells.
    """

    to: Address
    body: Body
    purpose: Purpose
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    picture: str | None = None
    files: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    replaces: str | None = None
    only_for: str | None = None
    calls_everybody: bool = False
    queued_as: Phrase | None = None
    key: str = ""
    expires_at: datetime | None = None


class RefusedWhy(StrEnum):
    """Why a platform will never take a message."""

    UNREACHABLE = "unreachable"
    """Blocked, kicked, never started, or gone: this person or group cannot be reached."""
    NO_RIGHT = "no-right"
    """The bot may not write there."""
    BAD_CONTENT = "bad-content"
    """The platform rejects the message itself."""
    EXPIRED = "expired"
    """It waited past the moment at which it was worth sending."""
    GIVEN_UP = "given-up"
    """It may have arrived, and a person decided not to send it again."""
    NOT_OWED = "not-owed"
    """At send time the person no longer owed anything, or the campaign was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The platform said yes; `message_id` is the platform's own."""

    message_id: str


class Holds(StrEnum):
    """What else has to wait while a message does."""

    MESSAGE = "message"
    """Nothing."""
    CHAT = "chat"
    """Whatever goes to the same chat."""
    LANE = "lane"
    """Whatever goes by the same lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLater:
    """The platform asked for patience, or the request never left; nothing was delivered."""

    at: datetime
    why: str
    holds: Holds = Holds.MESSAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The platform will not take it. `moved_to` is the chat's new id where it has one."""

    why: RefusedWhy
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Asked, and no answer came: it may have arrived."""

    why: str


Outcome = Accepted | RetryLater | Refused | Unknown
OUTCOMES = (Accepted, RetryLater, Refused, Unknown)
"""The same, to tell an outcome from anything else."""
