"""When a notice goes out: not while those it is for rest, unless it was said why it must."""

from datetime import timedelta

import pytest

from scheduler.clocks import VirtualClock
from scheduler.messages import RetryLater
from scheduler.notices import Arrival, approve, schedule
from scheduler.storage.database import Database
from tests.integration.notice_board import ALL, Board, board_of


@pytest.fixture
async def board(database: Database, clock: VirtualClock) -> Board:
    return await board_of(database, clock)


async def test_what_comes_to_the_gate_at_night_waits_for_the_morning(board: Board) -> None:
    """The platform was away until the night had begun."""
    evening = board.clock.now().replace(hour=13)  # 21:00 in China
    board.clock.advance_to(evening)
    board.platform.answers = [RetryLater(at=evening + timedelta(hours=2), why="away")] * 5
    notice = await board.send()
    await board.deliver()
    board.clock.advance_to(evening + timedelta(hours=2))
    await board.deliver()
    assert board.heard() == []
    board.clock.advance_to(evening + timedelta(hours=11))
    await board.deliver()
    assert board.heard() == ALL
    assert set((await board.states(notice)).values()) == {Arrival.ACCEPTED}


async def test_with_a_reason_it_goes_out_at_night(board: Board) -> None:
    board.clock.advance_to(board.clock.now().replace(hour=15))  # 23:00 in China
    notice = await board.draft()
    await board.take(notice.number, lambda one: approve(one, by="office:b", count=5, most_alone=30))
    now = board.clock.now()
    await board.take(notice.number, lambda one: schedule(one, at=now, now=now, quiet_reason="no water"))
    await board.deliver()
    assert board.heard() == ALL
