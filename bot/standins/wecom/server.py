"""The stand-in on loopback: WeCom's API and long connection on one side, members and scripts on the other.

Bot side, as WeCom's: /cgi-bin/… on `http_url`, the robot's long connection on `ws_url`.

Members, JSON in and out, on `user_url`:
  POST member  {"user": "Stu01", "visible": true}        a member; visible: the application may write to them
  POST group   {"chat": "wrA", "robot_in": true}         a group, with the robot in it or thrown out of it
  POST hook    {"chat": "wrA"}                           a webhook in it: {"key": …}
  POST say     {"user": "Stu01", "text": "…"}            to the robot alone; in a group with "chat": "wrA"
               further: at (false: without naming the robot), quote, voice (true), picture, file, video (base64), raw
  POST enter   {"user": "Stu01"}                         opens the chat with the robot
  POST press   {"user": "Stu01", "message": 3, "label": "…"}   or "key": "…" as a tampered client can
               further: selected {question: option}, flat, camel
  POST rate    {"user": "Stu01", "message": 3, "kind": 2}   a thumb: 1 up, 2 down, 3 taken back; where `thumbs` is true
  POST tell    {"user": "Stu01", "text": "…"}            to the application; kind and further fields for others
  POST happen  {"user": "Stu01", "event": "enter_agent"} an event of the application, with its fields
  POST repeat  {"msgid": "…"}                            the platform delivers a callback again
  POST inject  {"body": {…}}                             any callback of the robot's at all
  GET  messages?user=Stu01 | ?chat=wrA&user=Stu01 &after=0&wait=5    what arrived, in the order of its changes
  GET  complaints                                        what the bot did that the platform drops in silence

Scripts, on `script_url`:
  POST robot-url {"url": "http://…"}   save the robot's callback address ("": the long connection again)
  POST app-url   {"url": "http://…"}   save the application's
  POST robot     {"hides_ids": true}   wo… ids; also gives_response_url, keeps_msgid
  POST fault     {"call": "message/send", "kind": "error", "code": 45009, "times": 1, "chat": "Stu01"}
                 kinds: error server-error slow (seconds) hang cut broken-json; call: a path, a frame's cmd, or *
  POST release   {}                    answer what is held back by slow
  POST connection {"how": "silence"}   or close (with code), cut, refuse, accept
  POST expire-tokens {"code": 42001}   or 40014
  POST limits    {"hook": [[20, 60]]}  also conversation, member, appchat_member, upload, api; []: no limit
  POST clock     {"advance": 360}      let seconds pass
  POST refresh   {"msgid": "…"}        ask once for more of a message's streams
"""

import asyncio
import inspect
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as Path

from bot.standins.loopback import LOOPBACK, QuietServer, said_and_stopped
from bot.standins.wecom.api import Api
from bot.standins.wecom.application import Application
from bot.standins.wecom.connections import Connections
from bot.standins.wecom.driver import Delivery, Driver
from bot.standins.wecom.faults import Code, Fault, Faults
from bot.standins.wecom.hooks import Hooks
from bot.standins.wecom.pace import Limits, Pace
from bot.standins.wecom.people import People
from bot.standins.wecom.robot import RobotRules
from bot.standins.wecom.world import Refusal, World

Json = dict[str, Any]


