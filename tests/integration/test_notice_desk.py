"""Staff at the desk of notices, several at once and in any order: nobody gets it twice, and what is said is so."""

import asyncio

import pytest

from scheduler.clocks import VirtualClock
from scheduler.messages import Accepted, Address, OutboundMessage, Outcome, Refused, RefusedWhy
from scheduler.notice_reports import standing_lines
from scheduler.notices import Arrival, Audience, Form, NotAllowed, Notice, NoticeStatus
from scheduler.roster import Group
from scheduler.storage.database import Database
from scheduler.storage.people import RedisBindingStore
from tests.conftest import START
from tests.integration.notice_board import ALL, CLASSES, Board, board_of, desk
from tests.integration.school import Platform, group, relay

DRAFT = Notice(number=0, title="t", text="x", author="office:a", audience=Audience(everybody=True), created_at=START)


@pytest.fixture
async def board(database: Database, clock: VirtualClock) -> Board:
    return await board_of(database, clock)


async def drafted(board: Board) -> int:
    notice = await desk(board.database, board.clock).draft(DRAFT)
    assert isinstance(notice, Notice)
    return notice.number


async def sent(board: Board) -> int:
    number = await drafted(board)
    assert isinstance(await desk(board.database, board.clock).send(number, "office:a"), Notice)
    await board.deliver()
    return number


async def taken_back(to: Address, message_id: str) -> Accepted:
    return Accepted(message_id=message_id)


async def test_of_several_who_let_it_go_at_once_one_does_and_the_others_hear_so(board: Board) -> None:
    staff, number = desk(board.database, board.clock), await drafted(board)
    steps = await asyncio.gather(*(staff.send(number, f"office:{name}") for name in "abcd"))
    assert sum(isinstance(step, Notice) for step in steps) == 1
    assert {step for step in steps if not isinstance(step, Notice)} == {NotAllowed.ALREADY}
    await board.deliver()
    assert board.heard() == ALL


async def test_of_two_who_change_a_draft_at_once_one_hears_that_it_is_another_by_now(board: Board) -> None:
    staff, number = desk(board.database, board.clock), await drafted(board)
    kept = await asyncio.gather(*(staff.edit(number, name, {"text": name}, revision=1) for name in ("a", "b")))
    assert sum(isinstance(one, Notice) for one in kept) == 1
    assert NotAllowed.CHANGED in kept


async def test_what_is_taken_back_while_it_is_sent_again_leaves_nothing_on_its_way(board: Board) -> None:
    board.platform.answers = [Refused(why=RefusedWhy.NO_RIGHT)] * 2
    number = await sent(board)
    staff = desk(board.database, board.clock)
    assert isinstance(await staff.retry(number, "office:a"), Notice)
    await board.step()
    asked = await staff.recall(number, "office:b")
    assert len(asked.open) == len(CLASSES) - 2
    await relay(board.database, board.platform, board.clock, recall=taken_back).run_until_idle()
    await board.step()
    standing = await staff.standing(number)
    assert (standing.notice.status, standing.notice.ended_at) == (NoticeStatus.CANCELLED, START)
    assert standing.number(Arrival.RECALLED) == len(CLASSES) - 2
    assert standing.number(Arrival.REFUSED) == 2
    assert len(board.heard()) == len(CLASSES) - 2


async def test_a_correction_of_a_correction_answers_it_where_it_arrived(board: Board) -> None:
    number, staff = await sent(board), desk(board.database, board.clock)
    for _ in range(2):
        follow = await staff.correct(number, "office:a", "y")
        assert isinstance(follow, Notice)
        assert (follow.form, follow.about) == (Form.CORRECTION, number)
        earlier = {one.target: one.message_id for one in (await board.results.results(number)).values()}
        replies: dict[str, str | None] = {}
        board.platform.on_send = lambda message, replies=replies: replies.update({str(message.to): message.reply_to})
        assert isinstance(await staff.send(follow.number, "office:a"), Notice)
        await board.deliver()
        assert replies == earlier
        number = follow.number
    assert board.heard() == sorted(ALL * 3)


async def test_an_audience_that_changed_after_its_release_is_said_to_have_changed(board: Board) -> None:
    staff, number = desk(board.database, board.clock), await drafted(board)
    assert isinstance(await staff.approve(number, "office:b"), Notice)
    assert not await said_to_have_changed(board, number)
    late = Group(address=group("late"), classes=("c0",))
    await RedisBindingStore(board.database).bind_group(late)
    assert isinstance(await staff.send(number, "office:b"), Notice)
    await board.deliver()
    assert board.heard() == sorted([*ALL, "late"])
    assert await said_to_have_changed(board, number)


async def said_to_have_changed(board: Board, number: int) -> bool:
    lines = standing_lines(await desk(board.database, board.clock).standing(number))
    return any(line.key == "notice.report.changed" for line in lines)


class RecallingAsItSends(Platform):
    """A platform in whose answer's way the notice is taken back; it notes what it took back."""

    def __init__(self, board: Board, number: int) -> None:
        super().__init__()
        self._board, self._number = board, number
        self.taken_back: list[str] = []

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        answer = await super().send(message, text)
        if len(self.taken) == 3:
            await desk(self._board.database, self._board.clock).recall(self._number, "office:b")
        return answer

    async def take_back(self, to: Address, message_id: str) -> Accepted:
        self.taken_back.append(to.chat)
        return Accepted(message_id=message_id)


@pytest.mark.parametrize("once_more", [False, True], ids=["the first time", "while it is sent once more"])
async def test_what_is_being_sent_while_it_is_taken_back_is_taken_back_when_it_has_arrived(
    board: Board, once_more: bool
) -> None:
    staff, number = desk(board.database, board.clock), await drafted(board)
    await staff.send(number, "office:a")
    if once_more:
        board.platform.answers += [Refused(why=RefusedWhy.NO_RIGHT)] * len(ALL)
        await board.deliver()
        assert isinstance(await staff.retry(number, "office:a"), Notice)
    await board.step()
    platform = RecallingAsItSends(board, number)
    sender = relay(board.database, platform, board.clock, recall=platform.take_back)
    await sender.run_until_idle()
    await board.step()
    await sender.run_until_idle()
    arrived = [chat for chat, _ in platform.taken]
    assert sorted(platform.taken_back) == sorted(arrived), "whatever arrived, before and after"
    standing = await staff.standing(number)
    assert standing.notice.ended_at is not None
    assert standing.number(Arrival.RECALLED) == len(arrived)
