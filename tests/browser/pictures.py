"""Makes the pictures of the README from the demo itself: `make pictures`.

A person asks in the class group, is led by a guide in private, and a reminder comes; taken at a desktop's
and at a phone's size into docs/pictures.
"""

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from bot import logs
from bot.bootstrap import knowledge_of
from bot.demo.serving import serve_demo
from bot.settings import read
from knowledge.loading import load

OUT = Path(__file__).parents[2] / "docs" / "pictures"
DESKTOP, PHONE = (1280, 800), (390, 844)
_SETTLED_MS = 6_000


async def main() -> None:
    """Serve the demo on a free port and take the pictures."""
    logs.quiet()
    with tempfile.TemporaryDirectory() as folder:
        port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        known = knowledge_of(load())
        serving = asyncio.create_task(serve_demo(read(data=Path(folder), port=0), known, port.set_result))
        try:
            await _take(f"http://127.0.0.1:{await port}")
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving


async def _take(url: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        desktop, phone = [await _page(browser, url, size) for size in (DESKTOP, PHONE)]
        await _ask_and_be_led(desktop)
        await phone.get_by_role("tab").last.click()
        await phone.locator(".chat.private .message img").last.scroll_into_view_if_needed()
        await _picture(phone, "chatroom-phone")
        await desktop.get_by_role("button", name="下一次提醒").click()
        await desktop.locator(".chat.group").get_by_role("button", name="我核对好了").wait_for()
        await _picture(desktop, "chatroom-desktop")
        await browser.close()


async def _page(browser: Browser, url: str, size: tuple[int, int]) -> Page:
    width, height = size
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = await context.new_page()
    await page.goto(url)
    return page


async def _ask_and_be_led(page: Page) -> None:
    group, private = page.locator(".chat.group"), page.locator(".chat.private")
    await group.get_by_role("textbox").fill("@学籍通 毕业证丢了能补办吗")
    await group.get_by_role("textbox").press("Enter")
    await group.locator(".message").nth(1).wait_for()
    await private.get_by_role("textbox").fill("学信网怎么注册")
    await private.get_by_role("textbox").press("Enter")
    await private.get_by_role("button", name="带我做").click()
    await private.get_by_role("button", name="没注册过").click()
    await private.locator(".message img").last.wait_for()


async def _picture(page: Page, name: str) -> None:
    await page.wait_for_timeout(_SETTLED_MS)  # a note that fades, a picture that loads
    await page.screenshot(path=OUT / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main())
