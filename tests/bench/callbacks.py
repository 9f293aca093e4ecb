"""How long a signed callback of WeCom takes until it is acknowledged, beside nothing but opening its envelope."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
from fastapi import FastAPI

from bot.bootstrap import Stores, knowledge_of, stores
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.wecom.envelope import Envelope, Sealed
from bot.settings import Settings, read
from bot.wecom import Ground, wecom
from knowledge.linting import load_checked
from scheduler.clocks import SystemClock
from tests.bench.figures import Figure, Measured, percentile, rounds

_TOKEN, _AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
_ROUNDS, _SECONDS = 1_000, 20
_WARM = 50


def figures() -> Iterator[Measured]:
    """The median and the 99th percentile over up to a thousand messages to a robot by URL."""
    taken, beside = asyncio.run(_take())
    for name, share, aim in (("p50", 0.5, 3.0), ("p99", 0.99, None)):
        yield Figure(
            name=f"signed callback to its answer, {name}",
            value=percentile(taken, share),
            unit="ms",
            aim=aim,
            beside=percentile(beside, share),
            peer="opening the envelope alone",
        )


async def _take() -> tuple[list[float], list[float]]:
    """Milliseconds of each callback, and of opening its envelope a second time by itself."""
    taken: list[float] = []
    beside: list[float] = []
    envelope = Envelope(token=_TOKEN, aes_key=_AES_KEY)
    with tempfile.TemporaryDirectory() as folder:
        settings = read(data=Path(folder), wecom_robot_token=_TOKEN, wecom_robot_aes_key=_AES_KEY)
        async with stores(settings, serving=True) as (kept, _), AsyncExitStack() as opened:
            app = await _app(settings, kept, opened)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
                for number in rounds(_ROUNDS + _WARM, seconds=_SECONDS):
                    sealed = _message(envelope, number)
                    began = time.perf_counter()
                    await _call(client, sealed)
                    between = time.perf_counter()
                    envelope.open(sealed, datetime.now(UTC))
                    taken.append((between - began) * 1_000)
                    beside.append((time.perf_counter() - between) * 1_000)
    return taken[_WARM:] or taken, beside[_WARM:] or beside


async def _app(settings: Settings, kept: Stores, opened: AsyncExitStack) -> FastAPI:
    known = knowledge_of(load_checked())

    async def nobody(message: InboundMessage) -> object:
        return message

    ground = Ground(
        settings=settings,
        kept=kept,
        wording=known.wording,
        figures=known.folder / "figures",
        clock=SystemClock(),
        metrics=Metrics(),
        without_store=nobody,
        opened=opened,
        alone=True,
    )
    wired = await wecom(ground)
    app = FastAPI()
    for router in wired.routers if wired else ():
        app.include_router(router)
    return app


def _message(envelope: Envelope, number: int) -> Sealed:
    """A private question, signed now."""
    message = {
        "msgid": f"m{number}",
        "aibotid": "aibX",
        "chattype": "single",
        "from": {"userid": f"stu{number % 40}"},
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC",
        "msgtype": "text",
        "text": {"content": "学信网查不到学籍怎么办"},
    }
    now = str(int(datetime.now(UTC).timestamp()))
    return envelope.seal(json.dumps(message, ensure_ascii=False), timestamp=now, nonce="nonce")


async def _call(client: httpx.AsyncClient, sealed: Sealed) -> None:
    query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
    answer = await client.post("/wecom/robot", params=query, json={"encrypt": sealed.encrypt})
    answer.raise_for_status()
