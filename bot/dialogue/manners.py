"""How the bot stays bearable in a group: no answer twice, not too much in an hour, quiet when it was asked to be.

Reminders of campaigns are no part of this, nor is a warning of something that stands in the group for all to see: a
secret, a link to a false site, an offer of paid help. Of the same the group is warned once in half an hour.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.conversations import Answered, GroupTalk, Spoken
from bot.dialogue.turns import Reply, Turn, preceded, to_private
from bot.dialogue.wording import ContentWording
from bot.messages import InboundMessage
from bot.ports import GroupStore, StoreAway
from knowledge.topics import Topic
from scheduler.messages import Accepted, Address, Choice, OutboundMessage, Outcome, Purpose, Refused

ANSWER_STANDS = timedelta(minutes=30)
"""How long an answer in a group is good for everybody who asks the same."""

MOST_AN_HOUR = 6
"""Messages of the bot in a group within an hour."""

UNCONFIRMED_EVERY = timedelta(days=1)
"""How often a group that no school has bound is told so, while it asks."""

_HOUR = timedelta(hours=1)
_TRIES = 5
"""How often a decision is made anew when somebody else changed the group's talk in between."""

_Decided = TypeVar("_Decided")


class Place(StrEnum):
    """Where an answer to somebody in a group is said."""

    HERE = "here"
    """In the group."""
    ABOVE = "above"
    """It stands in the group already: one line points to it."""
    APART = "apart"
    """It stands in the group already: in private, or else that line."""
    ASIDE = "aside"
    """The group wants quiet: in private, or else in the group, since the bot was spoken to."""
    OVERFLOW = "overflow"
    """Enough was said in the group: in private, or else, once an hour, one line that says where to ask."""
    NOWHERE = "nowhere"
    """The group wants quiet, and nobody spoke to the bot."""


def place(
    talk: GroupTalk, *, answers: Sequence[str], messages: int, by: str, addressed: bool, bound: bool, now: datetime
) -> tuple[Place, GroupTalk]:
    """Where a reply of so many messages is said, and the group's talk with what that takes of it.

    `answers` is what it answers, `by` the message it replies to: asked again about the same message, the same is
    decided. `bound`: the asker is known and has a private chat.
    """
    talk = _without(_recent(talk, now), by)
    quiet = talk.quiet_until is not None and now < talk.quiet_until
    if quiet and not addressed:
        return Place.NOWHERE, talk
    room = MOST_AN_HOUR - sum(spoken.messages for spoken in talk.spoken)
    if answers and set(answers) <= {answered.what for answered in talk.answered}:
        if room < 1:
            return Place.OVERFLOW, talk
        return (Place.APART, talk) if bound else (Place.ABOVE, _saying(talk, by, 1, now))
    if room < messages:
        return Place.OVERFLOW, talk
    if quiet:
        return Place.ASIDE, talk
    answered = tuple(Answered(what=what, at=now, by=by) for what in answers)
    return Place.HERE, replace(_saying(talk, by, messages, now), answered=talk.answered + answered)


def pointed(talk: GroupTalk, *, by: str, now: datetime) -> tuple[bool, GroupTalk]:
    """Whether a group in which enough was said is told where else to ask: not told within the hour, or in answer to the
    same message."""
    talk = _recent(talk, now)
    told = {spoken.by for spoken in talk.spoken if spoken.points}
    if told:
        return by in told, talk
    return True, replace(talk, spoken=(*talk.spoken, Spoken(at=now, by=by, messages=1, points=True)))


def noted(talk: GroupTalk, *, by: str, arrived: int, message: str, now: datetime) -> GroupTalk:
    """The group's talk once it is known how many messages of a reply came there, and the id of the first."""
    if not arrived:
        return _without(talk, by)
    if any(spoken.points for spoken in talk.spoken if spoken.by == by):
        return talk
    answered = tuple(replace(one, message=message) if one.by == by else one for one in talk.answered)
    return replace(_saying(_without(talk, by), by, arrived, now), answered=answered)


def first(talk: GroupTalk, what: str, *, by: str, now: datetime) -> tuple[bool, GroupTalk]:
    """Whether something is said for the first time in half an hour, or again to the same message."""
    talk = _recent(talk, now)
    known = {answered.by for answered in talk.answered if answered.what == what}
    if known:
        return by in known, talk
    return True, replace(talk, answered=(*talk.answered, Answered(what=what, at=now, by=by)))


def unconfirmed(talk: GroupTalk, now: datetime) -> tuple[bool, GroupTalk]:
    """Whether the group is told today that no school has bound it."""
    if talk.unconfirmed_at is not None and now < talk.unconfirmed_at + UNCONFIRMED_EVERY:
        return False, talk
    return True, replace(talk, unconfirmed_at=now)


