"""The whole bot on Telegram's stand-in: what only Telegram can do, and what only Telegram does to a group."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Knowledge, Lane, Service, Stores, seal, whereabouts
from bot.demo import sample
from bot.demo.college import import_roster, open_campaign
from bot.dialogue.reoffering import Reoffering
from bot.metrics import Metrics
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.outage import Outages
from bot.settings import read
from bot.standins.telegram import FaultKind, TelegramStandin
from bot.standins.telegram.pace import NO_LIMITS
from knowledge.loading import CONTENT
from scheduler.campaigns import State
from scheduler.clocks import VirtualClock
from scheduler.messages import Action, Address, Verb
from scheduler.pacing import telegram_budgets
from scheduler.planner import plan
from scheduler.roster import Group, Student
from scheduler.staffing import StaffMember, StaffRole
from scheduler.storage.database import Database
from tests.acceptance.college import COHORT
from tests.acceptance.conftest import TEN_DAYS_BEFORE

CLASS_GROUP = -1001
STUDENT = 11
CODE = "K7M2XQ9P"
ID_NUMBER = "11010519491231002X"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The bot, its Telegram, and a student of the class whose group it is in."""

    service: Service
    standin: TelegramStandin
    telegram: Telegram
    clock: VirtualClock
    student: Student
    data: Path

    async def settle(self) -> None:
        """Everything that is due happens, some seconds after it was said: people do not all press at once."""
        await self.turn(seconds=3)
        await self.telegram.fetch()
        await self.service.settle()

    async def group(self, chat: int = CLASS_GROUP) -> list[dict[str, Any]]:
        return await self.standin.messages(chat)

    async def private(self) -> list[str]:
        return [shown["text"] for shown in await self.standin.messages(STUDENT)]

    async def turn(self, **time: float) -> None:
        self.clock.advance_to(self.clock.now() + timedelta(**time))
        await self.service.settle()

    async def remind(self) -> None:
        """The first wave of this year's campaign goes out."""
        campaign = await open_campaign(self.service, COHORT)
        self.clock.advance_to(min(wave.at for wave in plan(campaign, self.clock.now()).coming))
        await self.settle()


@pytest.fixture
async def office(database: Database, known: Knowledge, tmp_path: Path) -> AsyncIterator[Office]:
    clock = VirtualClock(TEN_DAYS_BEFORE)
    kept, settings = Stores(database, alone=True), read(data=tmp_path)
    roster = await import_roster(kept, known.content, COHORT, "roster.xlsx", sample.roster_xlsx(COHORT))
    student = min(roster.students.values(), key=lambda found: (found.class_id, found.number))
    address = Address(platform="telegram", chat=str(CLASS_GROUP))
    await kept.bindings.bind_group(Group(address=address, classes=(student.class_id,)))
    await kept.bindings.codes([student.sid], {student.sid: CODE})
    again = Reoffering(kept.campaigns, kept.bindings, kept.outbox, known.wording)
    async with TelegramStandin(limits=NO_LIMITS) as standin:
        standin.world.group(chat=CLASS_GROUP)
        async with Telegram(
            token=standin.token, base_url=standin.base_url, seal=seal(settings), intake=kept.intake,
            uploads=kept.uploads, whereabouts=whereabouts(kept, clock), clock=clock, figures=CONTENT / "figures",
            outages=Outages(kept.hearing, again.offer_again), menu=dict, long_poll=0,
        ) as telegram:  # fmt: skip
            await telegram.introduce()
            lane = Lane(
                name="telegram",
                messenger=telegram,
                receive=telegram.receive,
                erase=telegram.erase,
                look=telegram.look,
                budgets=lambda to: telegram_budgets(to, in_group=to.chat.startswith("-")),
            )
            service = Service(settings=settings, known=known, kept=kept, clock=clock, lanes=[lane], metrics=Metrics())
            await service.reminders.start()
            yield Office(
                service=service, standin=standin, telegram=telegram, clock=clock, student=student, data=tmp_path
            )
            await service.reminders.stop()


async def test_from_a_group_button_over_a_link_to_a_binding_and_on_to_the_check_list(office: Office) -> None:
    office.standin.world.whispers = True
    await office.remind()
    (wave,) = await office.group()
    office.standin.world.press(user=STUDENT, chat=CLASS_GROUP, message=wave["message_id"], label=wave["buttons"][0][0])
    await office.settle()
    _, line = await office.group()
    assert line["only_for"] == STUDENT, "nobody else has to see that somebody never opened the chat"
    office.standin.world.follow(user=STUDENT, chat=CLASS_GROUP, message=line["message_id"], label=line["buttons"][0][0])
    await office.settle()
    assert "绑定" in (await office.private())[-1]
    office.standin.world.say(user=STUDENT, text=f"绑定 {CODE}")
    await office.settle()
    *_, bound, check_list = await office.private()
    assert office.student.name in bound
    assert "民族" in check_list or "身份证" in check_list or "核对" in check_list


