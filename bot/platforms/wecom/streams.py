"""The 智能机器人 by callback URL: answers that WeCom fetches.

A message is answered at once by a stream that is not finished; WeCom then asks for it again about every second,
and gets all that was said so far, until the message was handled. A press and the first opening of a chat are
answered by the callback itself, which waits for that. What comes later than WeCom asks goes by the one message
that the callback's `response_url` takes, and after that there is no way: this route cannot speak first.
"""

import asyncio
import base64
import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.platforms.wecom import refs
from bot.platforms.wecom.api import SOON, Answered, Caller, Lost
from bot.platforms.wecom.cards import MARKDOWN_BYTES, Card, Cards, markdown_parts, rated_under, sendable
from bot.platforms.wecom.frames import markdown
from bot.platforms.wecom.receiver import STREAM_LASTS, Callback, Source, reply_id, thumbed
from bot.platforms.wecom.refs import GroupRoute
from bot.ports import AnswerWays, Occasion, PendingReplies, RawUpdate, ReplySoFar, Said, StoreAway, Way, WayKind
from scheduler.messages import (
    Accepted,
    Address,
    OutboundMessage,
    Outcome,
    Phrase,
    Refused,
    RefusedWhy,
    RetryLater,
    Unknown,
)
from scheduler.ports import Clock, Wording

Reply = dict[str, Any]
"""What WeCom is answered, before it is sealed."""

ANSWER_WITHIN = 4.5
"""Seconds a callback waits for the answer to a press: WeCom drops it after five."""

_RATED_WITHIN = timedelta(days=30)
"""How long a thumb under an answer still counts."""

_WELCOME_BYTES = 2_048
_MOST_PICTURES = 10

