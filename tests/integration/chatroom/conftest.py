"""The sample college, and its page over real HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.storage.intake import RedisIntake
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.integration.chatroom.echo import EchoBot


@pytest.fixture
def echo(clock: VirtualClock, database: Database) -> EchoBot:
    """The sample college and a bot that says what it heard."""
    return EchoBot(clock, RedisIntake(database, alone=True))


@pytest.fixture
async def url(echo: EchoBot) -> AsyncIterator[str]:
    """The address of its page while the bot listens."""
    async with echo.served() as address:
        yield address


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a page."""
    async with httpx.AsyncClient(base_url=url) as client:
        yield client
