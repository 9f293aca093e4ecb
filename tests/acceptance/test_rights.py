"""Every right for everybody: what a word or a button asks for is had by whom the table names, and by nobody else.

A button is pressed by everybody, as if another's old message had come into their hands.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest

from bot.dialogue.limiting import WINDOW
from bot.dialogue.rights import TABLE, Right
from bot.messages import InboundMessage
from bot.platforms.chatroom.room import group_chat
from scheduler.campaigns import Campaign, StudentState
from scheduler.claims import Waiting
from scheduler.messages import Action, Address, Verb
from scheduler.notices import Audience, Notice
from scheduler.roster import BindingStrength, SchoolClass, Student
from scheduler.staffing import Deputy, MonitorWord, StaffMember, StaffRole, end_of_term
from tests.acceptance.college import COUNSELLOR, College
from tests.acceptance.test_campaign import FIRST_WAVE

OWING, REPORTING, SUCCESSOR, WRONG = 22, 23, 24, 25
"""Seats: of who has stated nothing, of who is not found, of who could be made monitor, of who reported an item."""

_ids = count(1)


async def said_to(college: College, student: Student, *, in_group: str = "", **did: Any) -> str:
    """All that is said to a text, in private or in the group of a class, or to a button, whoever it was meant for."""
    service = college.demo.service
    message = InboundMessage(
        id=f"cell{next(_ids)}",
        address=Address(platform="chatroom", chat=group_chat(in_group) if in_group else student.sid),
        account=college.account(student),
        at=service.clock.now(),
        private=not in_group,
        addressed=True,
        **did,
    )
    sent = await service.dispatcher.handle(message)
    return "\n".join(service.known.wording.render(outbound.body) for outbound, _ in sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody by the account of a student of the chatroom: their rights for the class, and for another one."""

    known_as: str
    student: Student
    here: frozenset[Right] = frozenset()
    elsewhere: frozenset[Right] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A class in an open campaign with everybody who may or may not do something for it."""

    college: College
    campaign: Campaign
    found: SchoolClass
    people: tuple[Person, ...]
    claim: str
    notice: int
    reported: str

    def action(self, verb: Verb, detail: str) -> Action:
        """A button of the campaign."""
        return Action(verb=verb, subject=self.campaign.id, detail=detail)

    async def recorded(self) -> tuple[int, Mapping[str, StudentState], object]:
        """What looks, states and hand-ins there are."""
        kept = self.college.demo.service.kept
        return (
            await kept.looks.total(self.campaign.id),
            await kept.campaigns.states(self.campaign.id, self.found.id),
            await kept.campaigns.hand_in(self.campaign.id, self.found.id),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to use a right: a text or a button, and a pattern of what only who has the right hears.

    `anywhere`: it names no class, so the right for any class is enough. `refused` is what everybody else hears to the
    button.
    """

    heard: str
    refused: str = "不适用于"
    text: str = ""
    button: Callable[[Scene], Action] | None = None
    in_group: bool = False
    anywhere: bool = False

    async def used(self, scene: Scene, person: Person) -> str:
        """What is said to somebody who tries it."""
        if self.button is not None:
            return await said_to(scene.college, person.student, action=self.button(scene))
        return await said_to(
            scene.college,
            person.student,
            text=_filled(scene.college, self.text),
            in_group=scene.found.id if self.in_group else "",
        )

    def shown(self, scene: Scene, said: str) -> bool:
        """Whether that is what only who has the right hears."""
        return re.search(_filled(scene.college, self.heard), said) is not None


def _filled(college: College, text: str) -> str:
    owing, wrong = college.seat(OWING), college.seat(WRONG)
    text = text.replace("CLASS", college.demo.room.classes[owing.class_id]).replace("WRONG", wrong.name)
    return text.replace("OWING", owing.name)


def _of_class(verb: Verb, before: str = "", after: str = "") -> Callable[[Scene], Action]:
    return lambda scene: scene.action(verb, f"{before}{scene.found.id}{after}")


def _of_student(verb: Verb, seat: int) -> Callable[[Scene], Action]:
    return lambda scene: scene.action(verb, scene.college.seat(seat).sid)


