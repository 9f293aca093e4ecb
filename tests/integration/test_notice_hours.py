"""When a notice goes out: not while those it is for rest, unless it was said why it must."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from scheduler.calendar import Stretch
from scheduler.clocks import VirtualClock
from scheduler.messages import RetryLater
from scheduler.notices import QUIET, Arrival, Audience, approve, schedule
from scheduler.storage.database import Database
from tests.integration.notice_board import ALL, Board, board_of

CAMPUS = replace(QUIET, breaks=(Stretch(start=time(12), end=time(14)),))


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


@pytest.mark.parametrize(("hour", "waits"), [(4, 2), (15, 9), (7, 0)], ids=["noon", "night", "afternoon"])
async def test_what_comes_to_the_gate_while_its_people_rest_waits_for_as_long_as_they_do(
    board: Board, hour: int, waits: int
) -> None:
    """Three days later, at an hour of UTC: their platform was away until then."""
    comes = (board.clock.now() + timedelta(days=3)).replace(hour=hour)
    await board.send(Audience(classes=("c0",)), hours=CAMPUS)
    board.platform.answers = [RetryLater(at=comes, why="away")]
    await board.deliver()
    goes = comes + timedelta(hours=waits)
    for moment in sorted({comes, goes - timedelta(seconds=1)} - {goes}):
        board.clock.advance_to(max(moment, board.clock.now()))
        await board.deliver()
        assert board.heard() == []
    board.clock.advance_to(goes)
    await board.deliver()
    assert board.heard() == ["g-c0"]