@pytest.mark.parametrize(
    "action",
    [
        Action(verb=Verb.CONFIRM),
        Action(verb=Verb.ERASE, detail="yes"),
        Action(verb=Verb.PRIVATE, subject=Verb.CONFIRM),
        Action(verb=Verb.PRIVATE, subject=Verb.ERASE, detail=".yes"),
    ],
    ids=["confirm", "erase", "confirm in private", "erase in private"],
)
async def test_a_button_that_somebody_made_a_link_of_is_a_plain_start_to_who_follows_it(
    office: Office, action: Action
) -> None:
    campaign = await open_campaign(office.service, COHORT)
    world, kept, student = office.standin.world, office.service.kept, office.student
    world.say(user=STUDENT, text=f"绑定 {CODE}")
    await office.settle()
    told = replace(action, subject=campaign.id) if action.verb is Verb.CONFIRM else action
    told = replace(told, detail=campaign.id) if told.subject == Verb.CONFIRM else told
    world.say(user=STUDENT, text=f"/start {seal(read(data=office.data)).seal(told)}")
    await office.settle()
    assert "我是学籍通" in (await office.private())[-1]
    assert (await kept.campaigns.state(campaign.id, student.class_id, student.sid)).state is State.NONE
    assert await kept.bindings.of_account(f"telegram:{STUDENT}")


@pytest.mark.parametrize("admin", [True, False])
async def test_an_id_number_in_a_group_is_deleted_where_that_is_allowed_and_the_answer_says_what_was_done(
    office: Office, admin: bool
) -> None:
    world = office.standin.world
    world.group(chat=CLASS_GROUP, admin=admin)
    world.say(user=STUDENT, text="/start")
    said = world.say(user=STUDENT, chat=CLASS_GROUP, text=f"我的身份证号是{ID_NUMBER}")
    await office.settle()
    assert (world.message(CLASS_GROUP, said["message_id"]) is None) is admin
    warned = (await office.private())[-1]
    assert ("已经把它从群里删掉" in warned, "请马上长按撤回" in warned) == (admin, not admin)
    assert ID_NUMBER not in warned
    assert await office.group() == []


async def test_brought_into_a_group_the_bot_says_what_it_does_and_what_has_to_be_done(office: Office) -> None:
    office.standin.world.group(chat=-1002)
    office.standin.world.invite(user=STUDENT, chat=-1002)
    await office.settle()
    (greeting,) = await office.group(-1002)
    assert "绑定班级" in greeting["text"]
    office.standin.world.kick(chat=-1002)
    await office.settle()
    assert {address.chat for address in await office.service.kept.reach.unreachable()} == {"-1002"}


async def test_a_group_that_became_a_supergroup_while_the_bot_was_away_gets_its_reminder_once(office: Office) -> None:
    office.standin.world.migrate(chat=CLASS_GROUP, to=-2001)
    office.standin.world.queue.clear()  # the word of it came too late for the bot
    await office.remind()
    (wave,) = await office.group(-2001)
    assert "学籍核对" in wave["text"]
    (bound,) = await office.service.kept.bindings.groups_on("telegram")
    assert bound.address.chat == "-2001"


async def test_an_answer_follows_the_group_too(office: Office) -> None:
    office.standin.world.say(user=STUDENT, chat=CLASS_GROUP, text="@xueji_bot 毕业证丢了怎么补办")
    await office.telegram.fetch()
    office.standin.world.migrate(chat=CLASS_GROUP, to=-2001)
    await office.service.settle()
    (answer,) = await office.group(-2001)
    assert "依据" in answer["text"]


async def test_after_an_outage_that_lost_presses_the_buttons_are_offered_once_more(office: Office) -> None:
    await office.remind()
    (wave,) = await office.group()
    await office.turn(minutes=60 - office.clock.now().minute)
    for _ in range(3):  # a connection that comes and goes does not make the bot say it each time
        await office.settle()
        await office.turn(minutes=5)
    await office.turn(hours=12)
    _, offered = await office.group()
    assert "请再点一次" in offered["text"]
    assert {*chain(*offered["buttons"])} <= {*chain(*wave["buttons"])}


async def test_an_outage_long_after_the_last_reminder_disturbs_nobody(office: Office) -> None:
    await office.settle()
    await open_campaign(office.service, COHORT)
    await office.turn(minutes=10)
    await office.settle()
    assert await office.group() == []


