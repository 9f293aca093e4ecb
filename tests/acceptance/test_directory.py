"""Where WeCom's accounts are the student numbers, nobody has to say who they are, and nobody else can."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import Knowledge, Service, Stores
from bot.demo import sample
from bot.demo.college import import_roster, open_campaign
from bot.metrics import Metrics
from scheduler.clocks import VirtualClock
from scheduler.roster import BindingStrength
from scheduler.storage.database import Database
from tests.acceptance.conftest import TEN_DAYS_BEFORE
from tests.acceptance.stages import OnWeCom, wecom_application, wecom_connection, wecom_url
from tests.acceptance.staging import Setting, Stage

COHORT = 2019


class Campus:
    """A student whose number is their account in WeCom, and the bot."""

    def __init__(self, stage: Stage, service: Service) -> None:
        self.stage = stage
        self.service = service

    async def says(self, text: str) -> list[str]:
        """What the bot says in private to it."""
        before = len(await self.stage.heard(in_group=False))
        await self.stage.say(text, in_group=False)
        await self.service.settle()
        await self.stage.arrive()
        return [said.text for said in (await self.stage.heard(in_group=False))[before:]]

    async def strength(self) -> list[BindingStrength]:
        return [one.strength for one in await self.service.kept.bindings.of_account(self.stage.account)]


@pytest.fixture(params=[wecom_connection, wecom_url, wecom_application], ids=lambda stage: stage.__name__)
async def campus(
    request: pytest.FixtureRequest,
    database: Database,
    known: Knowledge,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Campus]:
    monkeypatch.setenv("XUEJI_WECOM_USERID_IS", "number")
    clock, kept = VirtualClock(TEN_DAYS_BEFORE), Stores(database, alone=True)
    roster = await import_roster(kept, known.content, COHORT, "roster.xlsx", sample.roster_xlsx(COHORT))
    student = min(roster.students.values(), key=lambda found: (found.class_id, found.number))
    students = {**roster.students, student.sid: replace(student, number="Stu01")}
    await kept.rosters.apply(replace(roster, version=roster.version + 1, students=students), now=clock.now())
    async with AsyncExitStack() as opened:
        setting = Setting(known=known, kept=kept, clock=clock, folder=tmp_path, student=student, opened=opened)
        stage = await request.param(setting)
        assert isinstance(stage, OnWeCom)
        service = Service(
            settings=setting.settings, known=known, kept=kept, clock=clock, lanes=[stage.lane], metrics=Metrics()
        )
        await service.settle()
        await stage.arrive()
        yield Campus(stage, service)


async def test_who_presses_is_known_told_what_is_kept_and_goes_on_at_once(campus: Campus) -> None:
    await open_campaign(campus.service, COHORT)
    (kept,) = await campus.says("我的状态")
    assert "我记" in kept
    assert await campus.strength() == [BindingStrength.STRONG]
    *_, check_list = await campus.says("确认")
    assert "核对" in check_list


async def test_nobody_is_bound_who_only_asks_a_question(campus: Campus) -> None:
    await campus.says("毕业证丢了怎么补办")
    assert await campus.strength() == []