_ACCEPTED = Accepted(message_id="")
"""WeCom tells no id of what it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveReplies:
    """What the callbacks themselves are answered; `figures` is the folder of the pictures (`<id>.png`)."""

    replies: PendingReplies
    cards: Cards
    wording: Wording
    figures: Path
    clock: Clock
    wait: float = ANSWER_WITHIN

    async def begin(self, raw: RawUpdate) -> None:
        """From now on something can be said in answer to this callback, if it is one of the robot's."""
        if Callback.of(raw).source is Source.ROBOT_URL:
            await self.replies.begin(reply_id(raw), raw.received_at)

    async def first(self, raw: RawUpdate) -> Reply | None:
        """The answer to the callback itself; None if WeCom takes none, or nobody had one in time."""
        callback = Callback.of(raw)
        if callback.source is not Source.ROBOT_URL:
            return None
        match callback.occasion:
            case Occasion.MESSAGE:
                return self._begun(callback, reply_id(raw))
            case Occasion.OPENED:
                said = (await self._in_time(raw)).said
                return {"msgtype": "text", "text": {"content": _joined(said)}} if said else None
            case Occasion.PRESS:
                return self._changed_card(callback, await self._in_time(raw))
        return None

    def _begun(self, callback: Callback, reply: str) -> Reply:
        """A stream that goes on. WeCom takes the id for thumbs now or never: who reads it alone may rate the answer."""
        begun = _stream(reply, self._words("wecom.stream.begun"), finish=False)
        if refs.route_of(callback.address) is None:
            begun["stream"] |= rated_under(reply)
        return begun

    async def refreshed(self, reply: str) -> Reply:
        """All that was said in this stream so far; it is finished when all was, or when it is time or unknown."""
        so_far = await self.replies.so_far(reply)
        if so_far is None:
            return _stream(reply, self._words("wecom.stream.unknown"), finish=True)
        in_time = self.clock.now() < so_far.begun_at + STREAM_LASTS
        if in_time and not so_far.over:
            return _stream(reply, _joined(so_far.said) or self._words("wecom.stream.begun"), finish=False)
        missing = self._words("wecom.stream.nothing" if in_time else "wecom.stream.late")
        so_far = await self._closed(reply, so_far)
        finished = _stream(reply, _joined(so_far.said) or missing, finish=True)
        pictures = [item for said in so_far.said if (item := await self._picture(said.picture))]
        if pictures:
            finished["stream"]["msg_item"] = pictures[:_MOST_PICTURES]
        card = _card(so_far.said)
        return {**finished, "msgtype": "stream_with_template_card", "template_card": card} if card else finished

    async def _in_time(self, raw: RawUpdate) -> ReplySoFar:
        """What is said before WeCom stops waiting; nothing can be added to it afterwards."""
        reply = reply_id(raw)
        so_far = await self.replies.whole(reply, wait=self.wait)
        return await self._closed(reply, so_far or ReplySoFar(begun_at=raw.received_at))

    async def _closed(self, reply: str, so_far: ReplySoFar) -> ReplySoFar:
        """The reply as it is when it cannot grow any more; `over` still says whether it was over before."""
        if so_far.over:
            return so_far
        await self.replies.finish(reply)
        closed = await self.replies.so_far(reply)
        return ReplySoFar(begun_at=so_far.begun_at, said=closed.said if closed else so_far.said)

    def _changed_card(self, callback: Callback, reply: ReplySoFar) -> Reply | None:
        """The card for who pressed it: the answer itself, or that it was pressed; None if nothing came of it."""
        if reply.over and not reply.said:
            return None
        card = {**(_card(reply.said) or self.cards.taken(callback.task)), "task_id": callback.task}
        return {"response_type": "update_template_card", "userids": [callback.sender], "template_card": card}

    async def _picture(self, figure: str) -> Reply | None:
        if not figure:
            return None
        try:
            content = await asyncio.to_thread((self.figures / f"{figure}.png").read_bytes)
        except OSError:  # the text says all that matters
            return None
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return {"msgtype": "image", "image": {"base64": base64.b64encode(content).decode(), "md5": digest}}

    def _words(self, key: str) -> str:
        return self.wording.render(Phrase(key=key))


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotUrl:
    """The route of a robot by URL; implements `routes.Route`."""

    replies: PendingReplies
    ways: AnswerWays
    cards: Cards
    calls: Caller
    clock: Clock

    def reaches(self, to: Address) -> bool:
        """Whom a robot meets: members, and groups that hear it. That it cannot speak first is the outcome of `send`."""
        return refs.route_of(to) in {None, GroupRoute.ROBOT}

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Never: WeCom lets a robot by URL only answer."""
        return Refused(why=RefusedWhy.UNREACHABLE)

    async def answer(self, message: OutboundMessage, text: str) -> Outcome | None:
        """Say it where WeCom fetches it, or post it; None if neither is left.

        What WeCom asks for counts as accepted. A text too long for one message goes on in the one that may be posted;
        of one too long for both only the beginning arrives, and the outcome is unknown.
        """
        try:
            return await self._answer(message, sendable(text))
        except StoreAway:  # a text that was added all the same is not added again
            return RetryLater(at=self.clock.now() + SOON, why="store-away")

    async def handled(self, raw: RawUpdate) -> None:
        """Nothing more comes in answer to this callback: WeCom need not ask again."""
        if Callback.of(raw).source is Source.ROBOT_URL:
            await self.replies.finish(reply_id(raw))

    async def rating_under(self, raw: RawUpdate) -> str:
        """The sealed rating that a thumb stands for, if it was given under an answer that can be rated; else empty."""
        reply = thumbed(raw)
        way = await self.ways.peek(_thumbs(reply), WayKind.THUMB, raw.received_at) if reply else None
        return way.token if way is not None else ""

    def troubles(self) -> Sequence[Phrase]:
        """Nothing: who is called cannot know why nobody calls."""
        return ()

    async def _answer(self, message: OutboundMessage, text: str) -> Outcome | None:
        references = tuple(dict.fromkeys(filter(None, (message.replaces, message.reply_to, str(message.to)))))
        way = await self._waiting(references)
        if way is not None and await self._in_reply(way, message, text):
            return _ACCEPTED
        thumb = self.cards.thumb(message.choices)
        parts = markdown_parts(self.cards.numbered(text, message.choices))
        begun = len(parts) > 1 and way is not None and await self._begins(way, parts[0])
        outcome = await self._post(references, parts[1:] if begun else parts, thumb)
        if begun:
            return outcome if isinstance(outcome, Accepted) else Unknown(why="partly-sent")
        if way is not None and way.occasion is Occasion.PRESS and isinstance(outcome, Accepted):
            with contextlib.suppress(StoreAway):  # that the card says where to look
                await self.replies.add(way.token, Said(text=text), room=MARKDOWN_BYTES)
        return outcome

    async def _begins(self, way: Way, part: str) -> bool:
        """Say the first part of a long text in the stream, if that has room for it; the rest can be posted."""
        if way.occasion is not Occasion.MESSAGE:
            return False
        return await self.replies.add(way.token, Said(text=part), room=MARKDOWN_BYTES)

    async def _in_reply(self, way: Way, message: OutboundMessage, text: str) -> bool:
        """Say it in what WeCom waits for or fetches, if it still does and the message fits in there."""
        so_far = await self.replies.so_far(way.token)
        said = so_far.said if so_far else ()
        match way.occasion:
            case Occasion.MESSAGE:
                add = self._for_stream(message, text, said)
                await self._ask_for_thumbs(way, self.cards.thumb(message.choices))
            case Occasion.PRESS:
                add = self._for_card(message, text, said)
            case Occasion.OPENED:
                add = Said(text=self.cards.numbered(text, message.choices).strip())
        room = _WELCOME_BYTES if way.occasion is Occasion.OPENED else MARKDOWN_BYTES
        return add is not None and await self.replies.add(way.token, add, room=room)

    async def _ask_for_thumbs(self, way: Way, thumb: str) -> None:
        """From now on a thumb under this stream stands for this rating: the last of what is said in it."""
        if thumb:
            now = self.clock.now()
            rating = Way(kind=WayKind.THUMB, token=thumb, until=now + _RATED_WITHIN, many=True)
            await self.ways.keep(_thumbs(way.token), [rating], now)

    def _for_stream(self, message: OutboundMessage, text: str, said: Sequence[Said]) -> Said | None:
        """As one message of markdown. A stream holds one card: further choices are picked by number."""
        shown, card = self.cards.under(text, message.choices)
        parts = markdown_parts(shown)
        if card is not None and _card(said) and not any(one.text == "".join(parts) for one in said):
            card, parts = None, markdown_parts(self.cards.numbered(text, message.choices))
        if len(parts) != 1:
            return None
        return Said(text=parts[0], card=_json(card) if card else "", picture=message.picture or "")

    def _for_card(self, message: OutboundMessage, text: str, said: Sequence[Said]) -> Said | None:
        """As the card in the place of the pressed one, if it is the first and short enough."""
        card = self.cards.whole(text, message.choices)
        again = any(one.text == text for one in said)
        return None if card is None or (said and not again) else Said(text=text, card=_json(card))

    async def _post(self, references: Sequence[str], parts: Sequence[str], thumb: str) -> Outcome | None:
        """By the one message that a callback's address takes; None if there is no address left."""
        way = await self._address(references) if parts else None
        if way is None:
            return None if parts else Refused(why=RefusedWhy.BAD_CONTENT)
        answer = await self.calls.post(way.token, {}, markdown(parts[0], thumb))
        match answer:
            case Answered(code=0):
                return _ACCEPTED if len(parts) == 1 else Unknown(why="partly-sent")
            case Lost(why=why):
                return Unknown(why=why)
        return None  # spent or expired (which code that has WeCom does not say), or never sent

    async def _waiting(self, references: Sequence[str]) -> Way | None:
        for reference in references:
            way = await self.ways.peek(reference, WayKind.STREAM, self.clock.now())
            if way is not None:
                return way
        return None

    async def _address(self, references: Sequence[str]) -> Way | None:
        for reference in references:
            way = await self.ways.take(reference, WayKind.RESPONSE_URL, self.clock.now())
            if way is not None:
                return way
        return None


def _stream(reply: str, content: str, *, finish: bool) -> Reply:
    return {"msgtype": "stream", "stream": {"id": reply, "finish": finish, "content": content}}


def _joined(said: Sequence[Said]) -> str:
    return "\n\n".join(one.text for one in said)


def _thumbs(reply: str) -> str:
    """By which reference it is kept what a thumb under a reply stands for."""
    return f"thumb/{reply}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _card(said: Sequence[Said]) -> Card | None:
    """The card that was said; there is at most one."""
    return next((json.loads(one.card) for one in said if one.card), None)
