"""A notice on its way, over a real server: each recipient once, held when it is paused, its outcome kept for each."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.clocks import VirtualClock
from scheduler.deliveries import Cleared, Delivery
from scheduler.messages import Accepted, OutboundMessage, Outcome, Refused, RefusedWhy, RetryLater, Unknown
from scheduler.notices import (
    FAILED,
    Arrival,
    Audience,
    NotAllowed,
    Notice,
    NoticeStatus,
    Question,
    ReadLevel,
    Recipient,
    Result,
    again,
    approve,
    cancel,
    pause,
    resume,
    schedule,
)
from scheduler.roster import Group
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.keys import NoticeKeys
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.notices import RedisNoticeResults
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.integration.notice_board import ALL, CLASSES, Board, board_of, desk
from tests.integration.school import (
    LANE,
    Platform,
    addressing,
    bind,
    broadcasts,
    group,
    import_students,
    relay,
    reply,
    student,
)
from tests.integration.waiting import wait_until

IN_FLIGHT = 32
"""How many sends of a relay are on their way at the same time."""


@pytest.fixture
async def board(database: Database, clock: VirtualClock) -> Board:
    return await board_of(database, clock)


async def test_a_notice_reaches_every_group_once_and_is_then_done(board: Board) -> None:
    notice = await board.send()
    await board.deliver()
    await board.deliver()
    assert board.heard() == ALL
    assert set((await board.states(notice)).values()) == {Arrival.ACCEPTED}
    done = await board.notices.get(notice.number)
    assert done is not None
    assert (done.status, done.ended_at) == (NoticeStatus.DONE, board.clock.now())
    assert await board.notices.moving() == ()


async def test_of_two_who_press_send_at_once_one_does(board: Board) -> None:
    notice = await board.draft()
    released = await board.take(notice.number, lambda one: approve(one, by="office:b", count=5, most_alone=30))
    now = board.clock.now()
    first, second = (schedule(released, at=now, now=now, quiet_reason=reason) for reason in ("", "x"))
    assert isinstance(first, Notice)
    assert isinstance(second, Notice)
    assert await board.save(first, released.revision)
    assert not await board.save(second, released.revision, by="office:c")
    await board.deliver()
    assert board.heard() == ALL


async def test_a_notice_set_for_later_waits_for_its_moment(board: Board) -> None:
    notice = await board.draft()
    await board.take(notice.number, lambda one: approve(one, by="office:b", count=5, most_alone=30))
    now, later = board.clock.now(), board.clock.now() + timedelta(hours=2)
    await board.take(notice.number, lambda one: schedule(one, at=later, now=now))
    await board.deliver()
    assert board.heard() == []
    board.clock.advance_to(later)
    await board.deliver()
    assert board.heard() == ALL


async def test_what_a_process_left_half_written_another_one_goes_on_with(board: Board) -> None:
    """A process died after it had queued two recipients: neither gets it twice, none is left out."""
    notice = await board.send()
    dying = _Dying(board.database)
    with pytest.raises(ConnectionAbortedError):
        await broadcasts(board.database, board.clock, results=dying).step()
    assert len(await board.states(notice)) == 2
    await board.deliver()
    assert board.heard() == ALL


async def test_nothing_goes_out_while_it_is_paused_and_nothing_is_skipped_or_repeated_after_it(board: Board) -> None:
    notice = await board.send()
    await board.step()
    await board.take(notice.number, pause)
    await RedisOutbox(board.database).queue(reply("an answer", "g-c0"), board.clock.now())
    await board.deliver()
    assert board.heard() == ["g-c0"], "only the answer to somebody who asked"
    assert set((await board.states(notice)).values()) == {Arrival.WAITING}

    await board.take(notice.number, resume)
    await board.deliver()
    await board.deliver()
    assert sorted(chat for chat, text in board.platform.taken if text != "an answer") == ALL


async def test_a_paused_notice_holds_up_nothing_that_comes_after_it(board: Board) -> None:
    first = await board.send()
    await board.step()
    await board.take(first.number, pause)
    second = await board.send()
    await board.deliver()
    assert set((await board.states(second)).values()) == {Arrival.ACCEPTED}
    assert board.heard() == ALL


async def test_what_was_not_sent_when_it_was_cancelled_never_is(board: Board) -> None:
    notice = await board.send()
    await board.step()
    await board.take(notice.number, pause)
    await board.deliver()
    await board.take(notice.number, cancel)
    await board.deliver()
    assert board.heard() == []
    results = (await board.results.results(notice.number)).values()
    assert {(result.state, result.why) for result in results} == {(Arrival.REFUSED, "not-owed")}
    assert await board.notices.moving() == ()


@pytest.mark.parametrize(
    ("answer", "state", "why"),
    [
        (Refused(why=RefusedWhy.UNREACHABLE), Arrival.REFUSED, "unreachable"),
        (Unknown(why="timed-out"), Arrival.UNKNOWN, "timed-out"),
        (Accepted(message_id="g-c0/7"), Arrival.ACCEPTED, ""),
    ],
)
async def test_what_came_of_it_is_kept_for_each_recipient(
    board: Board, answer: Outcome, state: Arrival, why: str
) -> None:
    notice = await board.send(Audience(classes=("c0",)))
    board.platform.answers = [answer]
    await board.deliver()
    (result,) = (await board.results.results(notice.number)).values()
    assert (result.state, result.why, result.to) == (state, why, group("g-c0"))
    assert result.message_id == (answer.message_id if isinstance(answer, Accepted) else "")
    assert await board.results.counts(notice.number) == {state: 1}


@pytest.mark.parametrize("audience", [Audience(classes=("c0",)), Audience(sids=("sc0",))], ids=["group", "person"])
async def test_who_may_have_got_it_gets_it_again_only_when_somebody_says_so(board: Board, audience: Audience) -> None:
    await bind(board.database, "sc0")
    notice, outbox = await board.send(audience), RedisOutbox(board.database)
    board.platform.answers = [Unknown(why="timed-out")]
    await board.deliver()
    await board.deliver()
    assert board.heard() == []
    assert list((await board.states(notice)).values()) == [Arrival.UNKNOWN]
    await outbox.decide(await outbox.parked(), board.clock.now(), again=True)
    await board.deliver()
    ((_, said),) = board.platform.taken
    assert said.startswith("delivery.repeat")
    assert list((await board.states(notice)).values()) == [Arrival.ACCEPTED]


@pytest.mark.parametrize("tried_again", [False, True], ids=["given up", "refused the second time"])
async def test_who_may_have_got_it_counts_as_such_whatever_comes_of_a_repeat(board: Board, tried_again: bool) -> None:
    notice, outbox = await board.send(Audience(classes=("c0",))), RedisOutbox(board.database)
    board.platform.answers = [Unknown(why="timed-out"), Refused(why=RefusedWhy.UNREACHABLE)]
    await board.deliver()
    await outbox.decide(await outbox.parked(), board.clock.now(), again=tried_again)
    await board.take(notice.number, lambda one: again(one, unknown_too=tried_again))
    await board.deliver()
    assert len(board.platform.answers) == (0 if tried_again else 1)
    await board.take(notice.number, again)
    await board.deliver()
    assert board.heard() == []
    assert await board.results.counts(notice.number) == {Arrival.UNKNOWN: 1}
    correction = await addressing(board.database, board.results).recipients(
        Audience(reached_by=notice.number), board.clock.now()
    )
    assert [str(one.to) for one in correction] == [str(group("g-c0"))]


@pytest.mark.parametrize(("minutes", "marked"), [(28, False), (29, True)])
async def test_where_the_platform_drops_repeats_it_is_given_the_same_for_as_long_as_it_does(
    board: Board, minutes: int, marked: bool
) -> None:
    outbox, half_an_hour = RedisOutbox(board.database), timedelta(minutes=30)
    sender = relay(board.database, board.platform, board.clock, drops_repeats=lambda message: half_an_hour)
    await board.send(Audience(classes=("c0",)))
    board.platform.answers = [Unknown(why="timed-out")]
    await board.step()
    await sender.run_until_idle()
    board.clock.advance_to(board.clock.now() + timedelta(minutes=minutes))
    await outbox.decide(await outbox.parked(), board.clock.now(), again=True)
    await sender.run_until_idle()
    ((_, said),) = board.platform.taken
    assert said.startswith("delivery.repeat") == marked


async def test_what_a_dead_relay_had_begun_is_unknown_and_everything_else_arrives(board: Board) -> None:
    notice = await board.send()
    await board.step()
    dead = RedisLanes(board.database, "dead")
    ticket, *_ = await dead.take(LANE, board.clock.now(), count=5, wait=0)
    assert isinstance(await dead.clear(ticket, (), board.clock.now()), Cleared)
    await board.deliver()
    assert await board.results.counts(notice.number) == {Arrival.ACCEPTED: 4, Arrival.UNKNOWN: 1}
    assert board.heard() == [chat for chat in ALL if chat != ticket.to.chat]


async def test_exactly_what_failed_is_sent_again(board: Board) -> None:
    notice = await board.send()
    refused, unknown = Refused(why=RefusedWhy.NO_RIGHT), Unknown(why="timed-out")
    board.platform.answers = [refused, unknown, refused]
    await board.deliver()
    assert await board.results.counts(notice.number) == {
        Arrival.ACCEPTED: 2,
        Arrival.REFUSED: 2,
        Arrival.UNKNOWN: 1,
    }
    await board.take(notice.number, again)
    await board.deliver()
    assert await board.results.counts(notice.number) == {Arrival.ACCEPTED: 4, Arrival.UNKNOWN: 1}
    assert len(board.platform.taken) == 4

    await board.take(notice.number, lambda one: again(one, unknown_too=True))
    await board.deliver()
    assert board.heard() == ALL
    assert await RedisOutbox(board.database).parked() == ()


async def test_a_group_that_moved_does_not_get_it_again_with_those_it_failed_for(board: Board) -> None:
    notice, bindings = await board.send(), RedisBindingStore(board.database)
    board.platform.answers = [Refused(why=RefusedWhy.NO_RIGHT)]
    await board.deliver()
    (failed,) = set(ALL) - set(board.heard())
    for chat in ALL:
        await bindings.move_group(group(chat), group(f"{chat}-moved"))
        await bindings.move_group(group(f"{chat}-moved"), group(f"{chat}-moved-again"))
    await board.take(notice.number, again)
    await board.deliver()
    assert board.heard() == sorted({*ALL, f"{failed}-moved-again"} - {failed})
    assert await board.results.counts(notice.number) == {Arrival.ACCEPTED: 5}


async def test_who_came_after_it_was_sent_does_not_get_it_with_those_it_failed_for(board: Board) -> None:
    await bind(board.database, "sc0", "sc1")
    notice = await board.send(Audience(classes=("c0", "c1"), each=True))
    board.platform.answers = [Refused(why=RefusedWhy.NO_RIGHT)]
    await board.deliver()
    rosters, own = RedisRosterStore(board.database), [student(f"s{one}", one) for one in CLASSES]
    await import_students(rosters, *own, student("late", "c0"))
    await bind(board.database, "late")
    await board.take(notice.number, again)
    await board.deliver()
    assert board.heard() == ["sc0", "sc1"]


async def test_asked_for_once_more_while_it_is_half_written_it_still_reaches_everybody(board: Board) -> None:
    notice = await board.send()
    with pytest.raises(ConnectionAbortedError):
        await broadcasts(board.database, board.clock, results=_Dying(board.database)).step()
    await board.take(notice.number, again)
    await board.deliver()
    assert board.heard() == ALL


async def test_a_class_without_a_group_is_kept_as_unreached_and_reached_once_it_has_one(board: Board) -> None:
    await import_students(RedisRosterStore(board.database), *(student(f"s{one}", one) for one in (*CLASSES, "c9")))
    notice = await board.send(Audience(classes=("c9",)))
    await board.deliver()
    assert await board.states(notice) == {"class:c9": Arrival.UNREACHED}
    await RedisBindingStore(board.database).bind_group(Group(address=group("g-c9"), classes=("c9",)))
    await board.take(notice.number, again)
    await board.deliver()
    assert board.heard() == ["g-c9"]


async def test_what_may_have_arrived_or_was_passed_on_by_hand_is_said_not_to_be_taken_back(board: Board) -> None:
    notice, office = await board.send(), desk(board.database, board.clock)
    board.platform.answers = [Unknown(why="timed-out"), Refused(why=RefusedWhy.NO_RIGHT)]
    await board.deliver()
    refused = next(one for one in (await board.results.results(notice.number)).values() if one.state in FAILED)
    assert await office.by_hand(notice.number, refused.classes)
    found = await office.recall(notice.number, "office:a")
    assert len(found.open) == 3
    assert {one.state for one in found.closed} == {Arrival.UNKNOWN, Arrival.BY_HAND}


async def test_what_was_taken_back_goes_to_nobody_any_more_whoever_asks_for_it(board: Board) -> None:
    notice, office, outbox = await board.send(), desk(board.database, board.clock), RedisOutbox(board.database)
    board.platform.answers = [Unknown(why="timed-out"), Refused(why=RefusedWhy.NO_RIGHT)]
    await board.deliver()
    before = board.heard()
    await office.recall(notice.number, "office:a")
    assert await office.retry(notice.number, "office:a", unknown_too=True) is NotAllowed.NOT_NOW
    await outbox.decide(await outbox.parked(), board.clock.now(), again=True)
    await board.deliver()
    assert board.heard() == before
    assert (await board.results.counts(notice.number))[Arrival.UNKNOWN] == 1


async def test_what_a_person_passed_on_is_not_sent_any_more(board: Board) -> None:
    await import_students(RedisRosterStore(board.database), *(student(f"s{one}", one) for one in (*CLASSES, "c9")))
    notice = await board.send()
    board.platform.answers = [RetryLater(at=board.clock.now() + timedelta(minutes=5), why="away")]
    await board.deliver()
    states = await board.states(notice)
    (waits,) = (target for target, state in states.items() if state is Arrival.WAITING)
    arrived = next(target for target, state in states.items() if state is Arrival.ACCEPTED)

    noted = await board.results.by_hand(notice.number, [waits, arrived, "class:c9", "nobody"], board.clock.now())
    assert set(noted) == {waits, "class:c9"}
    board.clock.advance_to(board.clock.now() + timedelta(minutes=5))
    await board.deliver()
    assert len(board.platform.taken) == 4
    assert await board.results.counts(notice.number) == {Arrival.ACCEPTED: 4, Arrival.BY_HAND: 2}
    by_hand = [
        one for one in await RedisOutbox(board.database).ledger() if one.outcome == Accepted(message_id="by-hand")
    ]
    assert len(by_hand) == 2


async def test_what_is_on_its_way_at_this_moment_is_not_taken_for_passed_on(board: Board) -> None:
    notice = await board.send(Audience(classes=("c0",)))
    await board.step()
    lanes = RedisLanes(board.database, "w1")
    (ticket,) = await lanes.take(LANE, board.clock.now(), count=1, wait=0)
    assert isinstance(await lanes.clear(ticket, (), board.clock.now()), Cleared)
    assert await board.results.by_hand(notice.number, list(await board.states(notice)), board.clock.now()) == ()


async def test_who_reads_it_is_kept_with_their_answers_and_may_answer_anew(board: Board) -> None:
    questions = (Question(text="a", options=("1", "2")), Question(text="b", options=("1", "2")))
    notice = await board.send(level=ReadLevel.ANSWER, questions=questions)
    assert await board.notices.read(notice.number, "sc0", board.clock.now(), None) is None, "not sent yet"
    await board.deliver()
    now = board.clock.now()
    first = await board.notices.read(notice.number, "sc0", now, (0, 1))
    assert first is not None
    assert not first.is_whole(notice)
    await board.notices.read(notice.number, "sc0", now, (1, 0))
    last = await board.notices.read(notice.number, "sc0", now, (0, 0))
    assert last is not None
    assert last.is_whole(notice)
    assert await board.notices.readings(notice.number) == {"sc0": replace(last, answers={"0": 0, "1": 0})}


async def test_its_life_is_in_the_evidence_by_a_digest_of_its_words(board: Board) -> None:
    notice = await board.send(Audience(classes=("c0",)))
    await board.deliver()
    evidence = RedisEvidence(board.database)
    lines = [line async for line in evidence.entries(await evidence.seal(board.clock.now()))]
    steps = [line for line in lines if '"kind":"notice"' in line]
    assert [
        f'"is":"{status}"' in line for status, line in zip(("draft", "approved", "sending", "done"), steps, strict=True)
    ] == [True] * 4
    assert any('"how":"group-notice"' in line and '"outcome":"accepted"' in line for line in lines)
    assert not any(notice.text in line or "office:" in line for line in lines)


async def test_pausing_stops_relays_that_are_at_it_and_resuming_leaves_each_group_with_one(
    database: Database, clock: VirtualClock
) -> None:
    """Two relays send as they do in the service: what is in flight at the pause arrives, nothing after it."""
    classes = [f"k{number}" for number in range(120)]
    await import_students(RedisRosterStore(database), *(student(f"s{one}", one) for one in classes))
    for class_id in classes:
        await RedisBindingStore(database).bind_group(Group(address=group(f"g-{class_id}"), classes=(class_id,)))
    turnstile = _Turnstile()
    board = Board(database=database, clock=clock, platform=turnstile)
    notice = await board.send()
    await board.step()
    relays = [relay(database, turnstile, clock, worker=name, dead_after=30) for name in ("w1", "w2")]
    running = [asyncio.create_task(one.run()) for one in relays]
    try:
        await wait_until(lambda: turnstile.waiting == 2 * IN_FLIGHT, "both relays have their hands full")
        await board.take(notice.number, pause)
        turnstile.opened.set()
        held = f"{NoticeKeys(database.prefix).held}{notice.number}"

        async def rest_is_held() -> bool:
            return int(await database.call("SCARD", held)) == len(classes) - 2 * IN_FLIGHT

        await wait_until(rest_is_held, "what was not in flight is held")
        await wait_until(lambda: len(turnstile.taken) == 2 * IN_FLIGHT, "what was in flight arrives")

        await board.take(notice.number, resume)
        await board.step()
        await wait_until(lambda: len(turnstile.taken) >= len(classes), "the rest is sent")
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert board.heard() == sorted(f"g-{class_id}" for class_id in classes)


class _Turnstile(Platform):
    """A platform that answers nobody before it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self.waiting = 0

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        self.waiting += 1
        await self.opened.wait()
        return await super().send(message, text)


class _Dying(RedisNoticeResults):
    """Results whose process dies after it has queued two recipients."""

    async def requeue(
        self, notice: int, sent: Sequence[tuple[Recipient, Delivery | None]], seen: Mapping[str, Result], now: datetime
    ) -> int:
        await super().requeue(notice, sent[:2], seen, now)
        raise ConnectionAbortedError
