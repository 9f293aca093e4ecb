"""The chatroom in a browser: one page, its live connection, and what a person does there.

Only for this machine: a request must name a loopback host, so that no other web site can reach in.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import jinja2
from fastapi import APIRouter, Depends, HTTPException, WebSocket, WebSocketDisconnect
from fastapi import Path as InPath
from fastapi.requests import HTTPConnection
from fastapi.responses import FileResponse, HTMLResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict

from bot.platforms.chatroom.receiver import ChatroomReceiver, Taken
from bot.platforms.chatroom.room import TEXT_LIMIT, Chatroom, News, Person, Rejected, RoomMessage, is_private
from scheduler.roster import Role

_HERE = Path(__file__).parent
_ASSETS = {"chatroom.js": "text/javascript", "chatroom.css": "text/css", "icon.svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_STATUS = {Rejected.NOT_IN_CHAT: 403, Rejected.EMPTY: 422, Rejected.TOO_LONG: 413}
_FELL_BEHIND = 1013  # "try again later": the page connects anew and is given the history
_NOBODY = 1008

TurnClock = Callable[[datetime | None], Awaitable[bool]]
"""Turns the clock to an instant, or with None to the next reminder; False where there is nothing to turn to."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")

    chat: str
    account: str
    text: str
    addressed: bool = False
    reply_to: str | None = None


class _Pressed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    chat: str
    account: str
    message: str
    token: str


class _Turned(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: Literal["next-wave"] | AwareDatetime


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def from_this_machine(connection: HTTPConnection) -> None:
    """Lets a request pass that was made to this machine and, by a browser, from this very page."""
    host = connection.headers.get("host", "")
    origin = connection.headers.get("origin")
    if not is_loopback(urlsplit(f"//{host}").hostname or "") or (origin and urlsplit(origin).netloc != host):
        raise HTTPException(403, "the chatroom is for this machine alone")


def chatroom_pages(
    room: Chatroom, receiver: ChatroomReceiver, *, figures: Path, turn_clock: TurnClock | None = None
) -> APIRouter:
    """The page at `/` and all it needs; `figures` is the folder of the guides' PNGs."""
    pages = _Pages(room, receiver, figures, turn_clock)
    router = APIRouter(dependencies=[Depends(from_this_machine)], include_in_schema=False)
    router.get("/")(pages.page)
    router.get("/chatroom/static/{name}")(pages.asset)
    router.get("/figures/{figure}.png")(pages.figure)
    router.post("/chatroom/messages", status_code=202)(pages.post)
    router.post("/chatroom/presses", status_code=202)(pages.press)
    router.post("/chatroom/clock")(pages.clock)
    router.websocket("/chatroom/ws")(pages.live)
    return router


class _Pages:
    def __init__(self, room: Chatroom, receiver: ChatroomReceiver, figures: Path, turn_clock: TurnClock | None) -> None:
        self._room = room
        self._receiver = receiver
        self._figures = figures
        self._turn_clock = turn_clock
        templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
        )
        self._template = templates.get_template("chatroom.html")

    async def page(self) -> HTMLResponse:
        persons = list(self._room.persons.values())
        classes = [
            (name, sorted((person for person in persons if person.class_id == class_id), key=_place))
            for class_id, name in self._room.classes.items()
        ]
        page = self._template.render(
            bot_name=self._room.bot_name,
            staff=[person for person in persons if person.class_id is None],
            classes=classes,
            text_limit=TEXT_LIMIT,
            clock_turns=self._turn_clock is not None,
        )
        return HTMLResponse(page, headers=_HEADERS)

    async def asset(self, name: str) -> FileResponse:
        if name not in _ASSETS:
            raise HTTPException(404)
        return FileResponse(_HERE / "static" / name, media_type=_ASSETS[name], headers=_HEADERS)

    async def figure(self, figure: Annotated[str, InPath(pattern=r"^[a-z0-9-]{1,24}$")]) -> FileResponse:
        path = self._figures / f"{figure}.png"
        if not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type="image/png", headers=_HEADERS)

    async def post(self, said: _Said) -> dict[str, Any]:
        return _taken(
            await self._receiver.post(
                said.chat, said.account, said.text, addressed=said.addressed, reply_to=said.reply_to
            )
        )

    async def press(self, pressed: _Pressed) -> dict[str, Any]:
        return _taken(await self._receiver.press(pressed.chat, pressed.account, pressed.message, pressed.token))

    async def clock(self, turned: _Turned) -> dict[str, Any]:
        if self._turn_clock is None:
            raise HTTPException(404, "this clock is not turned by hand")
        if not await self._turn_clock(None if isinstance(turned.to, str) else turned.to):
            raise HTTPException(409, "nothing-to-come")
        self._room.clock_turned()
        return {"now": self._room.clock.now().isoformat()}

    async def live(self, socket: WebSocket, account: str) -> None:
        await socket.accept()
        person = self._room.persons.get(account)
        if person is None:
            await socket.close(_NOBODY)
            return
        with self._room.listening(account) as news:
            await socket.send_json(self._history(person))
            telling = asyncio.create_task(self._tell(socket, news))
            try:
                with suppress(WebSocketDisconnect):
                    while True:
                        await socket.receive_text()  # a page only listens; whatever it says is not heard
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)

    async def _tell(self, socket: WebSocket, news: "asyncio.Queue[News | None]") -> None:
        with suppress(WebSocketDisconnect):
            while (item := await news.get()) is not None:
                message = self._message(item.message) if item.message else None
                await socket.send_json({"kind": item.event, "now": item.at.isoformat(), "message": message})
            await socket.close(_FELL_BEHIND)

    def _history(self, person: Person) -> dict[str, Any]:
        chats = [
            {
                "id": chat,
                "title": title,
                "private": is_private(chat),
                "messages": [self._message(message) for message in self._room.history(chat)],
            }
            for chat, title in self._room.chats_of(person.account).items()
        ]
        return {"kind": "history", "now": self._room.clock.now().isoformat(), "chats": chats}

    def _message(self, message: RoomMessage) -> dict[str, Any]:
        sender = self._room.persons.get(message.sender or "")
        return {
            "id": message.id,
            "chat": message.chat,
            "sender": message.sender,
            "name": sender.name if sender else self._room.bot_name,
            "role": sender.role if sender else "bot",
            "text": message.text,
            "at": message.at.isoformat(),
            "buttons": [{"label": button.label, "token": button.token} for button in message.buttons],
            "picture": message.picture,
            "files": message.files,
            "reply_to": message.reply_to,
            "edited": message.edited,
        }


def _place(person: Person) -> bool:
    """Monitors first; otherwise the order of the roster."""
    return person.role is not Role.MONITOR


def _taken(outcome: Taken | Rejected) -> dict[str, Any]:
    if isinstance(outcome, Rejected):
        raise HTTPException(_STATUS[outcome], outcome.value)
    return {"id": outcome.id, "stored": outcome.stored}
