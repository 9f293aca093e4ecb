"""What an import does to who may look into which class: rights are read from the roster at the press."""

from dataclasses import replace

import pytest

from bot.dialogue.askers import Askers
from bot.dialogue.rights import Right, may
from bot.messages import InboundMessage
from knowledge.loading import load
from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength, Student
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from scheduler.storage.staff import RedisStaffStore
from tests.conftest import START
from tests.integration.school import import_students, roster, student

MONITOR = student("s1", is_monitor=True)
OTHERS = (student("s2"), student("s3", "c2"))
CHAT = Address(platform="chatroom", chat="s1")
PRESS = InboundMessage(id="1", address=CHAT, account="chatroom:s1", at=START, private=True, addressed=True, text="x")


async def classes_looked_after(database: Database) -> set[str]:
    askers = Askers(
        rosters=RedisRosterStore(database),
        bindings=RedisBindingStore(database),
        staff=RedisStaffStore(database),
        campaigns=RedisCampaignStore(database),
        tree=load().tree,
        default_scope="glut",
    )
    asker = await askers.who(PRESS, START)
    return {class_id for class_id in ("c1", "c2") if may(asker, Right.SEE_NAMES, class_id)}


@pytest.mark.parametrize(
    ("then", "looked_after"),
    [
        ((replace(MONITOR, class_id="c2"),), {"c2"}),
        ((replace(MONITOR, is_monitor=False),), set()),
        ((), set()),
    ],
    ids=["moved", "no monitor any more", "gone"],
)
async def test_a_monitors_right_ends_with_the_import_and_is_back_with_its_undoing(
    database: Database, then: tuple[Student, ...], looked_after: set[str]
) -> None:
    rosters = RedisRosterStore(database)
    await import_students(rosters, MONITOR, *OTHERS)
    await RedisBindingStore(database).bind(
        Binding(account="chatroom:s1", sid="s1", strength=BindingStrength.STRONG, private=CHAT)
    )
    assert await classes_looked_after(database) == {"c1"}
    assert await rosters.apply(roster(2, *then, *OTHERS), now=START)
    assert await classes_looked_after(database) == looked_after
    earlier = await rosters.earlier()
    assert earlier is not None
    assert await rosters.restore(earlier, now=START)
    assert await classes_looked_after(database) == {"c1"}
