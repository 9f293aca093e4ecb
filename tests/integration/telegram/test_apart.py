"""What concerns one person: links to the private chat, messages only they see, messages taken out of a group."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.buttons import ButtonSeal
from bot.platforms.telegram.lane import Telegram
from bot.standins.telegram import FaultKind, TelegramStandin
from scheduler.clocks import VirtualClock
from scheduler.messages import Accepted, Action, Address, Choice, OutboundMessage, Outcome, Purpose, Text, Verb
from tests.conftest import START
from tests.integration.telegram.rig import GROUP, STUDENT, Hear, Lanes

HERE = Address(platform="telegram", chat=str(GROUP))
GO_ON = Action(verb=Verb.PRIVATE, subject="o", detail="glut-check-2019")
OPEN = Action(verb=Verb.OPEN, subject="glut-check-2019")
MESSAGE = OutboundMessage(
    to=HERE,
    body=Text(text="…"),
    purpose=Purpose.ANSWER,
    choices=(Choice(label="去私聊", action=GO_ON),),
    only_for=f"telegram:{STUDENT}",
)
ID_NUMBER = "11010519491231002X"


async def test_going_on_in_private_is_a_link_that_also_opens_a_chat_never_opened_before(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    assert isinstance(await bot.send(MESSAGE, "请私聊"), Accepted)
    (shown,) = await standin.messages(GROUP)
    standin.world.follow(user=STUDENT, chat=GROUP, message=shown["message_id"], label="去私聊")
    message = (await hear()).one
    assert (message.private, message.action, message.text) == (True, GO_ON, None)
    assert message.account == f"telegram:{STUDENT}"


@pytest.mark.parametrize("token", ["ABC123", ButtonSeal(b"another secret of some bot").seal(OPEN), "x" * 64])
async def test_a_link_that_is_none_of_this_bots_is_a_plain_start(
    standin: TelegramStandin, hear: Hear, token: str
) -> None:
    standin.world.say(user=STUDENT, text=f"/start {token}")
    message = (await hear()).one
    assert (message.text, message.action) == ("/start", None)


async def test_a_link_typed_in_a_group_is_no_press(standin: TelegramStandin, hear: Hear, seal: ButtonSeal) -> None:
    standin.world.say(user=STUDENT, chat=GROUP, text=f"/start@xueji_bot {seal.seal(OPEN)}")
    assert (await hear()).one.action is None


async def press(standin: TelegramStandin, bot: Telegram, hear: Hear) -> None:
    """The student presses a button in the group."""
    shown = await bot.send(replace(MESSAGE, only_for=None, choices=(Choice(label="核对", action=OPEN),)), "请核对")
    assert isinstance(shown, Accepted)
    standin.world.press(user=STUDENT, chat=GROUP, message=int(shown.message_id.rpartition("/")[2]), label="核对")
    await hear()


async def shown_to(standin: TelegramStandin, outcome: Outcome) -> int | None:
    """Who sees the newest message in the group; None for all."""
    assert isinstance(outcome, Accepted)
    *_, newest = await standin.messages(GROUP)
    seen_by: int | None = newest["only_for"]
    return seen_by


async def test_who_pressed_just_now_is_answered_where_only_they_see_it(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    standin.world.whispers = True
    await press(standin, bot, hear)
    assert await shown_to(standin, await bot.send(MESSAGE, "请私聊")) == STUDENT


async def test_a_server_that_knows_no_such_messages_shows_it_to_all(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    await press(standin, bot, hear)
    assert await shown_to(standin, await bot.send(MESSAGE, "请私聊")) is None


async def test_a_server_that_refuses_shows_it_to_all(standin: TelegramStandin, bot: Telegram, hear: Hear) -> None:
    standin.world.whispers = True
    await press(standin, bot, hear)
    standin.fault(method="sendMessage", kind=FaultKind.BAD_REQUEST, description="EPHEMERAL_NOT_ALLOWED")
    assert await shown_to(standin, await bot.send(MESSAGE, "请私聊")) is None


async def test_too_long_after_the_press_it_is_shown_to_all(
    standin: TelegramStandin, bot: Telegram, hear: Hear, clock: VirtualClock
) -> None:
    standin.world.whispers = True
    await press(standin, bot, hear)
    clock.advance_to(START + timedelta(seconds=14))
    assert await shown_to(standin, await bot.send(MESSAGE, "请私聊")) is None


async def test_an_admin_may_speak_to_one_person_at_any_time(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    standin.world.whispers = True
    standin.world.say(user=STUDENT, chat=GROUP, text="大家好")
    standin.world.promote(user=12, chat=GROUP)
    await hear()
    assert await shown_to(standin, await bot.send(MESSAGE, "请私聊")) == STUDENT


async def test_a_deadline_is_never_shown_to_one_alone(standin: TelegramStandin, bot: Telegram, hear: Hear) -> None:
    standin.world.whispers = True
    await press(standin, bot, hear)
    deadline = replace(MESSAGE, purpose=Purpose.DEADLINE)
    assert await shown_to(standin, await bot.send(deadline, "明天截止")) is None


async def test_a_whisper_whose_answer_is_lost_is_unknown_and_not_said_again(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    standin.world.whispers = True
    await press(standin, bot, hear)
    standin.fault(method="sendMessage", kind=FaultKind.CUT)
    assert not isinstance(await bot.send(MESSAGE, "请私聊"), Accepted)
    assert [shown["text"] for shown in await standin.messages(GROUP)] == ["请核对", "请私聊"]


async def test_an_admin_takes_a_message_with_a_secret_out_of_the_group(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    standin.world.group(chat=GROUP, admin=True)
    said = standin.world.say(user=STUDENT, chat=GROUP, text=f"我的身份证号{ID_NUMBER}")
    message = (await hear()).one
    assert message.masked
    assert await bot.erase(message)
    assert standin.world.message(GROUP, said["message_id"]) is None
    assert await bot.erase(message), "it is gone, whoever deleted it"


@pytest.mark.parametrize("hours", [0, 49])
async def test_without_the_right_or_too_late_the_message_stays(
    standin: TelegramStandin, bot: Telegram, hear: Hear, hours: int
) -> None:
    standin.world.group(chat=GROUP, admin=hours > 0)
    said = standin.world.say(user=STUDENT, chat=GROUP, text=f"我的身份证号{ID_NUMBER}")
    message = (await hear()).one
    standin.world.clock(advance=hours * 3600)
    assert not await bot.erase(message)
    assert standin.world.message(GROUP, said["message_id"]) is not None


async def test_a_picture_is_uploaded_once_whichever_process_sends_it(
    standin: TelegramStandin, bot: Telegram, lanes: Lanes
) -> None:
    step = replace(MESSAGE, picture="phone-fill", only_for=None)
    await bot.send(step, "填手机号")
    async with lanes() as after_a_restart:
        await after_a_restart.send(step, "填手机号")
    assert len(standin.world.files) == 1


async def test_another_bot_does_not_use_this_ones_file_ids(
    standin: TelegramStandin, bot: Telegram, lanes: Lanes
) -> None:
    step = replace(MESSAGE, picture="phone-fill", only_for=None)
    await bot.send(step, "填手机号")
    standin.world.token = "7000000002:another"
    async with lanes(token=standin.token) as other:
        await other.send(step, "填手机号")
    assert len(standin.world.files) == 2


async def test_a_forwarded_message_in_a_group_is_nobodys_question(standin: TelegramStandin, hear: Hear) -> None:
    origin = {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}}
    standin.world.say(user=STUDENT, chat=GROUP, text="@xueji_bot 怎么注册学信网", raw=origin)
    assert (await hear()).messages == [None]


async def test_a_secret_in_a_forwarded_message_is_still_guarded(standin: TelegramStandin, hear: Hear) -> None:
    origin = {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}}
    standin.world.say(user=STUDENT, chat=GROUP, text=f"@xueji_bot 身份证号{ID_NUMBER}", raw=origin)
    message = (await hear()).one
    assert (message.masked != (), message.addressed) == (True, False)


async def test_what_somebody_forwards_to_the_bot_alone_is_their_question(standin: TelegramStandin, hear: Hear) -> None:
    origin = {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}}
    standin.world.say(user=STUDENT, text="学信网怎么注册", raw=origin)
    assert (await hear()).one.text == "学信网怎么注册"
