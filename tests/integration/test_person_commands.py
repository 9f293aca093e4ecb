"""`xueji person` as a clerk types it: what is kept of one student, and forgetting them."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from bot.bootstrap import Stores, stores
from bot.cli import app
from bot.settings import read
from scheduler.claims import Waiting
from scheduler.corrections import Correction
from scheduler.messages import Address
from scheduler.notices import Audience, Notice, NoticeStatus
from scheduler.roster import Binding, BindingStrength
from tests.integration.school import confirmed, import_students, open_campaign, student

NOW = datetime.now(UTC)
TO = Address(platform="telegram", chat="7")
NOTICE = 1001
"""The first number a notice is given."""


def person(*words: str) -> Result:
    return CliRunner().invoke(app, ["person", *words])


async def school() -> None:
    """Two students; the first has stated, reported and bound, and is gone from the roster since."""
    async with stores(read(), serving=False) as (kept, _):
        await import_students(kept.rosters, student("s1"), student("s2"))
        campaign = await open_campaign(kept.campaigns)
        await kept.campaigns.record(campaign.id, "c1", "s1", confirmed())
        await kept.bindings.bind(Binding(account=str(TO), sid="s1", strength=BindingStrength.STRONG, private=TO))
        await kept.bindings.codes(["s1"], {"s1": "CODE"})
        await kept.bindings.wait(Waiting(account="telegram:8", private=TO, class_id="c1", sid="s1", at=NOW))
        one = Correction(
            id="Q7K2", campaign=campaign.id, class_id="c1", sid="s1", item="name", reported_at=NOW, at=NOW, by="s1"
        )
        await kept.corrections.report(one, "sealed")
        await kept.evidence.seal(NOW)
        await sent_notice(kept)
        assert await kept.notices.read(NOTICE, "s1", NOW, None)
        await import_students(kept.rosters, student("s2"))


async def sent_notice(kept: Stores) -> None:
    assert await kept.notices.new_number() == NOTICE
    audience = Audience(everybody=True)
    notice = Notice(
        number=NOTICE, title="t", text="t", author="office", audience=audience, created_at=NOW, status=NoticeStatus.DONE
    )
    assert await kept.notices.save(notice, seen_revision=0, by="office", now=NOW)


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("XUEJI_DATA", str(tmp_path / "data"))
    asyncio.run(school())
    yield student("s1").number
    structlog.reset_defaults()  # a command logs to the error stream of its own run


async def left() -> list[object]:
    async def found(kept: Stores) -> list[object]:
        return [
            *await kept.bindings.of_account(str(TO)),
            *await kept.bindings.waiting_in(["c1"]),
            *await kept.corrections.of_student("s1"),
            *await kept.corrections.all_texts(),
            *(await kept.campaigns.departed("check-2019")),
            *(await kept.rosters.former([student("s1").number])),
            await kept.bindings.owner_of("CODE"),
            await kept.evidence.key_of("s1"),
            *(await kept.notices.readings(NOTICE)),
        ]

    async with stores(read(), serving=False) as (kept, _):
        return [one for one in await found(kept) if one is not None]


def test_what_is_kept_of_one_student_is_said_and_nothing_they_wrote(gone: str) -> None:
    said = person("show", gone).stdout
    for words in (gone, "已不在名单里", "telegram:7", "check-2019", "本人登记", "Q7K2", "存证里有代号"):
        assert words in said
    assert "sealed" not in said


def test_forgetting_somebody_who_is_gone_leaves_no_trace_but_the_chain(gone: str) -> None:
    assert len(asyncio.run(left())) == 9
    ended = person("erase", gone, "--yes")
    assert (ended.exit_code, "绑定1个，更正1项" in ended.stdout) == (0, True)
    assert asyncio.run(left()) == []
    assert person("show", gone).exit_code == 2


def test_an_account_that_is_not_theirs_is_taken_from_a_student_and_nothing_else_is(gone: str) -> None:
    refused = person("unbind", gone, "telegram:8")
    assert (refused.exit_code, "没有绑定" in refused.output) == (1, True)
    assert "已解除telegram:7" in person("unbind", gone, str(TO)).stdout
    assert len(asyncio.run(left())) == 8
    assert person("unbind", gone, str(TO)).exit_code == 1


def test_who_is_still_in_the_roster_is_said_to_be(gone: str) -> None:
    ended = person("erase", student("s2").number, "--yes")
    assert "还在名单里" in ended.stdout


def test_nothing_is_dropped_before_it_was_said_twice(gone: str) -> None:
    assert person("erase", gone).exit_code == 1
    assert len(asyncio.run(left())) == 9
