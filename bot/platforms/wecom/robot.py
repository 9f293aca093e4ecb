"""Sending by the 智能机器人's long connection: answers to what came in, updates of pressed cards, and pushes.

A message is a picture, where it has one, its text as markdown in one or more parts, and a card with its buttons.
WeCom gives sent messages no ids, so none can be changed later; only the card of a press can, by its answer.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from bot.platforms.wecom import frames, refs
from bot.platforms.wecom.api import Answer, Answered, outcome_of
from bot.platforms.wecom.cards import Cards, markdown_parts, new_task_id, text_parts
from bot.platforms.wecom.connection import IN_DOUBT, Connection
from bot.platforms.wecom.frames import Body, Command
from bot.platforms.wecom.media import RobotMedia
from bot.platforms.wecom.presses import pressed_card
from bot.ports import AnswerWays, Occasion, StoreAway, Way, WayKind
from scheduler.messages import (
    OUTCOMES,
    Accepted,
    Address,
    OutboundMessage,
    Outcome,
    Phrase,
    Refused,
    RefusedWhy,
    Unknown,
)
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

_WELCOME_BYTES = 2_048
_WAY_CLOSED = frozenset({846605, 846608})
"""The callback cannot be answered any more: the conversation still can be written to."""

Say = Callable[[Body], Awaitable[Answer]]
"""Says one message in a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """The route of the robot's long connection; implements `routes.Route`."""

    connection: Connection
    ways: AnswerWays
    cards: Cards
    media: RobotMedia
    clock: Clock

    def reaches(self, to: Address) -> bool:
        """Persons and groups that wrote to the robot before; whether they did is known by trying."""
        return refs.route_of(to) in {None, refs.GroupRoute.ROBOT}

    async def answer(self, message: OutboundMessage, text: str) -> Outcome | None:
        """Answer the press, the group's message or the private conversation it belongs to."""
        now = self.clock.now()
        try:
            way = await self.ways.take(message.replaces or message.reply_to or str(message.to), WayKind.FRAME, now)
            is_press = way is not None and way.occasion is Occasion.PRESS
            pressed = await pressed_card(self.ways, message, WayKind.FRAME_CARD, now) if is_press else None
        except StoreAway:  # while it is away, only the long connection takes anything in
            return await self.send(message, text)
        if way is None:
            return None
        match way.occasion:
            case Occasion.MESSAGE:
                return await self._say_all(lambda body: self._respond(way, message.to, body), message, text)
            case Occasion.PRESS:
                return await (self._update(pressed, message, text) if pressed else self.send(message, text))
            case Occasion.OPENED:
                return await self._welcome(way, message, text)

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Write to the conversation unasked."""
        return await self._say_all(lambda body: self._push(message.to, body), message, text)

    def troubles(self) -> Sequence[Phrase]:
        """What keeps the connection from working."""
        trouble = self.connection.health.trouble
        return (Phrase(key=f"wecom.connection.{trouble}"),) if trouble else ()

    async def _push(self, to: Address, body: Body) -> Answer:
        return await self.connection.ask(Command.SEND, frames.to(to, body))

    async def _respond(self, way: Way, to: Address, body: Body) -> Answer:
        answer = await self.connection.ask(Command.RESPOND, body, req_id=way.token)
        return await self._push(to, body) if _closed(answer) else answer

    async def _update(self, way: Way, message: OutboundMessage, text: str) -> Outcome:
        """Change the card for who pressed; what has no place on a card is a message of its own."""
        fits = message.replaces and not message.picture
        whole = self.cards.whole(text, message.choices, way.card) if fits else None
        card = frames.update(whole or self.cards.taken(way.card), way.who)
        answer = await self.connection.ask(Command.UPDATE, card, req_id=way.token)
        if whole is None or (isinstance(answer, Answered) and answer.code != 0):
            return await self.send(message, text)
        return self._outcome(answer)

    async def _welcome(self, way: Way, message: OutboundMessage, text: str) -> Outcome | None:
        """Greet who opened the chat: in one text, which is all that may be said to them before they write."""
        parts = text_parts(self.cards.numbered(text, message.choices), _WELCOME_BYTES)
        if len(parts) != 1:
            return None
        answer = await self.connection.ask(Command.WELCOME, frames.plain(parts[0]), req_id=way.token)
        return None if _closed(answer) else self._outcome(answer)

    async def _say_all(self, say: Say, message: OutboundMessage, text: str) -> Outcome:
        """Say files, text and card, in order; Unknown where only a part was accepted: all again would repeat it."""
        words, card = self.cards.under(text, message.choices)
        files = await self.media.bodies(message.files, self.clock.now())
        if isinstance(files, OUTCOMES):
            return files
        parts, thumb = markdown_parts(words), self.cards.thumb(message.choices)
        bodies = [*files, *(frames.markdown(part) for part in parts[:-1])]
        bodies += [frames.markdown(part, thumb) for part in parts[-1:]]
        if card is not None:
            bodies.append(frames.card(card))
        if message.picture is not None:
            await self.media.show(message.picture, say)
        said: Outcome | None = None
        for body in bodies:
            outcome = self._outcome(await say(body))
            if not isinstance(outcome, Accepted):
                return outcome if said is None else Unknown(why="partly-sent")
            said = outcome
        return said or Refused(why=RefusedWhy.BAD_CONTENT)

    def _outcome(self, answer: Answer) -> Outcome:
        """What an answer means; WeCom gives what was sent no id, so it gets one here."""
        if isinstance(answer, Answered) and answer.code != 0:
            _log.warning("refused", platform=refs.PLATFORM, code=answer.code)
        return outcome_of(answer, self.clock.now()) or Accepted(message_id=new_task_id())


def _closed(answer: Answer) -> bool:
    return answer == IN_DOUBT or (isinstance(answer, Answered) and answer.code in _WAY_CLOSED)
