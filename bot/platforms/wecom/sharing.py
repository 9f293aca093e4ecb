"""Every process can send by the robot's long connection, although only one of them has it.

The others leave their frames to it as errands. One that nobody takes was never sent; one that was taken and not
answered may have been carried out.
"""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.platforms.wecom.api import Answer, Answered, Lost, NotSent
from bot.platforms.wecom.frames import Body, Command
from bot.ports import ErrandNotTaken, Errands, StoreAway
from scheduler.ports import Clock

_LISTEN_SECONDS = 1.0
_AWAY_SECONDS = 0.5
_STALE = timedelta(seconds=10)
"""An errand older than this is nobody's any more: who gave it has given up, or died."""


class Ask(Protocol):
    """Sends a frame and says what came of it."""

    def __call__(self, command: Command, body: Body | None = None, *, req_id: str | None = None) -> Awaitable[Answer]:
        """See `connection.Connection.ask`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Gives errands to the process that has the connection, or carries out those of the others."""

    errands: Errands
    clock: Clock

    async def ask(self, command: Command, body: Body | None, req_id: str | None, *, wait: float) -> Answer:
        """Have a frame sent by the process that has the connection."""
        errand = json.dumps([self.clock.now().isoformat(), command, body, req_id], ensure_ascii=False)
        try:
            answered = await self.errands.ask(errand, wait=wait)
        except ErrandNotTaken:
            return NotSent(why="not-connected")
        except StoreAway:
            return Lost(why="store-away")
        return Lost(why="no-answer") if answered is None else _answer(answered)

    async def serve(self, ask: Ask) -> None:
        """Carry out what other processes ask, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    errand = await self.errands.take(wait=_LISTEN_SECONDS)
                except StoreAway:
                    await asyncio.sleep(_AWAY_SECONDS)
                    continue
                if errand is not None:
                    group.create_task(self._carry_out(*errand, ask))

    async def _carry_out(self, errand: str, text: str, ask: Ask) -> None:
        at, command, body, req_id = json.loads(text)
        if self.clock.now() > datetime.fromisoformat(at) + _STALE:
            return
        answer = await ask(Command(command), body, req_id=req_id)
        try:
            await self.errands.answer(errand, _text(answer))
        except StoreAway:  # who waits for it takes it for lost
            return


def _text(answer: Answer) -> str:
    match answer:
        case Answered(code=code, body=body):
            return json.dumps({"code": code, "body": body})
        case NotSent(why=why):
            return json.dumps({"not-sent": why})
        case Lost(why=why):
            return json.dumps({"lost": why})


def _answer(text: str) -> Answer:
    match json.loads(text):
        case {"code": int(code), "body": dict(body)}:
            return Answered(code=code, body=body)
        case {"not-sent": str(why)}:
            return NotSent(why=why)
        case {"lost": str(why)}:
            return Lost(why=why)
    return Lost(why="unreadable-answer")
