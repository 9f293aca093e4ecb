"""The line to the store cut at every step of what people state: done again, it is as if it had been done once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import unquote

import pytest

from bot.storage.connection import close, connect, socket_url
from scheduler.acts import Act
from scheduler.campaigns import StudentState
from scheduler.corrections import Correction, Step, advance
from scheduler.erasing import Erasing
from scheduler.handing_in import HandIn, college_field, ticked
from scheduler.ports import StoreAway
from scheduler.roster import Binding, BindingStrength
from scheduler.states import NOTHING_YET
from scheduler.stating import Stating
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.corrections import RedisCorrections
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.papers import RedisPaperStore
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.persons import RedisPersons
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.proxy import cutting
from tests.integration.school import campaign, group, import_students, open_campaign, student

ID, MONITOR = "check-2019", "chatroom:monitor"
MOST_STEPS = 15
REPORTED = Correction(
    id="K7Q2", campaign=ID, class_id="c1", sid="s1", item="name", reported_at=START, at=START, by="s1"
)


Deed = Callable[[Database], Awaitable[object]]
"""One thing somebody does; it is done again, by whoever goes on, if the line broke over it."""


def does(what: Act) -> Deed:
    return lambda database: _stating(database).state(campaign(), student("s1"), what, by="s1", now=START)


async def monitor_states(database: Database) -> None:
    await _stating(database).vouch(campaign(), student("s2"), by=MONITOR, now=START, reason="no-phone", most=1)


async def ticks_both(database: Database) -> None:
    stood = await RedisCampaignStore(database).states(ID, "c1")
    new = {sid: after for sid in ("s1", "s2") if (after := signed(stood.get(sid, NOTHING_YET)))}
    await RedisPaperStore(database).tick(ID, "c1", new, by=MONITOR, now=START)


def hands_in(whose: str) -> Deed:
    hand_in = HandIn(at=START, by=MONITOR)
    return lambda database: RedisPaperStore(database).put(ID, whose, hand_in, by=MONITOR, now=START)


async def reports(database: Database) -> None:
    await RedisCorrections(database).report(REPORTED, "sealed")


def takes_to(step: Step) -> Deed:
    async def deed(database: Database) -> None:
        corrections = RedisCorrections(database)
        stored = await corrections.get(REPORTED.id)
        assert stored is not None
        after = advance(stored, step, by="clerk", now=START)
        if isinstance(after, Correction):
            await corrections.advance(after, "sealed note")

    return deed


async def erases(database: Database) -> None:
    erasing = Erasing(
        bindings=RedisBindingStore(database),
        corrections=RedisCorrections(database),
        campaigns=RedisCampaignStore(database),
        evidence=RedisEvidence(database),
        persons=RedisPersons(database),
    )
    await erasing.of_student(student("s1"), START)


DEEDS: Mapping[str, Sequence[Deed]] = {
    "statements": [does(Act.CONFIRM), does(Act.WITHDRAW), does(Act.NOT_FOUND), monitor_states],
    "papers": [ticks_both, hands_in("c1"), hands_in(college_field("college"))],
    "a correction": [reports, takes_to(Step.RECEIVED), takes_to(Step.CORRECTED)],
    "erasing": [reports, does(Act.CONFIRM), erases],
}


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
@pytest.mark.parametrize("deeds", DEEDS.values(), ids=DEEDS)
async def test_what_people_do_survives_a_cut_at_every_step(
    valkey_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    database: Database,
    deeds: Sequence[Deed],
    after_it_was_done: bool,
) -> None:
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    once = await prepared(valkey_url, f"{database.prefix}0")
    assert not await left_undone(deeds, once)
    as_it_should_be = await everything(once)
    await close(once)
    for step in range(1, MOST_STEPS):
        direct = await prepared(valkey_url, f"{database.prefix}{step}")
        async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (_, path):
            dying = connect(socket_url(path), direct.prefix)
            left = await left_undone(deeds, dying)
            await close(dying)
        assert not await left_undone(left, direct)
        assert await everything(direct) == as_it_should_be
        await close(direct)
        if not left:
            assert step > 2, "it has steps that were cut"
            return
    raise AssertionError(f"it has more than {MOST_STEPS} steps")


async def left_undone(deeds: Sequence[Deed], database: Database) -> Sequence[Deed]:
    """Do one after the other until the store is away; what is to be done again, and after it."""
    for place, deed in enumerate(deeds):
        try:
            await deed(database)
        except StoreAway:
            return deeds[place:]
    return ()


def _stating(database: Database) -> Stating:
    return Stating(RedisCampaignStore(database), lambda: "AB23")


def signed(state: StudentState) -> StudentState | None:
    return ticked(state, signed=True, now=START)


async def prepared(url: str, prefix: str) -> Database:
    """Two students in an open campaign, one with an account."""
    database = connect(url, prefix)
    await import_students(RedisRosterStore(database), student("s1"), student("s2"))
    await open_campaign(RedisCampaignStore(database), size=2)
    binding = Binding(account="chatroom:s1", sid="s1", strength=BindingStrength.STRONG, private=group("s1"))
    await RedisBindingStore(database).bind(binding)
    return database


async def everything(database: Database) -> dict[str, object]:
    """All that is stored, by key; of a stream what its entries say, of what is sealed by drawn keys how much it is."""
    found: dict[str, object] = {}
    for key in await database.call("KEYS", f"{database.prefix}:*"):
        name = key.removeprefix(database.prefix)
        match await database.call("TYPE", key):
            case "stream" if name.endswith("evidence"):
                found[name] = await database.call("XLEN", key)
            case "hash" if "evidence-" in name:
                found[name] = set(await database.call("HKEYS", key))
            case "hash":
                found[name] = await database.call("HGETALL", key)
            case "set":
                found[name] = set(await database.call("SMEMBERS", key))
            case "zset":
                found[name] = await database.call("ZRANGE", key, 0, -1, "WITHSCORES")
            case "stream":
                found[name] = [fields for _, fields in await database.call("XRANGE", key, "-", "+")]
            case _:
                found[name] = await database.call("GET", key)
    return found
