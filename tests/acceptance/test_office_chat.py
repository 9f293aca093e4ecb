"""The office's own chat: the day's figures with the head of the evidence, and the picture of progress on demand."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.bootstrap import Knowledge
from bot.settings import read
from scheduler.messages import Address
from scheduler.roster import Student
from scheduler.staffing import StaffMember, StaffRole
from scheduler.storage.database import Database
from tests.acceptance.college import COUNSELLOR, College
from tests.acceptance.conftest import opened_college

OFFICE = COUNSELLOR
"""The chat that stands for the office's: nobody writes in it."""

MORNING = datetime.fromisoformat("2019-12-18T09:00:00+08:00")
REGISTRAR = 40
TODAY = "今天的核对"


@pytest.fixture
async def college(database: Database, known: Knowledge, tmp_path: Path) -> AsyncIterator[College]:
    """The college with a chat of its office; nobody is counsellor, one acts for the registrar."""
    async with opened_college(database, known, read(data=tmp_path, staff_chat=f"chatroom:{OFFICE}")) as found:
        staff, clerk = found.demo.service.kept.staff, found.account(found.seat(REGISTRAR))
        await staff.dismiss(f"chatroom:{COUNSELLOR}")
        await found.demo.service.kept.bindings.unbind(clerk)
        await staff.appoint(StaffMember(account=clerk, role=StaffRole.REGISTRAR, private=Address.parse(clerk)))
        yield found


def clerk(college: College) -> Student:
    return college.seat(REGISTRAR)


async def test_the_office_hears_the_sum_and_the_head_in_its_chat_and_its_people_nothing(college: College) -> None:
    campaign = await college.open_campaign()
    await college.say(college.seat(2), "确认")
    await college.press(college.seat(2), "都对")
    await college.demo.service.kept.evidence.seal(college.clock.now())
    head = str(await college.demo.service.kept.evidence.head())
    said = await college.turn_to(MORNING)
    (told,) = [message.text for message in said if message.chat == OFFICE and TODAY in message.text]
    assert f"合计{len(campaign.classes)}个班" in told
    assert f"存证链尾：{head}" in told
    assert "内部" in told
    assert not [message for message in said if message.chat == clerk(college).sid]
    assert not any(student.name in told for student in college.students)


async def test_the_picture_the_office_asks_for_goes_to_its_chat(college: College) -> None:
    campaign = await college.open_campaign()
    said = await college.say(clerk(college), "进度图")
    (answer,) = [message for message in said if message.chat == clerk(college).sid]
    assert "学籍科的群" in answer.text
    (picture,) = [message for message in said if message.chat == OFFICE]
    assert picture.files == (f"{campaign.id}.png",)
