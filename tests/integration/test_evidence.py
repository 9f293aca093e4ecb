"""The chain of evidence in Redis: no change without its entry, nobody named in it, sealed once by any number."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.connection import close, connect, socket_url
from scheduler.acts import Act, NotAllowed, act
from scheduler.campaigns import Grade, State, StudentState
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Delivery
from scheduler.evidence import BEGINNING, Broken, Head, export, pseudonym, verify
from scheduler.messages import Outcome, Refused, RefusedWhy, RetryLater, Unknown
from scheduler.ports import StoreAway
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.proxy import cutting
from tests.integration.school import (
    Platform,
    bind,
    confirmed,
    import_students,
    open_campaign,
    relay,
    reply,
    roster,
    student,
    wave_to_group,
    wave_to_student,
)

CAMPAIGN = "check-2019"
LATER = START + timedelta(hours=1)


async def sealed(database: Database) -> list[dict[str, Any]]:
    """The entries of the chain, after sealing."""
    evidence = RedisEvidence(database)
    head = await evidence.seal(LATER)
    return [json.loads(line) async for line in evidence.entries(head)]


async def name_of(database: Database, who: str) -> str:
    key = await RedisEvidence(database).key_of(who)
    assert key is not None
    return pseudonym(key, who)


async def send(database: Database, clock: VirtualClock, platform: Platform, *waves: Delivery) -> None:
    await RedisOutbox(database).claim(sorted({slot for wave in waves for slot in wave.slots}), waves, START)
    await relay(database, platform, clock).run_until_idle()


async def test_a_change_of_a_state_is_in_the_chain_under_a_pseudonym(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    new = StudentState(
        state=State.CONFIRMED, count=1, at=START, by="s1", grade=Grade.STATEMENT, receipt="Q7K2", late=True
    )
    assert await campaigns.record(CAMPAIGN, "c1", "s1", new)
    assert await campaigns.record(CAMPAIGN, "c1", "s1", new)  # the answer was lost: the same again
    assert await sealed(database) == [
        {
            "kind": "state",
            "at": START.isoformat(),
            "campaign": CAMPAIGN,
            "class": "c1",
            "who": await name_of(database, "s1"),
            "by": "self",
            "was": "none",
            "is": "confirmed",
            "grade": "statement",
            "late": True,
        }
    ]


async def test_what_was_not_recorded_leaves_no_entry(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    assert not await campaigns.record(CAMPAIGN, "c1", "s1", confirmed(count=7))
    assert not await campaigns.record("no-such-campaign", "c1", "s1", confirmed())
    assert await sealed(database) == []


async def test_who_acted_for_somebody_else_has_a_pseudonym_of_their_own(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    proxy = StudentState(state=State.PROXY, count=1, at=START, by="telegram:4711")
    office = StudentState(state=State.EXEMPT, count=1, at=START, by="office")
    await campaigns.record(CAMPAIGN, "c1", "s1", proxy)
    await campaigns.record(CAMPAIGN, "c1", "s2", office)
    by_proxy, by_office = await sealed(database)
    assert by_proxy["by"] == await name_of(database, "telegram:4711")
    assert by_office["by"] == "office"


async def test_what_a_class_was_told_is_in_the_chain_with_the_digest_of_its_words(
    database: Database, clock: VirtualClock
) -> None:
    await import_students(RedisRosterStore(database), student("s1"))
    await bind(database, "s1")
    await open_campaign(RedisCampaignStore(database), size=40)
    platform = Platform()
    await send(database, clock, platform, wave_to_group("g"), wave_to_student("s1"))
    entries = {entry["how"]: entry for entry in await sealed(database)}
    (_, to_group), (_, to_student) = sorted(platform.taken)
    assert entries["group-wave"] == {
        "kind": "told",
        "at": clock.now().isoformat(),
        "campaign": CAMPAIGN,
        "classes": "c1",
        "how": "group-wave",
        "wave": "student:7d",
        "outcome": "accepted",
        "said": hashlib.sha256(to_group.encode()).hexdigest(),
    }
    assert entries["private-wave"]["who"] == await name_of(database, "s1")
    assert entries["private-wave"]["said"] == hashlib.sha256(to_student.encode()).hexdigest()


async def test_what_did_not_arrive_or_may_have_is_in_the_chain_as_that(database: Database, clock: VirtualClock) -> None:
    await import_students(RedisRosterStore(database), student("s1"), student("s2"), student("s3"))
    await bind(database, "s1", "s2", "s3")
    await open_campaign(RedisCampaignStore(database))
    answers: list[Outcome | Exception] = [
        Refused(why=RefusedWhy.UNREACHABLE),
        Unknown(why="no answer"),
        RetryLater(at=clock.now() + timedelta(minutes=1), why="flood"),
    ]
    platform = Platform(answers=answers)
    await send(database, clock, platform, *(wave_to_student(sid) for sid in ("s1", "s2", "s3")))
    told: dict[str, set[tuple[str, str | None]]] = {}
    for entry in await sealed(database):
        told.setdefault(entry["who"], set()).add((entry["outcome"], entry.get("why")))
    # Who of the three is written to first is for the servers to say: the unknown one was repeated at once, and that
    # arrived. The one put off was not told anything yet.
    ((arrived, _),) = platform.taken
    unknown = await name_of(database, arrived)
    assert told.pop(unknown) == {("unknown", None), ("accepted", None)}
    (refused,) = [sid for sid in ("s1", "s2", "s3") if sid != arrived and await RedisEvidence(database).key_of(sid)]
    assert told == {await name_of(database, refused): {("refused", "unreachable")}}


async def test_answers_to_questions_are_no_evidence(database: Database, clock: VirtualClock) -> None:
    await RedisOutbox(database).queue(reply("said"), START)
    await relay(database, Platform(), clock).run_until_idle()
    assert await sealed(database) == []


async def test_every_line_of_the_ledger_about_a_campaign_has_its_entry(database: Database, clock: VirtualClock) -> None:
    await import_students(RedisRosterStore(database), student("s1"), student("s2"))
    await bind(database, "s1", "s2")
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    waves = [wave_to_group("g"), wave_to_student("s1"), wave_to_student("s2")]
    await RedisOutbox(database).claim(waves[0].slots, waves, START)
    await campaigns.record(CAMPAIGN, "c1", "s2", confirmed())  # and owes nothing any more when it is sent
    await relay(database, Platform(), clock).run_until_idle()
    attempts = await RedisOutbox(database).ledger(CAMPAIGN)
    told = [entry for entry in await sealed(database) if entry["kind"] == "told"]
    assert len(attempts) == len(told) == 3
    assert sorted(entry.get("why", "") for entry in told) == ["", "", "not-owed"]


async def test_an_import_that_moves_somebody_says_so_in_the_chain(database: Database) -> None:
    rosters, campaigns = RedisRosterStore(database), RedisCampaignStore(database)
    await import_students(rosters, student("s1"), student("s2"), student("s3", "c2"))
    await open_campaign(campaigns, "c1", "c2")
    await campaigns.record(CAMPAIGN, "c1", "s1", confirmed())
    assert await rosters.apply(roster(2, student("s1", "c2"), student("s3", "c2")), now=LATER)
    moves = {entry["who"]: entry for entry in await sealed(database) if entry["kind"] == "roster"}
    moved, gone = moves[await name_of(database, "s1")], moves[await name_of(database, "s2")]
    assert len(moves) == 2
    assert (moved["class"], moved["to"], moved["was"], moved["is"]) == ("c1", "c2", "confirmed", "confirmed")
    assert (gone["class"], gone.get("to"), gone["by"], gone["at"]) == ("c1", None, "office", LATER.isoformat())


async def test_nobody_and_nothing_anybody_wrote_is_named_in_the_chain(database: Database, clock: VirtualClock) -> None:
    await import_students(RedisRosterStore(database), student("s1"))
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    await send(database, clock, Platform(), wave_to_student("s1"))
    await campaigns.record(CAMPAIGN, "c1", "s1", confirmed())
    evidence = RedisEvidence(database)
    record = b"".join(export([line async for line in evidence.entries(await evidence.seal(LATER))])).decode()
    for secret in ('"s1"', "2019s1", "student s1", "chatroom", "@"):
        assert secret not in record


async def test_who_was_erased_cannot_be_told_and_the_chain_still_holds(database: Database) -> None:
    campaigns, evidence = RedisCampaignStore(database), RedisEvidence(database)
    await open_campaign(campaigns)
    await campaigns.record(CAMPAIGN, "c1", "s1", confirmed())
    before = await evidence.seal(LATER)
    name = await name_of(database, "s1")
    await campaigns.record(CAMPAIGN, "c1", "s1", StudentState(state=State.NONE, count=2, at=LATER, by="s1"))
    assert await evidence.forget("s1", LATER)
    assert not await evidence.forget("s1", LATER)
    assert await evidence.key_of("s1") is None
    await campaigns.record(CAMPAIGN, "c1", "s1", confirmed(count=3))
    first, withdrawn, again = await sealed(database)
    assert first["who"] == withdrawn["who"] == name
    assert again["who"] not in {name, "s1"}
    assert await holds(database, before)


async def test_any_number_may_seal_at_once_and_each_entry_is_sealed_once(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    for number in range(60):
        await campaigns.record(CAMPAIGN, "c1", f"s{number}", confirmed())
    before = await RedisEvidence(database).head()
    heads = await asyncio.gather(*(RedisEvidence(database).seal(LATER) for _ in range(5)))
    assert before == BEGINNING
    assert {head.count for head in heads} == {60}
    names = [entry["who"] for entry in await sealed(database)]
    assert len(names) == len(set(names)) == 60
    assert await holds(database, *heads)


class Overtaken(RedisEvidence):
    """Finds whenever it looks where the chain ends that somebody else has just sealed everything."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._quicker = RedisEvidence(database)

    async def head(self) -> Head:
        await self._quicker.seal(LATER)
        return await super().head()


