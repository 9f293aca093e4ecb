"""A real Chromium, and pages of it at a desktop's and a phone's size."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright

from bot.storage.intake import RedisIntake
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.integration.chatroom.echo import EchoBot

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP, PHONE = (1280, 800), (390, 844)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a Chromium the tests here are skipped, all in one line of the report; on CI they fail."""
    if _CHROMIUM is None:
        outcome = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        outcome(f"no Chromium on this machine for {item.path.parent.name} tests (apt install chromium)")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium as installed on this machine."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield running
        await running.close()


@pytest.fixture
async def desktop(browser: Browser) -> Page:
    """A page as wide as a desk's."""
    return await _page(browser, DESKTOP)


@pytest.fixture
async def phone(browser: Browser) -> Page:
    """A page as narrow as a phone's, with touch."""
    return await _page(browser, PHONE)


@pytest.fixture
def echo(clock: VirtualClock, database: Database) -> EchoBot:
    """The sample college and its bot."""
    return EchoBot(clock, RedisIntake(database, alone=True))


async def _page(browser: Browser, size: tuple[int, int]) -> Page:
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height}, has_touch=size == PHONE, locale="zh-CN"
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    return page
