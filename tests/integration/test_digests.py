"""The day's digests in the outbox: each person once, the office's chat with the head of the evidence."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from scheduler.clocks import VirtualClock
from scheduler.corrections import Correction, Step, advance
from scheduler.digests import Digests
from scheduler.messages import Address, Phrase
from scheduler.roster import Binding, BindingStrength
from scheduler.staffing import StaffMember, StaffRole
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.corrections import RedisCorrections
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from scheduler.storage.staff import RedisStaffStore
from tests.conftest import START
from tests.integration.school import Platform, confirmed, desks, group, import_students, open_campaign, relay, student

WEDNESDAY = datetime(2019, 12, 18, 1, 0, tzinfo=UTC)
OFFICE = group("office")


async def a_school(database: Database) -> None:
    """Two classes with one monitor, a counsellor for both, a registrar; a campaign; something in the evidence."""
    await import_students(
        RedisRosterStore(database),
        student("s1", is_monitor=True),
        student("s2"),
        student("s3", "c2"),
        student("s4", "c2"),
    )
    await RedisBindingStore(database).bind(
        Binding(account="chatroom:s1", sid="s1", strength=BindingStrength.STRONG, private=group("s1"))
    )
    staff = RedisStaffStore(database)
    for role, classes in ((StaffRole.COUNSELLOR, ("c1", "c2")), (StaffRole.REGISTRAR, ())):
        private = Address(platform="chatroom", chat=role.value)
        await staff.appoint(StaffMember(account=f"chatroom:{role}", role=role, classes=classes, private=private))
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns, "c1", "c2", size=2)
    await campaigns.record("check-2019", "c1", "s2", confirmed())
    await RedisEvidence(database).seal(START)


def digests(database: Database, clock: VirtualClock, *offices: Address) -> Digests:
    return Digests(desks(database, *offices), RedisOutbox(database), clock)


async def told(database: Database, clock: VirtualClock, *offices: Address) -> list[str]:
    """Who was written to."""
    platform = Platform()
    await relay(database, platform, clock, offices=offices).run_until_idle()
    return sorted(chat for chat, _ in platform.taken)


async def test_five_processes_tell_everybody_once(database: Database, clock: VirtualClock) -> None:
    await a_school(database)
    clock.advance_to(WEDNESDAY)
    queued = await asyncio.gather(*(digests(database, clock).fire() for _ in range(5)))
    assert sum(queued) == 3
    assert await told(database, clock) == ["counsellor", "registrar", "s1"]


async def test_an_office_with_a_chat_hears_what_is_the_registrars(database: Database, clock: VirtualClock) -> None:
    await a_school(database)
    clock.advance_to(WEDNESDAY)
    await digests(database, clock, OFFICE).fire()
    assert await told(database, clock, OFFICE) == ["counsellor", "office", "s1"]


async def test_the_head_of_the_evidence_is_told_to_the_office_alone(database: Database, clock: VirtualClock) -> None:
    await a_school(database)
    clock.advance_to(WEDNESDAY)
    head = str(await RedisEvidence(database).head())
    letters = {
        account: await desks(database, OFFICE).letter(account, WEDNESDAY)
        for account in (str(OFFICE), "chatroom:counsellor", "chatroom:s1")
    }
    said = {account: str(letter.body) for account, letter in letters.items() if letter}
    assert len(said) == 3
    assert [account for account, words in said.items() if head in words] == [str(OFFICE)]


async def test_the_head_goes_to_the_office_on_working_days_although_no_campaign_is_open(
    database: Database, clock: VirtualClock
) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns, size=2)
    await campaigns.record("check-2019", "c1", "s2", confirmed())
    await RedisEvidence(database).seal(START)
    clock.advance_to(datetime(2020, 3, 7, 1, 0, tzinfo=UTC))
    assert await digests(database, clock, OFFICE).fire() == 0  # a Saturday, months later
    clock.advance_to(datetime(2020, 3, 9, 1, 0, tzinfo=UTC))
    assert await digests(database, clock, OFFICE).fire() == 1
    assert await told(database, clock, OFFICE) == ["office"]


async def test_a_digest_is_worded_when_it_is_sent_and_not_sent_when_nothing_is_open_any_more(
    database: Database, clock: VirtualClock
) -> None:
    await a_school(database)
    clock.advance_to(WEDNESDAY.replace(hour=0, minute=30))
    assert await digests(database, clock).fire() == 3
    campaigns = RedisCampaignStore(database)
    await campaigns.record("check-2019", "c1", "s1", confirmed())
    clock.advance_to(WEDNESDAY)
    assert await told(database, clock) == ["counsellor", "registrar"]


async def test_what_a_class_was_asked_survives_a_process_that_dies_before_the_messages(
    database: Database, clock: VirtualClock
) -> None:
    """The rungs are claimed first: whoever looks next finds the same people asked, and queues what is missing."""
    await a_school(database)
    clock.advance_to(datetime(2019, 12, 23, 1, 0, tzinfo=UTC))
    desk = desks(database)
    running = await desk.running(clock.now())
    _, seatings = await desk.all(running, clock.now())
    assert seatings["check-2019"].fresh
    await RedisOutbox(database).drop("check-2019", seatings["check-2019"].fresh, clock.now(), "asked")
    _, again = await desk.all(running, clock.now())
    assert again["check-2019"].seats == seatings["check-2019"].seats
    assert not again["check-2019"].fresh
    assert await digests(database, clock).fire() == 3


async def test_reported_items_that_wait_are_counted_for_the_office_until_they_are_accepted(database: Database) -> None:
    await a_school(database)
    corrections = RedisCorrections(database)
    reported = Correction(
        id="K7Q2", campaign="check-2019", class_id="c1", sid="s2", item="name", reported_at=START, at=START, by="s2"
    )
    await corrections.report(reported)

    async def counted(who: str) -> list[tuple[str, object]]:
        letter = await desks(database).letter(f"chatroom:{who}", WEDNESDAY)
        assert letter is not None
        return [(one.key, one.values["count"]) for one in phrases_in(letter.body) if "corrections" in one.key]

    assert await counted("registrar") == [("digest.corrections.registrar", 1)]
    assert await counted("counsellor") == []
    taken = advance(reported, Step.ACCEPTED, by="office", now=START)
    assert isinstance(taken, Correction)
    assert await corrections.advance(taken)
    assert await counted("registrar") == []


def phrases_in(phrase: Phrase) -> Iterator[Phrase]:
    """A phrase and all that are filled into it."""
    yield phrase
    for value in phrase.values.values():
        if isinstance(value, Phrase):
            yield from phrases_in(value)
