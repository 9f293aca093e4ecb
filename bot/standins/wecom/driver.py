"""The callback driver: calls the bot's addresses as WeCom does, and judges what they answer."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

import httpx
import xmltodict

from bot.standins.wecom.bodies import TEXT_BYTES, words
from bot.standins.wecom.cards import check_card, from_xml
from bot.standins.wecom.faults import WecomError
from bot.standins.wecom.robot import Callback, RobotRules
from bot.standins.wecom.seal import Seal
from bot.standins.wecom.world import Message, Refusal, Route, World

Json = dict[str, Any]

VERIFIED_WITHIN = 1.0
"""Seconds the bot has to answer when its address is saved."""

APP_TRIES = 3
"""How often the application is called in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of a callback: the HTTP status (None: no answer in time, or nobody there), what the bot answered,
    and why the platform would have dropped that; `lost` when nobody was connected to take it."""

    msgid: str
    status: int | None = None
    reply: Json | None = None
    complaint: str = ""
    lost: bool = False
    tries: int = 1

    def as_json(self) -> Json:
        """For the user side."""
        return {name: getattr(self, name) for name in ("msgid", "status", "reply", "complaint", "lost", "tries")}


class Driver:
    """Calls the bot. `patience` is how many seconds it waits for an answer, `refresh_seconds` how long it pauses
    before it asks for more of a stream; None: it asks only when told to."""

    def __init__(self, world: World, rules: RobotRules, *, patience: float, refresh_seconds: float | None) -> None:
        self._world = world
        self._rules = rules
        self._patience = patience
        self._refresh_seconds = refresh_seconds
        self._http = httpx.AsyncClient(timeout=patience)
        self._asking: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Call nobody any more."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self._http.aclose()

    # -- saving an address

    async def verify(self, url: str, seal: Seal) -> None:
        """What the console does when a callback address is saved; Refusal says why it was not."""
        expected = str(secrets.randbits(62))
        encrypted = seal.encrypt(expected)
        query = self._signed(seal, encrypted)
        try:
            answer = await self._http.get(
                f"{url}?{urlencode({**query, 'echostr': encrypted})}", timeout=VERIFIED_WITHIN
            )
        except httpx.HTTPError:
            raise Refusal("the address did not answer within a second") from None
        if answer.status_code != httpx.codes.OK or answer.content != expected.encode():
            raise Refusal("the address answered something else than the text it was sent")

    # -- the robot

    async def call_robot(self, callback: Callback) -> Delivery:
        """Call the robot's address; what begins a stream is asked for more until it ends."""
        delivery = await self._call_robot(callback, callback.body)
        if self._rules.unfinished(callback) and self._refresh_seconds is not None:
            task = asyncio.create_task(self._keep_asking(callback, self._refresh_seconds))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        return delivery

    async def refresh(self, callback: Callback) -> list[Delivery]:
        """Ask once for more of each stream of a message that has not ended."""
        return [
            await self._call_robot(callback, self._asks_for(callback, name))
            for name in self._rules.unfinished(callback)
        ]

    async def ask_for(self, callback: Callback, stream: str) -> Delivery:
        """Ask for more of any stream, such as one that nobody knows."""
        return await self._call_robot(callback, self._asks_for(callback, stream))

    async def _keep_asking(self, callback: Callback, seconds: float) -> None:
        while self._rules.unfinished(callback):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._world.stopping.wait()
            await self.refresh(callback)

    def _asks_for(self, callback: Callback, stream: str) -> Json:
        kept = {k: v for k, v in callback.body.items() if k in ("msgid", "aibotid", "chatid", "chattype", "from")}
        if not self._world.robot.keeps_msgid:
            kept["msgid"] = secrets.token_urlsafe(16)
        return {**kept, "msgtype": "stream", "stream": {"id": stream}}

    async def _call_robot(self, callback: Callback, body: Json) -> Delivery:
        robot = self._world.robot
        encrypted = robot.seal.encrypt(json.dumps(body, ensure_ascii=False))
        query = self._signed(robot.seal, encrypted)
        msgid = str(body["msgid"])
        answer = await self._post(robot.url, query, json.dumps({"encrypt": encrypted}))
        if answer is None or answer.status_code != httpx.codes.OK:
            return Delivery(msgid=msgid, status=None if answer is None else answer.status_code)
        try:
            reply = _opened(answer.content, robot.seal, query["nonce"])
            if reply:
                self._rules.reply(callback, reply)
        except (WecomError, ValueError, TypeError, KeyError) as error:
            return Delivery(msgid=msgid, status=200, complaint=self._world.complain(f"answer to the robot: {error}"))
        return Delivery(msgid=msgid, status=200, reply=reply)

    # -- the application

    async def call_app(self, fields: Mapping[str, Any], pressed: Message | None, user: str) -> Delivery:
        """Call the application's address, again while it does not answer 200."""
        app = self._world.app
        msgid = str(fields.get("MsgId", ""))
        xml = _as_xml({"ToUserName": app.corp_id, **fields, "AgentID": app.agent_id})
        status = None
        for tried in range(1, APP_TRIES + 1):
            encrypted = app.seal.encrypt(xml)
            query = self._signed(app.seal, encrypted)
            envelope = _as_xml({"ToUserName": app.corp_id, "AgentID": app.agent_id, "Encrypt": encrypted})
            answer = await self._post(app.url, query, envelope)
            status = None if answer is None else answer.status_code
            if answer is not None and status == httpx.codes.OK:
                return self._judged(answer.content, pressed, user, Delivery(msgid=msgid, status=status, tries=tried))
        return Delivery(msgid=msgid, status=status, tries=APP_TRIES)

    def _judged(self, content: bytes, pressed: Message | None, user: str, delivery: Delivery) -> Delivery:
        if content.strip() in (b"", b"success"):
            return delivery
        try:
            reply = _opened_xml(content, self._world.app.seal)
            self._take_app_reply(reply, pressed, user)
        except (WecomError, ExpatError, ValueError, TypeError, KeyError) as error:
            complaint = self._world.complain(f"answer to the application: {error}")
            return Delivery(msgid=delivery.msgid, status=200, complaint=complaint, tries=delivery.tries)
        return Delivery(msgid=delivery.msgid, status=200, reply=reply, tries=delivery.tries)

    def _take_app_reply(self, reply: Json, pressed: Message | None, user: str) -> None:
        kind = reply.get("MsgType")
        if kind == "text":
            content = words(reply.get("Content"), TEXT_BYTES)
            self._world.keep(Route.APP, user, {"msgtype": "text", "text": {"content": content}}, to=(user,))
        elif kind == "update_button" and pressed is not None:
            label = words(reply["Button"]["ReplaceName"], TEXT_BYTES)
            card = {**pressed.card_for(user), "button_list": [{"text": label, "key": "-"}]}
            self._world.show_card(pressed, [user], card)
        elif kind == "update_template_card" and pressed is not None:
            _, card = from_xml("TemplateCard", reply["TemplateCard"])
            self._world.show_card(pressed, [user], check_card(card, by_app=True, update=True))
        else:
            raise ValueError(f"cannot be answered with {kind}")

    # -- both

    async def _post(self, url: str, query: Mapping[str, str], body: str) -> httpx.Response | None:
        try:
            return await self._http.post(f"{url}?{urlencode(query)}", content=body.encode())
        except httpx.HTTPError:
            return None

    def _signed(self, seal: Seal, encrypted: str) -> dict[str, str]:
        timestamp, nonce = str(int(self._world.now)), secrets.token_hex(5)
        return {"msg_signature": seal.sign(timestamp, nonce, encrypted), "timestamp": timestamp, "nonce": nonce}


