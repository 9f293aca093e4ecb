"""What a running bot leaves in Redis is what the table of keys says."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversations import Conversation
from bot.ports import RawUpdate, TakenUpdate
from bot.storage.connection import check
from bot.storage.conversations import RedisConversations
from bot.storage.errands import RedisErrands
from bot.storage.intake import RedisIntake
from bot.storage.leases import RedisConnectionLease
from bot.storage.questions import RedisQuestionLog, RedisTryCounter
from scheduler.campaigns import State
from scheduler.claims import Waiting
from scheduler.clocks import VirtualClock
from scheduler.corrections import Correction, Step
from scheduler.deliveries import Cleared
from scheduler.messages import RetryLater, Unknown
from scheduler.pacing import Rhythm, Room, Window
from scheduler.roster import Binding, BindingStrength, Group, GroupCode
from scheduler.staffing import Deputy, Invitation, MonitorWord, StaffMember, StaffRole
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.corrections import RedisCorrections
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.group_codes import RedisGroupCodes
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.looks import RedisLooks
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from scheduler.storage.staff import RedisStaffStore
from tests.architecture.sources import ROOT
from tests.conftest import START
from tests.integration.school import (
    LANE,
    Platform,
    confirmed,
    group,
    import_students,
    open_campaign,
    relay,
    reply,
    student,
    wave_to_group,
    wave_to_student,
)

pytestmark = pytest.mark.usefixtures("valkey_url")
"""These look at the embedded server itself."""


def documented() -> dict[str, str]:
    """The table's key patterns as regular expressions, each with its type."""
    rows = re.findall(
        r"^\| (`.+?) \| ([a-z ]+) \|", (ROOT / "docs/decisions/0002-keys.md").read_text("utf-8"), re.MULTILINE
    )
    patterns = {}
    for names, kind in rows:
        for name in re.findall(r"`(.+?)`", names):
            escaped = re.escape(name).replace(re.escape("{in:k}"), r"\{in:\d+\}")
            patterns[re.sub(r"<\w+>", ".+", escaped)] = kind.strip()
    return patterns


async def everything(database: Database, clock: VirtualClock) -> None:
    await check(database, embedded=True)
    await import_students(RedisRosterStore(database), student("s1"), student("s2"))
    await people(database)
    await corrections(database)
    await deliveries(database, clock)
    await talk(database)


async def people(database: Database) -> None:
    bindings = RedisBindingStore(database)
    await bindings.bind(Binding(account="a", sid="s1", strength=BindingStrength.STRONG, private=group("a")))
    await bindings.bind_group(Group(address=group("g"), classes=("c1",)))
    await bindings.codes(["s2"], {"s2": "AAA"})
    asked = GroupCode(classes=("c1",), by="m", expires=START + timedelta(minutes=10))
    await RedisGroupCodes(database).keep("CODE", asked, START)
    await bindings.wait(Waiting(account="b", private=group("b"), class_id="c1", at=START))
    monitor = StaffMember(account="m", role=StaffRole.MONITOR, classes=("c1",), private=group("m"))
    deputy = Deputy(account="d", since=START, until=START + timedelta(days=1))
    await RedisStaffStore(database).appoint(replace(monitor, deputies=(deputy,)))
    invitation = Invitation(role=StaffRole.COUNSELLOR, expires=START + timedelta(days=3), until=START)
    await RedisStaffStore(database).invite("code", invitation, START)
    word = MonitorWord(sid="s1", class_id="c1", is_monitor=True, named=(), until=START, by="m")
    await RedisStaffStore(database).say_monitors([word])


async def corrections(database: Database) -> None:
    store = RedisCorrections(database)
    for name, item in (("AAAA", "nation"), ("BBBB", "photo")):
        reported = Correction(
            id=name, campaign="c", class_id="c1", sid="s1", item=item, reported_at=START, at=START, by="s1"
        )
        await store.report(reported, "sealed")
    await store.advance(replace(reported, step=Step.CORRECTED, count=2))


