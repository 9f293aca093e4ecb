"""A look at each configured route of WeCom from outside; nobody gets a message by it."""

import asyncio

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from bot.platforms.findings import Finding, works, wrong
from bot.platforms.wecom import frames
from bot.platforms.wecom.api import Answered, Caller, trouble_of
from bot.platforms.wecom.connection import ACK_SECONDS, BAD_CREDENTIAL
from bot.platforms.wecom.frames import Ack, Command
from bot.platforms.wecom.tokens import AppCalls
from bot.ports import ConnectionLease
from scheduler.messages import Phrase

_ROBOT, _APP, _HOOK = "wecom-robot", "wecom-app", "wecom-hook"

CALLBACK_URL = Finding(
    route="wecom-robot-url", said=Phrase(key="platforms.from-outside", values={"path": "/wecom/robot"})
)
"""Callbacks come from outside: they cannot be tried from here."""

_NO_SUCH_TYPE = {"msgtype": "none"}
"""A message that is refused for its type, and before that for its key: nobody ever sees it."""

_CLOSE_SECONDS = 1.0
_SUBSCRIBED = {0: works(_ROBOT), BAD_CREDENTIAL: wrong(_ROBOT, "wecom.connection.credential")}


async def check_app(calls: AppCalls, agent_id: int) -> Finding:
    """Try the application's secret, this machine's address and the AgentId, by asking for the application itself."""
    answer = await calls.get("agent/get", {"agentid": str(agent_id)})
    match answer:
        case Answered(code=0, body={"close": 1}):
            return wrong(_APP, "wecom.trouble.closed")
        case Answered(code=0):
            return works(_APP)
    trouble = trouble_of(answer)
    return wrong(_APP, f"wecom.trouble.{trouble}") if trouble else works(_APP, "platforms.unclear")


async def check_webhook(caller: Caller, name: str, key: str) -> Finding:
    """Try the key of a group webhook."""
    trouble = trouble_of(await caller.post("webhook/send", {"key": key}, _NO_SUCH_TYPE))
    return wrong(_HOOK, f"wecom.trouble.{trouble}", name=name) if trouble else works(_HOOK, name=name)


async def check_robot(
    url: str, bot_id: str, secret: str, lease: ConnectionLease, *, patience: float = ACK_SECONDS
) -> Finding:
    """Try the long connection; not while a running service holds it, which this one would throw out.

    `patience` is how many seconds it may take altogether.
    """
    if not await lease.take():
        return works(_ROBOT, "platforms.connected")
    try:
        return await _subscribe(url, {"bot_id": bot_id, "secret": secret}, patience)
    finally:
        await lease.release()


async def _subscribe(url: str, who: frames.Body, patience: float) -> Finding:
    req_id = frames.new_req_id(Command.SUBSCRIBE)
    try:
        async with asyncio.timeout(patience), connect(url, close_timeout=_CLOSE_SECONDS) as socket:
            await socket.send(frames.write(Command.SUBSCRIBE, req_id, who))
            async for text in socket:
                match frames.read(text):
                    case Ack(req_id=of, code=code) if of == req_id:
                        return _SUBSCRIBED.get(code, wrong(_ROBOT, "wecom.connection.refused"))
    except TimeoutError:
        return wrong(_ROBOT, "wecom.connection.silent")
    except (OSError, ValueError, WebSocketException):
        return wrong(_ROBOT, "wecom.connection.unreachable")
    return wrong(_ROBOT, "wecom.connection.silent")
