"""One turn of talk: what a person did, who they are, and the reply that is built for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.buttons import MOST_BYTES
from bot.conversations import Conversation
from bot.messages import InboundMessage
from bot.ports import Switch
from scheduler.campaigns import Campaign
from scheduler.messages import Action, Address, Body, Choice, OutboundMessage, Phrase, Purpose, Text, Verb
from scheduler.roster import Binding, BindingStrength, Student
from scheduler.staffing import StaffMember

PERSONAL = frozenset(set(Verb) - {Verb.ASK, Verb.NONE_OF_THESE})
"""What is never answered in a group: everything but the topics."""


SHOWN = "show"
"""Of a press on a notice: only to be shown it, which is no sign that it was read."""

_BEGUN = frozenset({Verb.ASK, Verb.GUIDE, Verb.STEP, Verb.OPEN, Verb.TROUBLE, Verb.STATUS, Verb.READ})
"""What can be begun in a group and go on in private: it shows or asks. What records something is pressed where it was
asked, because a link into the private chat may be sent on to anybody."""


def to_private(action: Action | None) -> Action:
    """The action of a button to the private chat, where it goes on with `action`, if that is short enough for one."""
    if action is None or action.verb not in _BEGUN:
        return Action(verb=Verb.PRIVATE)
    begun = _only_shown(action)
    detail = f"{begun.subject}.{begun.detail}".rstrip(".")
    room = MOST_BYTES - len(f"{Verb.PRIVATE}.{begun.verb}.")
    if len(detail.encode()) > room:
        return Action(verb=Verb.PRIVATE)
    return Action(verb=Verb.PRIVATE, subject=begun.verb.value, detail=detail)


def carried(action: Action) -> Action | None:
    """What `to_private` was given; None for nothing, or for a verb that it does not take."""
    if action.subject not in _BEGUN:
        return None
    subject, _, detail = action.detail.partition(".")
    return _only_shown(Action(verb=Verb(action.subject), subject=subject, detail=detail))


def _only_shown(action: Action) -> Action:
    return replace(action, detail=SHOWN) if action.verb is Verb.READ else action


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One student record that an account is bound to, and the student as the roster has them now."""

    binding: Binding
    student: Student


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who is asking, as far as it is known.

    `classes` are the student's own, those staff is in charge of, or those the group was bound to, `cohorts` those of
    these classes. `records` are all the student records of this person; `binding` and `student` are the one that is
    meant: the one they chose, or that the campaign is about. `campaigns` are the open ones that concern them, first the
    one that is spoken of: the one of a button, or that with the next deadline. `you` is how they are addressed.
    `unconfirmed`: they speak in a group that no school has bound. `staff` is what they act as for the school at this
    moment, by their own appointment, as somebody's deputy or as a class's monitor, with all its classes by id.
    """

    scope: str
    you: str
    office: str
    classes: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    binding: Binding | None = None
    student: Student | None = None
    staff: tuple[StaffMember, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    unconfirmed: bool = False

    def meaning(self, sid: str) -> "Asker":
        """The same asker, who means that record of theirs; as before if they have no such record."""
        for record in self.records:
            if record.student.sid == sid:
                return replace(self, binding=record.binding, student=record.student)
        return self

    def about(self, campaign_id: str) -> "Asker":
        """The same asker, spoken to about that campaign as a student it concerns; as before if it is none of theirs."""
        asker = replace(self, campaigns=tuple(sorted(self.campaigns, key=lambda one: one.id != campaign_id)))
        if asker.campaign is None or asker.campaign.id != campaign_id or not asker.concerned:
            return self
        own = [record.student for record in asker.concerned]
        return asker if asker.student in own else asker.meaning(own[0].sid)

    @property
    def campaign(self) -> Campaign | None:
        """The campaign that is spoken of."""
        return next(iter(self.campaigns), None)

    @property
    def unproved(self) -> bool:
        """Whether the account is known by number and name alone: it has its own receipts and reminders, no more."""
        return self.binding is not None and self.binding.strength is BindingStrength.PROVISIONAL

    @property
    def concerned(self) -> tuple[Record, ...]:
        """Those of their records that the campaign is about."""
        classes = self.campaign.classes if self.campaign else ()
        return tuple(record for record in self.records if record.student.class_id in classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a person did, in the conversation it belongs to, at `now`; `to` is where the answer goes.

    `switches` are those of staff that hold now.
    """

    message: InboundMessage
    conversation: Conversation
    asker: Asker
    to: Address
    now: datetime
    switches: tuple[Switch, ...] = ()

    @property
    def in_private(self) -> bool:
        """Whether the answer is seen by this person alone."""
        return self.to == self.message.private_address

    def phrase(self, key: str, **values: str | int | Phrase) -> Phrase:
        """A phrase in the asker's form of address."""
        return Phrase(key=key, values={"you": self.asker.you, **values})

    def outbound(
        self,
        body: Body,
        choices: Sequence[Choice] = (),
        *,
        purpose: Purpose = Purpose.ANSWER,
        picture: str | None = None,
        in_place: bool = False,
    ) -> OutboundMessage:
        """A message to where the answer goes; `in_place` puts it where the pressed button stood."""
        here = self.to == self.message.address
        return OutboundMessage(
            to=self.to,
            body=body,
            purpose=purpose,
            choices=tuple(choices),
            picture=picture,
            reply_to=self.message.id if here and not self.message.private and self.message.action is None else None,
            replaces=self.message.replaces if here and in_place else None,
        )

    def reply(
        self,
        body: Body | str,
        choices: Sequence[Choice] = (),
        *,
        purpose: Purpose = Purpose.ANSWER,
        picture: str | None = None,
        in_place: bool = False,
    ) -> "Reply":
        """A reply of one message; its choices can be picked by number afterwards. A `str` body is a phrase's key."""
        said = self.phrase(body) if isinstance(body, str) else body
        message = self.outbound(said, choices, purpose=purpose, picture=picture, in_place=in_place)
        return Reply(messages=(message,), conversation=self.conversation.offering(tuple(choices), self.now))

    def nothing(self) -> "Reply":
        """Silence; the conversation stays as it was."""
        return Reply(messages=(), conversation=self.conversation)

    def about(self, campaign_id: str) -> "Turn":
        """The same turn, spoken about that campaign."""
        return replace(self, asker=self.asker.about(campaign_id))

    def acting(self, action: Action) -> "Turn":
        """The same turn as if this button had been pressed."""
        return replace(self, message=replace(self.message, text=None, action=action, replaces=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes out in answer, in order, and the conversation afterwards.

    `answers` names what is answered, so that a group does not hear it twice. `otherwise` is what is said in the
    group where the person cannot be reached in private; None: that they have to write first. `aside` is the
    conversation as it goes on in private, when an answer was moved there. `urgent`: it is said in a group however
    much was said there before.
    """

    messages: tuple[OutboundMessage, ...]
    conversation: Conversation
    answers: tuple[str, ...] = ()
    otherwise: tuple[OutboundMessage, ...] | None = None
    aside: Conversation | None = None
    urgent: bool = False

    def then(self, other: "Reply") -> "Reply":
        """This reply followed by another one, which also says how the conversation goes on."""
        return Reply(
            messages=self.messages + other.messages,
            conversation=other.conversation,
            answers=self.answers + other.answers,
        )

    def answering(self, *what: str) -> "Reply":
        """The same reply, known as the answer to this."""
        return replace(self, answers=what)

    def unkept(self, instead: Phrase) -> "Reply":
        """The same reply, of which nothing lies in a queue: where it has to wait, `instead` is said."""
        return replace(self, messages=tuple(replace(message, queued_as=instead) for message in self.messages))

    def urgently(self) -> "Reply":
        """The same reply, said however much was said before."""
        return replace(self, urgent=True)


def preceded(turn: Turn, key: str, body: Body, **values: str | int | Phrase) -> Phrase:
    """What is said, as the `answer` in a phrase that puts something before it."""
    return turn.phrase(key, answer=body.text if isinstance(body, Text) else body, **values)


def text(words: str) -> Text:
    """Words that are said as they stand."""
    return Text(text=words)
