"""A campaign over schools of several sizes: planning it, claiming and queueing all waves of one moment, and counting
how far every class is; each size in a process and on a data folder of its own."""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from pathlib import Path

from bot import logs
from bot.bootstrap import Stores, claiming, stores
from bot.settings import read
from bot.suspending import SwitchedSuspensions
from scheduler.calendar import Deadline, QuietHours
from scheduler.campaigns import Campaign, CampaignStatus, Owner, Stage
from scheduler.clocks import VirtualClock
from scheduler.messages import Address
from scheduler.planner import plan
from scheduler.ports import StoreAway
from scheduler.recipients import Audience, mailing
from scheduler.reminders import Reminders
from scheduler.roster import Binding, BindingStrength, Group, Roster, SchoolClass, Student
from scheduler.staff_room import StaffChats
from scheduler.storage.database import Database
from tests.bench.figures import Figure, Measured, Unmeasured

_SIZES = (5_000, 50_000, 500_000)
_AIMED_AT = 50_000
_CLASS_SIZE = 40
_AT_ONCE = 1_000
_START = datetime(2019, 12, 1, tzinfo=UTC)
_STEPS = ("plan", "seed", "measure")
_AIMS = {
    "plan": ("campaign of {size} students planned, with every message of a wave", "s", 1.0),
    "claim": ("all waves of one moment claimed and queued, {size} students", "s", 5.0),
    "held": ("longest that one command held the server meanwhile, {size} students", "ms", 50.0),
    "progress": ("progress of all classes, {size} students", "ms", 50.0),
    "memory": ("memory of the process that did this, {size} students", "MB", 200.0),
}


def figures() -> Iterator[Measured]:
    """Five figures for each size; the aims are those of 50,000 students."""
    for size in _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            try:
                measured = {what: value for step in _STEPS for what, value in _run(step, size, folder).items()}
            except subprocess.CalledProcessError as fault:
                yield Unmeasured(name=f"campaign of {size:,} students", why=f"exit {fault.returncode}")
                continue
        for what, value in measured.items():
            name, unit, aim = _AIMS[what]
            aimed = aim if size == _AIMED_AT else None
            yield Figure(name=name.format(size=f"{size:,}"), value=value, unit=unit, aim=aimed)


