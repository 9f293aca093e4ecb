"""A school of several classes, and processes that fire and send for it, each of its own."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.storage.connection import close, connect
from scheduler.clocks import VirtualClock
from scheduler.messages import Accepted, OutboundMessage, Outcome
from scheduler.roster import Binding, BindingStrength, Group
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.integration.school import group, import_students, open_campaign, relay, reminders, student

CLASSES = tuple(f"c{number}" for number in range(1, 9))

GROUPS = {**{f"g-{class_id}": (class_id,) for class_id in CLASSES[:6]}, "g-both": CLASSES[6:]}
"""Which classes are in which group: the last two share one."""

_ALIVE = 60.0
"""Seconds for which a process counts as alive: none of a test's is taken for dead while it works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """A platform that says yes and writes down whom it wrote to, for several processes at once."""

    path: Path

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        with self.path.open("a", encoding="utf-8") as tape:
            tape.write(f"{message.to.chat}\n")
        return Accepted(message_id=f"{message.to.chat}:{len(text)}")

    def heard(self) -> Counter[str]:
        """How often each chat was written to."""
        return Counter(self.path.read_text("utf-8").splitlines() if self.path.exists() else ())


async def prepare(database: Database, *, students: int = 5) -> list[str]:
    """The classes with so many students each, all reachable; the chats of everybody who is to hear a wave.

    The last of the first class and the last of the last but two are one person with two records.
    """
    sids = {f"{class_id}-{number}": class_id for class_id in CLASSES for number in range(students)}
    twice = {f"{class_id}-{students - 1}" for class_id in (CLASSES[0], CLASSES[-3])}
    await import_students(RedisRosterStore(database), *(student(sid, class_id) for sid, class_id in sids.items()))
    bindings = RedisBindingStore(database)
    for chat, classes in GROUPS.items():
        await bindings.bind_group(Group(address=group(chat), classes=classes))
    for sid in sids:
        chat = "twice" if sid in twice else sid
        await bindings.bind(
            Binding(account=f"chatroom:{chat}", sid=sid, strength=BindingStrength.STRONG, private=group(chat))
        )
    await open_campaign(RedisCampaignStore(database), *CLASSES, size=students)
    return [*GROUPS, *(sids.keys() - twice), "twice"]


async def fire_and_send(url: str, prefix: str, at: datetime, tape: Tape, worker: str) -> None:
    """What one process does when a wave is due."""
    database, clock = connect(url, prefix), VirtualClock(at)
    await reminders(database, clock).fire()
    await relay(database, tape, clock, worker=worker, dead_after=_ALIVE).run_until_idle()
    await close(database)


async def at_once(processes: int, url: str, prefix: str, at: datetime, tape: Tape) -> Sequence[int]:
    """Have so many processes do that at the same moment; how each ended."""
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, url, prefix, at.isoformat(), str(tape.path), f"w{number}",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for number in range(processes)
    ]  # fmt: skip
    for process in started:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    await asyncio.gather(*(process.communicate() for process in started))
    return [process.returncode or 0 for process in started]


def main(url: str, prefix: str, at: str, tape: str, worker: str) -> None:
    """One of these processes: says that it is ready, and begins with the next line it reads."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    asyncio.run(fire_and_send(url, prefix, datetime.fromisoformat(at), Tape(path=Path(tape)), worker))


if __name__ == "__main__":
    main(*sys.argv[1:])
