"""A small school to test with: classes, students, a campaign, and a platform that notes what it is asked to send."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from scheduler.addressing import Addressing
from scheduler.broadcasts import Broadcasts
from scheduler.calendar import Deadline, QuietHours
from scheduler.campaigns import Campaign, CampaignStatus, CheckItem, Owner, Stage, State, StudentState
from scheduler.claiming import Claiming
from scheduler.deliveries import Delivery, Kind, slot_id
from scheduler.desks import Desks
from scheduler.messages import Accepted, Address, Body, OutboundMessage, Outcome, Phrase, Purpose, Text
from scheduler.pacing import Budget
from scheduler.ports import CampaignStore, Clock, Messenger, NoticeResults, RosterStore
from scheduler.recipients import MOST_A_WEEK
from scheduler.relay import Recall, Relay, Tell, tell_nobody
from scheduler.reminders import Reminders
from scheduler.roster import Binding, BindingStrength, Roster, SchoolClass, Student
from scheduler.scribe import DropsRepeats, Scribe, shows_repeats
from scheduler.staff_room import StaffChats
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.corrections import RedisCorrections
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.lanes import RedisLanes
from scheduler.storage.looks import RedisLooks
from scheduler.storage.notices import RedisNoticeResults, RedisNoticeStore
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.papers import RedisPaperStore
from scheduler.storage.people import RedisBindingStore, RedisReachStore
from scheduler.storage.roster import RedisRosterStore
from scheduler.storage.staff import RedisStaffStore
from scheduler.suspensions import Suspension
from tests.conftest import START

LANE = "chatroom"


def student(sid: str, class_id: str = "c1", **more: object) -> Student:
    fixed = {"number": f"2019{sid}", "name": f"student {sid}", "college": "college", "cohort": "2019"}
    return Student(sid=sid, class_id=class_id, **(fixed | more))  # type: ignore[arg-type]


def school_class(class_id: str) -> SchoolClass:
    return SchoolClass(id=class_id, name=f"class {class_id}", college="college", cohort="2019", scope="glut-2019")


def roster(version: int, *students: Student) -> Roster:
    cohorts = {one.class_id: one.cohort for one in students}
    return Roster(
        version=version,
        students={one.sid: one for one in students},
        classes={class_id: replace(school_class(class_id), cohort=cohorts[class_id]) for class_id in sorted(cohorts)},
    )


def campaign(*classes: str, status: CampaignStatus = CampaignStatus.OPEN, revision: int = 1) -> Campaign:
    """Open until Sunday 22 December 2019, 24:00, with waves seven days, three days, one day and three hours before."""
    leads = (timedelta(days=7), timedelta(days=3), timedelta(days=1), timedelta(hours=3))
    deadline = Deadline(words="by 22 December", day=date(2019, 12, 22))
    return Campaign(
        id="check-2019",
        title="check",
        scope="glut-2019",
        cohort="2019",
        status=status,
        stages=(Stage(id="student", owner=Owner.STUDENT, deadline=deadline, waves=leads),),
        classes=classes or ("c1",),
        quiet=QuietHours(start=time(22), end=time(8)),
        expected_status="registered",
        checklist=(CheckItem(id="name", label="name", takes_value=True),),
        exempt=(),
        remarks=(),
        revision=revision,
        opened_at=START,
    )


def group(chat: str) -> Address:
    return Address(platform=LANE, chat=chat)


def wave_to_group(chat: str, *classes: str, wave: str = "7d") -> Delivery:
    classes = classes or ("c1",)
    slots = "+".join(slot_id("check-2019", "student", wave, class_id) for class_id in classes)
    return Delivery(
        id=f"{slots}@{LANE}:{chat}",
        kind=Kind.GROUP_WAVE,
        message=OutboundMessage(to=group(chat), body=Phrase(key="wave"), purpose=Purpose.DEADLINE),
        campaign="check-2019",
        stage="student",
        wave=wave,
        classes=classes,
    )


def wave_to_student(sid: str, class_id: str = "c1", wave: str = "7d") -> Delivery:
    slot = slot_id("check-2019", "student", wave, class_id)
    return Delivery(
        id=f"{slot}@{LANE}:{sid}",
        kind=Kind.PRIVATE_WAVE,
        message=OutboundMessage(to=group(sid), body=Phrase(key="wave"), purpose=Purpose.DEADLINE),
        campaign="check-2019",
        stage="student",
        wave=wave,
        classes=(class_id,),
        sid=sid,
    )


def reply(name: str, chat: str = "alice", *, purpose: Purpose = Purpose.ANSWER) -> Delivery:
    message = OutboundMessage(to=group(chat), body=Text(text=name), purpose=purpose)
    return Delivery(id=name, kind=Kind.REPLY, message=message)


async def bind(database: Database, *sids: str) -> None:
    """Each of these students is written to in a chat of their own name."""
    for sid in sids:
        to = group(sid)
        binding = Binding(account=str(to), sid=sid, strength=BindingStrength.STRONG, private=to)
        await RedisBindingStore(database).bind(binding)


def confirmed(count: int = 1) -> StudentState:
    return StudentState(state=State.CONFIRMED, count=count, at=START, by="s1")


_MOST_IMPORTS = 9


async def open_campaign(campaigns: CampaignStore, *classes: str, size: int = 40) -> Campaign:
    return await enter(campaigns, campaign(*classes), size=size)


async def enter(
    campaigns: CampaignStore, opened: Campaign, *, size: int = 0, sizes: Mapping[str, int] | None = None
) -> Campaign:
    """Open it with classes of these sizes, whichever of a test's few rosters there is."""
    for version in range(_MOST_IMPORTS):
        if await campaigns.enter(
            opened,
            seen_revision=0,
            roster_version=version,
            sizes=sizes or dict.fromkeys(opened.classes, size),
            exempt={},
            now=START,
        ):
            return opened
    raise AssertionError("it cannot be opened")


