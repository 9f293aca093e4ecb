"""From WeCom's callbacks to what the dialogue knows, whichever route they came by.

A callback is stored as `{"route": …, "message": …}`: the 智能机器人's JSON, the same by URL and by long connection,
or the 自建应用's XML as a dict. By long connection `req_id` stands beside it. Addresses and keys of pictures and
files are taken out before anything is stored: nobody here opens them. Who sent nothing a person said (no sender,
the system itself, a group without its id) is not stored at all.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.buttons import ButtonSeal
from bot.messages import UNKNOWN_BUTTON, InboundMessage
from bot.platforms.masking import kinds_in, mask_json
from bot.platforms.wecom import refs
from bot.platforms.wecom.refs import GroupRoute
from bot.ports import Occasion, RawUpdate, Verdict, Way, WayKind
from scheduler.messages import Action, Address, Verb

WELCOME = "/start"
"""What somebody who opens the chat for the first time has as good as said."""

FRAME_LASTS = timedelta(hours=24)
EVENT_LASTS = timedelta(seconds=5)
"""How long WeCom waits for the answer to a press or to somebody who opens the chat."""

STREAM_LASTS = timedelta(minutes=5, seconds=30)
"""WeCom fetches an answer for six minutes; the last half is for the way."""

RESPONSE_URL_LASTS = timedelta(hours=1)
CARD_CODE_LASTS = timedelta(hours=72)

_IDENTIFIERS = frozenset(
    {
        "msgid", "aibotid", "chatid", "userid", "corpid", "response_url", "event_key", "task_id", "id", "question_key",
        "MsgId", "ToUserName", "FromUserName", "AgentID", "CreateTime", "EventKey", "TaskId", "ResponseCode",
    }
)  # fmt: skip
"""Texts of a callback that WeCom or this bot makes and nobody types: they are not masked."""

_NEVER_KEPT = frozenset(
    {
        "url", "aeskey",
        "PicUrl", "Url", "MediaId", "ThumbMediaId", "Title", "Description",
        "Location_X", "Location_Y", "Latitude", "Longitude", "Precision", "Label",
    }
)  # fmt: skip
"""Where a picture or file lies and its key, what a link is about, where somebody is."""

_LONGEST = 4_000
"""Characters of a text that are looked at: a question is shorter, and a flood of them would hold up everybody."""

_CUT_NUMBER = re.compile(r"[\d\s\-]+\Z")
"""A number that was cut in two would not be known for what it is."""

_SYSTEM = "sys"
_PRESSES = frozenset({"template_card_event", "template_card_menu_event"})
_WELCOMES = frozenset({"enter_chat", "subscribe"})
_THUMB = "feedback_event"
_VERDICTS = {"1": Verdict.SOLVED, "2": Verdict.UNSOLVED}
_MENTION = re.compile(r"@\S+(?:\s+|$)")


class Unreadable(ValueError):
    """A callback that is not shaped as WeCom's are: it has to be set aside."""


class Source(StrEnum):
    """By which route a callback came."""

    ROBOT = "robot"
    """The 智能机器人's long connection."""
    ROBOT_URL = "robot-url"
    """The 智能机器人's callback URL."""
    APP = "app"
    """The 自建应用's callback URL."""


