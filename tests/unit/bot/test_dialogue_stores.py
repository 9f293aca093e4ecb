"""What the dialogue keeps beside conversations: switches, ratings, and how it stands with a group."""

from dataclasses import replace
from datetime import date, timedelta

from bot.conversations import Answered, GroupTalk, Spoken
from bot.ports import CHSI, Switch, SwitchKind, Verdict
from bot.storage.groups import RedisGroups
from bot.storage.keys import AuxKeys
from bot.storage.ratings import RedisRatings
from bot.storage.switches import RedisSwitches
from scheduler.messages import Address
from scheduler.storage.database import Database
from tests.conftest import START


async def test_a_switch_comes_back_as_it_was_put_and_the_last_one_counts(database: Database) -> None:
    switches = RedisSwitches(database)
    day = date(2019, 12, 20)
    waiting = Switch(
        kind=SwitchKind.UNREGISTERED, subject="2019", since=START, until=START + timedelta(days=6), expected=day
    )
    first = Switch(kind=SwitchKind.INCIDENT, subject=CHSI, since=START, until=START + timedelta(hours=1))
    second = Switch(kind=SwitchKind.INCIDENT, subject=CHSI, since=START, until=START + timedelta(hours=2))
    for switch in (waiting, first, second):
        await switches.put(switch)
    assert await switches.all() == (second, waiting)
    assert await switches.end(SwitchKind.INCIDENT, CHSI)
    assert not await switches.end(SwitchKind.INCIDENT, CHSI)
    assert await switches.all() == (waiting,)


async def test_a_verdict_counts_once_and_a_changed_one_moves(database: Database) -> None:
    ratings = RedisRatings(database)
    assert await ratings.rate("chsi-slow", Verdict.UNSOLVED, "a")
    assert not await ratings.rate("chsi-slow", Verdict.UNSOLVED, "a")
    assert await ratings.rate("chsi-slow", Verdict.UNSOLVED, "b")
    assert await ratings.counts() == {("chsi-slow", Verdict.UNSOLVED): 2}
    assert await ratings.rate("chsi-slow", Verdict.SOLVED, "b")
    assert await ratings.counts() == {("chsi-slow", Verdict.UNSOLVED): 1, ("chsi-slow", Verdict.SOLVED): 1}


async def test_ratings_keep_nobodys_name(database: Database) -> None:
    await RedisRatings(database).rate("chsi-slow", Verdict.SOLVED, "telegram:4711")
    keys = AuxKeys(database.prefix)
    assert await database.call("EXISTS", keys.rated("chsi-slow", "telegram:4711")) == 1
    for key in await database.call("KEYS", f"{database.prefix}:*"):
        assert "4711" not in key
        assert b"4711" not in (await database.client.dump(key) or b"")


async def test_of_two_changes_decided_on_the_same_talk_the_second_is_refused(database: Database) -> None:
    groups, chat = RedisGroups(database), Address(platform="telegram", chat="-100")
    assert await groups.talk(chat) == GroupTalk()
    first = GroupTalk(
        answered=(Answered(what="lost", at=START, by="1", message="2"),),
        spoken=(Spoken(at=START, by="1", messages=1),),
        quiet_until=START,
    )
    assert await groups.change(chat, first, seen_revision=0)
    assert not await groups.change(chat, GroupTalk(), seen_revision=0)
    assert await groups.talk(chat) == replace(first, revision=1)
    assert await groups.talk(Address(platform="telegram", chat="-200")) == GroupTalk()
