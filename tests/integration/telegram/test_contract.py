"""No call of the bot has a parameter that Telegram's documentation does not know, or lacks one that it wants."""

from dataclasses import replace
from typing import Any

import pytest

from bot.bootstrap import Stores
from bot.platforms.telegram.lane import Hook
from bot.standins.telegram import TelegramStandin
from scheduler.messages import Accepted, Action, Address, Choice, OutboundMessage, Purpose, Text, Verb
from scheduler.roster import Group
from tests.integration.telegram.contract import Calls, faults_of, recording
from tests.integration.telegram.rig import GROUP, STUDENT, Lanes, read

OPEN = Choice(label="核对", action=Action(verb=Verb.OPEN, subject="glut-check-2019"))
GO_ON = Choice(label="去私聊", action=Action(verb=Verb.PRIVATE))
MESSAGE = OutboundMessage(
    to=Address(platform="telegram", chat=str(GROUP), thread="7"), body=Text(text="…"), purpose=Purpose.ANSWER
)


async def everything(standin: TelegramStandin, lanes: Lanes, calls: Calls, kept: Stores) -> None:
    """A bot that does all it ever does on Telegram."""
    standin.world.group(chat=GROUP, admin=True, topics=(7,))
    standin.world.whispers = True
    await kept.bindings.bind_group(Group(address=replace(MESSAGE.to, thread=None), classes=("c1",)))
    hook = Hook(url="https://bot.example.edu/telegram/updates", secret="secret_of-the-tests", refused=lambda why: None)
    async with lanes(base_url=calls.base_url, hook=hook) as called:
        await called.introduce()
        await called.check_webhook(hook)
    async with lanes(base_url=calls.base_url) as bot:
        await bot.look_into_groups(await bot.introduce())
        said = standin.world.say(user=STUDENT, chat=GROUP, text="@xueji_bot 我的身份证号11010519491231002X", thread=7)
        shown = await bot.send(replace(MESSAGE, choices=(OPEN, GO_ON), reply_to=f"{GROUP}/{said['message_id']}"), "请")
        assert isinstance(shown, Accepted)
        number = int(shown.message_id.rpartition("/")[2])
        standin.world.press(user=STUDENT, chat=GROUP, message=number, label="核对")
        await bot.fetch()
        heard = await read(bot, kept.intake)
        assert heard.messages[0] is not None
        await bot.erase(heard.messages[0])
        await bot.send(replace(MESSAGE, only_for=f"telegram:{STUDENT}"), "只给你看")
        await bot.send(replace(MESSAGE, replaces=shown.message_id), "改")
        picture = await bot.send(replace(MESSAGE, picture="phone-fill", choices=(OPEN,)), "图")
        assert isinstance(picture, Accepted)
        await bot.send(replace(MESSAGE, picture="phone-code", replaces=picture.message_id), "另一张")
        await bot.send(replace(MESSAGE, picture="phone-fill"), "再来")


async def test_every_call_fits_telegrams_documentation(standin: TelegramStandin, lanes: Lanes, kept: Stores) -> None:
    async with recording(standin.base_url) as calls:
        await everything(standin, lanes, calls, kept)
    assert calls.faults == []
    assert {name for name, _ in calls.made} == {
        "getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "setMyCommands", "getChatMember",
        "sendMessage", "sendPhoto", "editMessageText", "editMessageMedia", "answerCallbackQuery", "deleteMessage",
    }  # fmt: skip


async def test_the_wanted_updates_are_named_every_time(standin: TelegramStandin, lanes: Lanes, kept: Stores) -> None:
    async with recording(standin.base_url) as calls:
        await everything(standin, lanes, calls, kept)
    asked = [*calls.of("getUpdates"), *calls.of("setWebhook")]
    assert asked
    assert all("allowed_updates" in given for given in asked)


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("sendMessage", {"chat_id": "1"}),
        ("sendMessage", {"chat_id": "1", "text": "在", "parse_mod": "HTML"}),
        ("sendMessage", {"chat_id": "1", "text": "在", "message_thread_id": "x"}),
        ("sendMessage", {"chat_id": "1", "text": "在", "reply_parameters": '{"message": 1}'}),
        ("sendMessage", {"chat_id": "1", "text": "在", "reply_markup": '{"inline_keyboard": [[{"data": "x"}]]}'}),
        ("setMyCommands", {"commands": "{}"}),
        ("sendDice", {"chat_id": "1"}),
    ],
)
def test_a_call_that_does_not_fit_is_found(method: str, given: dict[str, Any]) -> None:
    assert faults_of(method, given)
