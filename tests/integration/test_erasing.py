"""Who is erased is in none of the keys any more that say what was sent to whom; how much was sent still is."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.dialogue.telling import Telling
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Delivery, Kind
from scheduler.erasing import Erased, Erasing
from scheduler.messages import Address, OutboundMessage, Outcome, Phrase, Purpose
from scheduler.notices import Arrival, Audience, Notice
from scheduler.planner import plan
from scheduler.roster import Binding, BindingStrength
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.corrections import RedisCorrections
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.keys import OutboxKeys, root
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore, RedisReachStore
from scheduler.storage.persons import RedisPersons
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

ADDRESS, ACCOUNT = group("s1"), f"{LANE}:s1"


@pytest.fixture
async def board(database: Database, clock: VirtualClock) -> Board:
    """Three students of one class with an account each."""
    await import_students(RedisRosterStore(database), *(student(sid) for sid in ("s1", "s2", "s3")))
    made = Board(database=database, clock=clock, platform=Platform())
    await bind(made.database, "s1", "s2", "s3")
    return made


async def sent(board: Board) -> Notice:
    """A notice to each of them that has arrived."""
    notice = await board.send(Audience(everybody=True, each=True))
    await board.deliver()
    return notice


def erasing(database: Database) -> Erasing:
    return Erasing(
        bindings=RedisBindingStore(database),
        corrections=RedisCorrections(database),
        campaigns=RedisCampaignStore(database),
        evidence=RedisEvidence(database),
        persons=RedisPersons(database),
    )


async def erase(board: Board) -> Erased:
    await RedisEvidence(board.database).seal(board.clock.now())
    erased = await erasing(board.database).of_account(ACCOUNT, board.clock.now())
    assert erased is not None
    return erased


async def keys_with(database: Database, address: Address) -> set[str]:
    """Which of the keys name an address."""
    found = set()
    async for key in database.client.scan_iter(match=f"{root(database.prefix)}*"):
        if str(address) in str(key) or str(address) in await whole(database, key):
            found.add(str(key).removeprefix(root(database.prefix)))
    return found


async def figures(database: Database) -> object:
    """How many attempts came to what, beside the ledger."""
    return await database.whole_hash(f"{OutboxKeys(database.prefix).tallies}-")


async def whole(database: Database, key: str) -> str:
    kind = await database.call("TYPE", key)
    read = {
        "string": ("GET", key),
        "hash": ("HGETALL", key),
        "set": ("SMEMBERS", key),
        "zset": ("ZRANGE", key, "0", "-1"),
        "stream": ("XRANGE", key, "-", "+"),
    }
    return str(await database.call(*read[kind]))


async def test_nothing_says_any_more_where_somebody_was_written_to_and_the_numbers_stay(board: Board) -> None:
    notice = await sent(board)
    await Telling(RedisOutbox(board.database)).tell(ADDRESS, Phrase(key="p"), "of somebody", board.clock.now())
    await board.deliver()
    await RedisReachStore(board.database).lost(ADDRESS, board.clock.now())
    before = await figures(board.database)
    assert {"ledger", "queued", "unreachable", f"notice-results:{notice.number}"} <= await keys_with(
        board.database, ADDRESS
    )
    await erase(board)
    assert await keys_with(board.database, ADDRESS) == set()
    assert await board.states(notice) == {
        "erased:1": Arrival.ERASED,
        "s2": Arrival.ACCEPTED,
        "s3": Arrival.ACCEPTED,
    }
    assert await board.results.counts(notice.number) == {Arrival.ERASED: 1, Arrival.ACCEPTED: 2}
    assert await figures(board.database) == before


async def test_what_waits_for_somebody_who_is_erased_is_not_sent_and_holds_the_notice_up_no_longer(
    board: Board,
) -> None:
    notice = await board.send(Audience(everybody=True, each=True))
    await board.step()
    await erase(board)
    await board.deliver()
    assert board.heard() == ["s2", "s3"]
    assert (await board.results.counts(notice.number)).get(Arrival.WAITING, 0) == 0
    assert await keys_with(board.database, ADDRESS) == set()


async def test_who_is_erased_while_it_is_being_sent_is_not_named_by_its_outcome(board: Board) -> None:
    notice = await board.send(Audience(everybody=True, each=True))
    await board.step()
    await relay(board.database, ErasingAsItSends(board), board.clock).run_until_idle()
    assert sorted(await board.states(notice)) == ["erased:1", "s2", "s3"]
    assert await keys_with(board.database, ADDRESS) == set()
    await RedisEvidence(board.database).seal(board.clock.now())
    assert await RedisEvidence(board.database).key_of("s1") is None


async def test_what_was_to_be_said_to_somebody_later_is_forgotten_with_them(board: Board) -> None:
    later = board.clock.now() + timedelta(hours=1)
    message = OutboundMessage(to=ADDRESS, body=Phrase(key="p"), purpose=Purpose.RECEIPT)
    note = Delivery(id=f"note@{ADDRESS}", kind=Kind.NOTE, message=message, not_before=later)
    assert await RedisOutbox(board.database).queue(note, board.clock.now())
    await erase(board)
    assert await keys_with(board.database, ADDRESS) == set()


async def test_a_reminder_that_waits_for_somebody_who_is_erased_is_not_sent(board: Board) -> None:
    await open_campaign(RedisCampaignStore(board.database))
    board.clock.advance_to(plan(campaign(), START).coming[0].at)
    assert await reminders(board.database, board.clock).fire() == 3
    await erase(board)
    await board.deliver()
    assert board.heard() == ["s2", "s3"]
    assert await keys_with(board.database, ADDRESS) == set()
    await RedisEvidence(board.database).seal(board.clock.now())
    assert await RedisEvidence(board.database).key_of("s1") is None


class ErasingAsItSends(Platform):
    """A platform in whose answer's way somebody is erased."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        answer = await super().send(message, text)
        if message.to == ADDRESS:
            await erase(self._board)
        return answer


