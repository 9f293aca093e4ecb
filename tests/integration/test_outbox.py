"""Slots and deliveries in the outbox: claimed once, in order, checked again before each send."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.campaigns import CampaignStatus, Grade, move
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Cleared, Kind, Settled
from scheduler.messages import Accepted, Purpose, Refused, RefusedWhy, RetryLater, Unknown
from scheduler.pacing import Rhythm, Room, Window
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import (
    LANE,
    Platform,
    bind,
    confirmed,
    import_students,
    open_campaign,
    relay,
    reply,
    student,
    wave_to_group,
    wave_to_student,
)


@pytest.mark.parametrize("processes", [2, 5])
async def test_a_slot_is_claimed_once_whoever_fires_it(database: Database, processes: int) -> None:
    classes = [f"c{number}" for number in range(20)]
    await open_campaign(RedisCampaignStore(database), *classes)
    deliveries = [wave_to_group(class_id, class_id) for class_id in classes]
    slots = [slot for delivery in deliveries for slot in delivery.slots]

    claims = await asyncio.gather(*(RedisOutbox(database).claim(slots, deliveries, START) for _ in range(processes)))

    assert sorted(slot for claimed, _ in claims for slot in claimed) == sorted(slots)
    assert sum(queued for _, queued in claims) == len(deliveries)


async def test_a_merged_message_speaks_only_of_the_classes_whose_slots_were_free(
    database: Database, clock: VirtualClock
) -> None:
    await open_campaign(RedisCampaignStore(database), "c1", "c2")
    outbox = RedisOutbox(database)
    merged = wave_to_group("both", "c1", "c2")
    await outbox.drop("check-2019", merged.slots[:1], START, "too-late")

    claimed, queued = await outbox.claim(merged.slots, [merged], START)

    assert (claimed, queued) == (merged.slots[1:], 1)
    lanes = RedisLanes(database, "w1")
    (ticket,) = await lanes.take(LANE, START, count=10, wait=0)
    cleared = await lanes.clear(ticket, (), clock.now())
    assert isinstance(cleared, Cleared)
    assert cleared.delivery.classes == ("c2",)


async def test_nothing_is_claimed_of_a_campaign_that_is_not_open(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    opened = await open_campaign(campaigns)
    await campaigns.save(move(opened, CampaignStatus.CANCELLED, START), seen_revision=1)
    wave = wave_to_group("g")
    assert await RedisOutbox(database).claim(wave.slots, [wave], START) == ((), 0)


async def test_who_confirmed_before_the_wave_was_claimed_is_left_out(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    await campaigns.record("check-2019", "c1", "s1", confirmed())
    waves = [wave_to_student("s1"), wave_to_student("s2")]
    claimed, queued = await RedisOutbox(database).claim(waves[0].slots, waves, START)
    assert (claimed, queued) == (waves[0].slots, 1)


async def test_who_stated_it_without_proving_who_they_are_is_reminded_like_everybody_who_owes(
    database: Database, clock: VirtualClock
) -> None:
    campaigns, outbox, platform = RedisCampaignStore(database), RedisOutbox(database), Platform()
    await open_campaign(campaigns)
    await import_students(RedisRosterStore(database), student("s1"))
    await bind(database, "s1")
    await campaigns.record("check-2019", "c1", "s1", replace(confirmed(), grade=Grade.CLAIMED))
    wave = wave_to_student("s1")
    assert await outbox.claim(wave.slots, [wave], START) == (wave.slots, 1)
    await relay(database, platform, clock).run_until_idle()
    assert [chat for chat, _ in platform.taken] == ["s1"]


async def test_who_confirmed_after_the_wave_was_claimed_is_not_written_to(
    database: Database, clock: VirtualClock
) -> None:
    campaigns, outbox, platform = RedisCampaignStore(database), RedisOutbox(database), Platform()
    await open_campaign(campaigns)
    await import_students(RedisRosterStore(database), student("s1"), student("s2"))
    await bind(database, "s1", "s2")
    waves = [wave_to_student("s1"), wave_to_student("s2")]
    await outbox.claim(waves[0].slots, waves, START)
    await campaigns.record("check-2019", "c1", "s1", confirmed())

    await relay(database, platform, clock).run_until_idle()

    assert [chat for chat, _ in platform.taken] == ["s2"]
    outcomes = {attempt.delivery: attempt.outcome for attempt in await outbox.ledger("check-2019")}
    assert outcomes[waves[0].id] == Refused(why=RefusedWhy.NOT_OWED)


async def test_one_person_with_two_records_is_looked_at_by_the_first(database: Database, clock: VirtualClock) -> None:
    campaigns, outbox, platform = RedisCampaignStore(database), RedisOutbox(database), Platform()
    await open_campaign(campaigns, "c1", "c2")
    await import_students(RedisRosterStore(database), student("s1"), student("s9", "c2"))
    await bind(database, "s1")
    both = replace(wave_to_student("s1"), classes=("c1", "c2"))
    assert await outbox.claim(both.slots, [both], START) == (both.slots, 1)
    await campaigns.record("check-2019", "c1", "s1", confirmed())
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == []


async def test_one_person_with_two_records_is_written_to_with_the_slot_of_the_first(database: Database) -> None:
    """Who claims the other class, now or later, need not know of the first one's slot."""
    await open_campaign(RedisCampaignStore(database), "c1", "c2")
    outbox = RedisOutbox(database)
    both = replace(wave_to_student("s1"), classes=("c1", "c2"))
    assert await outbox.claim(both.slots[1:], [both], START) == (both.slots[1:], 0)
    assert await outbox.claim(both.slots[:1], [both], START) == (both.slots[:1], 1)


