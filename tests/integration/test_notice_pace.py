"""A notice of several messages before limits as strict as Telegram's own: whole everywhere, and never too fast."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from bot.platforms.telegram.refs import address
from bot.talk import knowledge_of
from knowledge.loading import load
from scheduler.messages import Accepted
from scheduler.notices import Arrival
from scheduler.roster import Group
from scheduler.storage.database import Database
from tests.integration.notice_office import FIGURES, opened_office
from tests.integration.test_forms import xueji
from tests.integration.waiting import wait_until

GROUPS = range(-1100, -1060)


async def test_a_picture_and_a_file_to_forty_groups_meet_no_limit_of_the_platform(
    database: Database, valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sheet.xlsx").write_bytes(b"a sheet")
    known = knowledge_of(load())
    async with opened_office(database, known, valkey_url, monkeypatch, tmp_path, strict=True) as office:
        for chat in GROUPS:
            office.standin.world.group(chat=chat, title="c4")
            await office.kept.bindings.bind_group(Group(address=address(chat), classes=("c4",)))
        files = ("--file", str(FIGURES / "pc-login.png"), "--file", str(tmp_path / "sheet.xlsx"))
        number = await office.draft("--class", "class c4", *files)
        code, _, faults = await xueji("notice", "send", str(number), "--quiet-reason", "test", "--by", "li", "--json")
        assert code == 0, faults
        await office.service.broadcasts.step()
        sending = [asyncio.create_task(relay.run()) for relay in office.service.relays]

        async def is_everywhere() -> bool:
            counts = await office.kept.notice_results.counts(number)
            return counts == {Arrival.ACCEPTED: len(GROUPS)}

        await wait_until(is_everywhere, "the notice is everywhere")
        for task in sending:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*sending)
        assert all(isinstance(attempt.outcome, Accepted) for attempt in await office.kept.outbox.ledger())
        for chat in GROUPS:
            assert len(await office.standin.messages(chat)) == 2
