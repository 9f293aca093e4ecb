"""Fetching: stored before acknowledged, repeats dropped, one bad update never in the way of the next."""

import asyncio
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.platforms.telegram.lane import Telegram
from bot.standins.telegram import FaultKind, TelegramStandin
from bot.storage.connection import close, connect, socket_url
from bot.storage.intake import RedisIntake
from tests.integration.telegram.rig import GROUP, MENU, STUDENT, Hear, Lanes, Pauses, read


class Enough(Exception):
    """Ends what would go on for ever."""


async def test_updates_fetched_again_after_a_kill_are_dropped(
    standin: TelegramStandin, lanes: Lanes, intake: RedisIntake
) -> None:
    standin.world.say(user=STUDENT, text="一")
    standin.world.say(user=STUDENT, text="二")
    async with lanes() as killed:
        await killed.introduce()
        await killed.fetch()  # stored; the higher offset that would confirm them is never sent
    async with lanes() as bot:
        await bot.introduce()
        await bot.fetch()
        heard = await read(bot, intake)
    assert [message.text for message in heard.messages if message] == ["一", "二"]


async def test_an_update_is_confirmed_only_by_the_fetch_after_the_one_that_stored_it(
    standin: TelegramStandin, bot: Telegram
) -> None:
    standin.world.say(user=STUDENT, text="一")
    await bot.fetch()
    assert len(standin.world.queue) == 1
    await bot.fetch()
    assert standin.world.queue == []


async def test_updates_numbered_anew_after_a_long_silence_are_fetched(
    standin: TelegramStandin, hear: Hear, bot: Telegram
) -> None:
    standin.world.say(user=STUDENT, text="一")
    await hear()
    await bot.fetch()
    standin.world.number_updates_from(500)
    standin.world.say(user=STUDENT, text="二")
    assert (await hear()).one.text == "二"


async def test_a_bad_update_is_set_aside_and_the_next_ones_go_on(
    standin: TelegramStandin, hear: Hear, intake: RedisIntake
) -> None:
    standin.world.inject(update={"message": {"message_id": 1, "chat": {"id": STUDENT, "type": "private"}}})
    standin.world.inject(update={"message": "nothing like it", "edited_message": 7})
    standin.world.inject(update={"of_a_later_version": {"id": 1}})
    standin.world.say(user=STUDENT, text="还在吗")
    heard = await hear()
    assert [message.text for message in heard.messages if message] == ["还在吗"]
    assert await intake.set_aside() == 2


