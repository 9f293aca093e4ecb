"""Routes what came in to the one module that answers it, and sends what it says."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import structlog

from bot.conversations import Conversation
from bot.dialogue.askers import Askers
from bot.dialogue.commands import Command, Commands
from bot.dialogue.guarding import guard, warning
from bot.dialogue.limiting import Limiting
from bot.dialogue.manners import Manners
from bot.dialogue.numbers import chosen_number
from bot.dialogue.offline import Offline
from bot.dialogue.routing import Routes
from bot.dialogue.switching import holding
from bot.dialogue.turns import PERSONAL, Reply, Turn, to_private
from bot.messages import InboundMessage
from bot.ports import Admission, ConversationStore, SwitchStore
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import (
    Address,
    Choice,
    OutboundMessage,
    Outcome,
    Phrase,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Verb,
)
from scheduler.ports import Clock, Messenger, Outbox, Wording

_log = structlog.get_logger(__name__)

Sent = tuple[tuple[OutboundMessage, Outcome], ...]
"""What went out in answer to one message, in order, and what came of each."""


_WHERE_IT_WAS_SAID = frozenset(
    {
        Command.START, Command.HELP, Command.THANKS, Command.PERSON, Command.PROGRESS, Command.ACKNOWLEDGE,
        Command.WHERE, Command.QUIET, Command.INCIDENT, Command.UNREGISTERED, Command.BIND_CLASS, Command.UNBIND_CLASS,
    }
)  # fmt: skip
"""Commands that are answered where they were typed; every other one concerns one person alone."""


_HEARD_UNASKED = frozenset({Command.QUIET, Command.BIND_CLASS, Command.UNBIND_CLASS})
"""Commands about a group itself: nobody has to speak to the bot to give them."""


class Dispatcher:
    """Handles one message at a time of each conversation: hold it, load it, answer, send, save."""

    def __init__(
        self,
        *,
        conversations: ConversationStore,
        askers: Askers,
        commands: Commands,
        routes: Routes,
        manners: Manners,
        limiting: Limiting,
        offline: Offline,
        messengers: Mapping[str, Messenger],
        switches: SwitchStore,
        outbox: Outbox,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._askers = askers
        self._commands = commands
        self._routes = routes
        self._manners = manners
        self._limiting = limiting
        self._offline = offline
        self._messengers = messengers
        self._switches = switches
        self._outbox = outbox
        self._wording = wording
        self._clock = clock

    async def handle(self, message: InboundMessage) -> Sent:
        """Answer a message; StoreAway if nothing could be looked up or recorded (the update is then kept)."""
        if self._offline.answered(message):
            return ()
        admission = await self._limiting.admit(message, self._clock.now())
        if admission is not Admission.GRANTED:
            return await self._send_in_order(message, self._held_back(message, admission))
        async with self._conversations.locked(self._home(message), message.account) as held:
            now = self._clock.now()
            asker, switches = await asyncio.gather(self._askers.who(message, now), self._switches.all())
            turn = Turn(
                message=message,
                conversation=held.conversation,
                asker=asker.meaning(held.conversation.meaning(now)),
                to=self._home(message),
                now=now,
                switches=holding(switches, now),
            )
            reply = await self._manners.mind(turn, await self._reply(turn))
            if reply.conversation != held.conversation:
                await held.save(reply.conversation)
        if reply.aside is not None:
            await self._go_on_in_private(message, reply.aside)
        sent = await self._send(message, reply)
        await self._manners.note(message, sent, now)
        return sent

    async def handle_without_store(self, message: InboundMessage) -> Sent:
        """Answer from the content alone while nothing can be recorded, and say so."""
        if not message.addressed:
            return ()
        now = self._clock.now()
        admission = self._offline.admit(message, now)
        if admission is not Admission.GRANTED:
            return await self._send_in_order(message, self._held_back(message, admission))
        turn = Turn(
            message=message,
            conversation=Conversation(),
            asker=self._askers.stranger(),
            to=message.address,
            now=now,
        )
        if message.text is None or guard(turn) is not None or self._commands.read(message.text) is not None:
            return await self._send(message, turn.reply("store.away"))
        return await self._send(message, await self._routes.without_store(turn))

    def _held_back(self, message: InboundMessage, admission: Admission) -> tuple[OutboundMessage, ...]:
        """The one line for who made the bot say too much, said where nobody else has to read it, then nothing."""
        if admission is Admission.SILENT or not message.private:
            return ()
        return (OutboundMessage(to=message.address, body=Phrase(key="limit.reached"), purpose=Purpose.ANSWER),)

    def _home(self, message: InboundMessage) -> Address:
        """The chat an answer belongs to: what concerns one person is never said in a group."""
        if message.action is not None and message.action.verb in PERSONAL:
            return message.private_address
        if message.addressed and message.text is not None and self._personal_command(message.text):
            return message.private_address
        return message.address

    def _personal_command(self, text: str) -> bool:
        called = self._commands.read(text)
        return called is not None and called.command not in _WHERE_IT_WAS_SAID

    async def _reply(self, turn: Turn) -> Reply:
        guarded = guard(turn)
        if guarded is not None:
            return guarded
        if turn.message.action is not None:
            return await self._routes.press(turn, turn.message.action)
        text = turn.message.text or ""
        called = self._commands.read(text)
        filled = await self._routes.filled(turn, called)
        if filled is not None:
            return filled
        number = chosen_number(text)
        if number is not None and (picked := turn.conversation.chosen(number, turn.now)) is not None:
            return await self._routes.pick(turn, picked)
        if called is not None and (turn.message.addressed or called.command in _HEARD_UNASKED):
            return await self._routes.command(turn, called)
        named = turn.conversation.named(text, turn.now) if turn.message.addressed else None
        if named is not None and named.verb is not Verb.CONFIRM:  # words state nothing
            return await self._routes.pick(turn, named)
        return await self._routes.question(turn)

    async def _go_on_in_private(self, message: InboundMessage, aside: Conversation) -> None:
        """What was offered can be picked by number where it is said."""
        async with self._conversations.locked(message.private_address, message.account) as held:
            await held.save(held.conversation.taking_over(aside))

    async def _send(self, message: InboundMessage, reply: Reply) -> Sent:
        sent = await self._send_in_order(message, reply.messages)
        if sent and sent[-1][0].to != message.address and _unreachable(sent[-1][1]):
            sent += await self._send_in_order(message, await self._said_instead(message, reply))
        _log.info(
            "answered",
            platform=message.address.platform,
            private=message.private,
            messages=len(sent),
            outcomes=[type(outcome).__name__ for _, outcome in sent],
        )
        return sent

    async def _send_in_order(self, message: InboundMessage, messages: tuple[OutboundMessage, ...]) -> Sent:
        """Send them up to the first that has to wait, or that its person cannot be reached with."""
        sent = []
        for place, outbound in enumerate(messages):
            outcome = await self._messengers[outbound.to.platform].send(outbound, self._wording.render(outbound.body))
            sent.append((outbound, outcome))
            if isinstance(outcome, RetryLater):
                await self._leave_to_outbox(message, messages[place:], outcome)
                break
            if _unreachable(outcome) and outbound.to != message.address:
                break
        return tuple(sent)

    async def _leave_to_outbox(
        self, message: InboundMessage, rest: tuple[OutboundMessage, ...], outcome: RetryLater
    ) -> None:
        """What could not be sent now, and all that comes after it, goes out later and in order."""
        for place, outbound in enumerate(rest):
            delivery = Delivery(
                id=f"reply:{message.address.platform}:{message.id}:{len(rest) - place}@{outbound.to}",
                kind=Kind.REPLY,
                message=replace(outbound, body=outbound.queued_as or outbound.body, queued_as=None),
                not_before=outcome.at,
            )
            await self._outbox.queue(delivery, self._clock.now())

    async def _said_instead(self, message: InboundMessage, reply: Reply) -> tuple[OutboundMessage, ...]:
        """In the group, when the person cannot be reached alone: if nothing else, that they must open the chat first.

        That line does not say what about. Only a secret that stands in the group for all to see is spoken of
        there, without repeating it, and however much was said there before.
        """
        if reply.otherwise is not None:
            return reply.otherwise
        if not message.masked and not await self._manners.admit(message, self._clock.now()):
            return ()
        words = warning(message) if message.masked else Phrase(key="private.first")
        way = Choice(label=self._wording.render(Phrase(key="button.private")), action=to_private(message.action))
        line = OutboundMessage(
            to=message.address,
            body=words,
            purpose=Purpose.ANSWER,
            choices=() if message.masked else (way,),
            reply_to=None if message.action else message.id,
            only_for=None if message.masked else message.account,
        )
        return (line,)


def _unreachable(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.why is RefusedWhy.UNREACHABLE