async def deliveries(database: Database, clock: VirtualClock) -> None:
    campaigns, outbox = RedisCampaignStore(database), RedisOutbox(database)
    await open_campaign(campaigns)
    looks = RedisLooks(database)
    await looks.remember("check-2019", "c1", "m", START, press="1")
    await looks.sign("m", START)
    await campaigns.record("check-2019", "c1", "s2", confirmed())
    in_trouble = replace(confirmed(count=2), state=State.NO_LOGIN)
    await campaigns.vouch("check-2019", "c1", "s2", in_trouble, stage="student", most=3)
    await campaigns.suspect("check-2019", START, timedelta(hours=1))
    await RedisEvidence(database).seal(START)
    waves = [wave_to_student("s1"), wave_to_group("g")]
    await outbox.claim(waves[0].slots, waves, START)
    await outbox.queue(reply("waits"), START)
    later = RetryLater(at=START + timedelta(hours=1), why="flood")
    platform = Platform(answers=[later, Unknown(why="x"), Unknown(why="x")])
    budgets = (Rhythm(per=1_000, seconds=1), Room(key="alice", windows=(Window(most=9, seconds=60),)))
    for _ in range(5):
        await relay(database, platform, clock, budgets=lambda to: budgets).run_until_idle()
        clock.advance_to(clock.now() + timedelta(seconds=1))
    lanes = RedisLanes(database, "w2")
    await outbox.queue(reply("in flight", "bob"), START)
    for ticket in await lanes.take(LANE, clock.now(), count=9, wait=0):
        assert isinstance(await lanes.clear(ticket, (), clock.now()), Cleared)
    await lanes.pause(LANE, "why")


def update(key: str) -> RawUpdate:
    return RawUpdate(platform="telegram", key=key, chat="alice", body=b"{}", received_at=START)


async def talk(database: Database) -> None:
    intake = RedisIntake(database)

    async def fails(taken: TakenUpdate) -> None:
        raise ValueError

    await intake.store([update("bad")])
    await intake.run_until_idle(fails)
    await intake.store([update("waits")])
    async with RedisConversations(database).locked(group("alice"), "alice") as held:
        await held.save(Conversation(topic="t"))
    questions = RedisQuestionLog(database)
    await questions.keep("q", "national", START)
    await questions.count_differs("guide", "step")
    await RedisTryCounter(database).count(["alice"], START)
    await connection_of_one_process(database)


async def connection_of_one_process(database: Database) -> None:
    await RedisConnectionLease(database, "robot").take()
    errands = RedisErrands(database, "robot")
    asked = asyncio.create_task(errands.ask("text", wait=9))
    while (taken := await errands.take(wait=1)) is None:
        assert not asked.done()
    await errands.answer(taken[0], "done")
    assert await asked == "done"
    asked = asyncio.create_task(errands.ask("waits", wait=9))
    while not await database.call("KEYS", f"{database.prefix}:*:errands:*"):
        assert not asked.done()
    asked.cancel()


async def test_every_key_is_in_the_table_with_its_type(database: Database, clock: VirtualClock) -> None:
    await everything(database, clock)
    patterns = documented()
    unknown = []
    async for key in database.client.scan_iter(match=f"{database.prefix}:*"):
        kind = (await database.call("TYPE", key)).replace("zset", "sorted set")
        name = key.removeprefix(f"{database.prefix}:")
        if not any(re.fullmatch(pattern, name) and said == kind for pattern, said in patterns.items()):
            unknown.append(f"{name} ({kind})")
    assert unknown == []


def test_the_table_has_every_name_of_the_code_and_no_other() -> None:
    code = "".join((ROOT / where / "storage/keys.py").read_text("utf-8") for where in ("bot", "scheduler"))
    named = set(re.findall(r"root(?:\(prefix\))?(?: \+ \"|\})([a-z-]+)", code))
    rows = {re.sub(r"\\", "", pattern).rpartition("}:")[2] for pattern in documented()}
    written = {re.sub(r"^\.\+:", "", row).split(":")[0] for row in rows}
    assert written == named
