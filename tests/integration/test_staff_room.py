"""The office's own chats hear what they have to know, once."""

import asyncio

from scheduler.clocks import VirtualClock
from scheduler.messages import Phrase
from scheduler.staff_room import StaffChats
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from tests.integration.school import Platform, group, relay

PAUSED = Phrase(key="lane.paused", values={"lane": "telegram"})


async def test_the_same_thing_is_told_once_whoever_tells_it(database: Database, clock: VirtualClock) -> None:
    rooms = [StaffChats([group("office")], RedisOutbox(database), clock) for _ in range(5)]

    told = await asyncio.gather(*(room.tell(PAUSED, "telegram:paused:1") for room in rooms))
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()

    assert sorted(told) == [False, False, False, False, True]
    assert platform.taken == [("office", "lane.paused")]


async def test_every_chat_of_the_office_hears_it_and_another_matter_is_told_again(
    database: Database, clock: VirtualClock
) -> None:
    room = StaffChats([group("office"), group("duty")], RedisOutbox(database), clock)
    await room.tell(PAUSED, "telegram:paused:1")
    await room.tell(PAUSED, "telegram:paused:2")

    platform = Platform()
    await relay(database, platform, clock).run_until_idle()

    assert sorted(chat for chat, _ in platform.taken) == ["duty", "duty", "office", "office"]


async def test_an_office_without_a_chat_is_told_nothing(database: Database, clock: VirtualClock) -> None:
    assert not await StaffChats([], RedisOutbox(database), clock).tell(PAUSED, "telegram:paused:1")