class WecomStandin:
    """The stand-in, listening from `async with` to its end; `port` 0 takes any free one, the long connection's is
    always a free one.

    `patience`: seconds for which it waits for the answer to a callback. `refresh_seconds`: the pause before it asks
    for more of a stream; None: only when told to. `kick_seconds`: how long a connection that was taken over stays
    open after it was told. `tls`: serve the long connection as wss.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        limits: Limits | None = None,
        world: World | None = None,
        patience: float = 5.0,
        refresh_seconds: float | None = 1.0,
        kick_seconds: float = 2.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.world = world or World()
        self.faults = Faults()
        self._pace = Pace(limits=limits or Limits())
        self._release = asyncio.Event()
        self.rules = RobotRules(self.world, self._pace)
        self.connections = Connections(
            self.world, self.rules, self.faults, kick_seconds=kick_seconds, release=self._release
        )
        self.driver = Driver(self.world, self.rules, patience=patience, refresh_seconds=refresh_seconds)
        self.people = People(self.world, self.rules, self.connections, self.driver)
        self.app = Application(self.world, self._pace, self.people)
        self.api = Api(
            self.world, self.faults, self.rules, self.app, Hooks(self.world, self._pace), release=self._release
        )
        self._port, self._tls = port, tls
        config = uvicorn.Config(
            self._routes(), lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = QuietServer(config, self.world.stopping)
        self._serving: asyncio.Task[None] | None = None
        self.http_url = ""
        self.ws_url = ""

    async def __aenter__(self) -> Self:
        listening = socket.create_server((LOOPBACK, self._port))
        self.http_url = self.people.base_url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        self.ws_url = await self.connections.start(0, self._tls)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.stopping.set()
        self._release.set()
        self.world.bell.ring()
        await self.driver.stop()
        await self.connections.stop()
        if self._serving is not None:
            await self._serving

    # -- the admin console

    async def set_robot_url(self, *, url: str) -> Json:
        """Save the robot's callback address, once it has proved itself; "" goes back to the long connection."""
        if url:
            await self.driver.verify(url, self.world.robot.seal)
            await self.connections.close()
        self.world.robot.url = url
        return {}

    async def set_app_url(self, *, url: str) -> Json:
        """Save the application's callback address, once it has proved itself."""
        if url:
            await self.driver.verify(url, self.world.app.seal)
        self.world.app.url = url
        return {}

    # -- scripts

    def limit(self, **windows: list[tuple[int, float]]) -> Json:
        """Set rates by their names in `Limits`, each as a list of (how many, seconds); [] is no limit."""
        before = {name: getattr(self._pace.limits, name) for name in Limits.__dataclass_fields__}
        given = {name: tuple((int(most), float(seconds)) for most, seconds in one) for name, one in windows.items()}
        self._pace.limits = Limits(**{**before, **given})
        return {}

    def fault(self, **asked: Any) -> Json:
        """Let the next calls of something go wrong; see `Fault`."""
        self.faults.add(Fault(**asked))
        return {}

    def release(self) -> Json:
        """Answer whatever is being held back, and whatever will be."""
        self._release.set()
        return {}

    def expire_tokens(self, *, code: int = Code.TOKEN_EXPIRED) -> Json:
        """The application's tokens given so far are good no more."""
        self.app.expire_tokens(code)
        return {}

    async def break_connection(self, *, how: str, code: int = 1000) -> Json:
        """What can happen to the long connection: silence, close (with `code`), cut; refuse and accept new ones."""
        connections = self.connections
        if how == "close":
            await connections.close(code)
        elif how in ("silence", "cut"):
            getattr(connections, how)()
        elif how in ("refuse", "accept"):
            connections.refusing = how == "refuse"
        else:
            raise Refusal("silence, close, cut, refuse or accept")
        return {}

    def change_robot(self, **traits: bool) -> Json:
        """`hides_ids`, `gives_response_url`, `keeps_msgid`: how this robot is."""
        for name, value in traits.items():
            if name not in ("hides_ids", "gives_response_url", "keeps_msgid"):
                raise Refusal("no such trait")
            setattr(self.world.robot, name, value)
        return {}

    async def refresh(self, *, msgid: str) -> list[Delivery]:
        """Ask once for more of each unfinished stream of a message."""
        return await self.driver.refresh(self.people.callback(msgid))

    # -- what arrived

    async def messages(self, *, user: str = "", chat: str = "", after: int = 0, wait: float = 0.0) -> list[Json]:
        """What a member has in private, or what stands in `chat` as `user` sees it, changed after change number
        `after`; waits for the first of it, `wait` seconds."""
        until = asyncio.get_running_loop().time() + wait
        while True:
            found = self.world.written(user=user, chat=chat, after=after)
            left = until - asyncio.get_running_loop().time()
            if found or left <= 0 or self.world.stopping.is_set():
                return found
            await self.world.bell.wait(left)

    async def until(self, holds: Callable[[], bool], seconds: float = 10.0) -> None:
        """Until something holds here; TimeoutError if it never does."""
        async with asyncio.timeout(seconds):
            while not holds():
                await self.world.bell.wait(seconds)

    @property
    def credentials(self) -> Json:
        """What it accepts, by the names of this project's settings without their first part."""
        robot, app = self.world.robot, self.world.app
        return {
            "robot_id": robot.id,
            "robot_secret": robot.secret,
            "robot_token": robot.seal.token,
            "robot_aes_key": robot.seal.aes_key,
            "robot_name": robot.name,
            "corp_id": app.corp_id,
            "agent_id": app.agent_id,
            "app_secret": app.secret,
            "app_token": app.seal.token,
            "app_aes_key": app.seal.aes_key,
        }

    # -- HTTP

    def _routes(self) -> Starlette:
        return Starlette(
            routes=[
                Path("/cgi-bin/{path:path}", self.api.handle, methods=["GET", "POST"]),
                Path("/media/{name}", self.api.file, methods=["GET"]),
                Path("/user/messages", self._read, methods=["GET"]),
                Path("/user/complaints", self._read_complaints, methods=["GET"]),
                Path("/user/{verb}", self._act, methods=["POST"]),
                Path("/script/{verb}", self._act, methods=["POST"]),
            ]
        )

    async def _read(self, request: Request) -> Response:
        asked = request.query_params
        found = await self.messages(
            user=asked.get("user", ""),
            chat=asked.get("chat", ""),
            after=int(asked.get("after", 0)),
            wait=float(asked.get("wait", 0)),
        )
        return JSONResponse(found)

    async def _read_complaints(self, _: Request) -> Response:
        return JSONResponse(self.world.complaints)

    async def _act(self, request: Request) -> Response:
        people, world = self.people, self.world
        verbs: Mapping[str, Callable[..., Any]] = {
            "say": people.say, "enter": people.enter, "press": people.press, "rate": people.rate,
            "tell": people.tell, "happen": people.happen, "repeat": people.repeat, "inject": people.inject,
            "member": world.member, "group": world.group, "hook": world.hook,
            "robot-url": self.set_robot_url, "app-url": self.set_app_url, "robot": self.change_robot,
            "clock": world.clock, "limits": self.limit, "fault": self.fault, "release": self.release,
            "expire-tokens": self.expire_tokens, "connection": self.break_connection, "refresh": self.refresh,
        }  # fmt: skip
        verb = verbs.get(request.path_params["verb"])
        if verb is None:
            return JSONResponse({"error": "no such verb"}, status_code=404)
        try:
            done = verb(**json.loads(await request.body() or b"{}"))
            return JSONResponse(_shown(await done if inspect.isawaitable(done) else done))
        except (Refusal, TypeError, ValueError, KeyError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)


def _shown(done: Any) -> Any:
    if isinstance(done, list):
        return [_shown(one) for one in done]
    if done is None:
        return {"heard": False}
    return done.as_json() if isinstance(done, Delivery) else done


def main(port: int) -> None:
    """Run the stand-in alone until SIGINT or SIGTERM; prints one JSON line: its addresses and what it accepts."""
    asyncio.run(_alone(port))


async def _alone(port: int) -> None:
    async with WecomStandin(port=port) as standin:
        await said_and_stopped(
            {
                "http_url": standin.http_url,
                "ws_url": standin.ws_url,
                "user_url": f"{standin.http_url}/user",
                "script_url": f"{standin.http_url}/script",
                **standin.credentials,
            }
        )
