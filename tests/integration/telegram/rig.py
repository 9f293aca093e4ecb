"""What the tests of Telegram share besides fixtures."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.messages import InboundMessage
from bot.platforms.telegram.lane import Telegram
from bot.ports import Intake, TakenUpdate

FIGURES = Path(__file__).parents[3] / "knowledge" / "content" / "figures"
MENU = {"help": "能做什么", "status": "我登记了吗"}

GROUP = -1001
STUDENT = 11

Lanes = Callable[..., AbstractAsyncContextManager[Telegram]]


class Pauses:
    """Notes how long each pause would have been; `then` is called after the one it is set for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.then: Callable[[int], None] = lambda _: None

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.then(len(self.seconds))


class Silences:
    """Notes after which silences buttons were to be offered again."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, platform: str, since: datetime, now: datetime) -> int:
        self.seconds.append((now - since).total_seconds())
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was handled, in order; `raw` are the stored bodies."""

    messages: list[InboundMessage | None]
    raw: list[bytes]

    @property
    def one(self) -> InboundMessage:
        (message,) = self.messages
        assert message is not None
        return message


async def read(bot: Telegram, intake: Intake) -> Heard:
    """Read what is in the intake."""
    heard = Heard(messages=[], raw=[])

    async def handle(taken: TakenUpdate) -> None:
        heard.raw.append(taken.update.body)
        heard.messages.append(await bot.receive(taken.update))

    await intake.run_until_idle(handle)
    return heard


Hear = Callable[[], Awaitable[Heard]]
