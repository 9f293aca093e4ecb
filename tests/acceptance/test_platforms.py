"""One conversation, the same on every platform, over its own wire."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from bot.bootstrap import Knowledge, Service, Stores
from bot.demo import sample
from bot.demo.college import import_roster, open_campaign
from bot.metrics import Metrics
from bot.ports import Verdict
from scheduler.campaigns import Campaign, State, StudentState
from scheduler.clocks import VirtualClock
from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength, Group, Student
from scheduler.staffing import StaffMember, StaffRole
from scheduler.storage.database import Database
from tests.acceptance.conftest import TEN_DAYS_BEFORE
from tests.acceptance.stages import STAGES
from tests.acceptance.staging import Said, Setting, Stage

COHORT = 2019
CODE = "K7M2XQ9P"
ID_NUMBER = "11010519491231002X"
MORNING = datetime.fromisoformat("2019-12-18T09:00:00+08:00")
FIRST_WAVE = datetime.fromisoformat("2019-12-15T21:59:00+08:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The student talks, the bot answers."""

    stage: Stage
    service: Service
    student: Student
    clock: VirtualClock

    async def says(self, text: str, *, in_group: bool = False) -> list[Said]:
        """What the bot says to it in private."""
        before = await self._private()
        await self.stage.say(text, in_group=in_group)
        return await self._new(before)

    async def chooses(self, label: str, *, in_group: bool = False) -> list[Said]:
        """What the bot says in private to a button, or to its number where the platform has no room for one."""
        before = await self._private()
        newest = (await self.stage.heard(in_group=in_group))[-1]
        number = newest.number_of(label)
        if number is not None and not newest.buttons:
            await self.stage.say(number, in_group=in_group)
        else:
            await self.stage.press(label if number is None else f"{number} ", in_group=in_group)
        return await self._new(before)

    async def rates(self, label: str, *, up: bool) -> list[Said]:
        """What the bot says in private to a thumb, or to the button of that label where there are none."""
        before = await self._private()
        await self.stage.rate(label, up=up)
        return await self._new(before)

    async def in_group(self) -> list[Said]:
        """All that the bot said in the class group."""
        return await self.stage.heard(in_group=True)

    async def turn_to(self, moment: datetime) -> None:
        """Let everything happen up to this moment."""
        self.clock.advance_to(moment)
        await self.service.settle()
        await self.stage.arrive()

    async def state(self, campaign: Campaign) -> StudentState:
        """What the student has stated."""
        return await self.service.kept.campaigns.state(campaign.id, self.student.class_id, self.student.sid)

    async def bind(self) -> list[Said]:
        """What the bot says to the right code."""
        await self.service.kept.bindings.codes([self.student.sid], {self.student.sid: CODE})
        return await self.says(f"绑定 {CODE}")

    async def _private(self) -> list[Said]:
        return await self.stage.heard(in_group=False)

    async def _new(self, before: list[Said]) -> list[Said]:
        await self.service.settle()
        await self.stage.arrive()
        known = {said.key for said in before}
        return [said for said in await self._private() if said.key not in known]


@pytest.fixture(params=STAGES, ids=lambda stage: stage.__name__)
async def talk(
    request: pytest.FixtureRequest, database: Database, known: Knowledge, tmp_path: Path
) -> AsyncIterator[Talk]:
    clock = VirtualClock(TEN_DAYS_BEFORE)
    kept = Stores(database, alone=True)
    roster = await import_roster(kept, known.content, COHORT, "roster.xlsx", sample.roster_xlsx(COHORT))
    student = min(roster.students.values(), key=lambda found: (found.class_id, found.number))
    async with AsyncExitStack() as opened:
        setting = Setting(known=known, kept=kept, clock=clock, folder=tmp_path, student=student, opened=opened)
        stage: Stage = await request.param(setting)
        for group in stage.groups:
            await kept.bindings.bind_group(Group(address=group, classes=(student.class_id,)))
        service = Service(
            settings=setting.settings, known=known, kept=kept, clock=clock, lanes=[stage.lane], metrics=Metrics()
        )
        await service.settle()
        await stage.arrive()
        await service.reminders.start()
        yield Talk(stage=stage, service=service, student=student, clock=clock)
        await service.reminders.stop()


async def test_a_question_is_answered_with_its_source(talk: Talk) -> None:
    (said,) = await talk.says("毕业证丢了怎么补办")
    assert "依据" in said.text


async def test_who_an_answer_did_not_help_says_so_and_hears_whom_to_ask(talk: Talk) -> None:
    await talk.says("毕业证丢了怎么补办")
    (said,) = await talk.rates("没解决", up=False)
    assert "学籍学历管理部门" in said.text
    assert await talk.service.kept.ratings.counts() == {("certificate-lost", Verdict.UNSOLVED): 1}


@pytest.mark.parametrize("number", ["１", "1.", "①", "选1"])
async def test_an_offered_choice_is_picked_by_its_number_however_it_is_written(talk: Talk, number: str) -> None:
    campaign = await open_campaign(talk.service, COHORT)
    await talk.bind()
    await talk.says("有误")
    await talk.says(number)
    state = await talk.state(campaign)
    assert (state.state, state.items) == (State.WRONG, (campaign.checklist[0].id,))


async def test_an_offered_choice_is_picked_by_its_button(talk: Talk) -> None:
    campaign = await open_campaign(talk.service, COHORT)
    await talk.bind()
    await talk.says("有误")
    await talk.chooses("民族")
    assert (await talk.state(campaign)).state is State.WRONG


