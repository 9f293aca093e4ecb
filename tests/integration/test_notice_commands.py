"""Notices as a clerk types them, over a real store and Telegram's stand-in."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from bot.cli import app
from bot.platforms.telegram.refs import address
from bot.settings import read
from bot.storage.disk import FolderSpace
from bot.talk import Knowledge, announcing, knowledge_of
from knowledge.loading import load
from scheduler.clocks import SystemClock
from scheduler.notices import Arrival, NotAllowed, NoticeStatus
from scheduler.storage.database import Database
from tests.integration.notice_office import GROUPS, LI, STUDENT, ZHANG, Office, opened_office
from tests.integration.test_forms import xueji


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return knowledge_of(load())


@pytest.fixture
async def office(
    database: Database, known: Knowledge, valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Office]:
    async with opened_office(database, known, valkey_url, monkeypatch, tmp_path) as there:
        yield there


async def test_no_notice_goes_out_while_the_disk_of_the_store_is_nearly_full(office: Office, tmp_path: Path) -> None:
    number = await office.draft()
    kept = office.service.kept
    assert "disk" not in office.service.notes()
    kept.disk = FolderSpace(folder=tmp_path, least=1 << 62)
    assert "disk" in office.service.notes()
    desk = announcing(
        read(data=tmp_path), kept, office.service.known.content, office.service.known.wording, SystemClock()
    )
    assert await desk.send(number, "office:zhang", quiet_reason="test") is NotAllowed.DISK_LOW
    assert await desk.retry(number, "office:zhang") is NotAllowed.DISK_LOW
    assert (await office.status(number))["status"] == "draft"


async def test_a_notice_is_drafted_looked_at_sent_and_watched(office: Office) -> None:
    office.standin.world.kick(chat=GROUPS["c3"])
    code, said, _ = await xueji("notice", "draft", "--title", "交表", "--text", "周四前。", "--everybody", *ZHANG)
    assert code == 0
    assert "3个群" in said
    assert "class c4" in said
    assert "【交表】周四前。" in said

    code, said, _ = await xueji("notice", "preview", "1001", "--json")
    assert json.loads(said)["groups"] == 3

    code, said, _ = await xueji("notice", "send", "1001", "--quiet-reason", "test", *ZHANG)
    assert code == 0
    await office.settle()
    for class_id in ("c1", "c2"):
        (shown,) = await office.in_group(class_id)
        assert shown["text"].startswith("【交表】周四前。")
        assert "通知1001" in shown["text"]
    found = await office.status(1001)
    assert found["status"] == "done"
    assert found["counts"] == {"accepted": 2, "refused": 1, "unreached": 1}
    _, said, _ = await xueji("notice", "status", "1001")
    assert "已送达2，在路上0，没送到2" in said
    assert "class c3：机器人被移出" in said


async def test_everything_that_is_wrong_with_a_draft_is_said_and_nothing_is_kept(office: Office) -> None:
    code, _, faults = await xueji("notice", "draft", "--title", "长" * 31, "--text", "", *ZHANG)
    assert code == 1
    assert len(faults.splitlines()) == 3
    code, _, faults = await xueji(
        "notice", "draft", "--title", "t", "--text", "x", "--class", "class c1", "--class", "class c9", *ZHANG
    )
    assert code == 2
    assert "class c9" in faults
    assert await office.kept.notices.latest(10) == ()


async def test_a_pasted_list_of_numbers_reaches_these_persons_and_names_who_nobody_is(
    office: Office, tmp_path: Path
) -> None:
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("2019sc1\n2019nobody\n", "utf-8")
    code, _, faults = await xueji("notice", "draft", "--title", "t", "--text", "x", "--numbers", numbers, *ZHANG)
    assert code == 2
    assert "2019nobody" in faults
    numbers.write_text("2019sc1，2019sc2", "utf-8")
    drafting = ["notice", "draft", "--title", "t", "--text", "x", "--numbers", "-", *ZHANG, "--json"]
    typed = await asyncio.to_thread(CliRunner().invoke, app, drafting, input="2019sc1\n2019sc2\n")
    assert json.loads(typed.stdout)["persons"] == 1
    number = await office.sent("--numbers", str(numbers))
    (shown,) = await office.standin.messages(STUDENT)
    assert f"通知{number}" in shown["text"]
    assert (await office.status(number))["counts"] == {"accepted": 1, "unreached": 1}


async def test_a_large_notice_is_released_by_a_second_person(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUEJI_NOTICE_ALONE", "2")
    number = str(await office.draft())
    for command in ("approve", "send"):
        code, _, why = await xueji("notice", command, number, *ZHANG)
        assert (code, why) == (1, "发送目标多，要请另一位老师放行\n")
    assert (await xueji("notice", "approve", number, *LI))[0] == 0
    code, _, _ = await xueji("notice", "send", number, "--quiet-reason", "test", *ZHANG)
    assert code == 0
    code, _, why = await xueji("notice", "send", number, "--quiet-reason", "test", *LI)
    assert (code, why) == (1, "已经是这样了：别人先按了一步，或者按了两次\n")


async def test_a_notice_tried_out_reaches_that_address_alone(office: Office) -> None:
    number = await office.draft()
    assert (await xueji("notice", "test", str(number), "--to", f"telegram:{STUDENT}"))[0] == 0
    await office.settle()
    assert len(await office.standin.messages(STUDENT)) == 1
    assert await office.in_group("c1") == []


async def test_it_is_paused_resumed_and_cancelled(office: Office) -> None:
    number = str(await office.draft())
    await xueji("notice", "send", number, "--quiet-reason", "test", *ZHANG)
    await office.service.broadcasts.step()
    assert (await xueji("notice", "pause", number, *ZHANG))[0] == 0
    await office.settle()
    assert await office.in_group("c1") == []
    assert (await xueji("notice", "resume", number, *ZHANG))[0] == 0
    await office.settle()
    assert len(await office.in_group("c1")) == 1
    assert (await xueji("notice", "cancel", number, *ZHANG))[0] == 1, "it is done"


async def test_exactly_what_failed_is_sent_again(office: Office) -> None:
    office.standin.world.kick(chat=GROUPS["c3"])
    number = await office.sent()
    office.standin.world.group(chat=GROUPS["c3"], title="c3")
    await office.kept.reach.found(address(GROUPS["c3"]))
    assert (await xueji("notice", "retry", str(number), *ZHANG))[0] == 0
    await office.settle()
    assert [len(await office.in_group(class_id)) for class_id in GROUPS] == [1, 1, 1]


async def test_a_group_that_is_bound_by_hand_after_it_moved_does_not_get_it_again(office: Office) -> None:
    number = await office.sent("--class", "class c1", "--class", "class c2")
    office.standin.world.migrate(chat=GROUPS["c1"], to=-20_001)
    await office.kept.bindings.move_group(address(GROUPS["c1"]), address(-20_001))
    assert (await xueji("staff", "bind-group", "telegram:-20001", "class c1"))[0] == 0
    assert (await xueji("notice", "retry", str(number), *ZHANG))[0] == 0
    await office.settle()
    assert [one for one in await office.standin.messages(-20_001) if one.get("text")] == []


async def test_it_is_taken_back_where_it_can_be(office: Office) -> None:
    number = await office.sent("--class", "class c1", "--class", "class c2")
    found = await office.status(number)
    assert (found["recall"]["open"], found["recall"]["closed"]) == (2, 0)
    code, said, _ = await xueji("notice", "recall", str(number))
    assert code == 0
    assert "正在撤回2处，撤不回0处" in said
    await office.settle()
    assert await office.in_group("c1") == []
    assert (await office.status(number))["counts"] == {"recalled": 2}
    _, said, _ = await xueji("notice", "status", str(number))
    assert "class c1：已撤回" in said


async def test_nothing_more_goes_out_of_what_is_taken_back_half_way(office: Office) -> None:
    number = await office.draft("--class", "class c1")
    await xueji("notice", "send", str(number), "--quiet-reason", "test", *ZHANG)
    await office.service.broadcasts.step()  # written, and no relay runs
    assert (await xueji("notice", "recall", str(number), *ZHANG))[0] == 0
    await office.settle()
    assert await office.in_group("c1") == []
    assert (await office.status(number))["status"] == "cancelled"


async def test_a_correction_also_goes_to_who_heard_the_wrong_notice_only_when_it_was_said_again(
    office: Office,
) -> None:
    office.standin.world.kick(chat=GROUPS["c1"])
    number = await office.sent("--class", "class c1", "--level", "click")
    _, said, _ = await xueji("notice", "nudge", str(number), *ZHANG, "--json")
    await xueji("notice", "send", str(json.loads(said)["number"]), "--quiet-reason", "test", *ZHANG)
    await office.settle()
    _, said, _ = await xueji("notice", "follow", str(number), "--text", "时间是周五。", *ZHANG, "--json")
    assert (json.loads(said)["groups"], json.loads(said)["persons"]) == (0, 1)


async def test_a_correction_answers_the_wrong_notice_where_it_arrived_and_nowhere_else(office: Office) -> None:
    office.standin.world.kick(chat=GROUPS["c3"])
    number = await office.sent()
    code, said, _ = await xueji("notice", "follow", str(number), "--text", "时间是周五。", *ZHANG, "--json")
    assert code == 0
    drafted = json.loads(said)
    assert (drafted["groups"], drafted["form"], drafted["about"]) == (2, "correction", number)
    await xueji("notice", "send", str(drafted["number"]), "--quiet-reason", "test", *ZHANG)
    await office.settle()
    wrong, right = await office.in_group("c1")
    assert right["text"].startswith(f"【更正·通知{number}】时间是周五。")
    assert "转一下" in right["text"]
    assert right["reply_to"] == wrong["message_id"]


async def test_without_a_platform_it_is_pasted_by_hand_and_the_ticked_list_taken_back(
    office: Office, tmp_path: Path
) -> None:
    number = await office.draft()
    await xueji("notice", "send", str(number), "--quiet-reason", "test", *ZHANG)
    await office.service.broadcasts.step()  # written, and no relay runs
    code, said, _ = await xueji("notice", "paste", str(number))
    assert code == 0
    assert [line for line in said.splitlines() if line.startswith("[ ]")] == [
        f"[ ] class {one}" for one in (*GROUPS, "c4")
    ]
    assert "【交表】周四17:00前交系里。" in said
    ticked = tmp_path / "list.txt"
    ticked.write_text(said.replace("[ ] class c1", "[x] class c1").replace("[ ] class c4", "[√] class c4"), "utf-8")
    code, said, _ = await xueji("notice", "pasted", str(number), str(ticked))
    assert (code, said) == (0, f"通知{number}记下了2处人工代发。\n")
    await office.settle()
    assert [len(await office.in_group(class_id)) for class_id in GROUPS] == [0, 1, 1]
    counts = await office.kept.notice_results.counts(number)
    assert counts == {Arrival.ACCEPTED: 2, Arrival.BY_HAND: 2}


async def test_results_and_answers_are_exported_and_no_cell_is_a_formula(office: Office, tmp_path: Path) -> None:
    number = await office.sent("--class", "class c1", "--level", "answer", "--question", "来吗|来|不来")
    await office.kept.notices.read(number, "sc1", SystemClock().now(), (0, 1))
    for name in ("out.csv", "out.xlsx"):
        assert (await xueji("notice", "export", str(number), name))[0] == 0
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))))
    assert rows[0][-1] == "来吗"
    assert rows[1][:2] == ["class c1", "已送达"]
    assert rows[2][0] == "2019sc1 student sc1"
    assert rows[2][-1] == "不来"
    sheet = load_workbook(tmp_path / "out.xlsx").worksheets[0]
    assert sheet.cell(3, 6).value == "不来"


async def test_who_has_not_read_it_is_reminded_alone(office: Office) -> None:
    number = await office.sent("--class", "class c1", "--level", "click")
    found = await office.status(number)
    assert (found["read"], found["unread"]) == (0, ["2019sc1 student sc1"])
    code, said, _ = await xueji("notice", "nudge", str(number), *ZHANG, "--json")
    assert code == 0
    nudge = json.loads(said)
    assert (nudge["persons"], nudge["groups"]) == (1, 0)
    await xueji("notice", "send", str(nudge["number"]), "--quiet-reason", "test", *ZHANG)
    await office.settle()
    (shown,) = await office.standin.messages(STUDENT)
    assert shown["text"].startswith(f"通知{number}还没收到你的回应")
    assert shown["buttons"] == [["看到了"]]


async def test_watching_ends_when_it_is_done(office: Office) -> None:
    number = await office.draft()
    watching = asyncio.create_task(xueji("notice", "send", str(number), "--quiet-reason", "test", "--watch", *ZHANG))
    while not watching.done():
        await office.settle()
        await asyncio.sleep(0)
    code, said, faults = await watching
    assert code == 0, faults
    assert "已送达3" in said
    notice = await office.kept.notices.get(number)
    assert notice is not None
    assert notice.status is NoticeStatus.DONE


async def test_a_number_that_is_none_is_one_line(office: Office) -> None:
    code, _, faults = await xueji("notice", "status", "7")
    assert (code, faults) == (1, "没有通知7。\n")
