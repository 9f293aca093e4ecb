"""The office's own chats hear what they have to know, once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from scheduler.clocks import VirtualClock
from scheduler.messages import Body, Phrase, Refused, RefusedWhy
from scheduler.staff_room import StaffChats
from scheduler.staffing import Deputy, StaffMember, StaffRole
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.staff import RedisStaffStore
from tests.conftest import START
from tests.integration.school import Platform, group, relay

PAUSED = Phrase(key="lane.paused", values={"lane": "telegram"})


def office(database: Database, clock: VirtualClock, *chats: str) -> StaffChats:
    return StaffChats([group(chat) for chat in chats], RedisStaffStore(database), RedisOutbox(database), clock)


def member(name: str, role: StaffRole) -> StaffMember:
    return StaffMember(account=f"chatroom:{name}", role=role, classes=("c1",), private=group(name))


async def test_the_same_thing_is_told_once_whoever_tells_it(database: Database, clock: VirtualClock) -> None:
    rooms = [office(database, clock, "office") for _ in range(5)]

    told = await asyncio.gather(*(room.tell(PAUSED, "telegram:paused:1") for room in rooms))
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()

    assert sorted(told) == [False, False, False, False, True]
    assert platform.taken == [("office", "lane.paused")]


async def test_every_chat_of_the_office_hears_it_and_another_matter_is_told_again(
    database: Database, clock: VirtualClock
) -> None:
    room = office(database, clock, "office", "duty")
    await room.tell(PAUSED, "telegram:paused:1")
    await room.tell(PAUSED, "telegram:paused:2")

    platform = Platform()
    await relay(database, platform, clock).run_until_idle()

    assert sorted(chat for chat, _ in platform.taken) == ["duty", "duty", "office", "office"]


async def test_alarms_older_than_a_day_are_not_said_but_how_many_they_were_before_the_next_one(
    database: Database, clock: VirtualClock
) -> None:
    heard: list[Body] = []
    room, platform = office(database, clock, "office"), Platform(on_send=lambda message: heard.append(message.body))
    for number in range(3):
        await room.tell(PAUSED, f"telegram:paused:{number}")
    clock.advance_to(START + timedelta(hours=25))
    await room.tell(Phrase(key="store.disk-low"), "disk-low")
    await relay(database, platform, clock).run_until_idle()
    line = Phrase(key="office.dropped", values={"count": 3})
    assert heard == [Phrase(key="status.line", values={"first": line, "rest": Phrase(key="store.disk-low")})]
    outcomes = [attempt.outcome for attempt in await RedisOutbox(database).ledger()]
    assert outcomes[:3] == [Refused(why=RefusedWhy.EXPIRED)] * 3
    await relay(database, platform, clock).run_until_idle()
    assert len(heard) == 1


async def test_where_all_alarms_are_too_old_one_line_says_how_many(database: Database, clock: VirtualClock) -> None:
    heard: list[Body] = []
    room, platform = office(database, clock, "office"), Platform(on_send=lambda message: heard.append(message.body))
    for number in range(3):
        await room.tell(PAUSED, f"telegram:paused:{number}")
    clock.advance_to(START + timedelta(hours=25))
    await relay(database, platform, clock).run_until_idle()
    assert heard == [Phrase(key="office.dropped", values={"count": 3})]


async def test_without_a_chat_the_registrar_hears_it_in_private_and_a_deputy_in_their_place(
    database: Database, clock: VirtualClock
) -> None:
    month = timedelta(days=30)
    away = Deputy(account="chatroom:deputy", since=START, until=START + month)
    over = replace(member("former", StaffRole.REGISTRAR), until=START)
    for one in (
        member("registrar", StaffRole.REGISTRAR),
        replace(member("ill", StaffRole.REGISTRAR), deputies=(away,)),
        over,
        member("counsellor", StaffRole.COUNSELLOR),
    ):
        await RedisStaffStore(database).appoint(one)
    assert await told(database, clock) == ["deputy", "registrar"]
    assert await told(database, clock) == []


async def test_without_a_registrar_too_it_is_told_to_who_looks_after_classes_but_to_no_monitor(
    database: Database, clock: VirtualClock
) -> None:
    assert await told(database, clock) == []
    for role in (StaffRole.COUNSELLOR, StaffRole.COLLEGE, StaffRole.MONITOR):
        await RedisStaffStore(database).appoint(member(role.value, role))
    assert await told(database, clock) == ["college", "counsellor"]


async def told(database: Database, clock: VirtualClock) -> list[str]:
    """Who hears what an office without a chat is told."""
    await office(database, clock).tell(PAUSED, "telegram:paused:1")
    platform = Platform()
    await relay(database, platform, clock).run_until_idle()
    return sorted(chat for chat, _ in platform.taken)
