"""Who opened names is on record, once for each press, in the campaign and in the evidence."""

import asyncio
import json
from datetime import timedelta

from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.looks import RedisLooks
from tests.conftest import START


async def test_a_press_that_is_handled_twice_is_one_look(database: Database) -> None:
    looks = RedisLooks(database)
    for press in ("chatroom:1", "chatroom:1", "chatroom:2"):
        await looks.remember("check-2019", "c1", "telegram:9", START, press=press)
    await looks.remember("check-2019", "c2", "telegram:9", START, press="chatroom:3")
    assert (await looks.count("check-2019", "c1"), await looks.count("check-2019", "c9")) == (2, 0)
    assert await looks.total("check-2019") == 3


async def test_a_look_stands_in_the_evidence_under_a_pseudonym(database: Database) -> None:
    await RedisLooks(database).remember("check-2019", "c1", "telegram:9", START, press="chatroom:1")
    evidence = RedisEvidence(database)
    head = await evidence.seal(START)
    (entry,) = [json.loads(line) async for line in evidence.entries(head)]
    assert (entry["kind"], entry["campaign"], entry["class"], entry["at"]) == (
        "looked",
        "check-2019",
        "c1",
        START.isoformat(),
    )
    assert "telegram:9" not in json.dumps(entry)


async def test_the_last_sign_of_each_account_is_known(database: Database) -> None:
    looks = RedisLooks(database)
    later = START + timedelta(hours=1)
    await asyncio.gather(looks.sign("telegram:9", START), looks.sign("telegram:8", later))
    assert await looks.signs(["telegram:9", "telegram:8", "telegram:7"]) == {"telegram:9": START, "telegram:8": later}
