"""Where a person stands with the bot in one chat, and where the bot stands with a group.

Of a person: what was offered, the guide they walk, what they were about to do. Of a group: what was
answered there, how much was said, and until when it wants to be left in peace.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.guides import Position
from scheduler.messages import Action, Choice, Verb

OFFER_LASTS = timedelta(minutes=30)
"""How long a bare number still means a choice that was offered."""

GUIDE_LASTS = timedelta(days=30)
"""How long a person can come back to the step of a guide they stood on."""

INSIDE_GUIDE = timedelta(hours=2)
"""How long after its last step a person who asks something else is still taken to be inside the guide."""

ASKED_LASTS = timedelta(hours=1)
"""How long the last question is kept, for somebody who says that its answer did not help."""

RECORD_LASTS = timedelta(hours=2)
"""How long somebody with several student records means the one they chose."""

CONVERSATION_LASTS = GUIDE_LASTS
"""After this long nothing of a conversation is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """A wrong item that is asked about in words: of which campaign, and what was typed so far, sealed.

    A text that comes until then is taken for the answer.
    """

    campaign: str
    item: str
    until: datetime
    sealed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForOthers:
    """Students of a class for whom somebody of the staff is about to state, until they have named the reason."""

    campaign: str
    class_id: str
    sids: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusing:
    """A reported item that the office refuses in its own words: its number, and what was written so far, sealed.

    A text that comes until then is taken for the reason.
    """

    correction: str
    until: datetime
    sealed: str = ""


class Wanted(StrEnum):
    """What is to be said next of a notice that is being written."""

    CLASSES = "classes"
    WORDS = "words"
    LEVEL = "level"
    QUESTIONS = "questions"
    CORRECTION = "correction"
    REWRITE = "rewrite"
    """The words of a draft anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A notice that a member of the staff is writing: what is asked for now, and what was said so far.

    A text that comes until then is taken for the answer. `classes` are ids, `about` the notice it corrects. `draft` is
    the number of one that is written anew, as it was at `revision`.
    """

    wanted: Wanted
    until: datetime
    classes: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    about: int = 0
    draft: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What the bot remembers of one person in one chat; of all texts only the last question, for an hour.

    `offered` are the choices a number can still pick until `offered_until`. `guide` is where the person
    stands in a walk, since `guide_at`; `guide_left`: they quit, and the place is kept. `pending` is a pressed
    action that waits for the binding it needs. `topic` is the last topic answered, at `topic_at`, for what is
    asked about it afterwards. `asked` is the last question that was put in words, without what says whose it
    was: for staff, should its answer not help; the store forgets it after `ASKED_LASTS`. `record` is the student
    record (sid) that somebody with several means, since `record_at`. `filling` is the wrong item they are asked about,
    `writing` the notice they are writing, `for_others` the students they are stating for, `refusing` the reported item
    they are refusing.
    """

    offered: tuple[Choice, ...] = ()
    offered_until: datetime | None = None
    guide: Position | None = None
    guide_at: datetime | None = None
    guide_left: bool = False
    pending: Action | None = None
    topic: str = ""
    topic_at: datetime | None = None
    asked: str = ""
    record: str = ""
    record_at: datetime | None = None
    filling: Filling | None = None
    writing: Writing | None = None
    for_others: ForOthers | None = None
    refusing: Refusing | None = None

    def meaning(self, now: datetime) -> str:
        """Which of their student records the person means, by its sid; empty if they did not say lately."""
        lately = self.record_at is not None and now <= self.record_at + RECORD_LASTS
        return self.record if lately else ""

    def offering(self, choices: tuple[Choice, ...], now: datetime) -> "Conversation":
        """The conversation after these choices were put to the person."""
        return replace(self, offered=choices, offered_until=now + OFFER_LASTS if choices else None)

    def chosen(self, number: int, now: datetime) -> Action | None:
        """What a bare number picks: the first choice is 1, "none of these" is 0 or its place in the list."""
        if self.offered_until is None or now > self.offered_until:
            return None
        if number == 0:
            actions = (choice.action for choice in self.offered)
            return next((action for action in actions if action.verb is Verb.NONE_OF_THESE), None)
        return self.offered[number - 1].action if 1 <= number <= len(self.offered) else None

    def named(self, text: str, now: datetime) -> Action | None:
        """What a text picks that is the label of one choice, typed instead of pressed."""
        if self.offered_until is None or now > self.offered_until:
            return None
        actions = {choice.action for choice in self.offered if choice.label == text.strip()}
        return actions.pop() if len(actions) == 1 else None

    def walking(self, now: datetime) -> Position | None:
        """Where the person stands in a guide, unless that was too long ago."""
        if self.guide is None or self.guide_at is None or now > self.guide_at + GUIDE_LASTS:
            return None
        return self.guide

    def inside(self, now: datetime) -> Position | None:
        """Where the person stands in a guide they are busy with: not quit, and not left lying for long."""
        position = self.walking(now)
        busy = self.guide_at is not None and now <= self.guide_at + INSIDE_GUIDE and not self.guide_left
        return position if busy else None

    def is_writing(self, now: datetime) -> bool:
        """Whether they are writing a notice."""
        return self.writing is not None and now < self.writing.until

    def taking_over(self, other: "Conversation") -> "Conversation":
        """This conversation after an answer of another one was given here."""
        return replace(
            self,
            offered=other.offered,
            offered_until=other.offered_until,
            topic=other.topic,
            topic_at=other.topic_at,
            asked=other.asked,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer in a group: `what` it answers, to which message `by`, and the bot's own `message` once it is known."""

    what: str
    at: datetime
    by: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """How many messages the bot said in a group in answer to the message `by`; `points`: where else to ask."""

    at: datetime
    by: str
    messages: int
    points: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTalk:
    """What the bot remembers of a group; `revision` counts the changes.

    `unconfirmed_at`: when it was last told that no school has bound it.
    """

    answered: tuple[Answered, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    quiet_until: datetime | None = None
    unconfirmed_at: datetime | None = None
    revision: int = 0