def _run(step: str, size: int, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.campaigns", step, str(size), folder]
    measured: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return measured


def school(size: int) -> Roster:
    """Classes of forty."""
    students = {}
    classes = {}
    for place in range(size):
        class_number, seat = divmod(place, _CLASS_SIZE)
        class_id = f"c{class_number}"
        if not seat:
            classes[class_id] = SchoolClass(
                id=class_id, name=f"class {class_number}", college="college", cohort="2019", scope="glut-2019"
            )
        sid = f"{place:012x}"
        students[sid] = Student(
            sid=sid,
            number=f"2019{place:08}",
            name=f"student {place}",
            college="college",
            class_id=class_id,
            cohort="2019",
            is_monitor=not seat,
        )
    return Roster(version=1, students=students, classes=classes)


def binding(sid: str) -> Binding:
    """Everybody has an account of their own."""
    private = Address(platform="telegram", chat=sid)
    return Binding(account=f"telegram:{sid}", sid=sid, strength=BindingStrength.STRONG, private=private)


def campaign_of(classes: tuple[str, ...]) -> Campaign:
    """Everybody until Sunday 22 December 2019, the monitors until Tuesday."""
    leads = (timedelta(days=7), timedelta(days=3), timedelta(days=1), timedelta(hours=3))
    ends = (date(2019, 12, 22), None), (date(2019, 12, 24), hour(17))
    students, monitors = (Deadline(words="", day=day, at=at) for day, at in ends)
    return Campaign(
        id="check-2019",
        title="check",
        scope="glut",
        cohort="2019",
        status=CampaignStatus.OPEN,
        stages=(
            Stage(id="student", owner=Owner.STUDENT, deadline=students, waves=leads),
            Stage(id="hand-in", owner=Owner.MONITOR, deadline=monitors, waves=leads[2:3]),
        ),
        classes=classes,
        quiet=QuietHours(start=hour(22), end=hour(8)),
        expected_status="registered",
        checklist=(),
        exempt=(),
        remarks=(),
        opened_at=_START,
    )


def planned(roster: Roster) -> float:
    """Seconds for the plan and for what its first wave sends."""
    campaign = campaign_of(tuple(roster.classes))
    members: dict[str, list[Student]] = {class_id: [] for class_id in roster.classes}
    for student in roster.students.values():
        members[student.class_id].append(student)
    groups = [Group(address=Address(platform="telegram", chat=f"-{one}"), classes=(one,)) for one in roster.classes]
    bindings = {sid: (binding(sid),) for sid in roster.students}
    begun = time.perf_counter()
    wave = plan(campaign, _START).coming[0]
    mailing(campaign, wave, Audience(members=members, states={}, groups=groups, bindings=bindings))
    return time.perf_counter() - begun


async def _bind(kept: Stores, sids: Sequence[str]) -> None:
    """Bind them; a busy machine may have to be asked twice, which does no harm."""
    while True:
        try:
            await asyncio.gather(*(kept.bindings.bind(binding(sid)) for sid in sids))
        except StoreAway:
            await asyncio.sleep(1)
        else:
            return


async def enrol(kept: Stores, roster: Roster) -> Campaign:
    """Everybody bound, every class with a group, the campaign open."""
    await kept.rosters.apply(roster, now=_START)
    sids = list(roster.students)
    for start in range(0, len(sids), _AT_ONCE):
        await _bind(kept, sids[start : start + _AT_ONCE])
    for class_id in roster.classes:
        await kept.bindings.bind_group(
            Group(address=Address(platform="telegram", chat=f"-{class_id}"), classes=(class_id,))
        )
    campaign = campaign_of(tuple(roster.classes))
    await kept.campaigns.enter(
        campaign,
        seen_revision=0,
        roster_version=(await kept.rosters.current()).version,
        sizes=dict.fromkeys(roster.classes, _CLASS_SIZE),
        exempt={},
        now=_START,
    )
    return campaign


async def seed(size: int, folder: Path) -> None:
    """Put the school into a fresh data folder."""
    async with stores(read(data=folder), serving=False) as (kept, _):
        await enrol(kept, school(size))


async def measure(size: int, folder: Path) -> dict[str, float]:
    """Fire one moment's waves of a seeded school, then look how far every class is."""
    campaign = campaign_of(tuple(f"c{number}" for number in range(size // _CLASS_SIZE)))
    async with stores(read(data=folder), serving=False) as (kept, _):
        clock = VirtualClock(plan(campaign, _START).coming[0].at)
        reminders = Reminders(
            claiming=claiming(kept),
            campaigns=kept.campaigns,
            rosters=kept.rosters,
            outbox=kept.outbox,
            suspensions=SwitchedSuspensions(kept.switches),
            staff_room=StaffChats((), kept.staff, kept.outbox, clock),
            clock=clock,
        )
        await _watch(kept.database)
        begun = time.perf_counter()
        queued = await reminders.fire()
        claim = time.perf_counter() - begun
        held = await _longest(kept.database)
        if queued != size + len(campaign.classes):
            raise RuntimeError(f"{queued} messages were queued")
        begun = time.perf_counter()
        await kept.campaigns.progress_of_each(campaign.id, campaign.classes)
        progress = 1_000 * (time.perf_counter() - begun)
    return {"claim": claim, "held": held, "progress": progress, "memory": _peak() / 1e6}


async def _watch(database: Database) -> None:
    """Have the server note every command that takes it a millisecond or more."""
    for name, value in (("slowlog-log-slower-than", 1_000), ("slowlog-max-len", 100_000)):
        await database.call("CONFIG", "SET", name, value)


async def _longest(database: Database) -> float:
    """Milliseconds of the slowest command since `_watch`."""
    noted = await database.call("SLOWLOG", "GET", -1)
    return max((float(microseconds) for _, _, microseconds, *_ in noted), default=0.0) / 1_000


def _peak() -> int:
    """The most bytes this process had resident; Linux' getrusage would count those of whoever started it, too."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """`plan`, `seed` or `measure`, a size, and a data folder; what was measured goes out as JSON."""
    logs.quiet()
    what, size, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    measured: dict[str, float] = {}
    if what == "plan":
        measured["plan"] = planned(school(size))
    elif what == "seed":
        asyncio.run(seed(size, folder))
    else:
        measured = asyncio.run(measure(size, folder))
    sys.stdout.write(json.dumps(measured))


if __name__ == "__main__":
    main()
