"""学信网's export followed: recorded once, told once, and nobody named in a log."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from structlog.testing import capture_logs

from bot.dialogue.wording import ContentWording
from bot.reconciling import Followed, Nightly, Reconciling
from knowledge.loading import load
from knowledge.scopes import NATIONAL
from scheduler.campaigns import CampaignStatus, Grade, State, move
from scheduler.clocks import VirtualClock
from scheduler.roster import Binding, BindingStrength
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.conftest import START
from tests.integration.school import (
    Platform,
    confirmed,
    group,
    import_students,
    open_campaign,
    relay,
    student,
)

ID = "check-2019"
NIGHT = datetime.fromisoformat("2019-12-15T02:00:00+08:00")
NOTHING = Followed(recorded=0, queued=0, unreachable=0)


def export(folder: Path, *rows: Sequence[str], name: str = ID) -> Path:
    """The folder with an export in it."""
    path = folder / f"{name}.csv"
    path.write_text("\n".join(",".join(row) for row in (("学号", "姓名", "核查状态"), *rows)), encoding="gb18030")
    return folder


def row(sid: str, *, checked: bool) -> Sequence[str]:
    return (f"2019{sid}", f"student {sid}", "已核查" if checked else "未核查")


def reconciling(database: Database) -> Reconciling:
    content = load()
    return Reconciling(
        rosters=RedisRosterStore(database),
        campaigns=RedisCampaignStore(database),
        bindings=RedisBindingStore(database),
        outbox=RedisOutbox(database),
        tree=content.tree,
        wording=ContentWording(content.phrases, content.tree[NATIONAL].address),
    )


async def school(database: Database) -> RedisCampaignStore:
    """s1 and s2 have confirmed, and s2 can be written to; s3 has stated nothing, s4 confirmed and has no account."""
    await import_students(RedisRosterStore(database), *(student(f"s{number}") for number in range(1, 5)))
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns, size=4)
    for sid in ("s1", "s2", "s4"):
        assert await campaigns.record(ID, "c1", sid, confirmed())
    binding = Binding(account="chatroom:s2", sid="s2", strength=BindingStrength.STRONG, private=group("s2"))
    await RedisBindingStore(database).bind(binding)
    return campaigns


EXPORT = (row("s1", checked=True), row("s2", checked=False), row("s3", checked=True))


async def test_an_export_is_followed_once_however_often_it_lies_there(
    database: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    campaigns = await school(database)
    with capture_logs() as logs:
        first = await reconciling(database).follow_folder(export(tmp_path, *EXPORT), NIGHT)
        again = await reconciling(database).follow_folder(export(tmp_path, *EXPORT), NIGHT + timedelta(days=1))
    assert first == {ID: Followed(recorded=2, queued=1, unreachable=1)}
    assert again == {ID: Followed(recorded=0, queued=0, unreachable=1)}
    states = await campaigns.states(ID, "c1")
    assert {sid: (one.state, one.grade) for sid, one in states.items() if one.grade} == {
        "s1": (State.CONFIRMED, Grade.RECORD),
        "s3": (State.CONFIRMED, Grade.RECORD),
    }
    assert (await campaigns.progress(ID, ["c1"])).done == 4
    assert not any(word in repr(logs) for word in ("2019s", "student s", "chatroom"))


async def test_the_note_waits_for_the_end_of_the_quiet_hours_and_says_it_in_private(
    database: Database, tmp_path: Path
) -> None:
    await school(database)
    await reconciling(database).follow_folder(export(tmp_path, *EXPORT), NIGHT)
    platform = Platform()
    for at, sent in ((NIGHT, []), (NIGHT + timedelta(hours=6), ["s2"])):
        await relay(database, platform, VirtualClock(at)).run_until_idle()
        assert [chat for chat, _ in platform.taken] == sent


async def test_an_export_is_followed_once_a_day_from_the_night_on(database: Database, tmp_path: Path) -> None:
    campaigns = await school(database)
    path = export(tmp_path, row("s3", checked=True))
    clock = VirtualClock(NIGHT - timedelta(minutes=1))
    nightly = Nightly(lambda: reconciling(database), path, clock)

    async def followed() -> set[str]:
        await nightly.step()
        return {sid for sid, one in (await campaigns.states(ID, "c1")).items() if one.grade is Grade.RECORD}

    assert await followed() == set()
    clock.advance_to(NIGHT)
    assert await followed() == {"s3"}
    export(tmp_path, row("s1", checked=True))
    clock.advance_to(NIGHT + timedelta(hours=20))
    assert await followed() == {"s3"}
    clock.advance_to(NIGHT + timedelta(days=1))
    assert await followed() == {"s1", "s3"}


async def test_a_campaign_that_is_over_follows_nothing(database: Database, tmp_path: Path) -> None:
    campaigns = await school(database)
    opened = await campaigns.get(ID)
    assert opened is not None
    await campaigns.save(move(opened, CampaignStatus.CLOSED, START), seen_revision=1)
    assert await reconciling(database).follow_folder(export(tmp_path, *EXPORT), NIGHT) == {}


async def test_an_export_that_cannot_be_read_is_warned_of_and_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    campaigns = await school(database)
    before = await campaigns.states(ID, "c1")
    path = export(tmp_path, ("2019s1", "student s1", "也许"))
    with capture_logs() as logs:
        assert await reconciling(database).follow_folder(path, NIGHT) == {}
    assert [line["log_level"] for line in logs] == ["warning"]
    assert await campaigns.states(ID, "c1") == before


async def test_an_export_of_another_campaign_is_not_followed(database: Database, tmp_path: Path) -> None:
    """Whoever is on record at 学信网 has not chosen their courses by that."""
    campaigns = await school(database)
    before = await campaigns.states(ID, "c1")
    assert await reconciling(database).follow_folder(export(tmp_path, *EXPORT, name="check-2020"), NIGHT) == {}
    assert await campaigns.states(ID, "c1") == before
