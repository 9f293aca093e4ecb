"""Where the bot is: let in, thrown out, promoted, blocked, moved; and what it hears in each group."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.bootstrap import Stores
from bot.messages import JOINED
from bot.platforms.telegram.lane import Telegram
from bot.standins.telegram import FaultKind, TelegramStandin
from scheduler.clocks import VirtualClock
from scheduler.messages import Address
from scheduler.roster import Group
from tests.conftest import START
from tests.integration.school import import_students, student
from tests.integration.telegram.rig import GROUP, STUDENT, Hear, Lanes, Pauses, Silences

HERE = Address(platform="telegram", chat=str(GROUP))
PRIVATE = Address(platform="telegram", chat=str(STUDENT))


def group(chat: int, *classes: str) -> Group:
    return Group(address=Address(platform="telegram", chat=str(chat)), classes=classes or ("c1",))


async def test_being_brought_into_a_group_is_something_to_answer(standin: TelegramStandin, hear: Hear) -> None:
    standin.world.invite(user=STUDENT, chat=GROUP)
    joined = (await hear()).one
    assert (joined.other, joined.address, joined.addressed) == (JOINED, HERE, True)
    assert joined.account == f"telegram:{STUDENT}"


async def test_a_group_that_throws_the_bot_out_is_unreachable_until_it_is_back(
    standin: TelegramStandin, hear: Hear, kept: Stores
) -> None:
    standin.world.kick(chat=GROUP)
    assert (await hear()).messages == [None]
    assert await kept.reach.unreachable() == {HERE: START}
    standin.world.invite(user=STUDENT, chat=GROUP)
    await hear()
    assert await kept.reach.unreachable() == {}


async def test_who_blocks_the_bot_is_unreachable_until_they_let_it_in_again(
    standin: TelegramStandin, hear: Hear, kept: Stores
) -> None:
    standin.world.say(user=STUDENT, text="/start")
    standin.world.block(user=STUDENT)
    await hear()
    assert await kept.reach.unreachable() == {PRIVATE: START}
    standin.world.block(user=STUDENT, blocked=False)
    assert (await hear()).messages == [None]
    assert await kept.reach.unreachable() == {}


async def test_the_first_moment_somebody_was_lost_is_kept(
    standin: TelegramStandin, hear: Hear, kept: Stores, clock: VirtualClock
) -> None:
    standin.world.kick(chat=GROUP)
    await hear()
    clock.advance_to(START + timedelta(hours=1))
    standin.world.kick(chat=GROUP)
    await hear()
    assert await kept.reach.unreachable() == {HERE: START}


async def test_a_channel_that_lets_the_bot_in_is_not_greeted(standin: TelegramStandin, hear: Hear) -> None:
    standin.world.group(chat=-1009, kind="channel")
    standin.world.invite(user=STUDENT, chat=-1009)
    assert (await hear()).messages == [None]


async def test_at_start_groups_whose_questions_cannot_be_heard_are_named_by_their_classes(
    standin: TelegramStandin, lanes: Lanes, kept: Stores, pauses: Pauses
) -> None:
    await import_students(kept.rosters, student("s1", "c1"), student("s2", "c2"))
    standin.world.reads_all = False
    standin.world.group(chat=-1002, admin=True)
    await kept.bindings.bind_group(group(GROUP, "c1", "c2"))
    await kept.bindings.bind_group(group(-1002))
    standin.fault(method="getChatMember", kind=FaultKind.FLOOD, retry_after=3)
    async with lanes() as bot:
        await bot.look_into_groups(await bot.introduce())
        (note,) = bot.notes()
        assert (note.key, note.values) == ("telegram.note.deaf", {"classes": "class c1 / class c2"})
        assert pauses.seconds == [3]
    standin.world.reads_all = True
    async with lanes() as bot:
        await bot.look_into_groups(await bot.introduce())
        assert bot.notes() == ()


async def test_many_deaf_groups_are_named_in_part_and_counted(
    standin: TelegramStandin, lanes: Lanes, kept: Stores
) -> None:
    standin.world.reads_all = False
    for number in range(7):
        standin.world.group(chat=-2000 - number)
        await kept.bindings.bind_group(group(-2000 - number))
    async with lanes() as bot:
        await bot.look_into_groups(await bot.introduce())
        keys = [note.key for note in bot.notes()]
        assert keys == ["telegram.note.deaf"] * 5 + ["telegram.note.deaf-too"]
        assert bot.notes()[-1].values == {"groups": 2}


async def test_at_start_groups_that_are_gone_or_moved_are_noticed(
    standin: TelegramStandin, lanes: Lanes, kept: Stores
) -> None:
    standin.world.group(chat=-77, kind="group")
    standin.world.group(chat=-78)
    for chat in (-77, -78, -79, GROUP):
        await kept.bindings.bind_group(group(chat))
    standin.world.migrate(chat=-77, to=-10077)
    standin.world.kick(chat=-78)
    standin.fault(method="getChatMember", kind=FaultKind.SERVER_ERROR, chat=GROUP)
    async with lanes() as bot:
        await bot.look_into_groups(await bot.introduce())
    assert {address.chat for address in await kept.reach.unreachable()} == {"-78", "-79"}
    bound = {one.address.chat for one in await kept.bindings.groups_on("telegram")}
    assert bound == {"-10077", "-78", "-79", str(GROUP)}


async def test_a_promotion_lets_the_bot_hear_and_its_end_is_said(
    standin: TelegramStandin, lanes: Lanes, kept: Stores, hear: Hear, bot: Telegram
) -> None:
    standin.world.reads_all = False
    await kept.bindings.bind_group(group(GROUP))
    async with lanes() as private:
        await private.look_into_groups(await private.introduce())
        said = [[note.key for note in private.notes()]]
        for admin in (True, False):
            standin.world.promote(user=STUDENT, chat=GROUP, admin=admin)
            await private.fetch()
            await hear_with(private, kept)
            said.append([note.key for note in private.notes()])
    assert said == [["telegram.note.deaf"], [], ["telegram.note.deaf"]]


async def hear_with(bot: Telegram, kept: Stores) -> None:
    async def handle(taken: object) -> None:
        await bot.receive(taken.update)  # type: ignore[attr-defined]

    await kept.intake.run_until_idle(handle)


@pytest.mark.parametrize("told_by", ["both", "old chat", "new chat"])
async def test_a_group_that_becomes_a_supergroup_keeps_its_classes(
    standin: TelegramStandin, hear: Hear, kept: Stores, told_by: str
) -> None:
    standin.world.group(chat=-77, kind="group")
    await kept.bindings.bind_group(group(-77, "c1", "c2"))
    standin.world.migrate(chat=-77, to=-10077)
    if told_by != "both":
        left_out = "migrate_from_chat_id" if told_by == "old chat" else "migrate_to_chat_id"
        standin.world.queue = [entry for entry in standin.world.queue if left_out not in entry[2]["message"]]
    assert set((await hear()).messages) == {None}
    old = Address(platform="telegram", chat="-77")
    assert await kept.bindings.group(old) is None
    assert await kept.bindings.groups_of(["c1", "c2"]) == (replace(group(-10077, "c1", "c2"), moved_from=old),)


async def test_a_silence_longer_than_presses_are_kept_is_noticed_even_across_a_restart(
    standin: TelegramStandin, lanes: Lanes, clock: VirtualClock, silences: Silences
) -> None:
    for seconds in (0, 100, 149, 151, 152, 400):
        clock.advance_to(START + timedelta(seconds=seconds))
        async with lanes() as bot:
            await bot.introduce()
            await bot.fetch()
    assert silences.seconds == [248.0]


async def test_while_fetching_fails_nothing_counts_as_heard(
    standin: TelegramStandin, bot: Telegram, clock: VirtualClock, silences: Silences
) -> None:
    await bot.fetch()
    for seconds in (60, 120, 180):
        clock.advance_to(START + timedelta(seconds=seconds))
        standin.fault(method="getUpdates", kind=FaultKind.SERVER_ERROR)
        await bot.fetch()
    assert silences.seconds == []
    await bot.fetch()
    assert silences.seconds == [180.0]
