"""Conversations and the bot's small stores: one owner at a time, nothing saved by who held on too long."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversations import ASKED_LASTS, Conversation
from bot.ports import StoreAway
from bot.storage.conversations import RedisConversations
from bot.storage.keys import TalkKeys
from bot.storage.questions import RedisClusterings, RedisQuestionLog, RedisTryCounter
from knowledge.clustering import Cluster, Clustering, Near, Question
from knowledge.guides import Position
from scheduler.messages import Action, Address, Choice, Verb
from scheduler.storage.database import Database
from tests.conftest import START

CHAT = Address(platform="telegram", chat="-100")
ALICE, BOB = "telegram:1", "telegram:2"


async def test_a_conversation_comes_back_as_it_was_saved(database: Database) -> None:
    conversations = RedisConversations(database)
    choice = Choice(label="a", action=Action(verb=Verb.ASK, subject="topic"))
    walking = Position(guide="g", step="s2", trail=("s1",))
    kept = Conversation(guide=walking, guide_at=START, topic="t", asked="q").offering((choice,), START)
    async with conversations.locked(CHAT, ALICE) as held:
        assert held.conversation == Conversation()
        await held.save(kept)
    async with conversations.locked(CHAT, ALICE) as held:
        assert held.conversation == kept
    async with conversations.locked(CHAT, BOB) as held:
        assert held.conversation == Conversation()


async def test_of_two_fast_messages_the_second_sees_what_the_first_saved(database: Database) -> None:
    async def count() -> None:
        async with RedisConversations(database).locked(CHAT, ALICE) as held:
            seen = held.conversation
            await asyncio.sleep(0)
            await held.save(replace(seen, topic=seen.topic + "x"))

    await asyncio.gather(*(count() for _ in range(10)))
    async with RedisConversations(database).locked(CHAT, ALICE) as held:
        assert held.conversation.topic == "x" * 10


async def test_who_held_a_conversation_too_long_cannot_save_over_the_next_one(database: Database) -> None:
    conversations = RedisConversations(database)
    lock = TalkKeys(database.prefix, str(CHAT), ALICE).lock
    async with conversations.locked(CHAT, ALICE) as late:
        await database.call("DEL", lock)  # as if the hold had run out
        async with conversations.locked(CHAT, ALICE) as held:
            await held.save(Conversation(topic="new"))
            with pytest.raises(StoreAway):
                await late.save(Conversation(topic="old"))
        async with conversations.locked(CHAT, ALICE) as held:
            assert held.conversation.topic == "new"


async def test_a_late_holder_does_not_let_go_of_what_another_holds(database: Database) -> None:
    conversations = RedisConversations(database)
    lock = TalkKeys(database.prefix, str(CHAT), ALICE).lock
    first = conversations.locked(CHAT, ALICE)
    await first.__aenter__()
    await database.call("DEL", lock)
    async with conversations.locked(CHAT, ALICE):
        await first.__aexit__(None, None, None)
        assert await database.call("EXISTS", lock) == 1


async def test_a_conversation_is_let_go_when_its_handling_fails(database: Database) -> None:
    conversations = RedisConversations(database)
    with pytest.raises(ValueError, match="bug"):
        async with conversations.locked(CHAT, ALICE):
            raise ValueError("bug")
    async with conversations.locked(CHAT, ALICE) as held:
        assert held.conversation == Conversation()


async def test_a_conversation_is_swept_after_it_means_nothing_any_more(database: Database) -> None:
    async with RedisConversations(database).locked(CHAT, ALICE) as held:
        await held.save(Conversation(topic="t"))
    ttl = await database.call("TTL", TalkKeys(database.prefix, str(CHAT), ALICE).conversation)
    assert timedelta(days=29) < timedelta(seconds=int(ttl)) <= timedelta(days=30)


async def test_neither_chat_nor_account_stands_in_a_key(database: Database) -> None:
    async with RedisConversations(database).locked(
        Address(platform="wecom", chat="20190101"), "wecom:20190101"
    ) as held:
        await held.save(Conversation(topic="t"))
    await RedisTryCounter(database).count(["number:20190101"], START)
    keys = [key async for key in database.client.scan_iter(match=f"{database.prefix}:*")]
    assert keys
    assert not [key for key in keys if "20190101" in key]


async def test_questions_are_counted_over_scopes_the_most_frequent_first(database: Database) -> None:
    questions = RedisQuestionLog(database)
    for question, scope in (("a", "glut"), ("b", "glut"), ("b", "jilin"), ("\ud800", "glut")):
        await questions.keep(question, scope, START)
    assert (await questions.kept())[0] == Question(text="b", times=2)
    assert len(await questions.kept()) == 3


async def test_tries_count_for_each_name_and_are_forgotten_after_an_hour(database: Database) -> None:
    tries = RedisTryCounter(database)
    for minute in range(3):
        await tries.count([ALICE, "number:7"], START + timedelta(minutes=minute))
    assert await tries.count([BOB, "number:7"], START + timedelta(minutes=3)) == 4
    now = START + timedelta(minutes=4)
    assert await tries.too_many([BOB, "number:7"], 4, now)
    assert not await tries.too_many([BOB], 4, now)
    assert not await tries.too_many([BOB, "number:7"], 4, now + timedelta(hours=1))


async def test_a_page_that_differs_is_counted_by_its_step(database: Database) -> None:
    questions = RedisQuestionLog(database)
    for _ in range(2):
        await questions.count_differs("chsi-phone", "follow")
    assert await database.call("HGETALL", f"{database.prefix}:{{aux}}:differs") == {"chsi-phone/follow": "2"}


async def test_the_last_question_is_kept_apart_and_not_for_long(database: Database) -> None:
    conversations, keys = RedisConversations(database), TalkKeys(database.prefix, str(CHAT), ALICE)
    async with conversations.locked(CHAT, ALICE) as held:
        await held.save(Conversation(topic="t", asked="\ud800 why"))
    assert "why" not in str(await database.call("GET", keys.conversation))
    assert 0 < await database.call("PTTL", keys.asked) <= ASKED_LASTS.total_seconds() * 1_000
    async with conversations.locked(CHAT, ALICE) as held:
        assert held.conversation == Conversation(topic="t", asked="? why")
        await held.save(Conversation(topic="t"))
    assert await database.call("EXISTS", keys.asked) == 0
    async with conversations.locked(CHAT, ALICE) as held:
        assert held.conversation == Conversation(topic="t")


async def test_questions_are_known_by_the_answer_that_did_not_help_and_forgotten_when_seen_to(
    database: Database,
) -> None:
    questions = RedisQuestionLog(database)
    await questions.keep("why", "glut", START)
    await questions.keep("why", "jilin", START, unsolved="chsi-slow")
    await questions.keep("how", "glut", START, unsolved="fraud")
    await questions.keep("  ", "glut", START)
    await questions.keep("x" * 1_000, "glut", START)
    why, how, long = await questions.kept()
    assert why == Question(text="why", times=2, unsolved=("chsi-slow",))
    assert how == Question(text="how", times=1, unsolved=("fraud",))
    assert len(long.text) == 200
    await questions.forget(["why", long.text, "never asked"])
    assert await questions.kept() == (how,)
    await questions.forget([])
    assert await questions.kept() == (how,)


async def test_a_night_is_claimed_once_and_the_last_clustering_stands(database: Database) -> None:
    clusterings, night = RedisClusterings(database), START.date()
    claimed = await asyncio.gather(*(RedisClusterings(database).claim(night) for _ in range(5)))
    assert sorted(claimed) == [False] * 4 + [True]
    assert not await clusterings.claim(night - timedelta(days=1))
    assert await clusterings.claim(night + timedelta(days=1))
    assert await clusterings.last() is None
    cluster = Cluster(number=1, questions=(Question(text="why", times=2),), nearest=(Near(topic="t", confidence=0.5),))
    clustering = Clustering(at=START, clusters=(cluster,))
    await clusterings.put(clustering)
    assert await clusterings.last() == clustering
