"""The peer: python-telegram-bot's own application, its network stubbed by one canned answer."""

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from telegram import Bot, Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters
from telegram.request import HTTPXRequest

ME = {"id": 7, "is_bot": True, "first_name": "bench", "username": "bench_bot"}

_TOKEN = "7:bench"
_ANSWER = "x" * 150
"""About as long as an answer of the bot."""

_SENT = {
    "message_id": 1,
    "date": 1,
    "chat": {"id": 1, "type": "private", "first_name": "a"},
    "from": ME,
    "text": _ANSWER,
}
_SENT_BODY = json.dumps({"ok": True, "result": _SENT}).encode()
_ME_BODY = json.dumps({"ok": True, "result": ME}).encode()


class CannedRequest(HTTPXRequest):
    """Answers every call at once, with the message that was supposedly sent."""

    async def do_request(self, url: str, *_: Any, **__: Any) -> tuple[int, bytes]:
        """The status and body of the canned answer."""
        return 200, _ME_BODY if url.endswith("/getMe") else _SENT_BODY


def canned_bot() -> Bot:
    """A bot whose every call succeeds at once."""
    return Bot(_TOKEN, request=CannedRequest(), get_updates_request=CannedRequest())


async def _reply(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    await update.message.reply_text(_ANSWER)


class Peer:
    """An application that answers every text with one fixed answer."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def rate(self, bodies: Sequence[bytes]) -> float:
        """Updates a second: each parsed, put into the application's queue, processed, answered."""
        begun = time.perf_counter()
        for body in bodies:
            await self._application.update_queue.put(Update.de_json(json.loads(body), self._application.bot))
        await self._application.update_queue.join()
        return len(bodies) / (time.perf_counter() - begun)

    async def latencies(self, bodies: Sequence[bytes]) -> list[float]:
        """Seconds from each update's bytes to its reply, one update after the other."""
        taken = []
        for body in bodies:
            begun = time.perf_counter()
            await self.rate([body])
            taken.append(time.perf_counter() - begun)
        return taken


@asynccontextmanager
async def peer(*, concurrent: bool) -> AsyncIterator[Peer]:
    """The application, running, one update at a time or up to 256 at once."""
    application = (
        Application.builder()
        .token(_TOKEN)
        .request(CannedRequest())
        .get_updates_request(CannedRequest())
        .updater(None)
        .job_queue(None)
        .concurrent_updates(concurrent)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, _reply))
    async with application:
        await application.start()
        yield Peer(application)
        await application.stop()