async def test_a_wave_in_the_queue_dies_with_its_campaign(database: Database, clock: VirtualClock) -> None:
    campaigns, outbox, platform = RedisCampaignStore(database), RedisOutbox(database), Platform()
    opened = await open_campaign(campaigns)
    wave = wave_to_group("g")
    await outbox.claim(wave.slots, [wave], START)
    await campaigns.save(move(opened, CampaignStatus.CLOSED, START), seen_revision=1)

    await relay(database, platform, clock).run_until_idle()

    assert platform.taken == []
    assert [attempt.outcome for attempt in await outbox.ledger()] == [Refused(why=RefusedWhy.NOT_OWED)]


async def test_what_waited_past_its_time_is_refused_as_expired(database: Database, clock: VirtualClock) -> None:
    outbox, platform = RedisOutbox(database), Platform()
    late = reply("late")
    late = replace(late, message=replace(late.message, expires_at=START + timedelta(minutes=5)))
    await outbox.queue(late, START)
    clock.advance_to(START + timedelta(minutes=6))

    await relay(database, platform, clock).run_until_idle()

    assert platform.taken == []
    assert [attempt.outcome for attempt in await outbox.ledger()] == [Refused(why=RefusedWhy.EXPIRED)]


async def test_a_delivery_is_queued_once_even_after_it_was_sent(database: Database, clock: VirtualClock) -> None:
    outbox, platform = RedisOutbox(database), Platform()
    assert await outbox.queue(reply("a"), START)
    await relay(database, platform, clock).run_until_idle()
    assert not await outbox.queue(reply("a"), START)
    await relay(database, platform, clock).run_until_idle()
    assert len(platform.taken) == 1


async def test_a_delivery_is_held_back_until_its_moment(database: Database, clock: VirtualClock) -> None:
    outbox, platform = RedisOutbox(database), Platform()
    await outbox.queue(replace(reply("tomorrow"), not_before=START + timedelta(days=1)), START)
    sender = relay(database, platform, clock)
    await sender.run_until_idle()
    assert platform.taken == []

    clock.advance_to(START + timedelta(days=1))
    await sender.run_until_idle()
    assert platform.taken == [("alice", "tomorrow")]


async def test_the_messages_of_a_chat_keep_their_order_when_the_first_has_to_wait(
    database: Database, clock: VirtualClock
) -> None:
    wait = RetryLater(at=START + timedelta(seconds=30), why="flood")
    outbox, platform = RedisOutbox(database), Platform(answers=[wait])
    for name in ("first", "second", "third"):
        await outbox.queue(reply(name), START)
    sender = relay(database, platform, clock)
    await sender.run_until_idle()
    assert platform.taken == []

    clock.advance_to(wait.at)
    await sender.run_until_idle()
    assert [text for _, text in platform.taken] == ["first", "second", "third"]


async def test_a_chat_that_waits_holds_up_no_other_chat(database: Database, clock: VirtualClock) -> None:
    wait = RetryLater(at=START + timedelta(seconds=30), why="flood")
    outbox, platform = RedisOutbox(database), Platform(answers=[wait])
    await outbox.queue(reply("to alice", "alice"), START)
    await outbox.queue(reply("to bob", "bob"), START)
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == [("bob", "to bob")]


