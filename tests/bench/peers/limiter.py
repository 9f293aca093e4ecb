"""python-telegram-bot's AIORateLimiter sends one message to each of many chats; run in an environment of its own.

Arguments: the address of a Bot API, a token, the number of messages. Prints one line of JSON: share of thirty a second
that was used, and how many calls were turned down on the way.
"""

import asyncio
import json
import sys
import time
from typing import Any

from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

_ALLOWED = 30.0
_FLOOD = 429
_RETRIES = 20


class _Counting(HTTPXRequest):
    refused = 0

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, body = await super().do_request(*args, **kwargs)
        self.refused += status == _FLOOD
        return status, body


async def _main(base_url: str, token: str, messages: int) -> dict[str, float]:
    request = _Counting(connection_pool_size=64, pool_timeout=120)
    limiter = AIORateLimiter(max_retries=_RETRIES)
    async with ExtBot(token, base_url=f"{base_url}/bot", request=request, rate_limiter=limiter) as bot:
        begun = time.perf_counter()
        await asyncio.gather(*(bot.send_message(chat, str(chat)) for chat in range(1, messages + 1)))
        seconds = time.perf_counter() - begun
    return {"share": (messages - 1) / seconds / _ALLOWED, "refused": request.refused}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))) + "\n")