async def test_a_wrong_item_is_reported_after_its_false_alarms_shown_and_taken_back(talk: Talk) -> None:
    campaign = await open_campaign(talk.service, COHORT)
    await talk.bind()
    await talk.says("有误")
    (triage, *_) = await talk.chooses("专业名称")
    assert triage.offers("括号")
    (explained, *_) = await talk.chooses("括号")
    assert "括号内不用核对" in explained.text
    assert (await talk.state(campaign)).state is State.NONE
    await talk.says("有误")
    await talk.chooses("专业名称")
    (receipt, *_) = await talk.chooses("都不是")
    (correction,) = await talk.service.kept.corrections.of_student(talk.student.sid)
    assert correction.id in receipt.text
    (state, *_) = await talk.says("我的状态")
    assert "等学院收" in state.text
    await talk.says("撤回")
    assert (await talk.state(campaign)).state is State.NONE


async def test_a_guide_goes_two_steps_on_and_one_back(talk: Talk) -> None:
    await talk.says("学信网怎么注册")
    (first,) = await talk.chooses("带我做")
    await talk.chooses("没注册过")
    (again,) = await talk.chooses("上一步")
    assert again.text.splitlines()[1] == first.text.splitlines()[1]


async def test_a_code_says_who_somebody_is(talk: Talk) -> None:
    (said,) = await talk.bind()
    assert talk.student.name in said.text
    (binding,) = await talk.service.kept.bindings.of_account(talk.stage.account)
    assert binding is not None
    assert binding.sid == talk.student.sid


async def test_a_student_confirms_with_two_taps_and_gets_a_receipt(talk: Talk) -> None:
    campaign = await open_campaign(talk.service, COHORT)
    await talk.bind()
    await talk.says("确认")
    (receipt, *_) = await talk.chooses("都对")
    state = await talk.state(campaign)
    assert state.state is State.CONFIRMED
    assert state.receipt in receipt.text


async def test_a_reminder_in_the_group_leads_to_the_private_chat(talk: Talk) -> None:
    await open_campaign(talk.service, COHORT)
    await talk.bind()
    await talk.turn_to(FIRST_WAVE)
    reminder = (await talk.in_group())[-1]
    assert "12月22日" in reminder.text
    if reminder.buttons:
        (check_list, *_) = await talk.chooses("我核对好了", in_group=True)
    else:
        (check_list, *_) = await talk.says("确认")
    assert check_list.offers("都对")


async def test_a_secret_in_the_group_is_answered_in_private_without_repeating_it(talk: Talk) -> None:
    (said,) = await talk.says(f"老师我的身份证是{ID_NUMBER} 帮我看看", in_group=True)
    assert "撤回" in said.text
    assert ID_NUMBER not in said.text
    assert not any(heard.text == said.text or ID_NUMBER in heard.text for heard in await talk.in_group())


async def test_staff_binds_a_group_by_a_code_that_is_given_in_private_and_posted_there(talk: Talk) -> None:
    kept, heard = talk.service.kept, talk.stage.groups[0]
    for address in talk.stage.groups:
        await kept.bindings.bind_group(Group(address=address, classes=()))
    private = Address(platform=heard.platform, chat=talk.stage.account.partition(":")[2])
    counsellor = StaffMember(
        account=talk.stage.account, role=StaffRole.COUNSELLOR, private=private, classes=(talk.student.class_id,)
    )
    await kept.staff.appoint(counsellor)
    await talk.says("绑定班级")
    (given,) = await talk.chooses("班")
    code = given.text.split()[-1]
    told = await talk.says(f"绑定班级 {code}", in_group=True)
    assert ["名单上" in said.text for said in told] == [True]
    assert "1个班" in (await talk.in_group())[-1].text
    group = await kept.bindings.group(heard)
    assert group is not None
    assert group.classes == (talk.student.class_id,)


async def test_a_monitor_gets_the_message_of_the_morning_and_opens_the_names_from_it(talk: Talk) -> None:
    await open_campaign(talk.service, COHORT)
    await talk.bind()
    await talk.turn_to(MORNING)
    digest = (await talk.stage.heard(in_group=False))[-1]
    assert "今天请看一眼" in digest.text or digest.offers("显示姓名")
    names = "".join(said.text for said in await talk.chooses("显示姓名"))
    members = await talk.service.kept.rosters.members(talk.student.class_id)
    assert members[1].name in names


async def test_a_counsellor_nudges_and_hears_of_the_file_that_was_asked_for(talk: Talk) -> None:
    await open_campaign(talk.service, COHORT)
    kept, account = talk.service.kept, talk.stage.account
    member = StaffMember(
        account=account,
        role=StaffRole.COUNSELLOR,
        private=Address.parse(account),
        classes=(talk.student.class_id,),
    )
    await kept.staff.appoint(member)
    await kept.bindings.bind(
        Binding(
            account="chatroom:x", sid=talk.student.sid, strength=BindingStrength.STRONG, private=Address.parse(account)
        )
    )
    await talk.turn_to(MORNING)
    preview = "".join(said.text for said in await talk.says("催办"))
    assert "将私信提醒1位" in preview
    await talk.says("导出")
    handed = "".join(said.text for said in await talk.chooses("签字表"))
    assert "内部材料" in handed
