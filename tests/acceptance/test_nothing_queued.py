"""What people wrote of themselves and who owes what lies in no queue, not even while the platform asks for patience."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.bootstrap import Knowledge, Lane, Service, Stores
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.settings import read
from bot.vault import new_key
from scheduler.campaigns import Campaign
from scheduler.clocks import VirtualClock
from scheduler.messages import Action, Address, RetryLater, Verb
from scheduler.roster import Binding, BindingStrength
from scheduler.staffing import StaffMember, StaffRole
from scheduler.storage.database import Database
from tests.integration.school import LANE, Platform, import_students, open_campaign, student

HOME = Address(platform=LANE, chat="alice")
RIGHT_VALUE = "right-value-of-alice"


async def everything_kept(database: Database) -> bytes:
    """All that the store holds, as one text."""
    await database.call("CONFIG", "SET", "rdbcompression", "no")  # what is compressed cannot be looked through
    found = b""
    for key in await database.call("KEYS", f"{database.prefix}:*"):
        dumped = await database.client.dump(key)
        found += dumped if isinstance(dumped, bytes) else str(dumped).encode()
    return found


class School:
    """One student's account and one campaign, on a platform that can be told to ask for patience."""

    def __init__(self, database: Database, known: Knowledge, clock: VirtualClock, folder: Path) -> None:
        self.kept, self.platform, self.clock = Stores(database, alone=True), Platform(), clock

        async def receive(_: object) -> None:
            return None

        lane = Lane(name=LANE, messenger=self.platform, receive=receive, budgets=lambda to: ())
        self.service = Service(
            settings=read(data=folder, correction_keys=new_key()),
            known=known,
            kept=self.kept,
            clock=clock,
            lanes=[lane],
            metrics=Metrics(),
        )

    async def opened(self) -> Campaign:
        await import_students(self.kept.rosters, student("s1"))
        await self.kept.bindings.bind(
            Binding(account=str(HOME), sid="s1", strength=BindingStrength.STRONG, private=HOME)
        )
        return await open_campaign(self.kept.campaigns)

    async def hears(self, number: int, text: str | None = None, action: Action | None = None) -> None:
        await self.service.dispatcher.handle(
            InboundMessage(
                id=str(number), address=HOME, account=str(HOME), at=self.clock.now(), private=True, addressed=True,
                text=text, action=action,
            )
        )  # fmt: skip

    async def hears_while_the_platform_asks_for_patience(
        self, number: int, text: str | None = None, action: Action | None = None
    ) -> bytes:
        """Everything the store holds while the answer waits; then the platform is patient no longer."""
        self.platform.answers.append(RetryLater(at=self.clock.now() + timedelta(minutes=1), why="flood"))
        await self.hears(number, text, action)
        stored = await everything_kept(self.kept.database)
        self.clock.advance_to(self.clock.now() + timedelta(minutes=2))
        await self.service.settle()
        return stored


@pytest.fixture
def school(database: Database, known: Knowledge, clock: VirtualClock, tmp_path: Path) -> School:
    """A school whose store and clock are the test's."""
    return School(database, known, clock, tmp_path)


async def test_a_check_that_has_to_wait_is_queued_without_what_was_written(school: School) -> None:
    campaign = await school.opened()
    await school.hears(1, action=Action(verb=Verb.WRONG, subject=campaign.id, detail="name"))
    await school.hears(2, "as it is shown")
    stored = await school.hears_while_the_platform_asks_for_patience(3, RIGHT_VALUE)
    assert RIGHT_VALUE.encode() not in stored
    assert "内容还留着" in school.platform.taken[-1][1]
    await school.hears(4, action=Action(verb=Verb.WRONG, subject=campaign.id, detail="name/+"))
    (one,) = await school.kept.corrections.of_student("s1")
    assert await school.kept.corrections.texts([one.id])


async def test_names_that_have_to_wait_are_not_queued_but_asked_for_again(school: School) -> None:
    campaign = await school.opened()
    await school.kept.staff.appoint(
        StaffMember(account=str(HOME), role=StaffRole.COUNSELLOR, classes=("c1",), private=HOME)
    )
    names = Action(verb=Verb.NAMES, subject=campaign.id, detail="c1")
    stored = await school.hears_while_the_platform_asks_for_patience(1, action=names)
    assert "还没登记（".encode() not in stored
    assert "请再回“名单”" in school.platform.taken[-1][1]
    await school.hears(2, action=names)
    assert "还没登记（" in school.platform.taken[-1][1]