WAYS: Mapping[Right, tuple[Way, ...]] = {
    Right.SEE_PROGRESS: (
        Way(text="进度", heard="CLASS：共"),
        Way(button=lambda _: Action(verb=Verb.PROGRESS), heard="CLASS：共", refused="已经开始|没有需要登记的|：共"),
    ),
    Right.SEE_NAMES: (
        Way(text="名单 CLASS", heard="仅您可见"),
        Way(button=_of_class(Verb.PROGRESS), heard="CLASS，仅您可见"),
        Way(button=_of_class(Verb.NAMES), heard="OWING"),
    ),
    Right.SEE_REASONS: (
        Way(button=_of_class(Verb.NAMES), heard="（查不到学籍）", refused="不适用于|老师正在处理（2）"),
    ),
    Right.SEE_ITEMS: (
        Way(text="更正 CLASS", heard="CLASS报了有误1处"),
        Way(button=_of_class(Verb.REPORTED), heard="CLASS报了有误1处"),
        Way(button=_of_class(Verb.REPORTED, "="), heard="WRONG：“层次”"),
    ),
    Right.SEE_VALUES: (
        Way(text="更正", heard="没办完的有1项"),
        Way(button=lambda scene: Action(verb=Verb.CORRECTION), heard="没办完的有1项"),
        Way(button=lambda scene: Action(verb=Verb.CORRECTION, subject=scene.reported), heard="WRONG，学号尾号"),
        Way(
            button=lambda scene: Action(verb=Verb.CORRECTION, subject=scene.reported, detail="received"),
            heard="“层次”.*学院已收",
        ),
    ),
    Right.NUDGE: (
        Way(text="催办 CLASS", heard="CLASS：将私信提醒|CLASS.*刚催过"),
        Way(button=_of_class(Verb.NUDGE), heard="CLASS：将私信提醒|CLASS.*刚催过"),
        Way(button=_of_class(Verb.NUDGE_NOW), heard="已排上|刚催过"),
    ),
    Right.PROXY: (
        Way(text="代登记 CLASS", heard="OWING"),
        Way(button=_of_class(Verb.PROXY), heard="OWING"),
    ),
    Right.AMEND: (
        Way(text=f"更正 CLASS {OWING}", heard="OWING还没有登记，不用退回"),
        Way(button=_of_class(Verb.AMEND), heard="要退回哪位"),
        Way(button=_of_student(Verb.AMEND, REPORTING), heard="已退回|还没有登记"),
    ),
    Right.TICK_PAPER: (
        Way(text=f"纸签 CLASS {OWING}号签了", heard="CLASS：纸签"),
        Way(button=_of_class(Verb.PAPER), heard="CLASS：纸签"),
    ),
    Right.HAND_IN_CLASS: (
        Way(text="已交 CLASS", heard="表交给学院了吗|已记为交表"),
        Way(button=_of_class(Verb.HAND_IN), heard="表交给学院了吗|已记为交表"),
        Way(button=_of_class(Verb.HAND_IN, before="="), heard="已记下：CLASS|本来就是这样"),
        Way(button=_of_class(Verb.HAND_IN, before="-"), heard="已撤回：CLASS|本来就是这样"),
    ),
    Right.HAND_IN_COLLEGE: (Way(text="已交处", heard="已记下：|本来就是这样|请写明是哪个学院"),),
    Right.EXPORT: (
        Way(text="导出 CLASS", heard="CLASS，导出哪一份"),
        Way(button=_of_class(Verb.EXPORT, after="/u"), heard="CLASS的文件"),
        Way(text="进度图", heard="进度图", anywhere=True),
    ),
    Right.CLAIM: (
        Way(text="认领", heard="有1个账号等您认领"),
        Way(button=lambda scene: Action(verb=Verb.CLAIM, subject=scene.claim), heard="CLASS，一个账号自称"),
    ),
    Right.BIND_GROUP: (
        Way(text="绑定班级 CLASS", heard="请到CLASS的群里"),
        Way(button=lambda scene: Action(verb=Verb.GROUP_CODE, subject=scene.found.id), heard="请到CLASS的群里"),
    ),
    Right.INVITE: (
        Way(
            button=lambda scene: Action(verb=Verb.MONITOR, subject=scene.college.seat(SUCCESSOR).sid, detail="no"),
            heard="好，.*不是班长",
        ),
    ),
    Right.HUSH: (Way(text="安静 关", in_group=True, heard="我就答"),),
    Right.SWITCH: (
        Way(text="故障 学信网 开", heard="已打开“学信网故障”", anywhere=True),
        Way(text="未注册 2031 关", heard="没有打开", anywhere=True),
    ),
    Right.OPEN_CAMPAIGN: (Way(text="进度图", heard="已排上，发到学籍科的群"),),
    Right.NOTICE: (
        Way(text="通知", heard="通知列表|能看的通知|通知1", anywhere=True),
        Way(text="发通知", heard="发给哪些班|请把通知发给我", anywhere=True),
    ),
    Right.RELEASE_NOTICE: (
        Way(
            button=lambda scene: Action(verb=Verb.NOTICE, subject=str(scene.notice), detail="show"),
            heard="领教材",
        ),
        Way(
            button=lambda scene: Action(verb=Verb.NOTICE, subject=str(scene.notice), detail="drop"),
            heard="已取消|已经是这样",
        ),
    ),
}