async def test_an_update_without_an_id_is_counted_and_the_next_ones_go_on(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    standin.world.queue += [(1, standin.world.now + 60, {"message": {}}), (2, standin.world.now + 60, [])]  # type: ignore[list-item]
    standin.world.say(user=STUDENT, text="还在吗")
    assert (await hear()).one.text == "还在吗"
    assert bot.health.set_aside == 2


async def test_an_update_nested_too_deep_to_be_masked_is_counted_and_the_next_ones_go_on(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    nested: object = "x"
    for _ in range(480):
        nested = [nested]
    standin.world.inject(update={"message": nested})
    standin.world.say(user=STUDENT, text="还在吗")
    assert (await hear()).one.text == "还在吗"
    assert bot.health.set_aside == 1


async def test_nothing_but_unreadable_updates_is_waited_out(
    standin: TelegramStandin, bot: Telegram, pauses: Pauses
) -> None:
    standin.world.queue.append((1, standin.world.now + 60, {"message": {}}))
    await bot.fetch()
    assert bot.health.trouble == "unreadable-answer"
    assert len(pauses.seconds) == 1


async def test_while_the_store_is_away_nothing_more_is_fetched_and_then_all_goes_on(
    standin: TelegramStandin, lanes: Lanes, pauses: Pauses, valkey_url: str, tmp_path: Path
) -> None:
    socket = tmp_path / "socket"  # leads nowhere until the store is back
    database = connect(socket_url(str(socket)), "away")
    intake = RedisIntake(database, alone=True)
    trouble = []

    def come_back(times: int) -> None:
        trouble.append(bot.health.trouble)
        if times == 1:
            standin.world.say(user=STUDENT, text="二")
        if times == 3:
            socket.symlink_to(unquote(valkey_url.removeprefix("unix://").partition("?")[0]))

    pauses.then = come_back
    standin.world.say(user=STUDENT, text="一")
    async with lanes(intake=intake) as bot:
        await bot.introduce()
        await bot.fetch()
        first = await read(bot, intake)
        assert bot.health.trouble == ""
        await bot.fetch()
        second = await read(bot, intake)
    await close(database)
    assert trouble == ["store-away"] * 3
    assert [message.text for heard in (first, second) for message in heard.messages if message] == ["一", "二"]


@pytest.mark.parametrize(
    "case",
    [
        (FaultKind.SERVER_ERROR, "unreachable"),
        (FaultKind.BROKEN_JSON, "unreachable"),
        (FaultKind.CUT, "unreachable"),
        (FaultKind.NO_RESULT, "unreachable"),
        (FaultKind.UNAUTHORIZED, "token"),
        (FaultKind.FLOOD_BARE, "flood"),
        (FaultKind.FLOOD, "flood"),
    ],
)
async def test_an_error_is_waited_out_and_nothing_is_lost(
    standin: TelegramStandin, bot: Telegram, hear: Hear, pauses: Pauses, case: tuple[FaultKind, str]
) -> None:
    kind, trouble = case
    standin.world.say(user=STUDENT, text="还在吗")
    standin.fault(method="getUpdates", kind=kind, retry_after=17)
    await bot.fetch()
    assert bot.health.trouble == trouble
    assert pauses.seconds == [17] if kind is FaultKind.FLOOD else 0 < pauses.seconds[0] <= 1
    assert (await hear()).one.text == "还在吗"
    assert bot.health.trouble == ""


async def test_pauses_grow_to_half_a_minute_and_begin_anew_after_success(
    standin: TelegramStandin, bot: Telegram, pauses: Pauses
) -> None:
    standin.fault(method="getUpdates", kind=FaultKind.SERVER_ERROR, times=9)
    for _ in range(9):
        await bot.fetch()
    assert all(0.5 * 2**n <= pauses.seconds[n] <= 2**n for n in range(5))
    assert all(15 <= pause <= 30 for pause in pauses.seconds[5:])
    await bot.fetch()
    standin.fault(method="getUpdates", kind=FaultKind.SERVER_ERROR)
    await bot.fetch()
    assert pauses.seconds[-1] <= 1


async def test_a_second_poller_is_told_of_the_conflict(
    standin: TelegramStandin, lanes: Lanes, bot: Telegram, pauses: Pauses
) -> None:
    async with lanes(long_poll=30) as other:
        await other.introduce()
        waiting = asyncio.create_task(other.fetch())
        while standin.waiting_polls == 0:
            await standin.world.bell.wait(1)
        await bot.fetch()
        await waiting
        assert other.health.trouble == "conflict"
        assert other.notes()[0].key == "telegram.trouble.conflict"
    assert bot.health.trouble == ""


async def test_a_waiting_fetch_is_woken_by_a_message(
    standin: TelegramStandin, lanes: Lanes, intake: RedisIntake
) -> None:
    async with lanes(long_poll=30) as bot:
        running = asyncio.create_task(bot.run())
        while standin.waiting_polls == 0:
            await standin.world.bell.wait(1)
        standin.world.say(user=STUDENT, text="醒醒")
        while await intake.waiting() == 0:
            await standin.world.bell.wait(0.05)
        heard = await read(bot, intake)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert heard.one.text == "醒醒"


async def test_at_start_the_bot_sets_its_menu_and_says_when_privacy_mode_is_on(
    standin: TelegramStandin, lanes: Lanes, bot: Telegram
) -> None:
    assert {command["command"]: command["description"] for command in standin.world.commands} == MENU
    assert bot.notes() == ()
    standin.world.reads_all = False
    async with lanes() as private:
        await private.introduce()
        assert [note.key for note in private.notes()] == ["telegram.note.privacy-mode"]


async def test_telegram_being_away_at_start_is_waited_out(
    standin: TelegramStandin, lanes: Lanes, pauses: Pauses
) -> None:
    standin.fault(method="getMe", kind=FaultKind.SERVER_ERROR, times=2)
    standin.fault(method="deleteWebhook", kind=FaultKind.CUT)
    async with lanes() as bot:
        me = await bot.introduce()
    assert me.username == "xueji_bot"
    assert len(pauses.seconds) == 3


async def test_a_wrong_token_is_said_and_tried_again(lanes: Lanes, pauses: Pauses) -> None:
    def give_up(times: int) -> None:
        if times == 2:
            raise Enough

    pauses.then = give_up
    async with lanes(token="1:wrong") as bot:
        with pytest.raises(Enough):
            await bot.run()
        assert [note.key for note in bot.notes()] == ["telegram.trouble.token"]


async def test_a_menu_the_platform_refuses_does_not_keep_the_bot_away(lanes: Lanes) -> None:
    async with lanes(menu=lambda: {"帮助": "能做什么"}) as bot:
        assert (await bot.introduce()).id


async def test_another_version_of_the_content_brings_its_menu(lanes: Lanes, standin: TelegramStandin) -> None:
    menu = {"help": "能做什么"}
    async with lanes(menu=lambda: menu) as bot:
        await bot.introduce()
        menu["bind"] = "绑定"
        await bot.renew_menu()
        assert [command["command"] for command in standin.world.commands] == ["help", "bind"]
        standin.fault(method="setMyCommands", kind="server-error")
        await bot.renew_menu()


async def test_in_privacy_mode_only_commands_and_replies_reach_the_bot_unless_it_is_an_admin(
    standin: TelegramStandin, hear: Hear
) -> None:
    standin.world.reads_all = False
    standin.world.say(user=STUDENT, chat=GROUP, text="@xueji_bot 听得到吗")
    standin.world.say(user=STUDENT, chat=GROUP, text="/help")
    standin.world.group(chat=GROUP, admin=True)
    standin.world.say(user=STUDENT, chat=GROUP, text="@xueji_bot 现在呢")
    assert [message.text for message in (await hear()).messages if message] == ["/help", "现在呢"]
