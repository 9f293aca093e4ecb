"""The sample college brought to life: its roster imported, everybody bound, a campaign opened."""

from datetime import UTC, datetime
from pathlib import Path

from bot.bootstrap import Service, Stores, new_sid
from bot.demo import sample
from bot.drafting import draft
from bot.platforms.chatroom.room import PLATFORM, Chatroom, Person, group_chat
from knowledge.loading import Content
from scheduler.campaigns import Campaign
from scheduler.forms.roster_file import read
from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength, Group, Role, Roster, merge
from scheduler.staffing import StaffMember, StaffRole

TEMPLATE = "glut-check"
"""The campaign template the demo opens."""

_SCHOOL = "glut"
_COUNSELLOR = "counsellor"


def write_roster(cohort: int, folder: Path) -> Path:
    """Write the sample roster as the spreadsheet an office hands over."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"roster-{cohort}.xlsx"
    path.write_bytes(sample.roster_xlsx(cohort))
    return path


async def import_roster(kept: Stores, content: Content, cohort: int, name: str, data: bytes) -> Roster:
    """Import a roster file through the front door; the roster afterwards."""
    found = read(name, data)
    if found.faults:
        raise ValueError(f"the sample roster has faults: {found.faults}")
    scope = f"{_SCHOOL}-{cohort}" if f"{_SCHOOL}-{cohort}" in content.tree else _SCHOOL
    current = await kept.rosters.current()
    roster = merge(current, found.rows, scope_of=lambda row: scope, new_sid=new_sid)
    await kept.rosters.apply(roster, now=datetime.now(UTC))
    return await kept.rosters.current()


def persons(roster: Roster, counsellor_name: str) -> list[Person]:
    """Everybody who can be played in the chatroom: the students and one counsellor."""
    students = [
        Person(
            account=f"{PLATFORM}:{student.sid}",
            name=student.name,
            role=Role.MONITOR if student.is_monitor else Role.STUDENT,
            class_id=student.class_id,
            sid=student.sid,
        )
        for student in sorted(roster.students.values(), key=lambda student: student.number)
    ]
    return [*students, Person(account=f"{PLATFORM}:{_COUNSELLOR}", name=counsellor_name, role=Role.COUNSELLOR)]


async def bind_everybody(kept: Stores, room: Chatroom, roster: Roster) -> None:
    """Every student's account, every class's group and the counsellor, as staff would have bound them."""
    for person in room.persons.values():
        if person.sid is not None:
            await kept.bindings.bind(
                Binding(account=person.account, sid=person.sid, strength=BindingStrength.STRONG, private=person.private)
            )
        else:
            classes = tuple(sorted(roster.classes))
            await kept.staff.appoint(
                StaffMember(account=person.account, role=StaffRole.COUNSELLOR, classes=classes, private=person.private)
            )
    for class_id in roster.classes:
        address = Address(platform=PLATFORM, chat=group_chat(class_id))
        await kept.bindings.bind_group(Group(address=address, classes=(class_id,)))


async def open_campaign(service: Service, cohort: int) -> Campaign:
    """Open the template's campaign of the cohort's own year, for all classes it concerns; the scheduler hears of it."""
    template = service.known.content.templates[TEMPLATE]
    drafted = draft(template, cohort, cohort=str(cohort))
    await service.kept.campaigns.save(drafted, seen_revision=0)
    match await service.opening.open(drafted.id, service.clock.now()):
        case Campaign() as opened:
            await service.reminders.derive()
            return opened
        case unfit:
            raise RuntimeError(f"the sample campaign cannot be opened: {unfit}")