@pytest.fixture
def configured() -> dict[str, Any]:
    return {"staff_chat": f"chatroom:{COUNSELLOR}"}


@pytest.fixture
async def scene(college: College) -> Scene:
    service, kept = college.demo.service, college.demo.service.kept
    found = await kept.rosters.school_class(college.seat(1).class_id)
    assert found is not None
    await kept.staff.dismiss(f"chatroom:{COUNSELLOR}")
    campaign = await college.open_campaign()
    await college.say(college.seat(REPORTING), "查不到")
    await college.say(college.seat(WRONG), "有误")
    await college.press(college.seat(WRONG), "层次")
    (reported,) = await kept.corrections.of_student(college.seat(WRONG).sid)
    college.clock.advance_to(FIRST_WAVE)
    people = await everybody(college, next(one for one in campaign.classes if one != found.id))
    waiting = Waiting(
        account="chatroom:who",
        private=Address(platform="chatroom", chat="who"),
        class_id=found.id,
        name="某人",
        at=service.clock.now(),
    )
    await kept.bindings.wait(waiting)
    notice = Notice(
        number=await kept.notices.new_number(),
        title="领教材",
        text="周四到教材科领教材。",
        author="chatroom:another",
        audience=Audience(classes=(found.id,)),
        created_at=service.clock.now(),
    )
    await kept.notices.save(notice, seen_revision=0, by=notice.author, now=service.clock.now())
    return Scene(
        college=college,
        campaign=campaign,
        found=found,
        people=people,
        claim=waiting.id,
        notice=notice.number,
        reported=reported.id,
    )


async def everybody(college: College, other: str) -> tuple[Person, ...]:
    """Each role for the first class, and everybody who is near one: of the `other` class, of yesterday, not proved."""
    kept, now = college.demo.service.kept, college.clock.now()

    async def staff(known_as: str, seat: int, role: StaffRole, *classes: str, **more: Any) -> Person:
        student = college.seat(seat)
        await kept.bindings.unbind(college.account(student))
        member = StaffMember(
            account=college.account(student),
            role=role,
            private=Address(platform="chatroom", chat=student.sid),
            classes=classes,
        )
        await kept.staff.appoint(replace(member, **more))
        return Person(known_as=known_as, student=student, here=TABLE[role] if student.class_id in classes else NONE)

    class_id, colleges = college.seat(1).class_id, (college.seat(1).college,)
    deputy = Deputy(account=college.account(college.seat(13)), since=now, until=end_of_term(now))
    await kept.bindings.unbind(deputy.account)
    people = [
        Person(known_as="monitor", student=college.seat(1), here=TABLE[StaffRole.MONITOR]),
        await staff("counsellor", 9, StaffRole.COUNSELLOR, class_id, deputies=(deputy,)),
        await staff("teacher", 10, StaffRole.TEACHER, class_id),
        replace(await staff("college", 11, StaffRole.COLLEGE, colleges=colleges), here=TABLE[StaffRole.COLLEGE]),
        replace(await staff("registrar", 12, StaffRole.REGISTRAR), here=TABLE[StaffRole.REGISTRAR]),
        Person(known_as="deputy", student=college.seat(13), here=TABLE[StaffRole.COUNSELLOR]),
        replace(await staff("ex-registrar", 14, StaffRole.REGISTRAR, until=now), here=NONE),
        replace(
            await staff("counsellor-elsewhere", 15, StaffRole.COUNSELLOR, other),
            elsewhere=TABLE[StaffRole.COUNSELLOR],
        ),
        Person(
            known_as="monitor-elsewhere",
            student=next(one for one in await kept.rosters.members(other) if one.is_monitor),
            elsewhere=TABLE[StaffRole.MONITOR],
        ),
        await unproved_monitor(college, 16),
        Person(known_as="student", student=college.seat(17)),
        Person(known_as="stranger", student=college.seat(18)),
    ]
    await kept.bindings.unbind(college.account(people[-1].student))
    return tuple(people)