async def test_an_account_that_only_claimed_takes_what_it_got_along_and_not_what_the_student_got(
    board: Board,
) -> None:
    bindings = RedisBindingStore(board.database)
    notice = await sent(board)
    await bindings.unbind(ACCOUNT)
    thief = Binding(account=f"{LANE}:thief", sid="s1", strength=BindingStrength.PROVISIONAL, private=group("thief"))
    await bindings.bind(thief)
    later = await sent(board)
    await erasing(board.database).of_account(thief.account, board.clock.now())
    assert await keys_with(board.database, thief.private) == set()
    assert (await board.states(notice))["s1"] is Arrival.ACCEPTED
    assert sorted(await board.states(later)) == ["erased:1", "s2", "s3"]


async def test_erased_once_more_nothing_is_left_to_erase(board: Board) -> None:
    notice = await sent(board)
    persons = RedisPersons(board.database)
    assert await persons.erase_sends("s1", [ADDRESS], whole=True)
    assert await persons.erase_sends("s1", [ADDRESS], whole=True) == 0
    assert (await board.results.counts(notice.number))[Arrival.ERASED] == 1


async def test_attempts_are_forgotten_when_they_are_old_and_what_was_sent_lately_is_not(
    database: Database, clock: VirtualClock
) -> None:
    outbox, persons = RedisOutbox(database), RedisPersons(database)
    await Telling(outbox).tell(ADDRESS, Phrase(key="p"), "once", clock.now())
    await relay(database, Platform(), clock).run_until_idle()
    by_server = datetime.now(UTC)  # the ledger's lines have the server's time
    assert await persons.forget_sends(min(clock.now(), by_server) - timedelta(days=1)) == 0
    assert len(await outbox.ledger()) == 1
    assert await persons.forget_sends(max(clock.now(), by_server) + timedelta(days=1)) == 1
    assert await outbox.ledger() == ()
    assert await figures(database) != {}
    assert await keys_with(database, ADDRESS) == set()


async def test_who_is_named_in_what_others_were_told_is_not_any_more(board: Board) -> None:
    await Telling(RedisOutbox(board.database)).tell(
        group("s2"), Phrase(key="p"), f"monitor-asks:{student('s1').sid}", board.clock.now()
    )
    await board.deliver()
    assert len(await RedisOutbox(board.database).ledger()) == 1
    await erase(board)
    assert await RedisOutbox(board.database).ledger() == ()
