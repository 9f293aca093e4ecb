"""The office's commands as a clerk types them, over a data folder of their own."""

import asyncio
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from typer.testing import CliRunner, Result

from bot.bootstrap import stores
from bot.cli import app
from bot.settings import read as read_settings
from scheduler.acts import Act, act
from scheduler.campaigns import Grade, State
from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength

HEAD = ["学院", "班级", "学号", "姓名", "年级"]
ONE = ["信息学院", "计科1901", "0190101001", "张三", "2019"]
TWO = ["信息学院", "计科1901", "0190101002", "李四", "2019"]
THREE = ["信息学院", "计科1902", "0190102001", "古丽·热合曼", "2019"]
BAD = ["信息学院", "计科1902", "2.0E+15", "王五", "2019"]
CAMPAIGN = "glut-check-2030"
NOTHING = {"new": 0, "changed": 0, "moved": 0, "gone": 0, "faults": []}


class Office:
    """A data folder of its own, with the commands over it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, words)

    def file(self, *lines: Sequence[object], name: str = "名单.xlsx") -> str:
        book = Workbook()
        for line in lines:
            book.worksheets[0].append(list(line))
        out = io.BytesIO()
        book.save(out)
        (self._folder / name).write_bytes(out.getvalue())
        return str(self._folder / name)

    def put(self, *lines: Sequence[object], more: Sequence[str] = ()) -> tuple[int, dict[str, Any]]:
        """Import a file of these lines below the head: exit code and what was said."""
        ended = self("roster", "import", self.file(HEAD, *lines), "--scope", "glut", "--json", *more)
        return ended.exit_code, json.loads(ended.stdout)

    def campaign_status(self) -> list[str]:
        return [line for line in self("campaign", "status").stdout.splitlines() if "应核对" in line]

    def confirm(self, number: str) -> None:
        """The student of that number states that all is right, from an account that can be written to."""
        asyncio.run(self._confirm(number))

    async def _confirm(self, number: str) -> None:
        async with stores(read_settings(), serving=False) as (kept, _):
            student, campaign = await kept.rosters.by_number(number), await kept.campaigns.get(CAMPAIGN)
            assert student is not None
            assert campaign is not None
            to = Address(platform="chatroom", chat=student.sid)
            binding = Binding(account=str(to), sid=student.sid, strength=BindingStrength.STRONG, private=to)
            await kept.bindings.bind(binding)
            state = await kept.campaigns.state(CAMPAIGN, student.class_id, student.sid)
            new = act(campaign, state, Act.CONFIRM, by=student.sid, now=datetime.now(UTC), receipt="AB23")
            assert not isinstance(new, str)
            assert await kept.campaigns.record(CAMPAIGN, student.class_id, student.sid, new)

    def stands(self, number: str) -> tuple[State, Grade | None]:
        return asyncio.run(self._stands(number))

    async def _stands(self, number: str) -> tuple[State, Grade | None]:
        async with stores(read_settings(), serving=False) as (kept, _):
            student = await kept.rosters.by_number(number)
            assert student is not None
            state = await kept.campaigns.state(CAMPAIGN, student.class_id, student.sid)
            return state.state, state.grade

    def bound(self) -> set[str]:
        """The names of the classes that a group and somebody of the staff are bound to by the roster of now."""
        return asyncio.run(self._bound())

    async def _bound(self) -> set[str]:
        async with stores(read_settings(), serving=False) as (kept, _):
            classes = (await kept.rosters.current()).classes
            groups = {one for group in await kept.bindings.groups_of(tuple(classes)) for one in group.classes}
            staff = {one for member in await kept.staff.all() for one in member.classes}
            return {classes[one].name for one in groups & staff if one in classes}