async def test_a_group_that_is_flooded_keeps_nobody_else_waiting(office: Office) -> None:
    office.standin.fault(method="sendMessage", kind=FaultKind.FLOOD_BARE, chat=CLASS_GROUP, times=100)
    for _ in range(5):
        office.standin.world.say(user=STUDENT, chat=CLASS_GROUP, text="@xueji_bot 毕业证丢了怎么补办")
    office.standin.world.say(user=STUDENT, text="转专业怎么办理")
    await office.settle()
    assert await office.group() == []
    assert len(await office.private()) >= 1


TEACHER, OUTSIDER = 21, 22
NEW_GROUP = -1003


NEW_ADDRESS = Address(platform="telegram", chat=str(NEW_GROUP))


async def bound_by_code(office: Office, owner: int | None, *, admin: bool = False) -> None:
    """The class's counsellor binds a group that somebody owns."""
    world, kept = office.standin.world, office.service.kept
    private = Address(platform="telegram", chat=str(TEACHER))
    counsellor = StaffMember(
        account=str(private), role=StaffRole.COUNSELLOR, private=private, classes=(office.student.class_id,)
    )
    await kept.staff.appoint(counsellor)
    world.say(user=OUTSIDER, text="/start")
    world.group(chat=NEW_GROUP, owner=owner, size=37, admin=admin)
    world.say(user=TEACHER, text="绑定班级")
    await office.settle()
    offered = (await office.standin.messages(TEACHER))[-1]
    world.press(user=TEACHER, chat=TEACHER, message=offered["message_id"], label=offered["buttons"][0][0])
    await office.settle()
    code = (await office.standin.messages(TEACHER))[-1]["text"].split()[-1]
    world.say(user=TEACHER, chat=NEW_GROUP, text=f"@xueji_bot 绑定班级 {code}")
    await office.settle()


async def is_faq_only(office: Office) -> bool:
    """Whether the group is reminded of nothing, once those that are due were looked at."""
    await office.service.look_at_groups()
    group = await office.service.kept.bindings.group(NEW_ADDRESS)
    assert group is not None
    return group.faq_only


@pytest.mark.parametrize("owner", [TEACHER, OUTSIDER, None])
async def test_a_group_is_bound_by_the_code_and_reminded_of_nothing_where_its_owner_is_an_outsider(
    office: Office, owner: int | None
) -> None:
    await bound_by_code(office, owner)
    assert any("37人" in said["text"] for said in await office.standin.messages(TEACHER))
    assert await is_faq_only(office) is (owner != TEACHER)
    await office.remind()
    said = [message["text"] for message in await office.group(NEW_GROUP)]
    assert any("学籍核对" in text for text in said) is (owner == TEACHER)
    office.standin.world.say(user=STUDENT, chat=NEW_GROUP, text="@xueji_bot 进度")
    await office.settle()
    progress = (await office.group(NEW_GROUP))[-1]["text"]
    assert ("没有需要登记的核对" in progress) is (owner != TEACHER)


@pytest.mark.parametrize("successor", [OUTSIDER, None])
async def test_a_group_that_is_given_away_hears_nothing_from_then_on_and_the_office_does(
    office: Office, successor: int | None
) -> None:
    await bound_by_code(office, TEACHER, admin=True)
    assert not await is_faq_only(office)
    office.standin.world.group(chat=NEW_GROUP, owner=successor, admin=True)
    await office.settle()
    assert await is_faq_only(office)
    await office.settle()
    assert ["现在的群主没有登记过" in said["text"] for said in await office.standin.messages(TEACHER)][-1]
    await office.remind()
    assert not any("学籍核对" in said["text"] for said in await office.group(NEW_GROUP))


async def test_where_nobody_tells_of_it_the_owner_is_looked_at_once_a_day(office: Office) -> None:
    await bound_by_code(office, TEACHER)
    office.standin.world.group(chat=NEW_GROUP, owner=OUTSIDER)  # the bot is no admin there: it is not told
    await office.turn(hours=23)
    assert not await is_faq_only(office)
    await office.turn(hours=1)
    assert await is_faq_only(office)
    office.standin.world.group(chat=NEW_GROUP, owner=TEACHER)
    await office.turn(hours=24)
    assert not await is_faq_only(office)


async def test_an_owner_who_is_no_staff_any_more_is_an_outsider_the_day_after(office: Office) -> None:
    await bound_by_code(office, TEACHER)
    await office.service.kept.staff.dismiss(f"telegram:{TEACHER}")
    await office.turn(hours=24)
    assert await is_faq_only(office)


async def test_a_group_that_cannot_be_looked_at_stays_what_it_is(office: Office) -> None:
    await bound_by_code(office, TEACHER)
    await office.turn(hours=24)
    office.standin.world.group(chat=NEW_GROUP, owner=OUTSIDER)
    office.standin.fault(method="getChatMemberCount", kind=FaultKind.FLOOD_BARE, chat=NEW_GROUP, times=1)
    assert not await is_faq_only(office)