class Manners:
    """Puts each reply where it belongs."""

    def __init__(self, groups: GroupStore, topics: Mapping[str, Topic], wording: ContentWording) -> None:
        self._groups = groups
        self._topics = topics
        self._wording = wording

    async def mind(self, turn: Turn, reply: Reply) -> Reply:
        """The reply as it is to be said; unchanged where it is for one person alone."""
        message = turn.message
        here = _counted(reply.messages, message)
        if not here or reply.urgent:
            return reply
        where, talk = await self._change(
            message.address,
            lambda talk: place(
                talk,
                answers=reply.answers,
                messages=here,
                by=message.id,
                addressed=message.addressed,
                bound=turn.asker.binding is not None,
                now=turn.now,
            ),
        )
        match where:
            case Place.HERE:
                return await self._introduced(turn, reply)
            case Place.NOWHERE:
                return turn.nothing()
            case Place.ABOVE:
                return replace(turn.nothing(), messages=(self._above(turn, reply, talk),))
            case Place.APART:
                return _moved(turn, reply, (self._above(turn, reply, talk),))
            case Place.ASIDE:
                return _moved(turn, reply, reply.messages)
            case Place.OVERFLOW:
                tell = await self._may_point(message, turn.now)
                return _moved(turn, reply, (self._elsewhere(turn),) if tell else ())

    async def admit(self, message: InboundMessage, now: datetime) -> bool:
        """Whether a line that points to the private chat may be said in the group in answer to this message."""
        where, _ = await self._change(
            message.address,
            lambda talk: place(
                talk, answers=(), messages=1, by=message.id, addressed=message.addressed, bound=False, now=now
            ),
        )
        if where is Place.OVERFLOW:
            return await self._may_point(message, now)
        return where in {Place.HERE, Place.ASIDE}

    async def _may_point(self, message: InboundMessage, now: datetime) -> bool:
        """Whether the one line of the hour that points to the private chat is for this message."""
        tell, _ = await self._change(message.address, lambda talk: pointed(talk, by=message.id, now=now))
        return tell

    async def once(self, message: InboundMessage, what: str, now: datetime) -> bool:
        """Whether this is to be said in the group: it was not within the last half hour, and counts as said now."""
        said, _ = await self._change(message.address, lambda talk: first(talk, what, by=message.id, now=now))
        return said

    async def _introduced(self, turn: Turn, reply: Reply) -> Reply:
        """In a group that no school has bound, the reply after a line that says so, once a day."""
        if not turn.asker.unconfirmed or turn.message.other is not None:  # the bot's greeting says it itself
            return reply
        tell, _ = await self._change(turn.message.address, lambda talk: unconfirmed(talk, turn.now))
        if not tell:
            return reply
        told, *rest = reply.messages
        return replace(reply, messages=(replace(told, body=preceded(turn, "group.unconfirmed", told.body)), *rest))

    async def note(
        self, message: InboundMessage, sent: Sequence[tuple[OutboundMessage, Outcome]], now: datetime
    ) -> None:
        """Remember what came of a reply. Should that fail, what was reckoned with beforehand stands."""
        if message.private:
            return
        came = [
            outcome for outbound, outcome in sent if _counted([outbound], message) and not isinstance(outcome, Refused)
        ]
        first = next((outcome.message_id for outcome in came if isinstance(outcome, Accepted)), "")
        with contextlib.suppress(StoreAway):
            await self._change(
                message.address,
                lambda talk: (None, noted(talk, by=message.id, arrived=len(came), message=first, now=now)),
            )

    async def hush(self, group: Address, until: datetime | None) -> None:
        """Be quiet in a group until then; None: no longer."""
        await self._change(group, lambda talk: (None, replace(talk, quiet_until=until)))

    async def _change(
        self, group: Address, decide: Callable[[GroupTalk], tuple[_Decided, GroupTalk]]
    ) -> tuple[_Decided, GroupTalk]:
        """What is decided on the group's talk as it is when the decision is stored."""
        whole = Address(platform=group.platform, chat=group.chat)  # the topics of a forum are one group
        for _ in range(_TRIES):
            seen = await self._groups.talk(whole)
            decided, new = decide(seen)
            if new == seen or await self._groups.change(whole, new, seen_revision=seen.revision):
                return decided, new
        raise StoreAway("the group's talk is changed again and again")

    def _above(self, turn: Turn, reply: Reply, talk: GroupTalk) -> OutboundMessage:
        """The line that points to the answer, as a reply to it where it is known."""
        topics = [self._topics[what.partition("/")[0]].title for what in reply.answers]
        line = turn.outbound(turn.phrase("group.above", title=self._wording.label("list.comma").join(topics)))
        stands = next((one.message for one in talk.answered if one.what == reply.answers[0] and one.message), None)
        return replace(line, reply_to=stands or line.reply_to)

    def _elsewhere(self, turn: Turn) -> OutboundMessage:
        """The line that points to the private chat."""
        way = Choice(label=self._wording.label("button.private"), action=to_private(None))
        return replace(turn.outbound(turn.phrase("group.elsewhere")), choices=(way,))


def _counted(messages: Sequence[OutboundMessage], message: InboundMessage) -> int:
    """How many of these are new messages of the bot in the group of this message."""
    if message.private:
        return 0
    return sum(one.to == message.address and one.purpose is Purpose.ANSWER and one.replaces is None for one in messages)


def _moved(turn: Turn, reply: Reply, otherwise: tuple[OutboundMessage, ...]) -> Reply:
    """The reply in the person's own chat; the group's conversation stays as it was."""
    to = turn.message.private_address
    messages = tuple(replace(message, to=to, reply_to=None, replaces=None) for message in reply.messages)
    return Reply(messages=messages, conversation=turn.conversation, otherwise=otherwise, aside=reply.conversation)


def _recent(talk: GroupTalk, now: datetime) -> GroupTalk:
    return replace(
        talk,
        answered=tuple(answered for answered in talk.answered if now < answered.at + ANSWER_STANDS),
        spoken=tuple(spoken for spoken in talk.spoken if now < spoken.at + _HOUR),
    )


def _without(talk: GroupTalk, by: str) -> GroupTalk:
    return replace(
        talk,
        answered=tuple(answered for answered in talk.answered if answered.by != by),
        spoken=tuple(spoken for spoken in talk.spoken if spoken.by != by),
    )


def _saying(talk: GroupTalk, by: str, messages: int, now: datetime) -> GroupTalk:
    return replace(talk, spoken=(*talk.spoken, Spoken(at=now, by=by, messages=messages)))
