"""One notice, the same on every platform, over its own wire: read in the group, taken back or not."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.bootstrap import Knowledge, Service, Stores
from bot.demo import sample
from bot.demo.college import import_roster
from bot.metrics import Metrics
from bot.talk import announcing
from scheduler.announcing import Announcing
from scheduler.clocks import VirtualClock
from scheduler.messages import Address, Attachment, Link
from scheduler.notices import ARRIVED, Arrival, Audience, Notice, ReadLevel
from scheduler.roster import Binding, BindingStrength, Group
from scheduler.storage.database import Database
from tests.acceptance.conftest import TEN_DAYS_BEFORE
from tests.acceptance.stages import STAGES
from tests.acceptance.staging import Setting, Stage

COHORT = 2019
FORM = Link(label="报名表", url="https://a.edu.cn/form")


class Office:
    """Staff at its desk, and the student at the other end."""

    def __init__(self, service: Service, stage: Stage, desk: Announcing, setting: Setting) -> None:
        self.service = service
        self.stage = stage
        self.desk = desk
        self.setting = setting

    async def send(
        self, audience: Audience, level: ReadLevel = ReadLevel.TELL, files: tuple[Attachment, ...] = ()
    ) -> Notice:
        """A notice that has gone out as far as it goes."""
        wanted = Notice(
            number=0,
            title="交表",
            text="周四17:00前交系里。",
            author="office:a",
            audience=audience,
            created_at=self.setting.clock.now(),
            level=level,
            links=(FORM,),
            files=files,
        )
        kept = await self.desk.draft(wanted)
        assert isinstance(kept, Notice)
        assert isinstance(await self.desk.send(kept.number, "office:a"), Notice)
        await self.settle()
        return kept

    async def files(self) -> tuple[Attachment, Attachment]:
        """A sheet and a picture, kept."""
        put = self.service.kept.uploads.put
        plan = (self.setting.known.folder / "figures" / "pc-login.png").read_bytes()
        return Attachment(name="表.xlsx", digest=await put(b"a sheet")), Attachment(
            name="图.png", digest=await put(plan)
        )

    async def settle(self) -> None:
        await self.service.settle()
        await self.stage.arrive()


@pytest.fixture(params=STAGES, ids=lambda stage: stage.__name__)
async def office(
    request: pytest.FixtureRequest, database: Database, known: Knowledge, tmp_path: Path
) -> AsyncIterator[Office]:
    """A class of the sample college with its group, and one bound student in it."""
    kept, clock = Stores(database, alone=True), VirtualClock(TEN_DAYS_BEFORE)
    roster = await import_roster(kept, known.content, COHORT, "roster.xlsx", sample.roster_xlsx(COHORT))
    student = min(roster.students.values(), key=lambda found: (found.class_id, found.number))
    async with AsyncExitStack() as opened:
        setting = Setting(known=known, kept=kept, clock=clock, folder=tmp_path, student=student, opened=opened)
        stage = await request.param(setting)
        service = Service(
            settings=setting.settings, known=known, kept=kept, clock=clock, lanes=[stage.lane], metrics=Metrics()
        )
        for address in stage.groups:
            await kept.bindings.bind_group(Group(address=address, classes=(student.class_id,)))
        private = Address.parse(stage.account)
        await kept.bindings.bind(
            Binding(account=stage.account, sid=student.sid, strength=BindingStrength.STRONG, private=private)
        )
        await service.settle()
        await stage.arrive()
        desk = announcing(setting.settings, kept, known.content, known.wording, clock)
        yield Office(service, stage, desk, setting)


async def test_a_notice_reaches_the_group_of_its_class(office: Office) -> None:
    await office.send(Audience(classes=(office.setting.student.class_id,)))
    (shown,) = [said for said in await office.stage.heard(in_group=True) if said.text.startswith("【交表】")]
    assert FORM.label in shown.buttons or f"{FORM.label} {FORM.url}" in shown.text


async def test_a_picture_and_a_file_go_with_it_the_picture_first(office: Office) -> None:
    notice = await office.send(Audience(classes=(office.setting.student.class_id,)), files=await office.files())
    assert (await office.service.kept.notice_results.counts(notice.number))[Arrival.ACCEPTED] == 1
    assert await office.stage.handed() == ["picture", "file"]
    assert len([said for said in await office.stage.heard(in_group=True) if said.text.startswith("【交表】")]) == 1


async def test_of_which_one_part_arrived_and_another_did_not_is_neither_sent_nor_sent_again(office: Office) -> None:
    if not office.stage.spoil():
        return
    notice = await office.send(Audience(classes=(office.setting.student.class_id,)), files=await office.files())
    assert (await office.service.kept.notice_results.counts(notice.number))[Arrival.UNKNOWN] == 1
    assert isinstance(await office.desk.retry(notice.number, "office:a"), Notice)
    await office.settle()
    assert await office.stage.handed() == ["picture"]
    assert (await office.service.kept.notice_results.counts(notice.number))[Arrival.UNKNOWN] == 1


async def test_a_person_reads_it_in_private_and_presses(office: Office) -> None:
    notice = await office.send(Audience(sids=(office.setting.student.sid,)), ReadLevel.CLICK)
    counts = await office.service.kept.notice_results.counts(notice.number)
    if counts != {Arrival.ACCEPTED: 1}:
        assert counts == {Arrival.REFUSED: 1}, "a robot by URL cannot speak first"
        return
    (shown,) = [said for said in await office.stage.heard(in_group=False) if said.text.startswith("【交表】")]
    assert shown.buttons[0] == "看到了"
    await office.stage.press("看到了", in_group=False)
    await office.settle()
    assert list(await office.service.kept.notices.readings(notice.number)) == [office.setting.student.sid]


async def test_what_can_be_taken_back_is_and_the_rest_is_said_in_numbers(office: Office) -> None:
    notice = await office.send(Audience(sids=(office.setting.student.sid,)))
    before = await office.service.kept.notice_results.counts(notice.number)
    found = await office.desk.recall(notice.number, "office:a")
    await office.settle()
    counts = await office.service.kept.notice_results.counts(notice.number)
    assert len(found.open) + len(found.closed) == sum(before.get(state, 0) for state in ARRIVED)
    assert counts.get(Arrival.RECALLED, 0) == len(found.open)
    assert counts.get(Arrival.ACCEPTED, 0) == len(found.closed)