NONE: frozenset[Right] = frozenset()


async def unproved_monitor(college: College, seat: int) -> Person:
    """Somebody who says by number and name alone that they are one who was made monitor."""
    kept, student = college.demo.service.kept, college.seat(seat)
    named = tuple(sorted(one.sid for one in await kept.rosters.members(student.class_id) if one.is_monitor))
    word = MonitorWord(
        sid=student.sid,
        class_id=student.class_id,
        is_monitor=True,
        named=named,
        until=end_of_term(college.clock.now()),
        by="chatroom:another",
    )
    await kept.staff.say_monitors([word])
    (binding,) = await kept.bindings.of_account(college.account(student))
    await kept.bindings.bind(replace(binding, strength=BindingStrength.PROVISIONAL))
    return Person(known_as="unproved-monitor", student=student)


def test_every_right_has_a_way_to_be_used() -> None:
    assert WAYS.keys() == set(Right)


@pytest.mark.parametrize("right", WAYS, ids=str)
async def test_a_right_is_had_by_whom_the_table_names_and_nobody_else_moves_anything(
    scene: Scene, right: Right
) -> None:
    before = await scene.recorded()
    for person in sorted(scene.people, key=lambda one: right in one.here | one.elsewhere):
        for way in WAYS[right]:
            said = await way.used(scene, person)
            granted = right in person.here or (way.anywhere and right in person.elsewhere)
            assert way.shown(scene, said) is granted, f"{person.known_as}, {way}: {said}"
            assert granted or way.button is None or re.search(way.refused, said), f"{person.known_as}, {way}: {said}"
        if right not in person.here | person.elsewhere and right is not Right.SEE_REASONS:
            assert await scene.recorded() == before, person.known_as


async def test_a_stranger_hears_the_same_to_every_word_whether_there_is_a_campaign_or_not(college: College) -> None:
    stranger = college.seat(18)
    await college.demo.service.kept.bindings.unbind(college.account(stranger))
    texts = {way.text for ways in WAYS.values() for way in ways if way.text}

    async def hears() -> dict[str, str]:
        return {one: await said_to(college, stranger, text=_filled(college, one)) for one in sorted(texts)}

    before = await hears()
    await college.open_campaign()
    college.clock.advance_to(FIRST_WAVE)
    assert await hears() == before


async def test_no_button_tells_a_stranger_of_the_campaign_a_class_or_anybody(scene: Scene) -> None:
    stranger, clock = scene.people[-1].student, scene.college.clock
    secrets = {scene.campaign.title, *scene.college.demo.room.classes.values(), "领教材"}
    secrets |= {student.name for student in scene.college.students}
    owing = scene.college.seat(OWING).sid
    buttons = [(scene.campaign.id, detail) for detail in ("", scene.found.id, owing)]
    buttons += [(scene.found.id, ""), (scene.found.id, owing), (str(scene.notice), "show"), (scene.claim, "")]
    buttons += [(scene.reported, detail) for detail in ("", "received", "=no-error", "*", "+")]
    for verb in Verb:
        clock.advance_to(clock.now() + WINDOW)  # nobody is held back for pressing so much
        for subject, detail in buttons:
            said = await said_to(scene.college, stranger, action=Action(verb=verb, subject=subject, detail=detail))
            assert not any(secret in said for secret in secrets), f"{verb}, {subject}, {detail}: {said}"
