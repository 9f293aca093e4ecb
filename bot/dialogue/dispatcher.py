"""Routes what came in to the one module that answers it, and sends what it says."""

from collections.abc import Mapping

import structlog

from bot.conversations import Conversation
from bot.dialogue.askers import Askers
from bot.dialogue.commands import Command, Commands
from bot.dialogue.guarding import guard
from bot.dialogue.numbers import chosen_number
from bot.dialogue.routing import Routes
from bot.dialogue.turns import PERSONAL, Reply, Turn
from bot.messages import InboundMessage
from bot.ports import ConversationStore
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Address, OutboundMessage, Outcome, Phrase, Purpose, Refused, RefusedWhy, RetryLater
from scheduler.ports import Clock, Messenger, Outbox, Wording

_log = structlog.get_logger(__name__)

Sent = tuple[tuple[OutboundMessage, Outcome], ...]
"""What went out in answer to one message, in order, and what came of each."""


class Dispatcher:
    """Handles one message at a time of each conversation: hold it, load it, answer, send, save."""

    def __init__(
        self,
        *,
        conversations: ConversationStore,
        askers: Askers,
        commands: Commands,
        routes: Routes,
        messengers: Mapping[str, Messenger],
        outbox: Outbox,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._askers = askers
        self._commands = commands
        self._routes = routes
        self._messengers = messengers
        self._outbox = outbox
        self._wording = wording
        self._clock = clock

    async def handle(self, message: InboundMessage) -> Sent:
        """Answer a message; StoreAway if nothing could be looked up or recorded (the update is then kept)."""
        async with self._conversations.locked(self._home(message), message.account) as held:
            turn = Turn(
                message=message,
                conversation=held.conversation,
                asker=await self._askers.who(message),
                to=self._home(message),
                now=self._clock.now(),
            )
            reply = await self._reply(turn)
            if reply.conversation != held.conversation:
                await held.save(reply.conversation)
        return await self._send(message, reply)

    async def handle_without_store(self, message: InboundMessage) -> Sent:
        """Answer from the content alone while nothing can be recorded, and say so."""
        turn = Turn(
            message=message,
            conversation=Conversation(),
            asker=self._askers.stranger(),
            to=message.address,
            now=self._clock.now(),
        )
        if not message.addressed:
            return ()
        if message.text is None or guard(turn) is not None or self._commands.read(message.text) is not None:
            return await self._send(message, turn.reply("store.away"))
        return await self._send(message, await self._routes.without_store(turn))

    def _home(self, message: InboundMessage) -> Address:
        """The chat an answer belongs to: what concerns one person is never said in a group."""
        if message.action is not None and message.action.verb in PERSONAL:
            return message.private_address
        if message.text is not None and not message.private and self._personal_command(message.text):
            return message.private_address
        return message.address

    def _personal_command(self, text: str) -> bool:
        called = self._commands.read(text)
        return called is not None and called.command not in (Command.HELP, Command.PROGRESS, Command.ACKNOWLEDGE)

    async def _reply(self, turn: Turn) -> Reply:
        guarded = guard(turn)
        if guarded is not None:
            return guarded
        if turn.message.action is not None:
            return await self._routes.press(turn, turn.message.action)
        text = turn.message.text or ""
        number = chosen_number(text)
        if number is not None and (picked := turn.conversation.chosen(number, turn.now)) is not None:
            return await self._routes.press(turn.acting(picked), picked)
        called = self._commands.read(text)
        if called is not None:
            return await self._routes.command(turn, called)
        return await self._routes.question(turn)

    async def _send(self, message: InboundMessage, reply: Reply) -> Sent:
        sent = []
        for place, outbound in enumerate(reply.messages):
            outcome = await self._messengers[outbound.to.platform].send(outbound, self._wording.render(outbound.body))
            sent.append((outbound, outcome))
            if isinstance(outcome, RetryLater):
                await self._leave_to_outbox(message, reply.messages[place:], outcome)
                break
            if (
                isinstance(outcome, Refused)
                and outcome.why is RefusedWhy.UNREACHABLE
                and outbound.to != message.address
            ):
                sent.append(await self._ask_to_write_first(message))
                break
        _log.info(
            "answered",
            platform=message.address.platform,
            private=message.private,
            messages=len(sent),
            outcomes=[type(outcome).__name__ for _, outcome in sent],
        )
        return tuple(sent)

    async def _leave_to_outbox(
        self, message: InboundMessage, rest: tuple[OutboundMessage, ...], outcome: RetryLater
    ) -> None:
        """What could not be sent now, and all that comes after it, goes out later and in order."""
        for place, outbound in enumerate(rest):
            delivery = Delivery(
                id=f"reply:{message.address.platform}:{message.id}:{len(rest) - place}@{outbound.to}",
                kind=Kind.REPLY,
                message=outbound,
                not_before=outcome.at,
            )
            await self._outbox.queue(delivery, self._clock.now())

    async def _ask_to_write_first(self, message: InboundMessage) -> tuple[OutboundMessage, Outcome]:
        """In the group, without saying what about: the person must open the private chat first.

        Only a secret that stands in the group for all to see is spoken of there, without repeating it.
        """
        words = Phrase(key="guard.secret" if message.masked else "private.first")
        turn_aside = OutboundMessage(
            to=message.address, body=words, purpose=Purpose.ANSWER, reply_to=None if message.action else message.id
        )
        outcome = await self._messengers[message.address.platform].send(turn_aside, self._wording.render(words))
        return turn_aside, outcome