def _opened(content: bytes, seal: Seal, nonce: str) -> Json | None:
    """The JSON in an answer; None for an answer that says nothing."""
    if content.strip() in (b"", b"success"):
        return None
    envelope = json.loads(content)
    encrypted = envelope["encrypt"]
    if envelope["nonce"] != nonce:
        raise ValueError("the nonce is another one")
    if envelope["msgsignature"] != seal.sign(str(envelope["timestamp"]), nonce, encrypted):
        raise ValueError("the signature is wrong")
    body = json.loads(seal.decrypt(encrypted))
    if not isinstance(body, dict):
        raise TypeError("not an object")
    return body


def _opened_xml(content: bytes, seal: Seal) -> Json:
    envelope = xmltodict.parse(content)["xml"]
    if envelope["MsgSignature"] != seal.sign(envelope["TimeStamp"], envelope["Nonce"], envelope["Encrypt"]):
        raise ValueError("the signature is wrong")
    body: Json = xmltodict.parse(seal.decrypt(envelope["Encrypt"]))["xml"]
    return body


def _as_xml(fields: Mapping[str, Any]) -> str:
    return f"<xml>{_inside(fields)}</xml>"


def _inside(fields: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_value(one)}</{name}>"
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    )


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _inside(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"<![CDATA[{text}]]>" if "]]>" not in text else escape(text)
