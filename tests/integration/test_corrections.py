"""Reported items in the store: once while open, forward only, their texts apart and gone in time."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

from scheduler.corrections import Correction, Step, advance
from scheduler.storage.corrections import RedisCorrections
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from tests.conftest import START


def reported(name: str = "AAAA", sid: str = "s1", item: str = "nation") -> Correction:
    return Correction(
        id=name, campaign="check-2019", class_id="c1", sid=sid, item=item, reported_at=START, at=START, by=sid
    )


def moved(correction: Correction, to: Step, days: int = 1) -> Correction:
    new = advance(correction, to, by="clerk", now=START + timedelta(days=days), reason="proof")
    assert isinstance(new, Correction)
    return new


async def test_the_same_item_is_reported_once_while_it_is_open(database: Database) -> None:
    store = RedisCorrections(database)
    assert await store.report(reported(), "sealed") == "AAAA"
    assert await store.report(reported("BBBB"), "sealed anew") == "AAAA"
    assert await store.of_student("s1") == (reported(),)
    assert await store.texts(["AAAA"]) == {"AAAA": "sealed anew"}
    closed = moved(reported(), Step.REFUSED)
    assert await store.advance(closed)
    assert await store.report(reported("BBBB")) == "BBBB"


async def test_an_id_that_is_taken_is_said(database: Database) -> None:
    store = RedisCorrections(database)
    assert await store.report(reported()) == "AAAA"
    assert await store.report(reported(item="photo")) is None


async def test_two_clerks_at_once_take_one_step(database: Database) -> None:
    store = RedisCorrections(database)
    await store.report(reported())
    both = [moved(reported(), Step.RECEIVED), moved(reported(), Step.ACCEPTED)]
    assert sorted(await asyncio.gather(*(store.advance(one) for one in both))) == [False, True]
    stored = await store.get("AAAA")
    assert stored in both
    assert stored is not None
    assert await store.advance(stored)  # the same again: an answer that was lost


async def test_every_step_is_put_down_as_evidence_without_a_word_of_anybody(database: Database) -> None:
    store, evidence = RedisCorrections(database), RedisEvidence(database)
    await store.report(reported(), "sealed")
    await store.advance(moved(reported(), Step.ACCEPTED), "sealed note")
    head = await evidence.seal(START)
    entries = [json.loads(line) async for line in evidence.entries(head)]
    assert [(one["kind"], one.get("was"), one["is"], one["item"]) for one in entries] == [
        ("correction", None, "reported", "nation"),
        ("correction", "reported", "accepted", "nation"),
    ]
    assert "sealed" not in json.dumps(entries)


async def test_texts_are_dropped_some_time_after_the_closing_and_the_corrections_stay(database: Database) -> None:
    store = RedisCorrections(database)
    for name, item in (("AAAA", "nation"), ("BBBB", "photo"), ("CCCC", "major")):
        await store.report(reported(name, item=item), "sealed")
    await store.advance(moved(reported(), Step.CORRECTED, days=1))
    await store.advance(moved(reported("BBBB", item="photo"), Step.REFUSED, days=9))
    assert await store.forget_texts(START + timedelta(days=5)) == 1
    assert set(await store.all_texts()) == {"BBBB", "CCCC"}
    assert await store.forget_texts(START + timedelta(days=5)) == 0
    assert len(await store.all()) == 3


async def test_a_student_can_be_erased_with_their_words_or_with_everything(database: Database) -> None:
    store = RedisCorrections(database)
    await store.report(reported(), "sealed")
    await store.report(reported("BBBB", sid="s2"), "sealed")
    assert await store.erase("s1", whole=False) == 1
    assert set(await store.all_texts()) == {"BBBB"}
    assert await store.of_student("s1") == (reported(),)
    assert await store.erase("s1", whole=True) == 1
    assert await store.of_student("s1") == ()
    assert [one.sid for one in await store.all()] == ["s2"]
    assert await store.report(reported("CCCC")) == "CCCC"


async def test_a_text_is_sealed_anew_unless_it_was_changed_meanwhile(database: Database) -> None:
    store = RedisCorrections(database)
    await store.report(reported(), "by the old key")
    await store.report(reported("BBBB", sid="s2"), "changed since")
    renewed = {"AAAA": ("by the old key", "by the new key"), "BBBB": ("as it was", "by the new key")}
    assert await store.reseal(renewed) == 1
    assert await store.all_texts() == {"AAAA": "by the new key", "BBBB": "changed since"}


async def test_a_correction_is_stored_as_it_is(database: Database) -> None:
    store = RedisCorrections(database)
    odd = replace(reported(), class_id="c 1", item="id-number")
    await store.report(odd)
    assert await store.get("AAAA") == odd
    assert await store.get("ZZZZ") is None
