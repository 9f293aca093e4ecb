"""Groups that move and chats that are lost, as every platform's courier writes them down."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bootstrap import Stores, whereabouts
from bot.conversations import GroupTalk
from bot.metrics import Metrics
from bot.platforms.courier import Courier
from bot.storage.connection import close, connect, socket_url
from scheduler.clocks import VirtualClock
from scheduler.messages import (
    Accepted,
    Address,
    OutboundMessage,
    Outcome,
    Purpose,
    Refused,
    RefusedWhy,
    Text,
    Unknown,
)
from scheduler.roster import Group
from scheduler.storage.database import Database
from scheduler.storage.people import RedisBindingStore
from tests.conftest import START

OLD = Address(platform="telegram", chat="-77")
NEW = Address(platform="telegram", chat="-10077")
OTHER = Address(platform="telegram", chat="-5")
MESSAGE = OutboundMessage(to=OLD, body=Text(text="…"), purpose=Purpose.ANSWER)
MOVED = Refused(why=RefusedWhy.UNREACHABLE, moved_to=NEW.chat)

classes = st.sets(st.sampled_from(["c1", "c2", "c3"]), max_size=3).map(lambda ids: tuple(sorted(ids)))


@dataclass(slots=True)
class Platform:
    """Answers with these outcomes, in turn, and notes where it was sent to."""

    outcomes: list[Outcome]
    to: list[Address] = field(default_factory=list)

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        self.to.append(message.to)
        return self.outcomes.pop(0)


@pytest.fixture
def kept(database: Database) -> Stores:
    return Stores(database, alone=True)


def courier(kept: Stores, clock: VirtualClock, *outcomes: Outcome) -> tuple[Courier, Platform]:
    platform = Platform(list(outcomes))
    places = whereabouts(kept, clock)
    return Courier(name="telegram", messenger=platform, whereabouts=places, metrics=Metrics()), platform


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(old=classes, new=classes, other=classes, times=st.integers(1, 3))
async def test_a_moved_group_is_found_by_its_new_address_alone(
    database: Database, old: tuple[str, ...], new: tuple[str, ...], other: tuple[str, ...], times: int
) -> None:
    bindings = RedisBindingStore(database)
    for address, bound in ((OLD, old), (NEW, new), (OTHER, other)):
        await bindings.bind_group(Group(address=address, classes=bound))
    moved = [await bindings.move_group(OLD, NEW) for _ in range(times)]
    assert moved == [bool(old)] + [False] * (times - 1)
    expected = {NEW: new or old, OTHER: other}
    groups = await bindings.groups_on("telegram")
    assert {group.address: group.classes for group in groups} == {at: ids for at, ids in expected.items() if ids}
    for class_id in ("c1", "c2", "c3"):
        reached = {group.address for group in await bindings.groups_of([class_id])}
        assert reached == {at for at, ids in expected.items() if class_id in ids}


async def test_a_message_follows_its_group_and_is_sent_once_more(kept: Stores, clock: VirtualClock) -> None:
    await kept.bindings.bind_group(Group(address=OLD, classes=("c1",)))
    sender, platform = courier(kept, clock, MOVED, Accepted(message_id="1"))
    assert await sender.send(MESSAGE, "在吗") == Accepted(message_id="1")
    assert platform.to == [OLD, NEW]
    assert await kept.bindings.group(NEW) == Group(address=NEW, classes=("c1",), moved_from=OLD)
    assert await kept.reach.unreachable() == {}


async def test_a_group_that_moves_and_moves_is_not_followed_for_ever(kept: Stores, clock: VirtualClock) -> None:
    sender, platform = courier(kept, clock, MOVED, MOVED)
    assert await sender.send(MESSAGE, "在吗") == MOVED
    assert len(platform.to) == 2


async def test_a_group_that_wanted_quiet_still_has_it_after_it_moved(kept: Stores, clock: VirtualClock) -> None:
    quiet = GroupTalk(quiet_until=START + timedelta(hours=1))
    await kept.groups.change(OLD, quiet, seen_revision=0)
    await whereabouts(kept, clock).moved(OLD, NEW)
    assert replace(await kept.groups.talk(NEW), revision=0) == quiet


async def test_who_cannot_be_reached_is_noted_and_any_other_outcome_is_not(kept: Stores, clock: VirtualClock) -> None:
    lost, no_right = Refused(why=RefusedWhy.UNREACHABLE), Refused(why=RefusedWhy.NO_RIGHT)
    sender, _ = courier(kept, clock, no_right, Unknown(why="x"), Accepted(message_id="1"), lost)
    for _ in range(3):
        await sender.send(MESSAGE, "在吗")
        assert await kept.reach.unreachable() == {}
    assert await sender.send(MESSAGE, "在吗") == lost
    assert await kept.reach.unreachable() == {OLD: START}
    await whereabouts(kept, clock).found(OLD)
    assert await kept.reach.unreachable() == {}


async def test_a_message_follows_its_group_even_while_nothing_can_be_stored(clock: VirtualClock) -> None:
    nowhere = connect(socket_url("/nonexistent/socket"), "t")
    sender, platform = courier(Stores(nowhere, alone=True), clock, MOVED, Refused(why=RefusedWhy.UNREACHABLE))
    assert await sender.send(MESSAGE, "在吗") == Refused(why=RefusedWhy.UNREACHABLE)
    assert platform.to == [OLD, NEW]
    await close(nowhere)