async def import_students(rosters: RosterStore, *students: Student) -> None:
    current = await rosters.current()
    assert await rosters.apply(roster(current.version + 1, *students), now=START)


@dataclass(slots=True)
class Platform:
    """A messenger that says yes and notes who was written to; `answers` come first, one a send.

    `on_send` is called with each message when the platform has taken it and before it answers.
    """

    answers: list[Outcome | Exception] = field(default_factory=list)
    on_send: Callable[[OutboundMessage], None] | None = None
    taken: list[tuple[str, str]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        assert message.to.chat not in self.busy, "two sends to one chat at the same time"
        self.busy.add(message.to.chat)
        await asyncio.sleep(0)
        self.busy.discard(message.to.chat)
        answer = self.answers.pop(0) if self.answers else Accepted(message_id=f"m{len(self.taken)}")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Accepted):
            self.taken.append((message.to.chat, text))
        if self.on_send is not None:
            self.on_send(message)
        return answer


@dataclass(slots=True)
class Switched:
    """What holds the reminders of students, as a test says."""

    on: list[Suspension] = field(default_factory=list)

    async def holding(self, now: datetime) -> tuple[Suspension, ...]:
        return tuple(one for one in self.on if one.since <= now < one.until)


def reminders(
    database: Database,
    clock: Clock,
    *,
    switched: Switched | None = None,
    most_a_week: int = MOST_A_WEEK,
    outbox: RedisOutbox | None = None,
) -> Reminders:
    """Reminders over the stores; the office is told in its chat `office`."""
    outbox = outbox or RedisOutbox(database)
    claiming = Claiming(
        campaigns=RedisCampaignStore(database),
        rosters=RedisRosterStore(database),
        bindings=RedisBindingStore(database),
        reach=RedisReachStore(database),
        staff=RedisStaffStore(database),
        outbox=outbox,
        most_a_week=most_a_week,
    )
    return Reminders(
        claiming=claiming,
        campaigns=RedisCampaignStore(database),
        rosters=RedisRosterStore(database),
        outbox=outbox,
        suspensions=switched or Switched(),
        staff_room=StaffChats([group("office")], RedisStaffStore(database), outbox, clock),
        clock=clock,
    )


class PlainWords:
    """Words for tests: a phrase is its key, and what is filled into it that is a phrase again."""

    def render(self, body: Body) -> str:
        if isinstance(body, Text):
            return body.text
        inner = [self.render(value) for value in body.values.values() if isinstance(value, Phrase)]
        return " ".join([body.key, *inner]) if body.key == "delivery.repeat" else body.key


def desks(database: Database, *offices: Address) -> Desks:
    """The desks of the school's staff."""
    return Desks(
        staff=RedisStaffStore(database),
        rosters=RedisRosterStore(database),
        bindings=RedisBindingStore(database),
        campaigns=RedisCampaignStore(database),
        papers=RedisPaperStore(database),
        outbox=RedisOutbox(database),
        looks=RedisLooks(database),
        evidence=RedisEvidence(database),
        corrections=RedisCorrections(database),
        offices=offices,
    )


def relay(
    database: Database,
    platform: Messenger,
    clock: Clock,
    *,
    worker: str = "w1",
    budgets: Callable[[Address], Sequence[Budget]] = lambda to: (),
    lane: str = LANE,
    tell: Tell = tell_nobody,
    offices: Sequence[Address] = (),
    dead_after: float = 0,
    drops_repeats: DropsRepeats = shows_repeats,
    recall: Recall | None = None,
) -> Relay:
    """A relay of the test's lane; whoever is not it counts as dead at once, or after so many seconds."""
    lanes = RedisLanes(database, worker)
    scribe = Scribe(
        campaigns=RedisCampaignStore(database),
        rosters=RedisRosterStore(database),
        bindings=RedisBindingStore(database),
        notices=RedisNoticeStore(database),
        lanes=lanes,
        wording=PlainWords(),
        you=lambda scope: scope,
        digest=desks(database, *offices).letter,
        drops_repeats=drops_repeats,
    )

    return Relay(
        lane,
        lanes=lanes,
        messenger=platform,
        scribe=scribe,
        clock=clock,
        budgets=budgets,
        recall=recall,
        tell=tell,
        dead_after=dead_after,
    )


def addressing(database: Database, results: NoticeResults) -> Addressing:
    """Whom notices reach."""
    return Addressing(
        rosters=RedisRosterStore(database),
        bindings=RedisBindingStore(database),
        staff=RedisStaffStore(database),
        campaigns=RedisCampaignStore(database),
        reach=RedisReachStore(database),
        notices=RedisNoticeStore(database),
        results=results,
    )


def for_a_day(to: Address, message_id: str) -> timedelta:
    """Every message can be taken back for a day."""
    return timedelta(days=1)


def broadcasts(database: Database, clock: Clock, *, results: NoticeResults | None = None) -> Broadcasts:
    """What moves notices on."""
    results = results or RedisNoticeResults(database)
    found = addressing(database, results)
    return Broadcasts(RedisNoticeStore(database), results, RedisOutbox(database), found, clock, for_a_day)
