"""Conversations and the bot's small stores: one owner at a time, nothing saved by who held on too long."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversations import Conversation
from bot.ports import StoreAway
from bot.storage.conversations import RedisConversations
from bot.storage.keys import TalkKeys
from bot.storage.questions import RedisQuestionLog, RedisTryCounter
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
    kept = Conversation(guide=walking, guide_at=START, topic="t", hinted=("x",)).offering((choice,), START)
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
            await held.save(replace(seen, hinted=(*seen.hinted, "x")))

    await asyncio.gather(*(count() for _ in range(10)))
    async with RedisConversations(database).locked(CHAT, ALICE) as held:
        assert len(held.conversation.hinted) == 10


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
    assert (await questions.unanswered())[0] == ("b", 2)
    assert len(await questions.unanswered()) == 3


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
