"""WeCom as the rest of the bot uses it: one lane over the routes that are configured."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from bot.messages import InboundMessage
from bot.platforms.wecom import refs
from bot.platforms.wecom.app import Application
from bot.platforms.wecom.connection import Connection
from bot.platforms.wecom.frames import Callback
from bot.platforms.wecom.receiver import Reader, Source, raw_update, ways_of
from bot.platforms.wecom.refs import GroupRoute
from bot.platforms.wecom.routes import Route
from bot.platforms.wecom.streams import RobotUrl
from bot.ports import AnswerWays, GroupLook, Intake, RawUpdate, StoreAway
from scheduler.messages import Address, OutboundMessage, Outcome, Phrase, Purpose, Refused, RefusedWhy
from scheduler.pacing import Budget, WeComLimit, wecom_budgets
from scheduler.ports import Clock

_GOES_BACK = frozenset({Purpose.ANSWER, Purpose.RECEIPT})
"""What answers something that came in, and so goes back the way it came."""

_OPEN_USERID = re.compile(r"wo[A-Za-z0-9_-]{20,}")
"""How WeCom writes a member's id for a robot that no super administrator made; it names nobody in the roster."""

_UNREACHABLE = Refused(why=RefusedWhy.UNREACHABLE)

_LIMITS = {
    None: WeComLimit.MEMBER,
    GroupRoute.ROBOT: WeComLimit.ROBOT,
    GroupRoute.APPCHAT: WeComLimit.APPCHAT,
    GroupRoute.HOOK: WeComLimit.WEBHOOK,
}

Stateless = Callable[[InboundMessage], Awaitable[object]]
"""Answers what can be answered while nothing can be stored."""


class Hearing:
    """What comes over the long connection: stored, masked."""

    def __init__(self, *, intake: Intake, reader: Reader, clock: Clock, when_store_is_away: Stateless) -> None:
        self._intake = intake
        self._reader = reader
        self._clock = clock
        self._when_store_is_away = when_store_is_away

    async def hear(self, callback: Callback) -> None:
        """Store what a callback says before returning; Unreadable if it is malformed."""
        now = self._clock.now()
        raw = raw_update(Source.ROBOT, callback.body, now, req_id=callback.req_id)
        if raw is None:
            return
        try:
            await self._intake.store([raw])
        except StoreAway:
            inbound = self._reader.inbound(raw)
            if inbound is not None:
                await self._when_store_is_away(inbound)


class WeCom:
    """The lane. `run()` it as a task, and cancel that to stop.

    `routes` in the order in which they are preferred for what is sent unasked; `connection` is the robot's, where
    it has a long one, `url` the route of a robot by URL (also one of `routes`), and so is
    `application`.
    """

    def __init__(
        self,
        *,
        routes: Sequence[Route],
        reader: Reader,
        ways: AnswerWays,
        connection: Connection | None = None,
        url: RobotUrl | None = None,
        application: Application | None = None,
    ) -> None:
        self._routes = tuple(routes)
        self._reader = reader
        self._ways = ways
        self._url = url
        self._connection = connection
        self._application = application
        self._met_open_userid = False

    async def run(self) -> None:
        """Be connected, where there is a long connection, until cancelled."""
        if self._connection is not None:
            await self._connection.run()

    async def receive(self, raw: RawUpdate) -> InboundMessage | None:
        """What a stored callback says, None if nobody has to answer it, Unreadable if it is malformed.

        The ways to answer it are kept only now: of two quick messages in a chat the first is answered first.
        """
        inbound = self._reader.inbound(raw)
        if inbound is None and self._url is not None:
            inbound = self._reader.inbound(raw, await self._url.rating_under(raw))
        kept = (self._ways.keep(reference, ways, raw.received_at) for reference, ways in ways_of(raw))
        await asyncio.gather(*kept)
        if inbound is not None and _OPEN_USERID.fullmatch(refs.id_of(inbound.private_address)):
            self._met_open_userid = True
        return inbound

    async def handled(self, raw: RawUpdate) -> None:
        """Everything there is to say to a stored callback was said, or it was set aside."""
        if self._url is not None:
            await self._url.handled(raw)

    async def recall(self, to: Address, message_id: str) -> Outcome:
        """Take back what the application wrote to a member; nothing else can be."""
        if self._application is None:
            return Refused(why=RefusedWhy.NO_RIGHT)
        return await self._application.recall(message_id)

    async def look(self, group: Address) -> GroupLook | None:
        """Who owns a group that the application made; of any other WeCom tells nothing."""
        if self._application is None or refs.route_of(group) is not GroupRoute.APPCHAT:
            return None
        return await self._application.appchats.look(group)

    def drops_repeats(self, message: OutboundMessage) -> timedelta:
        """For how long the same message once more is not shown again: to a person the application goes first."""
        if self._application is None or refs.route_of(message.to) is not None:
            return timedelta()
        return self._application.drops_repeats(message)

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Send one message by the route that fits it; see `scheduler.ports.Messenger`."""
        if message.purpose in _GOES_BACK:
            for route in self._routes:
                answered = await route.answer(message, text)
                if answered is not None:
                    return answered
        outcome: Outcome = Refused(why=RefusedWhy.NO_RIGHT)
        for route in self._routes:
            if route.reaches(message.to):
                outcome = await route.send(message, text)
                if outcome != _UNREACHABLE:
                    break
        return outcome

    def trouble(self) -> str:
        """What is wrong with the long connection now, in a word; empty: nothing, or there is none."""
        return self._connection.health.trouble if self._connection is not None else ""

    def notes(self) -> tuple[Phrase, ...]:
        """What staff should know about the routes, as phrases of the content."""
        notes = [note for route in self._routes for note in route.troubles()]
        if self._met_open_userid:
            notes.append(Phrase(key="wecom.note.open-userid"))
        return tuple(notes)


def budgets(to: Address) -> tuple[Budget, ...]:
    """What one message to this address takes from."""
    return wecom_budgets(to, _LIMITS[refs.route_of(to)])
