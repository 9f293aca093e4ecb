"""The line to the store cut at every step of a notice: whoever goes on finishes it, and no group gets it twice."""

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.storage.connection import close, connect, socket_url
from scheduler.clocks import VirtualClock
from scheduler.messages import Accepted, Address
from scheduler.notices import Arrival, Audience, Notice, NoticeStatus
from scheduler.storage.database import Database
from tests.conftest import START
from tests.integration.notice_board import ALL, Board, board_of, desk
from tests.integration.proxy import cutting
from tests.integration.school import broadcasts, relay
from tests.integration.test_faults import killed_at_the_cut

MOST_STEPS = 80
"""More than a notice to five groups has commands that matter."""

DRAFT = Notice(number=0, title="t", text="x", author="office:a", audience=Audience(everybody=True), created_at=START)

Way = Callable[[Board, str, int], Coroutine[None, None, None]]
"""What one process does with the notice of a number; it dies with the line."""


async def taken_back(to: Address, message_id: str) -> Accepted:
    return Accepted(message_id=message_id)


async def deliver(board: Board, worker: str) -> None:
    await broadcasts(board.database, board.clock).step()
    sender = relay(board.database, board.platform, board.clock, worker=worker, recall=taken_back)
    await sender.run_until_idle()
    await broadcasts(board.database, board.clock).step()


async def sends(board: Board, worker: str, number: int) -> None:
    await desk(board.database, board.clock).send(number, "office:a")
    await deliver(board, worker)


async def pauses_and_resumes(board: Board, worker: str, number: int) -> None:
    staff = desk(board.database, board.clock)
    await staff.send(number, "office:a")
    await broadcasts(board.database, board.clock).step()
    await staff.pause(number, "office:a")
    await deliver(board, worker)
    await staff.resume(number, "office:b")
    await deliver(board, worker)


async def takes_back(board: Board, worker: str, number: int) -> None:
    await sends(board, worker, number)
    await desk(board.database, board.clock).recall(number, "office:a")
    await deliver(board, worker)


WAYS: Mapping[str, Way] = {"send": sends, "pause and resume": pauses_and_resumes, "recall": takes_back}


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
@pytest.mark.parametrize("name", WAYS)
async def test_a_notice_survives_a_cut_at_every_step(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, database: Database, name: str, after_it_was_done: bool
) -> None:
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    for step in range(1, MOST_STEPS):
        prefix = f"{database.prefix}{step}"
        was_cut = await one_round(folder, target, prefix, WAYS[name], step, after_it_was_done=after_it_was_done)
        if not was_cut:
            assert step > 5, "the way has steps that were cut"
            return
    raise AssertionError(f"the way has more than {MOST_STEPS} steps")


async def one_round(folder: Path, target: str, prefix: str, way: Way, step: int, *, after_it_was_done: bool) -> bool:
    board = await board_of(connect(socket_url(target), prefix), VirtualClock(START))
    notice = await desk(board.database, board.clock).draft(DRAFT)
    assert isinstance(notice, Notice)
    async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (proxy, path):
        behind = connect(socket_url(path), prefix)
        dying = Board(database=behind, clock=board.clock, platform=board.platform)
        was_cut = await killed_at_the_cut(way(dying, "dying", notice.number), proxy)
        await close(behind)
    await way(board, "heir", notice.number)
    await explain(board, notice.number, recalled=way is takes_back)
    await close(board.database)
    return was_cut


async def explain(board: Board, number: int, *, recalled: bool) -> None:
    """It has come to its end, and stands with each group as it is there: once, or visibly unknown."""
    notice = await board.notices.get(number)
    assert notice is not None
    assert (notice.status, notice.ended_at) == (NoticeStatus.CANCELLED if recalled else NoticeStatus.DONE, START)
    got = Counter(chat for chat, _ in board.platform.taken)
    results = {str(one.to).partition(":")[2]: one.state for one in (await board.results.results(number)).values()}
    assert set(results) == set(ALL)
    for chat, state in results.items():
        if state is Arrival.UNKNOWN:
            assert got[chat] <= 1
        else:
            assert (state, got[chat]) == (Arrival.RECALLED if recalled else Arrival.ACCEPTED, 1)
