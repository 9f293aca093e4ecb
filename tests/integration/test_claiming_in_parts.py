"""A wave to a school is claimed in parts: whatever happens between two of them, nobody hears it twice or not at all."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from scheduler.campaigns import CampaignStatus, move
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Delivery
from scheduler.planner import plan
from scheduler.ports import StoreAway
from scheduler.roster import Binding, BindingStrength, Group, Student
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import (
    Platform,
    campaign,
    group,
    import_students,
    open_campaign,
    relay,
    reminders,
    roster,
    student,
)

CLASSES = ("c1", "c2", "c3")
SIZE = 250
"""Two such classes are no part any more."""

REACHED = 6
"""So many of each class have an account."""

DUE = plan(campaign(), START).coming[0].at


class Interrupted(RedisOutbox):
    """An outbox after whose first claim something happens, before the next one and before the last part is read."""

    def __init__(self, database: Database, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__(database)
        self._happens = happens
        self.claims = 0

    async def claim(
        self, slots: Sequence[str], deliveries: Sequence[Delivery], now: datetime
    ) -> tuple[tuple[str, ...], int]:
        claimed = await super().claim(slots, deliveries, now)
        self.claims += 1
        if self.claims == 1:
            await self._happens()
        return claimed


@pytest.fixture
async def school(database: Database) -> list[Student]:
    """Everybody of three classes with a group each; the last account of each is that of one of the next class, too."""
    everybody = [student(f"{class_id}-{seat:03}", class_id) for class_id in CLASSES for seat in range(SIZE)]
    await import_students(RedisRosterStore(database), *everybody)
    bindings = RedisBindingStore(database)
    for place, class_id in enumerate(CLASSES):
        await bindings.bind_group(Group(address=group(f"g-{class_id}"), classes=(class_id,)))
        for seat in range(REACHED):
            await bind(bindings, f"{class_id}-{seat:03}", f"{class_id}-{seat:03}")
        await bind(bindings, f"{class_id}-000", f"{CLASSES[place - 1]}-{SIZE - 1:03}")
    await open_campaign(RedisCampaignStore(database), *CLASSES, size=SIZE)
    return everybody


async def bind(bindings: RedisBindingStore, account: str, sid: str) -> None:
    to = group(account)
    await bindings.bind(Binding(account=str(to), sid=sid, strength=BindingStrength.STRONG, private=to))


async def heard(database: Database) -> Counter[str]:
    """How often each chat was written to, once everything that is queued went out."""
    platform = Platform()
    await relay(database, platform, VirtualClock(DUE)).run_until_idle()
    return Counter(chat for chat, _ in platform.taken)


ONCE = Counter(
    [f"g-{class_id}" for class_id in CLASSES]
    + [f"{class_id}-{seat:03}" for class_id in CLASSES for seat in range(REACHED)]
)


async def test_whom_an_import_moves_between_two_parts_hears_once(database: Database, school: list[Student]) -> None:
    following = dict(zip(CLASSES, (*CLASSES[1:], CLASSES[0]), strict=True))
    moved = [replace(one, class_id=following[one.class_id]) if one.sid.endswith("1") else one for one in school]
    outbox = Interrupted(database, lambda: RedisRosterStore(database).apply(roster(2, *moved), now=DUE))
    await reminders(database, VirtualClock(DUE), outbox=outbox).fire()
    assert outbox.claims == len(CLASSES), "each class is a part"
    await reminders(database, VirtualClock(DUE)).fire()
    assert await heard(database) == ONCE


@pytest.mark.usefixtures("school")
async def test_what_is_left_after_a_break_between_two_parts_is_claimed_by_whoever_goes_on(database: Database) -> None:
    async def away() -> None:
        raise StoreAway("gone")

    with pytest.raises(StoreAway):
        await reminders(database, VirtualClock(DUE), outbox=Interrupted(database, away)).fire()
    assert 0 < len(await RedisOutbox(database).claimed(campaign().id)) < len(CLASSES)
    await reminders(database, VirtualClock(DUE)).fire()
    assert await heard(database) == ONCE


@pytest.mark.usefixtures("school")
async def test_a_campaign_that_is_given_up_between_two_parts_claims_no_more_and_sends_nothing(
    database: Database,
) -> None:
    campaigns = RedisCampaignStore(database)

    async def cancel() -> None:
        now = (await campaigns.all())[0]
        assert await campaigns.save(move(now, CampaignStatus.CANCELLED, DUE), seen_revision=now.revision)

    await reminders(database, VirtualClock(DUE), outbox=Interrupted(database, cancel)).fire()
    assert len(await RedisOutbox(database).claimed(campaign().id)) == 1
    assert await heard(database) == Counter()