def raw_update(source: Source, message: Mapping[str, Any], now: datetime, *, req_id: str = "") -> RawUpdate | None:
    """The callback as the intake keeps it; None for one that nobody sent. Unreadable if it is nested too deep."""
    sender, chat = _sender(source, message), _chat(source, message)
    if not sender or sender == _SYSTEM or chat is None:
        return None
    try:
        kept = mask_json(_looked_at(message), leave=_IDENTIFIERS)
        body = json.dumps({"route": source, "message": kept, "req_id": req_id}, ensure_ascii=False)
    except RecursionError:
        raise Unreadable("nested too deep") from None
    return RawUpdate(
        platform=refs.PLATFORM,
        key=_key(source, message, sender),
        chat=chat.chat,
        body=body.encode("utf-8", "replace"),
        received_at=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads stored callbacks; `robot_name` is what groups call the robot, where it is known."""

    seal: ButtonSeal
    robot_name: str | None = None

    def inbound(self, raw: RawUpdate, rating: str = "") -> InboundMessage | None:
        """What a person did, or None for what nobody has to answer; Unreadable for a malformed callback.

        `rating` is what a thumb stands for that was given under a reply's own id, sealed.
        """
        try:
            callback = Callback.of(raw)
            heard = self._heard(callback, rating)
            if heard is None:
                return None
            return InboundMessage(
                id=raw.key,
                address=callback.address,
                account=refs.account(callback.sender),
                at=raw.received_at,
                private=refs.route_of(callback.address) is None,
                addressed=True,  # a group's messages come only when the robot was mentioned
                text=heard.text,
                action=heard.action,
                picture=heard.picture,
                other=heard.other,
                masked=kinds_in(heard.text or ""),
                replaces=press_reference(raw) if callback.is_press else None,
            )
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise Unreadable(type(error).__name__) from None  # the error's own text may quote the message

    def _heard(self, callback: "Callback", rating: str) -> "_Heard | None":
        if callback.is_press:
            action = self.seal.open(_text_at(callback.event_part, "event_key", "EventKey"))
            return _Heard(action=action, other=UNKNOWN_BUTTON if action is None else None)
        if callback.event:
            return self._happened(callback, rating)
        match callback.kind:
            case "text" | "mixed" | "voice":
                return self._said(callback)
            case "image":
                return _Heard(picture=True)
            case "file" | "video" | "location" | "link" as kind:
                return _Heard(other=kind)
        return None

    def _happened(self, callback: "Callback", rating: str) -> "_Heard | None":
        """What an event that is no press says."""
        if callback.occasion is Occasion.OPENED:
            return _Heard(text=WELCOME)
        return self._rated(callback.event_part, rating) if callback.event == _THUMB else None

    def _said(self, callback: "Callback") -> "_Heard":
        """The words, without the mention; what was quoted only where there are no words beside it."""
        message = callback.message
        if callback.source is Source.APP:  # a voice message comes without what was said in it
            return _Heard(text=message["Content"] or "") if callback.kind == "text" else _Heard(other=callback.kind)
        words, picture = _words(message), callback.kind == "mixed"
        if refs.route_of(callback.address) is not None:
            words = self._without_mention(words)
        if not words.strip() and isinstance(message.get("quote"), dict):
            words, picture = _words(message["quote"]), picture or message["quote"].get("msgtype") == "image"
        return _Heard(picture=True) if picture and not words.strip() else _Heard(text=words.strip())

    def _without_mention(self, text: str) -> str:
        if self.robot_name and f"@{self.robot_name}" in text:
            return re.sub(rf"@{re.escape(self.robot_name)}(?:\s+|$)?", "", text)
        return _MENTION.sub("", text.lstrip(), count=1) if text.lstrip().startswith("@") else text

    def _rated(self, feedback: Mapping[str, Any], rating: str) -> "_Heard | None":
        """What somebody thinks of an answer, where the bot said under which topic to note it."""
        action, verdict = self.seal.open(rating or _text_at(feedback, "id")), _VERDICTS.get(str(feedback.get("type")))
        if action is None or action.verb is not Verb.RATE or verdict is None:
            return None
        return _Heard(action=Action(verb=Verb.RATE, subject=action.subject, detail=verdict.value))


def ways_of(raw: RawUpdate) -> tuple[tuple[str, tuple[Way, ...]], ...]:
    """By which references (see `bot.ports.AnswerWays`) a stored callback can be answered, and how; in this order.

    Callbacks of a chat are handled one after the other, so the newest is the one being answered; in its chat it takes
    the place of those before by whichever route they came. What was said to the 自建应用 is not answered by the robot.
    A press in a group may be answered to its person alone: by long connection, which can write there in any case, it
    is found there too.
    """
    callback = Callback.of(raw)
    here, own = str(callback.address), press_reference(raw) if callback.is_press else raw.key
    ways = tuple(callback.ways(raw))
    if callback.source is Source.APP:
        soon = raw.received_at + EVENT_LASTS
        return ((here, tuple(replace(way, until=soon) for way in ways)), *([(own, ways)] if ways else []))
    alone = refs.account(callback.sender)
    places = (here, own, alone) if callback.is_press and callback.source is Source.ROBOT else (here, own)
    return tuple((place, ways) for place in dict.fromkeys(places)) if ways else ()


def press_reference(raw: RawUpdate) -> str:
    """What `InboundMessage.replaces` says of a press: its card, and this one press of it."""
    return f"card/{Callback.of(raw).task}/{raw.key}"


def reply_id(raw: RawUpdate) -> str:
    """Under which id the answer to a callback is put together while WeCom waits for it."""
    return hashlib.blake2b(raw.key.encode(), digest_size=12).hexdigest()


def thumbed(raw: RawUpdate) -> str:
    """The id under which a stored callback tells of a thumb; empty if it tells of none."""
    callback = Callback.of(raw)
    return _text_at(callback.event_part, "id") if callback.event == _THUMB else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    text: str | None = None
    action: Action | None = None
    picture: bool = False
    other: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A stored callback, as far as both shapes of it have something in common; see `of`."""

    source: Source
    message: Mapping[str, Any]
    req_id: str
    address: Address
    sender: str

    @classmethod
    def of(cls, raw: RawUpdate) -> "Callback":
        """The callback of a stored update; ValueError, LookupError or TypeError for a malformed one."""
        body = json.loads(raw.body)
        source, message = Source(body["route"]), body["message"]
        address = _chat(source, message)
        if address is None:
            raise ValueError("no chat")
        return cls(
            source=source,
            message=message,
            req_id=body["req_id"],
            address=address,
            sender=_sender(source, message),
        )

    @property
    def kind(self) -> str:
        return _text_at(self.message, "msgtype", "MsgType").lower()

    @property
    def event(self) -> str:
        """The event's name; empty for a message."""
        if self.kind != "event":
            return ""
        return _text_at(self.message, "Event").lower() or _text_at(self.message.get("event"), "eventtype").lower()

    @property
    def is_press(self) -> bool:
        return self.event in _PRESSES

    @property
    def event_part(self) -> Mapping[str, Any]:
        """What an event says: under its own name, directly in the event, or (XML) in the message itself."""
        if self.source is Source.APP:
            return self.message
        event = self.message.get("event") or {}
        inner = event.get(_text_at(event, "eventtype"))
        return inner if isinstance(inner, dict) else event

    @property
    def task(self) -> str:
        """The task id of the card that was pressed."""
        return _text_at(self.event_part, "task_id", "TaskId")

    @property
    def occasion(self) -> Occasion | None:
        """What there is to answer; None for an event that WeCom takes no answer to."""
        if self.is_press:
            return Occasion.PRESS
        if self.event:
            return Occasion.OPENED if self.event in _WELCOMES else None
        return Occasion.MESSAGE

    def ways(self, raw: RawUpdate) -> Iterator[Way]:
        """The ways the callback leaves behind; the robot's events are answered at once or not at all."""
        now = raw.received_at
        if self.source is Source.APP:
            yield from self._card(WayKind.CARD_CODE, _text_at(self.message, "ResponseCode"), now + CARD_CODE_LASTS)
            return
        if self.occasion is None:
            return
        if self.source is Source.ROBOT:
            yield from self._card(WayKind.FRAME_CARD, self.req_id, now + EVENT_LASTS)
            until = now + (EVENT_LASTS if self.occasion is Occasion.OPENED else FRAME_LASTS)
            yield Way(kind=WayKind.FRAME, token=self.req_id, until=until, many=True, occasion=self.occasion)
        else:
            until = now + (EVENT_LASTS if self.event else STREAM_LASTS)
            yield Way(kind=WayKind.STREAM, token=reply_id(raw), until=until, many=True, occasion=self.occasion)
        url = _text_at(self.message, "response_url")
        if url.startswith(("https://", "http://")):
            yield Way(kind=WayKind.RESPONSE_URL, token=url, until=now + RESPONSE_URL_LASTS, many=False)

    def _card(self, kind: WayKind, token: str, until: datetime) -> Iterator[Way]:
        """The way to change the card that was pressed, for who pressed it."""
        if self.is_press and token:
            yield Way(kind=kind, token=token, until=until, many=False, who=self.sender, card=self.task)


def _sender(source: Source, message: Mapping[str, Any]) -> str:
    if source is Source.APP:
        return _text_at(message, "FromUserName")
    return _text_at(message.get("from"), "userid")


def _chat(source: Source, message: Mapping[str, Any]) -> Address | None:
    """Where it was said; None for a group that does not say which."""
    if source is Source.APP:
        return refs.person(_sender(source, message))
    chat = _text_at(message, "chatid")
    if chat and message.get("chattype") != "single":
        return refs.group(GroupRoute.ROBOT, chat)
    return None if message.get("chattype") == "group" else refs.person(_sender(source, message))


def _key(source: Source, message: Mapping[str, Any], sender: str) -> str:
    """By what a repeat is known. Events may come without an id; then they are told apart by all they say."""
    given = _text_at(message, "msgid", "MsgId")
    if given:
        return given if source is not Source.APP else f"{source}/{given}"
    event = message.get("event")
    inner = event.get(_text_at(event, "eventtype")) if isinstance(event, dict) else None
    parts = [source, sender, message.get("create_time"), message.get("CreateTime"), message.get("Event")]
    for part in (event, inner, message):
        names = ("eventtype", "event_key", "task_id", "EventKey", "TaskId", "id", "type")
        parts += [part.get(name) if isinstance(part, dict) else None for name in names]
    said = json.dumps(parts, default=str).encode(errors="surrogatepass")
    return f"{source}/{hashlib.blake2b(said, digest_size=12).hexdigest()}"


def _words(message: Mapping[str, Any]) -> str:
    """What was typed or spoken in a message or a quoted one."""
    match message.get("msgtype"):
        case "mixed":
            return "\n".join(filter(None, (_words(item) for item in message["mixed"]["msg_item"])))
        case "text" | "voice" as kind:
            return _text_at(message[kind], "content")
    return ""


def _text_at(holder: Any, *names: str) -> str:
    """The first of these that the holder has as text, or as a number in text; empty if none."""
    if isinstance(holder, dict):
        for name in names:
            if isinstance(holder.get(name), str | int):
                return str(holder[name]).encode(errors="replace").decode()  # half a character cannot be stored
    return ""


def _looked_at(value: Any) -> Any:
    """A callback without its pictures and files, and of a text that floods it only the beginning."""
    match value:
        case dict():
            return {name: _looked_at(item) for name, item in value.items() if name not in _NEVER_KEPT}
        case list():
            return [_looked_at(item) for item in value]
        case str() if len(value) > _LONGEST:
            return _CUT_NUMBER.sub("", value[:_LONGEST])
    return value
