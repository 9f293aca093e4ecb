"""WeCom's official Python client as a small bot: what it hears it answers in each way that it knows.

Arguments: address, bot id, secret, certificate to trust. Ends when its input ends. Run by the Python it is installed
in, not by the one that runs the tests.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable
from typing import Any

import aibot  # type: ignore[import-not-found]
from aibot import ws

URL, BOT_ID, SECRET, CERTIFICATE = sys.argv[1:]
CARD = {"main_title": {"title": "sure?"}, "task_id": "official-1"}


class Bot:
    """Answers by the client it is given."""

    def __init__(self, client: Any, failed: "asyncio.Future[None]") -> None:
        self.client = client
        self.failed = failed
        self._running: set[asyncio.Task[None]] = set()
        client.on("authenticated", lambda: print("authenticated", flush=True))  # noqa: T201
        client.on("message.text", lambda frame: self._start(self.answer(frame)))
        client.on("event.enter_chat", lambda frame: self._start(self.greet(frame)))
        client.on("event.template_card_event", lambda frame: self._start(self.thank(frame)))

    async def answer(self, frame: Any) -> None:
        """A stream that grows, then a card."""
        await self.client.reply_stream(frame, "stream-1", "thinking")
        await self.client.reply_stream(frame, "stream-1", f"heard: {frame['body']['text']['content']}", finish=True)
        buttons = [{"text": "yes", "style": 1, "key": "yes"}]
        await self.client.reply_template_card(
            frame, {**CARD, "card_type": "button_interaction", "button_list": buttons}
        )

    async def greet(self, frame: Any) -> None:
        """A welcome."""
        await self.client.reply_welcome(frame, {"msgtype": "text", "text": {"content": "welcome"}})

    async def thank(self, frame: Any) -> None:
        """Another card for who pressed, and a push."""
        user = frame["body"]["from"]["userid"]
        action = {"type": 1, "url": "https://www.chsi.com.cn/"}
        thanks = {**CARD, "main_title": {"title": "thanks"}, "card_type": "text_notice", "card_action": action}
        await self.client.update_template_card(frame, thanks, [user])
        push = {"msgtype": "markdown", "markdown": {"content": "by the way"}, "chat_type": 1}
        await self.client.send_message(user, push)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        error = task.exception()
        if error is not None and not self.failed.done():
            self.failed.set_exception(error)


async def main() -> None:
    """Until the input ends or an answer fails."""
    logging.disable(logging.CRITICAL)
    ws._SSL_CONTEXT.load_verify_locations(CERTIFICATE)
    client = aibot.WSClient(aibot.WSClientOptions(bot_id=BOT_ID, secret=SECRET, ws_url=URL))
    loop = asyncio.get_running_loop()
    failed: asyncio.Future[None] = loop.create_future()
    Bot(client, failed)
    await client.connect()
    ended = loop.run_in_executor(None, sys.stdin.read)
    await asyncio.wait([ended, failed], return_when=asyncio.FIRST_COMPLETED)
    client.disconnect()
    if failed.done():
        failed.result()


asyncio.run(main())
