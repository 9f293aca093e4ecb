"""A college with its bot, once a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Knowledge, Stores, knowledge_of
from bot.demo import sample
from bot.demo.chat import demo
from bot.settings import GroupMode, Settings, read
from knowledge.loading import load
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.acceptance.college import COHORT, College

TEN_DAYS_BEFORE = datetime.fromisoformat("2019-12-12T10:00:00+08:00")


@pytest.fixture(scope="session")
def known() -> Knowledge:
    return knowledge_of(load())


@pytest.fixture
def configured() -> dict[str, Any]:
    """Settings of the college beside the usual ones; a module of tests may have its own."""
    return {}


@pytest.fixture
async def college(
    database: Database, known: Knowledge, tmp_path: Path, configured: dict[str, Any]
) -> AsyncIterator[College]:
    settings = read(data=tmp_path, group_mode=GroupMode.AMBIENT, **configured)
    async with opened_college(database, known, settings) as found:
        yield found


@asynccontextmanager
async def opened_college(database: Database, known: Knowledge, settings: Settings) -> AsyncIterator[College]:
    """The sample college with a bot of these settings."""
    clock = VirtualClock(TEN_DAYS_BEFORE)
    kept = Stores(database, alone=True)
    roster = ("roster.xlsx", sample.roster_xlsx(COHORT))
    shown = await demo(settings, known, kept, clock, COHORT, roster)
    first = min(shown.room.classes.items(), key=lambda item: item[1])[0]
    await shown.service.reminders.start()
    yield College(demo=shown, clock=clock, students=await kept.rosters.members(first))
    await shown.service.reminders.stop()