async def test_within_a_chat_a_deadline_goes_before_a_receipt_and_a_receipt_before_an_answer(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform = RedisOutbox(database), Platform()
    for name, purpose in (
        ("begun", Purpose.ANSWER),
        ("answer", Purpose.ANSWER),
        ("receipt", Purpose.RECEIPT),
        ("deadline", Purpose.DEADLINE),
    ):
        await outbox.queue(reply(name, purpose=purpose), START)
    await relay(database, platform, clock).run_until_idle()
    assert [text for _, text in platform.taken] == ["begun", "deadline", "receipt", "answer"]


async def test_a_budget_of_a_chat_puts_off_that_chat_alone(database: Database, clock: VirtualClock) -> None:
    outbox, platform = RedisOutbox(database), Platform()
    for name, chat in (("1", "alice"), ("2", "alice"), ("3", "bob")):
        await outbox.queue(reply(name, chat), START)
    sender = relay(
        database, platform, clock, budgets=lambda to: (Room(key=str(to), windows=(Window(most=1, seconds=1),)),)
    )
    await sender.run_until_idle()
    assert sorted(platform.taken) == [("alice", "1"), ("bob", "3")]

    clock.advance_to(START + timedelta(seconds=1.1))
    await sender.run_until_idle()
    assert ("alice", "2") in platform.taken


async def test_a_budget_of_the_lane_lets_one_through_at_a_time(database: Database, clock: VirtualClock) -> None:
    outbox, platform = RedisOutbox(database), Platform()
    for number in range(3):
        await outbox.queue(reply(f"{number}", f"chat{number}"), START)
    sender = relay(database, platform, clock, budgets=lambda to: (Rhythm(per=1, seconds=10),))
    sent = []
    for _ in range(3):
        await sender.run_until_idle()
        sent.append(len(platform.taken))
        clock.advance_to(clock.now() + timedelta(seconds=11))
    assert sent == [1, 2, 3]


async def test_nothing_is_sent_on_a_paused_lane_and_nothing_skipped_after_it(
    database: Database, clock: VirtualClock
) -> None:
    outbox, lanes, platform = RedisOutbox(database), RedisLanes(database, "operator"), Platform()
    await outbox.queue(reply("a"), START)
    await lanes.pause(LANE, "maintenance")
    sender = relay(database, platform, clock)
    await sender.run_until_idle()
    assert platform.taken == []

    await lanes.resume(LANE)
    await sender.run_until_idle()
    assert platform.taken == [("alice", "a")]


async def test_a_group_message_with_an_unknown_outcome_waits_for_a_person(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform = RedisOutbox(database), Platform(answers=[Unknown(why="timed-out")])
    await open_campaign(RedisCampaignStore(database))
    first, second = wave_to_group("g", wave="7d"), wave_to_group("g", wave="3d")
    for wave in (first, second):
        await outbox.claim(wave.slots, [wave], START)
    await relay(database, platform, clock).run_until_idle()

    assert await outbox.parked() == (first.id,)
    assert len(platform.taken) == 1, "the next wave to the group goes on"


async def test_a_private_reminder_with_an_unknown_outcome_is_repeated_once_and_says_so(
    database: Database, clock: VirtualClock
) -> None:
    unknown = Unknown(why="timed-out")
    outbox, platform = RedisOutbox(database), Platform(answers=[unknown])
    await open_campaign(RedisCampaignStore(database))
    await import_students(RedisRosterStore(database), student("s1"))
    await bind(database, "s1")
    wave = wave_to_student("s1")
    await outbox.claim(wave.slots, [wave], START)
    await relay(database, platform, clock).run_until_idle()

    assert [text for _, text in platform.taken] == ["delivery.repeat wave.private.first"]
    assert [attempt.outcome for attempt in await outbox.ledger()] == [unknown, Accepted(message_id="m0")]


async def test_what_stays_unknown_after_the_repeat_is_not_sent_a_third_time(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform = RedisOutbox(database), Platform(answers=[Unknown(why="x"), Unknown(why="x")])
    await outbox.queue(reply("a"), START)
    await relay(database, platform, clock).run_until_idle()
    assert platform.taken == []
    assert len(await outbox.ledger()) == 2


async def test_a_platform_client_that_breaks_leaves_an_unknown_outcome_and_a_working_lane(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform = RedisOutbox(database), Platform(answers=[ValueError("bug"), ValueError("bug")])
    await outbox.queue(reply("a", "alice"), START)
    await outbox.queue(reply("b", "bob"), START)
    await relay(database, platform, clock).run_until_idle()
    assert {type(attempt.outcome).__name__ for attempt in await outbox.ledger()} == {"Unknown", "Accepted"}


async def test_the_ledger_shows_a_send_whose_outcome_is_still_open(database: Database, clock: VirtualClock) -> None:
    outbox, lanes = RedisOutbox(database), RedisLanes(database, "w1")
    await outbox.queue(reply("a"), START)
    (ticket,) = await lanes.take(LANE, START, count=1, wait=0)
    await lanes.clear(ticket, (), clock.now())
    (attempt,) = await outbox.ledger()
    assert (attempt.delivery, attempt.kind, attempt.tried_at, attempt.outcome) == ("a", Kind.REPLY, START, None)


async def test_what_a_dead_relay_had_not_begun_is_sent_by_another(database: Database, clock: VirtualClock) -> None:
    outbox, platform = RedisOutbox(database), Platform()
    await outbox.queue(reply("a"), START)
    assert await RedisLanes(database, "dead").take(LANE, START, count=1, wait=0)
    await relay(database, platform, clock, worker="heir").run_until_idle()
    assert platform.taken == [("alice", "a")]


async def test_what_a_dead_relay_had_begun_becomes_unknown_and_a_group_is_not_written_to_again(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform, dead = RedisOutbox(database), Platform(), RedisLanes(database, "dead")
    await open_campaign(RedisCampaignStore(database))
    wave = wave_to_group("g")
    await outbox.claim(wave.slots, [wave], START)
    (ticket,) = await dead.take(LANE, START, count=1, wait=0)
    assert isinstance(await dead.clear(ticket, (), START), Cleared)

    await relay(database, platform, clock, worker="heir").run_until_idle()

    assert platform.taken == []
    assert await outbox.parked() == (wave.id,)
    assert [attempt.outcome for attempt in await outbox.ledger()] == [Unknown(why="worker-died")]


async def test_a_relay_that_lives_keeps_what_it_took(database: Database, clock: VirtualClock) -> None:
    outbox, alive, other = RedisOutbox(database), RedisLanes(database, "alive"), RedisLanes(database, "other")
    await outbox.queue(reply("a"), START)
    await alive.unfinished(LANE, dead_after=30)  # gives the sign of life
    (ticket,) = await alive.take(LANE, START, count=1, wait=0)
    assert await other.unfinished(LANE, dead_after=30) == ()
    assert await alive.unfinished(LANE, dead_after=30) == (ticket,)


async def test_a_late_yes_of_a_relay_taken_for_dead_settles_what_was_unknown(
    database: Database, clock: VirtualClock
) -> None:
    outbox, platform, slow = RedisOutbox(database), Platform(), RedisLanes(database, "slow")
    await open_campaign(RedisCampaignStore(database))
    wave = wave_to_group("g")
    await outbox.claim(wave.slots, [wave], START)
    (ticket,) = await slow.take(LANE, START, count=1, wait=0)
    await slow.clear(ticket, (), START)
    await relay(database, platform, clock, worker="heir").run_until_idle()

    assert await slow.settle(ticket, Accepted(message_id="m"), START) is Settled.NOW

    assert await outbox.parked() == ()
    assert [attempt.outcome for attempt in await outbox.ledger()] == [
        Unknown(why="worker-died"),
        Accepted(message_id="m"),
    ]


async def test_an_outcome_is_written_once(database: Database, clock: VirtualClock) -> None:
    outbox, lanes = RedisOutbox(database), RedisLanes(database, "w1")
    await outbox.queue(reply("a"), START)
    (ticket,) = await lanes.take(LANE, START, count=1, wait=0)
    await lanes.clear(ticket, (), clock.now())
    assert await lanes.settle(ticket, Accepted(message_id="m"), START) is Settled.NOW
    assert await lanes.settle(ticket, Accepted(message_id="m"), START) is Settled.BEFORE
    assert len(await outbox.ledger()) == 1


async def test_a_student_is_counted_as_told_when_the_platform_said_yes(database: Database, clock: VirtualClock) -> None:
    outbox, platform, lanes = RedisOutbox(database), Platform(), RedisLanes(database, "reader")
    await open_campaign(RedisCampaignStore(database))
    await import_students(RedisRosterStore(database), student("s1"))
    await bind(database, "s1")
    for wave in (wave_to_student("s1", wave="7d"), wave_to_student("s1", wave="3d")):
        await outbox.claim(wave.slots, [wave], START)
    await relay(database, platform, clock).run_until_idle()
    assert await lanes.told("check-2019", "s1") == 2
    assert [text for _, text in platform.taken] == ["wave.private.first", "wave.private.later"]
