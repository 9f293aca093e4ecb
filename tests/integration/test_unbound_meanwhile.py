"""What waits for a student when an account is found to be somebody else's, or leaves: nothing of them goes there."""

import pytest

from scheduler.clocks import VirtualClock
from scheduler.corrections import Correction, step_note
from scheduler.messages import Accepted, Phrase, Refused
from scheduler.notices import Arrival, Audience
from scheduler.planner import plan
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.notice_board import Board
from tests.integration.school import (
    LANE,
    Platform,
    bind,
    campaign,
    group,
    import_students,
    open_campaign,
    relay,
    reminders,
    student,
)


@pytest.fixture
async def board(database: Database, clock: VirtualClock) -> Board:
    """Two students with an account each."""
    await import_students(RedisRosterStore(database), student("s1"), student("s2"))
    await bind(database, "s1", "s2")
    return Board(database=database, clock=clock, platform=Platform())


async def unbind(board: Board) -> None:
    await RedisBindingStore(board.database).release(f"{LANE}:s1", "s1")


async def test_a_reminder_does_not_go_to_an_account_that_is_its_students_no_more(board: Board) -> None:
    await open_campaign(RedisCampaignStore(board.database))
    board.clock.advance_to(plan(campaign(), START).coming[0].at)
    assert await reminders(board.database, board.clock).fire() == 2
    await unbind(board)
    await relay(board.database, board.platform, board.clock).run_until_idle()
    assert board.heard() == ["s2"]
    outcomes = {attempt.address: type(attempt.outcome) for attempt in await RedisOutbox(board.database).ledger()}
    assert outcomes == {f"{LANE}:s1": Refused, f"{LANE}:s2": Accepted}


async def test_what_became_of_a_report_is_not_told_to_an_account_that_is_its_students_no_more(board: Board) -> None:
    one = Correction(
        id="Q7K2", campaign="check-2019", class_id="c1", sid="s1", item="name", reported_at=START, at=START, by="s1"
    )
    note = step_note(one, Phrase(key="p"), group("s1"), not_before=START)
    assert await RedisOutbox(board.database).queue(note, START)
    await unbind(board)
    await board.deliver()
    assert board.heard() == []


async def test_a_notice_does_not_go_to_an_account_that_is_its_students_no_more(board: Board) -> None:
    notice = await board.send(Audience(everybody=True, each=True))
    await board.step()
    await unbind(board)
    await board.deliver()
    assert board.heard() == ["s2"]
    assert await board.states(notice) == {"s1": Arrival.REFUSED, "s2": Arrival.ACCEPTED}
