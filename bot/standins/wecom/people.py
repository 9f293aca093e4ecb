"""What members do: write to the robot or the application, press buttons, rate answers; and WeCom's callbacks of it."""

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from bot.standins.wecom.cards import buttons
from bot.standins.wecom.connections import Connections
from bot.standins.wecom.driver import Delivery, Driver
from bot.standins.wecom.robot import Callback, CallbackKind, RobotRules
from bot.standins.wecom.seal import encrypt_media
from bot.standins.wecom.world import Chat, Media, Message, Refusal, Route, World

Json = dict[str, Any]

FILE_LIVES = 5 * 60
"""Seconds for which the robot can fetch what a member sent."""

_IN_PRIVATE_ONLY = frozenset({"image", "voice", "file", "video"})


class People:
    """Everything a member can do, and the callback that comes of it."""

    def __init__(self, world: World, rules: RobotRules, connections: Connections, driver: Driver) -> None:
        self._world = world
        self._rules = rules
        self._connections = connections
        self._driver = driver
        self._app_calls: dict[str, tuple[Json, Message | None, str]] = {}
        self.response_codes: dict[str, tuple[Message, float]] = {}
        """The application's ways to change a card: of which message, since when."""
        self.base_url = ""

    # -- with the robot

    async def say(self, *, user: str, text: str = "", chat: str = "", at: bool = True, **more: Any) -> Delivery | None:
        """A member writes to the robot: in a group (`chat`), or alone. None: the robot does not hear it, which is so
        too while three answers to that member have not ended.

        In a group the robot hears who names it (`at`), and then the text begins with its name. Further: `quote` the
        text replied to; `voice` true for spoken words; `picture`, `file` or `video` their bytes in base64, a picture
        in a group beside a text; `raw` further fields.
        """
        place = self._place(user, chat)
        if place.is_group and at:
            text = f"@{self._world.robot.name} {text}".rstrip()
        said = self._said(text, more)
        heard = not place.is_group or (at and said["msgtype"] not in _IN_PRIVATE_ONLY)
        if not heard or not place.robot_in or self._rules.waits(user):
            return None
        place.addressed = True
        if "quote" in more:
            said["quote"] = {"msgtype": "text", "text": {"content": more["quote"]}}
        return await self._tell(CallbackKind.MESSAGE, user, place, {**said, **(more.get("raw") or {})})

    async def enter(self, *, user: str) -> Delivery:
        """A member opens the private chat with the robot for the first time today."""
        return await self._tell(CallbackKind.ENTER, user, self._place(user, ""), {})

    async def press(self, *, user: str, message: int, label: str = "", key: str = "", **more: Any) -> Delivery:
        """A member presses the button with this label; or sends a `key` of their own, as a tampered client can.

        `selected` maps the keys of a card's questions to the options chosen; `flat` and `camel` true for the two
        other ways in which the robot was seen to be told.
        """
        pressed = self._world.message(message)
        found = {button["text"]: button.get("key", "") for button in buttons(pressed.card_for(user))}
        key = key or found.get(label, "")
        if not key or (pressed.route is Route.APP and user not in pressed.to):
            raise Refusal("no such button")
        if pressed.route is Route.APP:
            return await self._press_on_app(user, pressed, key, more)
        event = _press_event(pressed, key, more)
        return await self._tell(
            CallbackKind.PRESS, user, self._place(user, pressed.chat), {"event": event}, pressed=pressed
        )

    async def rate(self, *, user: str, message: int, kind: int = 1, content: str = "") -> Delivery:
        """A member gives a message a thumb: 1 up, 2 down, 3 taken back."""
        rated = self._world.message(message)
        if not rated.thumb:
            raise Refusal("no thumbs under this message")
        chat = rated.chat if self._world.chats[rated.chat].is_group else ""
        return await self.rate_by_id(user=user, feedback=rated.thumb, kind=kind, content=content, chat=chat)

    async def rate_by_id(
        self, *, user: str, feedback: str, kind: int = 1, content: str = "", chat: str = ""
    ) -> Delivery:
        """A thumb under any feedback id at all, such as one of a message of long ago."""
        rating = {"id": feedback, "type": kind, "content": content, "inaccurate_reason_list": [2] if kind == 2 else []}  # noqa: PLR2004
        return await self._tell(
            CallbackKind.RATING, user, self._place(user, chat), {"event": {"feedback_event": rating}}
        )

    async def repeat(self, *, msgid: str) -> Delivery:
        """The platform delivers a callback once more."""
        if msgid in self._app_calls:
            fields, pressed, user = self._app_calls[msgid]
            return await self._driver.call_app(fields, pressed, user)
        return await self._deliver(self.callback(msgid))

    async def inject(self, *, body: Json, user: str = "someone") -> Delivery:
        """Any callback at all, as if a member had caused it."""
        kind = CallbackKind.RATING if body.get("msgtype") == "event" else CallbackKind.MESSAGE
        callback = Callback(
            kind=kind, user=user, chat=self._place(user, ""), at=self._world.now, body={"msgid": _new_msgid(), **body}
        )
        self._rules.callbacks.append(callback)
        return await self._deliver(callback)

    def callback(self, msgid: str) -> Callback:
        """A callback of the robot's by its id."""
        for callback in self._rules.callbacks:
            if callback.msgid == msgid:
                return callback
        raise Refusal("no such callback")

    # -- with the application

    async def tell(self, *, user: str, text: str = "", kind: str = "text", **fields: Any) -> Delivery:
        """A member writes to the application in private: a text, or another `kind` with its `fields`."""
        content = {"Content": text} if kind == "text" else fields
        return await self._call_app(user, {"MsgType": kind, **content, "MsgId": secrets.randbits(62)})

    async def happen(self, *, user: str, event: str, **fields: Any) -> Delivery:
        """An event of the application, such as enter_agent, subscribe or click with its EventKey; these have no id."""
        return await self._call_app(user, {"MsgType": "event", "Event": event, **fields})

    async def _press_on_app(self, user: str, pressed: Message, key: str, more: Mapping[str, Any]) -> Delivery:
        code = self.new_response_code(pressed)
        card = pressed.card_for(user)
        fields: Json = {
            "EventKey": key,
            "TaskId": card.get("task_id", ""),
            "CardType": card["card_type"],
            "ResponseCode": code,
        }
        if selected := more.get("selected"):
            items = [{"QuestionKey": name, "OptionIds": {"OptionId": option}} for name, option in selected.items()]
            fields["SelectedItems"] = {"SelectedItem": items}
        named = "template_card_event" if any(key == b.get("key") for b in card.get("button_list", [])) else ""
        fields = {"MsgType": "event", "Event": named or "template_card_menu_event", **fields}
        return await self._call_app(user, fields, pressed)

    def new_response_code(self, message: Message) -> str:
        """One more way to change an application's card."""
        code = secrets.token_urlsafe(24)
        self.response_codes[code] = (message, self._world.now)
        return code

    # -- inside

    async def _call_app(self, user: str, fields: Json, pressed: Message | None = None) -> Delivery:
        self._world.members.setdefault(user, user)
        if not self._world.app.url:
            return Delivery(msgid="", lost=True)
        whole = {"FromUserName": user, "CreateTime": int(self._world.now), **fields}
        msgid = str(whole.get("MsgId") or secrets.token_hex(8))
        self._app_calls[msgid] = (whole, pressed, user)
        delivery = await self._driver.call_app(whole, pressed, user)
        return delivery if delivery.msgid else Delivery(**{**delivery.as_json(), "msgid": msgid})

    async def _tell(
        self, kind: CallbackKind, user: str, place: Chat, said: Json, pressed: Message | None = None
    ) -> Delivery:
        body: Json = {
            "msgid": _new_msgid(),
            "aibotid": self._world.robot.id,
            "from": {"userid": self._world.spelled(user)},
        }
        if kind is not CallbackKind.ENTER:
            body |= {"chatid": place.id, "chattype": "group"} if place.is_group else {"chattype": "single"}
        if kind is not CallbackKind.MESSAGE:
            event = {"eventtype": kind.value, **said.pop("event", {})}
            body |= {"msgtype": "event", "create_time": int(self._world.now), "event": event}
        callback = Callback(
            kind=kind, user=user, chat=place, at=self._world.now, body={**body, **said}, pressed=pressed
        )
        by_url = bool(self._world.robot.url)
        if kind in (CallbackKind.MESSAGE, CallbackKind.PRESS) and (by_url or self._world.robot.gives_response_url):
            address = f"{self.base_url}/cgi-bin/aibot/response?response_code={callback.response_code}"
            callback.body["response_url"] = address
        self._rules.callbacks.append(callback)
        return await self._deliver(callback)

    async def _deliver(self, callback: Callback) -> Delivery:
        if self._world.robot.url:
            return await self._driver.call_robot(callback)
        return Delivery(msgid=callback.msgid, lost=not await self._connections.push(callback))

    def _place(self, user: str, chat: str) -> Chat:
        self._world.members.setdefault(user, user)
        if not chat or chat == user:
            return self._world.chats.setdefault(user, Chat(id=user, is_group=False))
        if chat not in self._world.chats:
            raise Refusal("no such group")
        return self._world.chats[chat]

    def _said(self, text: str, more: Mapping[str, Any]) -> Json:
        if "voice" in more:
            return {"msgtype": "voice", "voice": {"content": text}}
        for kind in ("file", "video"):
            if kind in more:
                return {"msgtype": kind, kind: self._sent(kind, more[kind])}
        if "picture" not in more:
            return {"msgtype": "text", "text": {"content": text}}
        image = {"msgtype": "image", "image": self._sent("image", more["picture"])}
        if not text:
            return image
        return {"msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": text}}, image]}}

    def _sent(self, kind: str, content: str) -> Json:
        """A file as callbacks name it: ciphered, by the robot's own key or by one of its own."""
        by_url = bool(self._world.robot.url)
        key = self._world.robot.seal.key if by_url else secrets.token_bytes(32)
        name = secrets.token_urlsafe(16)
        ciphered = encrypt_media(base64.b64decode(content), key)
        self._world.files[name] = Media(kind=kind, content=ciphered, at=self._world.now, owner="")
        told = {"url": f"{self.base_url}/media/{name}"}
        return told if by_url else {**told, "aeskey": base64.b64encode(key).decode()}


def _press_event(pressed: Message, key: str, more: Mapping[str, Any]) -> Json:
    card = pressed.body["template_card"]
    names = ("CardType", "EventKey", "TaskId") if more.get("camel") else ("card_type", "event_key", "task_id")
    told: Json = dict(zip(names, (card["card_type"], key, card.get("task_id", "")), strict=True))
    if selected := more.get("selected"):
        items = [
            {"question_key": name, "option_ids": {"option_id": option if isinstance(option, list) else [option]}}
            for name, option in selected.items()
        ]
        told["selected_items"] = {"selected_item": items}
    return told if more.get("flat") else {"template_card_event": told}


def _new_msgid() -> str:
    """As WeCom's look: with the three characters of base64 that are none of the alphabet."""
    return base64.b64encode(b"\xfb\xff" + secrets.token_bytes(17)).decode()
