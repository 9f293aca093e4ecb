"""A bot on the stand-in: real HTTP on loopback, a real Valkey behind the intake, pauses that are noted, not waited."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.bootstrap import Stores, whereabouts
from bot.buttons import ButtonSeal
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.outage import Outages
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS
from bot.storage.intake import RedisIntake
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.integration.telegram.rig import FIGURES, GROUP, MENU, Hear, Heard, Lanes, Pauses, Silences, read


@pytest.fixture
async def standin() -> AsyncIterator[TelegramStandin]:
    async with TelegramStandin(limits=NO_LIMITS) as standin:
        standin.world.group(chat=GROUP, title="会计20-1班")
        yield standin


@pytest.fixture
def seal() -> ButtonSeal:
    return ButtonSeal(b"a secret of the tests")


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def intake(database: Database) -> RedisIntake:
    return RedisIntake(database, alone=True)


@pytest.fixture
def kept(database: Database) -> Stores:
    return Stores(database, alone=True)


@pytest.fixture
def silences() -> Silences:
    return Silences()


@pytest.fixture
def lanes(
    standin: TelegramStandin,
    kept: Stores,
    intake: RedisIntake,
    seal: ButtonSeal,
    clock: VirtualClock,
    pauses: Pauses,
    silences: Silences,
) -> Lanes:
    """Makes bots; what is given by keyword differs from the usual."""

    def make(**changes: Any) -> Telegram:
        usual: dict[str, Any] = {
            "token": standin.token,
            "base_url": standin.base_url,
            "seal": seal,
            "intake": intake,
            "uploads": kept.uploads,
            "whereabouts": whereabouts(kept, clock),
            "outages": Outages(kept.hearing, silences),
            "clock": clock,
            "figures": FIGURES,
            "menu": lambda: MENU,
            "pause": pauses,
            "long_poll": 0,
        }
        return Telegram(**{**usual, **changes})

    return make


@pytest.fixture
async def bot(lanes: Lanes) -> AsyncIterator[Telegram]:
    """A bot that has introduced itself."""
    async with lanes() as bot:
        await bot.introduce()
        yield bot


@pytest.fixture
def hear(bot: Telegram, intake: RedisIntake) -> Hear:
    """Fetches what is waiting at the stand-in and reads it, through the intake."""

    async def fetch_and_read() -> Heard:
        await bot.fetch()
        return await read(bot, intake)

    return fetch_and_read
