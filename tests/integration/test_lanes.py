"""A lane that has to wait, or that fails, waits alone; answers and broadcasts share its budgets."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from scheduler.clocks import SystemClock, VirtualClock
from scheduler.deliveries import Delivery, Kind, LaneState
from scheduler.messages import (
    Accepted,
    Address,
    Attachment,
    Holds,
    OutboundMessage,
    Outcome,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Text,
)
from scheduler.pacing import Budget, Rhythm, Room, Window
from scheduler.storage.database import Database
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.outbox import RedisOutbox
from tests.conftest import START
from tests.integration.school import LANE, Platform, relay, reply
from tests.integration.waiting import wait_until

HALF_A_MINUTE = timedelta(seconds=30)
A_MILLISECOND = timedelta(milliseconds=1)
NOT_SENT = RetryLater(at=START + timedelta(hours=1), why="not-sent")


def flood(holds: Holds) -> RetryLater:
    return RetryLater(at=START + HALF_A_MINUTE, why="flood", holds=holds)


def one_a_minute(to: Address) -> Sequence[Budget]:
    return (Room(key=str(to), windows=(Window(most=1, seconds=60),)),)


def to(chat: str, *, purpose: Purpose = Purpose.ANSWER) -> OutboundMessage:
    return OutboundMessage(to=Address(platform=LANE, chat=chat), body=Text(text="now"), purpose=purpose)


def note(name: str, chat: str, *, purpose: Purpose = Purpose.ANSWER) -> Delivery:
    return Delivery(id=name, kind=Kind.NOTE, message=to(chat, purpose=purpose))


async def test_a_group_that_asks_for_patience_waits_alone(database: Database, clock: VirtualClock) -> None:
    outbox, lanes, platform = RedisOutbox(database), RedisLanes(database, "r"), Platform(answers=[flood(Holds.CHAT)])
    await outbox.queue(reply("1", "group"), START)
    sender = relay(database, platform, clock)
    await sender.run_until_idle()
    for name, chat in (("2", "group"), ("3", "other")):
        await outbox.queue(reply(name, chat), START)
    await sender.run_until_idle()
    assert platform.taken == [("other", "3")]
    assert not (await lanes.reserve(to("group"), (), clock.now())).taken, "answers to it wait as well"
    assert (await lanes.reserve(to("other"), (), clock.now())).taken

    clock.advance_to(START + HALF_A_MINUTE)
    await sender.run_until_idle()
    assert platform.taken[1:] == [("group", "1"), ("group", "2")]


async def test_a_second_group_that_asks_while_the_first_still_waits_holds_up_the_lane(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform = RedisOutbox(database), Platform(answers=[flood(Holds.CHAT), flood(Holds.CHAT)])
    sender = relay(database, platform, clock)
    for number in range(3):
        await outbox.queue(reply(f"{number}", f"group{number}"), START)
        await sender.run_until_idle()
    assert platform.taken == []

    clock.advance_to(START + HALF_A_MINUTE)
    await sender.run_until_idle()
    assert len(platform.taken) == 3


async def test_a_lane_that_is_asked_for_patience_waits_and_the_others_go_on(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform = RedisOutbox(database), Platform(answers=[flood(Holds.LANE)])
    await outbox.queue(reply("first", "alice"), START)
    await relay(database, platform, clock).run_until_idle()
    await outbox.queue(reply("second", "bob"), START)
    await outbox.queue(reply("elsewhere", "route/carol"), START)
    for lane in (LANE, f"{LANE}-route"):
        await relay(database, platform, clock, lane=lane).run_until_idle()
    assert platform.taken == [("route/carol", "elsewhere")]
    assert not (await RedisLanes(database, "r").reserve(to("dora"), (), clock.now())).taken

    clock.advance_to(START + HALF_A_MINUTE)
    await relay(database, platform, clock).run_until_idle()
    assert sorted(text for _, text in platform.taken[1:]) == ["first", "second"]


async def test_a_lane_that_was_asked_for_patience_is_a_little_slower_for_ten_minutes(
    database: Database, clock: VirtualClock
) -> None:
    lanes, even = RedisLanes(database, "r"), Rhythm(per=10, seconds=1)

    async def between_two_sends() -> timedelta:
        first, second = [await lanes.reserve(to(chat), (even,), clock.now()) for chat in ("alice", "bob")]
        return second.at - first.at

    usual = await between_two_sends()
    await RedisOutbox(database).queue(reply("first", "carol"), START)
    await relay(database, Platform(answers=[flood(Holds.LANE)]), clock).run_until_idle()
    clock.advance_to(START + HALF_A_MINUTE)
    afterwards = await between_two_sends()
    assert usual < afterwards <= usual * 5 / 4
    clock.advance_to(START + timedelta(minutes=5))
    assert usual < await between_two_sends() < afterwards
    clock.advance_to(START + timedelta(minutes=10))
    assert await between_two_sends() == usual


@dataclass(slots=True)
class Staff:
    told: list[tuple[str, str]] = field(default_factory=list)

    async def hear(self, lane: str, why: str) -> None:
        self.told.append((lane, why))


async def used(
    database: Database, clock: VirtualClock, outcomes: Sequence[Outcome | Exception]
) -> tuple[Platform, Staff]:
    """A lane that was used for one chat after the other, each send with the next of these outcomes."""
    outbox, platform, staff = RedisOutbox(database), Platform(answers=list(outcomes)), Staff()
    for number in range(len(outcomes)):
        await outbox.queue(note(f"{number}", f"chat{number}"), START)
        await relay(database, platform, clock, tell=staff.hear).run_until_idle()
    return platform, staff


async def state(database: Database, lane: str = LANE) -> LaneState:
    return await RedisLanes(database, "reader").state(lane)


async def test_a_lane_that_keeps_failing_pauses_alone_says_so_once_and_is_tried_again(
    database: Database, clock: VirtualClock
) -> None:
    platform, staff = await used(database, clock, [NOT_SENT] * 6)
    assert staff.told == [(LANE, "not-sent")]
    assert (await state(database)).ails == "not-sent"
    assert platform.answers == [NOT_SENT], "the sixth was not even tried"
    await RedisOutbox(database).queue(reply("elsewhere", "route/carol"), START)
    route = Platform()
    await relay(database, route, clock, lane=f"{LANE}-route").run_until_idle()
    assert route.taken == [("route/carol", "elsewhere")]

    platform.answers.clear()
    clock.advance_to(START + timedelta(seconds=6))
    await relay(database, platform, clock, tell=staff.hear).run_until_idle()
    assert platform.taken == [("chat5", "now")], "one send tried whether it works again"
    assert (await state(database)).ails == ""


async def test_a_trial_that_fails_makes_the_lane_wait_longer_and_is_not_said_again(
    database: Database, clock: VirtualClock
) -> None:
    platform, staff = await used(database, clock, [NOT_SENT] * 6)
    sender = relay(database, platform, clock, tell=staff.hear)
    clock.advance_to(START + timedelta(seconds=6))
    await sender.run_until_idle()
    await RedisOutbox(database).queue(reply("next", "dora"), clock.now())
    clock.advance_to(START + timedelta(seconds=12))
    await sender.run_until_idle()
    assert platform.taken == [], "ten seconds now"
    clock.advance_to(START + timedelta(seconds=17))
    await sender.run_until_idle()
    assert platform.taken == [("dora", "next")]
    assert len(staff.told) == 1


async def test_a_platform_that_answers_is_no_failing_lane_whatever_it_says(
    database: Database, clock: VirtualClock
) -> None:
    no = Refused(why=RefusedWhy.UNREACHABLE)
    platform, staff = await used(database, clock, [NOT_SENT, NOT_SENT, NOT_SENT, NOT_SENT, no] * 3)
    assert staff.told == []
    assert (await state(database)).ails == ""
    assert not platform.answers


async def test_what_was_on_its_way_when_the_lane_paused_does_not_make_it_wait_longer(
    database: Database, clock: VirtualClock
) -> None:
    outbox, lanes = RedisOutbox(database), RedisLanes(database, "w1")
    for number in range(20):
        await outbox.queue(note(f"{number}", f"chat{number}"), START)
    tickets = await lanes.take(LANE, START, count=20, wait=0)
    for ticket in tickets:
        await lanes.clear(ticket, (), START)
    clock.advance_to(START + timedelta(seconds=1))
    for ticket in tickets:
        await lanes.settle(ticket, RetryLater(at=clock.now(), why="not-sent"), clock.now())
    platform = Platform()
    clock.advance_to(START + timedelta(seconds=7))
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken, "five seconds, not five minutes"


async def test_an_answer_takes_from_the_budget_that_broadcasts_use(database: Database, clock: VirtualClock) -> None:
    outbox, platform, lanes = RedisOutbox(database), Platform(), RedisLanes(database, "w1")
    assert (await lanes.reserve(to("alice"), one_a_minute(to("alice").to), START)).taken
    refused = await lanes.reserve(to("alice"), one_a_minute(to("alice").to), START)
    assert not refused.taken
    assert refused.at == START + timedelta(seconds=61)
    await outbox.queue(note("broadcast", "alice"), START)
    sender = relay(database, platform, clock, budgets=one_a_minute)
    await sender.run_until_idle()
    assert platform.taken == []
    clock.advance_to(refused.at)
    await sender.run_until_idle()
    assert platform.taken == [("alice", "now")]


async def test_answers_book_the_next_places_of_a_lane_and_a_broadcast_comes_after_them(database: Database) -> None:
    lanes, rhythm = RedisLanes(database, "w1"), (Rhythm(per=10, seconds=1),)
    places = [await lanes.reserve(to(f"chat{number}"), rhythm, START) for number in range(12)]
    assert [place.taken for place in places] == [True] * 10 + [False] * 2
    assert places[1].at - places[0].at == timedelta(milliseconds=104)
    await RedisOutbox(database).queue(note("broadcast", "alice"), START)
    (ticket,) = await lanes.take(LANE, START, count=1, wait=0)
    assert await lanes.clear(ticket, rhythm, START) == START + timedelta(milliseconds=990)


async def test_within_a_conversations_budget_a_deadline_goes_before_an_answer(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform, lanes = RedisOutbox(database), Platform(), RedisLanes(database, "w1")
    assert (await lanes.reserve(to("alice"), one_a_minute(to("alice").to), START)).taken
    await outbox.queue(reply("answer", "alice"), START)
    await outbox.queue(note("deadline", "alice", purpose=Purpose.DEADLINE), START)
    sender = relay(database, platform, clock, budgets=one_a_minute)
    await sender.run_until_idle()
    clock.advance_to(START + timedelta(seconds=61, milliseconds=500))
    assert not (await lanes.reserve(to("alice"), one_a_minute(to("alice").to), clock.now())).taken
    await sender.run_until_idle()
    assert platform.taken == [("alice", "now")], "the deadline, although the answer waited first"
    clock.advance_to(START + timedelta(seconds=130))
    await sender.run_until_idle()
    assert platform.taken[1:] == [("alice", "answer")]


@dataclass(slots=True)
class Slow:
    """A platform that answers whoever asked at once, and everybody else when it is told to."""

    broadcast: asyncio.Event = field(default_factory=asyncio.Event)
    taken: list[str] = field(default_factory=list)

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        if message.purpose is not Purpose.ANSWER:
            await self.broadcast.wait()
        self.taken.append(text)
        return Accepted(message_id="m")


async def test_who_asked_does_not_wait_behind_a_broadcast_to_a_slow_platform(database: Database) -> None:
    outbox, clock, platform = RedisOutbox(database), SystemClock(), Slow()
    for number in range(100):
        await outbox.queue(note(f"{number}", f"chat{number}", purpose=Purpose.NOTICE), clock.now())
    sender = relay(database, platform, clock)
    running = asyncio.create_task(sender.run())
    await outbox.queue(reply("answer", "alice"), clock.now())
    await wait_until(lambda: platform.taken == ["answer"], "the answer is sent although nothing of the broadcast is")
    platform.broadcast.set()
    await wait_until(lambda: len(platform.taken) == 101, "the broadcast goes on")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_second_file_takes_another_place_in_its_chat_and_in_the_lane(
    database: Database, clock: VirtualClock
) -> None:
    lanes, even = RedisLanes(database, "r"), Rhythm(per=10, seconds=1)
    files = tuple(Attachment(name=name, digest="0") for name in ("a.png", "b.pdf"))
    five = Room(key="group", windows=(Window(most=5, seconds=60),))
    taken = [(await lanes.reserve(replace(to("group"), files=files), (five,), clock.now())).taken for _ in range(3)]
    assert taken == [True, True, False]

    async def until_the_next(message: OutboundMessage) -> timedelta:
        first = await lanes.reserve(message, (even,), clock.now())
        return (await lanes.reserve(to("bob"), (even,), clock.now())).at - first.at

    usual = await until_the_next(to("alice"))
    clock.advance_to(clock.now() + timedelta(minutes=1))
    assert await until_the_next(replace(to("alice"), files=files)) == pytest.approx(2 * usual, abs=A_MILLISECOND)
