"""The demo as a newcomer meets it: a campaign confirmed and a guide walked, by clicking alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from bot.bootstrap import Knowledge, knowledge_of, stores
from bot.demo.serving import serve_demo
from bot.settings import Settings
from knowledge.loading import CONTENT, load
from scheduler.campaigns import State

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def known() -> Knowledge:
    """The project's own content."""
    return knowledge_of(load(CONTENT))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder of its own, any free port."""
    return Settings(data=tmp_path / "data", port=0)


@asynccontextmanager
async def demo(settings: Settings, known: Knowledge) -> AsyncIterator[str]:
    """The address of the demo while it runs."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_demo(settings, known, port.set_result))
    serving.add_done_callback(lambda _: port.cancel())  # it could not start: its own fault is raised below
    try:
        yield f"http://127.0.0.1:{await port}"
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def confirmed(settings: Settings) -> int:
    """How many students of the campaign the store holds as confirmed."""
    async with stores(settings, serving=False) as (kept, _):
        [campaign] = await kept.campaigns.all()
        states = [await kept.campaigns.states(campaign.id, class_id) for class_id in campaign.classes]
    return sum(state.state is State.CONFIRMED for one in states for state in one.values())


def newest(page: Page) -> Locator:
    """The last message of the private chat."""
    return page.locator(".chat.private .message").last


async def test_a_student_confirms_in_two_taps_after_a_reminder(
    phone: Page, settings: Settings, known: Knowledge
) -> None:
    label = known.wording.label
    async with demo(settings, known) as url:
        await phone.goto(url)
        await phone.get_by_role("button", name="下一次提醒").tap()
        await phone.locator(".chat.group").get_by_role("button", name=label("button.open")).tap()
        await phone.get_by_role("tab", name=label("bot.name")).tap()
        assert await confirmed(settings) == 0
        await newest(phone).get_by_role("button", name=label("button.confirm")).tap()
        await expect(newest(phone).get_by_role("button", name=label("button.withdraw"))).to_be_visible()
        assert await confirmed(settings) == 1
        await newest(phone).get_by_role("button", name=label("button.withdraw")).tap()
        await expect(newest(phone).get_by_role("button", name=label("button.open"))).to_be_visible()
        assert await confirmed(settings) == 0


async def test_a_guide_is_walked_to_its_end_in_one_message_with_its_figures(
    desktop: Page, settings: Settings, known: Knowledge
) -> None:
    guide = known.content.guides["chsi-phone"]
    async with demo(settings, known) as url:
        await desktop.goto(url)
        await desktop.get_by_role("button", name="快进到下一次提醒").click()
        reminder = newest(desktop)
        await reminder.get_by_role("button", name=known.wording.label("button.guide")).click()
        step = guide.steps[0]
        messages = await desktop.locator(".chat.private .message").count()
        while True:
            await expect(newest(desktop).locator(".text")).to_contain_text(step.text.strip().splitlines()[0])
            if step.figure:
                figure = newest(desktop).locator(".figure img")
                await expect(figure).to_have_attribute("src", f"/figures/{step.figure}.png")
            way = step.choices[0]
            await newest(desktop).get_by_role("button", name=way.label, exact=True).click()
            following = guide.step(way.to)
            if following is None:
                break
            step = following
        await expect(newest(desktop).locator(".text")).to_contain_text(guide.end.strip().splitlines()[0])
        assert await desktop.locator(".chat.private .message").count() == messages