async def test_who_is_overtaken_between_reading_and_sealing_seals_nothing_twice(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    await campaigns.record(CAMPAIGN, "c1", "s1", confirmed())
    assert (await Overtaken(database).seal(LATER)).count == 1
    assert len(await sealed(database)) == 1


async def test_many_entries_are_sealed_in_parts_and_read_whole(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    await asyncio.gather(*(campaigns.record(CAMPAIGN, "c1", f"s{number}", confirmed()) for number in range(1_201)))
    assert len(await sealed(database)) == 1_201
    assert await database.call("XLEN", f"{database.prefix}:{{core}}:evidence-unsealed") == 0


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
@pytest.mark.parametrize("cut_at", [1, 2, 3])
async def test_sealing_that_is_cut_off_is_taken_up_again_and_seals_nothing_twice(
    database: Database, valkey_url: str, tmp_path: Path, cut_at: int, after_it_was_done: bool
) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    await asyncio.gather(*(campaigns.record(CAMPAIGN, "c1", f"s{number}", confirmed()) for number in range(1_201)))
    target = unquote(valkey_url.removeprefix("unix://"))
    async with cutting(tmp_path, target, cut_at, after_it_was_done=after_it_was_done) as (_, path):
        dying = connect(socket_url(path), database.prefix)
        with pytest.raises(StoreAway):
            await RedisEvidence(dying).seal(LATER)
        await close(dying)
    names = [entry["who"] for entry in await sealed(database)]
    assert len(names) == len(set(names)) == 1_201
    assert await holds(database)


async def test_a_chain_that_was_changed_in_the_store_does_not_reach_its_own_head(database: Database) -> None:
    campaigns, evidence = RedisCampaignStore(database), RedisEvidence(database)
    await open_campaign(campaigns)
    for number in range(3):
        await campaigns.record(CAMPAIGN, "c1", f"s{number}", confirmed())
    head = await evidence.seal(LATER)
    await database.call("XDEL", f"{database.prefix}:{{core}}:evidence", "2-0")
    lines = [line async for line in evidence.entries(head)]
    assert verify(export(lines), [head]).broken is Broken.SHORTER


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(["s1", "s2"]), st.sampled_from(Act)), max_size=12), cut=st.integers(0))
async def test_the_states_can_be_told_from_the_chain_alone(
    database: Database, acts: list[tuple[str, Act]], cut: int
) -> None:
    """Whatever people do, and whenever it is sealed: the last entry of each is the state of each."""
    database = Database(database.client, f"t{secrets.token_hex(6)}")
    campaigns, evidence = RedisCampaignStore(database), RedisEvidence(database)
    campaign = await open_campaign(campaigns)
    for number, (sid, what) in enumerate(acts):
        current = await campaigns.state(CAMPAIGN, "c1", sid)
        new = act(campaign, current, what, by=sid, now=START, receipt="r")
        if not isinstance(new, NotAllowed):
            assert await campaigns.record(CAMPAIGN, "c1", sid, new)
        if number == cut:
            await evidence.seal(LATER)
    told: Mapping[str, str] = {entry["who"]: entry["is"] for entry in await sealed(database)}
    stored = await campaigns.states(CAMPAIGN, "c1")
    assert told == {await name_of(database, sid): state.state.value for sid, state in stored.items()}


async def holds(database: Database, *heads: Head) -> bool:
    evidence = RedisEvidence(database)
    lines = [line async for line in evidence.entries(await evidence.head())]
    return verify(export(lines), heads).broken is None
