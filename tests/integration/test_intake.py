"""Updates between platform and handling: in order within a chat, never lost, never handled twice without a reason."""

import asyncio
from datetime import timedelta

from bot.ports import RawUpdate, StoreAway, TakenUpdate
from bot.storage.intake import RedisIntake
from scheduler.storage.database import Database
from tests.conftest import START
from tests.integration.waiting import wait_until


def update(key: str, chat: str = "alice", body: bytes = b"{}") -> RawUpdate:
    return RawUpdate(platform="telegram", key=key, chat=chat, body=body, received_at=START)


class Handler:
    """Notes what it is handed."""

    def __init__(self) -> None:
        self.handled: list[TakenUpdate] = []

    async def __call__(self, taken: TakenUpdate) -> None:
        self.handled.append(taken)

    @property
    def keys(self) -> list[str]:
        return [taken.update.key for taken in self.handled]


async def test_an_update_is_handed_out_as_it_was_stored(database: Database) -> None:
    intake, handler = RedisIntake(database), Handler()
    stored = update("1", body='{"text": "学籍"}'.encode() + b"\xff\x00")
    assert await intake.store([stored]) == 1
    assert await intake.run_until_idle(handler) == 1
    assert [taken.update for taken in handler.handled] == [stored]
    assert await intake.waiting() == 0


async def test_a_repeat_is_dropped_also_after_a_restart(database: Database) -> None:
    handler = Handler()
    assert await RedisIntake(database).store([update("1"), update("1")]) == 1
    await RedisIntake(database, alone=True).run_until_idle(handler)
    assert await RedisIntake(database).store([update("1"), update("2")]) == 1
    await RedisIntake(database, alone=True).run_until_idle(handler)
    assert handler.keys == ["1", "2"]


async def test_a_key_is_forgotten_when_no_platform_repeats_it_any_more(database: Database) -> None:
    intake = RedisIntake(database)
    await intake.store([update("1")])
    later = RawUpdate(platform="telegram", key="2", chat="alice", body=b"{}", received_at=START + timedelta(days=4))
    await intake.store([later])
    assert await intake.store([update("1")]) == 1


async def test_the_same_key_of_two_platforms_is_two_updates(database: Database) -> None:
    intake = RedisIntake(database)
    other = RawUpdate(platform="wecom", key="1", chat="alice", body=b"{}", received_at=START)
    assert await intake.store([update("1"), other]) == 2


async def test_updates_of_a_chat_are_handled_in_order_and_other_chats_do_not_wait(database: Database) -> None:
    intake = RedisIntake(database)
    await intake.store([update("a1", "alice"), update("a2", "alice"), update("b1", "bob"), update("b2", "bob")])
    ended: list[str] = []
    bob_is_done = asyncio.Event()

    async def handle(taken: TakenUpdate) -> None:
        if taken.update.key == "a1":
            await bob_is_done.wait()
        ended.append(taken.update.key)
        if taken.update.key == "b2":
            bob_is_done.set()

    await intake.run_until_idle(handle)
    assert ended == ["b1", "b2", "a1", "a2"]


async def test_what_a_dead_process_left_unfinished_is_handed_out_again_and_marked(database: Database) -> None:
    await RedisIntake(database).store([update("1"), update("2")])
    begun = asyncio.Event()

    async def never_ends(taken: TakenUpdate) -> None:
        begun.set()
        await asyncio.Event().wait()

    dying = asyncio.create_task(RedisIntake(database).run(never_ends))
    await begun.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)

    handler = Handler()
    await RedisIntake(database).run_until_idle(handler)
    assert handler.keys == ["1", "2"]
    assert handler.handled[0].redelivered


async def test_while_one_process_holds_the_partitions_another_gets_nothing(database: Database) -> None:
    first, second, handler = RedisIntake(database), RedisIntake(database), Handler()
    await first.run_until_idle(handler)
    await first.store([update("1")])
    assert await second.run_until_idle(handler) == 0
    assert await first.run_until_idle(handler) == 1


async def test_a_process_that_serves_alone_does_not_wait_for_a_dead_one(database: Database) -> None:
    handler = Handler()
    await RedisIntake(database).run_until_idle(handler)
    killed_and_back = RedisIntake(database, alone=True)
    await killed_and_back.store([update("1")])
    assert await killed_and_back.run_until_idle(handler) == 1


async def test_an_update_that_cannot_be_handled_is_set_aside_counted_and_the_next_go_on(database: Database) -> None:
    intake, handled = RedisIntake(database), []

    async def handle(taken: TakenUpdate) -> None:
        if taken.update.key == "bad":
            raise ValueError(taken.update.key)
        handled.append(taken.update.key)

    await intake.store([update("bad"), update("good")])
    await intake.run_until_idle(handle)
    assert handled == ["good"]
    assert (await intake.waiting(), await intake.set_aside()) == (0, 1)


async def test_an_update_on_which_its_process_dies_again_and_again_is_set_aside(database: Database) -> None:
    await RedisIntake(database).store([update("deadly"), update("good")])

    handler = Handler()
    for _ in range(3):
        intake = RedisIntake(database, alone=True)
        begun = asyncio.Event()

        async def hangs(taken: TakenUpdate, begun: asyncio.Event = begun) -> None:
            begun.set()
            await asyncio.Event().wait()

        running = asyncio.create_task(intake.run(hangs))
        await begun.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    last = RedisIntake(database, alone=True)
    await last.run_until_idle(handler)
    assert "deadly" not in handler.keys
    assert await last.set_aside() >= 1


async def test_an_update_is_kept_and_handled_again_when_the_store_was_away_meanwhile(database: Database) -> None:
    intake, tries = RedisIntake(database), 0

    async def handle(taken: TakenUpdate) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise StoreAway("gone for a moment")

    await intake.store([update("1")])
    await intake.run_until_idle(handle)
    assert tries == 2
    assert await intake.set_aside() == 0


async def test_a_running_intake_handles_what_is_stored_later(database: Database) -> None:
    intake, handler = RedisIntake(database), Handler()
    running = asyncio.create_task(intake.run(handler))
    for number in range(5):
        await intake.store([update(str(number), chat=f"chat{number}")])
    await wait_until(lambda: len(handler.handled) == 5, "five updates are handled")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert sorted(handler.keys) == ["0", "1", "2", "3", "4"]
