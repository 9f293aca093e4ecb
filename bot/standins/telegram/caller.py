"""The webhook's side of the platform: each update is posted until it is answered with success.

As Telegram does it: one queue for each chat's messages and for each person's presses, strictly in order inside
a queue and side by side otherwise. A failed call holds up its queue: it is repeated at once, then ever later.
"""

import asyncio
import itertools
from collections.abc import Iterator

import httpx

from bot.standins.telegram.shapes import Json
from bot.standins.telegram.world import World

_LONGEST_WAIT = 60.0
_TIMEOUT = 60.0


class Caller:
    """Calls the bot of a world as long as it wants to be called. Run it as a task, and cancel that to stop."""

    def __init__(self, world: World, *, retry_seconds: float) -> None:
        self._world = world
        self._retry_seconds = retry_seconds
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Call with what waits in the queue, until cancelled."""
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as http:
            try:
                while True:
                    self._begin(http)
                    await self._world.bell.wait(_LONGEST_WAIT)
            finally:
                for task in self._busy.values():
                    task.cancel()
                await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _begin(self, http: httpx.AsyncClient) -> None:
        if self._world.hook is None:
            return
        for _, _, update in self._world.queue:
            name = _queue_of(update)
            if name not in self._busy:
                self._busy[name] = asyncio.create_task(self._empty(http, name))

    async def _empty(self, http: httpx.AsyncClient, name: str) -> None:
        try:
            waits = self._waits()
            while (update := self._next(name)) is not None and self._world.hook is not None:
                if await self._call(http, update):
                    self._world.queue = [entry for entry in self._world.queue if entry[2] is not update]
                    self._world.bell.ring()
                    waits = self._waits()
                else:
                    await asyncio.sleep(next(waits))
        finally:
            del self._busy[name]

    def _next(self, name: str) -> Json | None:
        alive = (update for _, until, update in self._world.queue if until > self._world.now)
        return next((update for update in alive if _queue_of(update) == name), None)

    async def _call(self, http: httpx.AsyncClient, update: Json) -> bool:
        hook = self._world.hook
        if hook is None:
            return False
        try:
            headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
            answer = await http.post(hook.url, json=update, headers=headers)
        except httpx.HTTPError as error:
            hook.fault, hook.fault_at = type(error).__name__, self._world.now
            return False
        if not answer.is_success:
            hook.fault = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
            hook.fault_at = self._world.now
        return answer.is_success

    def _waits(self) -> Iterator[float]:
        yield 0.0
        for times in itertools.count():
            yield min(self._retry_seconds * 2.0**times, _LONGEST_WAIT)


def _queue_of(update: Json) -> str:
    if "callback_query" in update:
        return f"press {update['callback_query']['from']['id']}"
    for part in update.values():
        if isinstance(part, dict) and isinstance(part.get("chat"), dict):
            return f"chat {part['chat'].get('id')}"
    return "others"
