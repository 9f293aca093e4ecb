"""The chatroom's page in a real browser, clicked and typed as a person would."""

import re

import pytest
from playwright.async_api import Page, expect

from bot.platforms.chatroom.room import Button
from tests.integration.chatroom.echo import CHEN, LI, TEACHER, WANG, EchoBot

pytestmark = pytest.mark.browser

SEND = "发送"


async def played(page: Page, url: str, account: str) -> None:
    """The page of a person, connected."""
    await page.goto(f"{url}/?as={account}")
    await expect(page.locator(f'body[data-ready="{account}"]')).to_be_attached()


async def write(page: Page, chat: str, text: str) -> None:
    """Type into a chat and press Enter."""
    field = page.locator(f"#chat-{chat} textarea")
    await field.fill(text)
    await field.press("Enter")


async def test_group_and_private_chat_stand_side_by_side_on_a_desktop(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        group = await desktop.locator("#chat-g-c1").bounding_box()
        private = await desktop.locator("#chat-s2").bounding_box()
        assert group is not None
        assert private is not None
        assert group["x"] + group["width"] <= private["x"]
        assert (group["y"], group["height"]) == (private["y"], private["height"])
        await expect(desktop.get_by_text("示例数据，人物均为虚构")).to_be_visible()


async def test_a_question_typed_in_private_is_answered_below_it(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await write(desktop, "s2", "查不到学籍")
        texts = desktop.locator("#chat-s2 .message .text")
        await expect(texts).to_have_text(["查不到学籍", "听到：查不到学籍"])
        await expect(desktop.locator("#chat-s2 textarea")).to_have_value("")


async def test_a_pressed_button_changes_its_message_in_place_and_says_so(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await write(desktop, "s2", "按钮")
        await desktop.get_by_role("button", name="是的").click()
        answer = desktop.locator("#chat-s2 .message.bot")
        await expect(answer).to_have_count(1)
        await expect(answer.locator(".text")).to_have_text("按了ASK yes")
        await expect(answer.get_by_text("已更新")).to_be_visible()
        await expect(answer.locator(".buttons button")).to_have_count(0)


async def test_the_mention_button_speaks_to_the_bot_in_the_group(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        group = desktop.locator("#chat-g-c1")
        await group.locator("textarea").fill("哪天截止")
        await group.get_by_role("button", name="@学籍通", exact=True).click()
        await group.get_by_role("button", name=SEND).click()
        await expect(group.locator(".message.bot .text")).to_have_text("听到：哪天截止")
        await expect(group.locator(".message.bot .quote")).to_have_text(f"{WANG.name}：@学籍通 哪天截止")


async def test_an_answer_of_the_bot_can_be_replied_to(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        echo.room.say("g-c1", "还剩3天。")
        group = desktop.locator("#chat-g-c1")
        await group.get_by_role("button", name="回复", exact=True).click()
        await expect(group.locator(".quoting")).to_be_visible()
        await write(desktop, "g-c1", "几点？")
        await expect(group.locator(".message.bot .text")).to_have_text(["还剩3天。", "听到：几点？"])


async def test_a_figure_is_shown_and_opens_large(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await write(desktop, "s2", "图")
        figure = desktop.locator("#chat-s2 .message.bot .figure img")
        await expect(figure).to_be_visible()
        assert await figure.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        await figure.click()
        await expect(desktop.locator("#viewer img")).to_be_visible()
        await desktop.keyboard.press("Escape")
        await expect(desktop.locator("#viewer")).to_be_hidden()


async def test_what_is_said_is_shown_as_text_and_never_run(desktop: Page, echo: EchoBot) -> None:
    faults: list[str] = []
    desktop.on("pageerror", lambda error: faults.append(str(error)))
    desktop.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await write(desktop, "s2", evil)
        await expect(desktop.locator("#chat-s2 .message .text").last).to_have_text(f"听到：{evil}")
        assert "学籍通" in await desktop.title()
    assert faults == []


async def test_only_true_addresses_become_links(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        echo.room.say("s2", "请打开https://www.chsi.com.cn。不要点javascript:alert(1)")
        link = desktop.locator("#chat-s2 .text a")
        await expect(link).to_have_count(1)
        await expect(link).to_have_attribute("href", "https://www.chsi.com.cn")


async def test_a_message_over_the_limit_says_by_how_much_and_is_not_sent(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await write(desktop, "s2", "字" * 10_000)
        await expect(desktop.get_by_text("超出8000字")).to_be_visible()
        await expect(desktop.locator("#chat-s2").get_by_role("button", name=SEND)).to_be_disabled()
        assert echo.room.history("s2") == ()


async def test_another_person_is_found_by_name_and_played(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await desktop.locator("#who").click()
        await desktop.get_by_role("searchbox").fill("陈浩")
        await expect(desktop.locator(".person:visible")).to_have_text([re.compile(CHEN.name)])
        await desktop.get_by_role("searchbox").press("Enter")
        await expect(desktop.locator("#chat-g-c2 h2")).to_have_text("软工1901班")
        await expect(desktop.locator("#who-name")).to_have_text(CHEN.name)
        await desktop.reload()
        await expect(desktop.locator("#who-name")).to_have_text(CHEN.name)


async def test_a_counsellor_goes_between_the_groups_with_the_keyboard(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, TEACHER.account)
        await expect(desktop.locator("#chat-g-c1")).to_be_visible()
        await expect(desktop.locator("#chat-g-c2")).to_be_hidden()
        echo.room.say("g-c2", "二班的事")
        other = desktop.get_by_role("tab", name="软工1901班")
        await expect(other.locator(".dot")).to_be_visible()
        await desktop.get_by_role("tab", name="计科1901班").focus()
        await desktop.keyboard.press("ArrowRight")
        await expect(other).to_be_focused()
        await expect(desktop.locator("#chat-g-c2 .text")).to_have_text("二班的事")
        await expect(other.locator(".dot")).to_be_hidden()
        await expect(desktop.locator("#chat-t1")).to_be_visible()


async def test_a_phone_shows_one_chat_and_a_dot_at_the_other(phone: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(phone, url, WANG.account)
        await expect(phone.locator("#chat-g-c1")).to_be_visible()
        await expect(phone.locator("#chat-s2")).to_be_hidden()
        echo.room.say(
            "s2", "还没登记", buttons=(Button(label="我核对好了", token="x"), Button(label="有问题", token="y"))
        )
        private = phone.get_by_role("tab", name="学籍通")
        await expect(private.locator(".dot")).to_be_visible()
        await private.tap()
        await expect(private.locator(".dot")).to_be_hidden()
        for button in await phone.locator("#chat-s2 .buttons button").all():
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        assert await phone.evaluate("document.documentElement.scrollWidth") <= 390
        await expect(phone.locator("#chat-s2").get_by_role("button", name=SEND)).to_be_in_viewport(ratio=1)


async def test_the_clock_goes_to_the_next_reminder_and_says_when_none_is_left(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await expect(desktop.locator("#clock")).to_contain_text("12月14日")
        await desktop.get_by_role("button", name="快进到下一次提醒").click()
        await expect(desktop.locator("#clock")).to_contain_text("12月17日")
        await desktop.get_by_role("button", name="快进到下一次提醒").click()
        await expect(desktop.get_by_text("后面没有提醒了。")).to_be_visible()


async def test_a_page_connects_again_by_itself_and_shows_what_it_missed(desktop: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await desktop.context.set_offline(True)
        await desktop.evaluate("socket.close()")
        await expect(desktop.get_by_text("正在重新连接")).to_be_visible()
        echo.room.say("s2", "断线时说的话")
        await desktop.context.set_offline(False)
        await expect(desktop.locator("#chat-s2 .text")).to_have_text("断线时说的话")
        await expect(desktop.get_by_text("正在重新连接")).to_be_hidden()


async def test_two_persons_see_the_same_group_from_their_own_side(desktop: Page, phone: Page, echo: EchoBot) -> None:
    async with echo.served() as url:
        await played(desktop, url, WANG.account)
        await played(phone, url, LI.account)
        await write(phone, "g-c1", "大家记得核对")
        await expect(phone.locator("#chat-g-c1 .message.mine .text")).to_have_text("大家记得核对")
        seen = desktop.locator("#chat-g-c1 .message:not(.mine)")
        await expect(seen.locator(".text")).to_have_text("大家记得核对")
        await expect(seen.locator(".from")).to_have_text(re.compile(f"{LI.name}.*班长"))
