"""What a notice is made of at the command line, and how a draft is changed."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.platforms.telegram.refs import address
from bot.talk import Knowledge, knowledge_of
from knowledge.loading import load
from scheduler.notice_drafts import MOST_FILE_BYTES
from scheduler.notices import Audience, ReadLevel
from scheduler.roster import Group
from scheduler.storage.database import Database
from tests.integration.notice_office import FIGURES, LI, ZHANG, Office, opened_office
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


async def test_a_link_is_a_button_where_there_are_such_and_a_line_to_paste_elsewhere(office: Office) -> None:
    number = await office.sent("--class", "class c1", "--level", "click", "--link", "报名表|https://a.edu.cn/f?x=1")
    (shown,) = await office.in_group("c1")
    assert shown["buttons"] == [["看到了"], ["报名表"]]
    assert "https://" not in shown["text"]
    _, said, _ = await xueji("notice", "preview", str(number))
    assert "报名表 https://a.edu.cn/f?x=1" in said


@pytest.mark.parametrize("link", ["报名表", "报名表|http://a.edu.cn", "|https://a.edu.cn", "a|javascript:alert(1)"])
async def test_what_is_no_link_is_refused(office: Office, link: str) -> None:
    drafting = ("notice", "draft", "--title", "t", "--text", "x", "--everybody", "--link", link, *ZHANG)
    code, _, faults = await xueji(*drafting)
    assert (code, faults) == (1, "链接最多3个，写成“名字|网址”，网址以https开头，名字最多20个字\n")


async def test_a_file_goes_with_it(office: Office, tmp_path: Path) -> None:
    (tmp_path / "表.xlsx").write_bytes(b"a sheet")
    await office.sent("--class", "class c1", "--file", str(tmp_path / "表.xlsx"))
    (shown,) = await office.in_group("c1")
    assert shown["document"] is not None
    assert shown["text"].startswith("【交表】")


async def test_who_looks_at_a_draft_sees_which_files_go_along(office: Office, tmp_path: Path) -> None:
    (tmp_path / "表.xlsx").write_bytes(b"a sheet")
    number = await office.draft("--class", "class c1", "--file", str(tmp_path / "表.xlsx"))
    _, said, _ = await xueji("notice", "preview", str(number))
    assert "附件：表.xlsx" in said


async def test_a_picture_and_a_file_go_with_it_whichever_was_named_first(office: Office, tmp_path: Path) -> None:
    (tmp_path / "表.xlsx").write_bytes(b"a sheet")
    (tmp_path / "图.png").write_bytes((FIGURES / "pc-login.png").read_bytes())
    await office.sent("--class", "class c1", "--file", str(tmp_path / "表.xlsx"), "--file", str(tmp_path / "图.png"))
    plan, sheet = await office.in_group("c1")
    assert (plan["photo"] is not None, plan["text"][:4]) == (True, "【交表】")
    assert (sheet["document"] is not None, sheet["text"]) == (True, "")


@pytest.mark.parametrize(
    ("sizes", "fault"),
    [
        ((MOST_FILE_BYTES + 1,), "附件要在10MB以内，也不能是空的\n"),
        ((0,), "附件要在10MB以内，也不能是空的\n"),
        ((1, 1), "附件最多一张图片（png、jpg）和一个文件\n"),
    ],
)
async def test_files_that_cannot_go_are_refused_whole(
    office: Office, tmp_path: Path, sizes: tuple[int, ...], fault: str
) -> None:
    named = []
    for number, size in enumerate(sizes):
        (tmp_path / f"{number}.xlsx").write_bytes(b"x" * size)
        named += ["--file", str(tmp_path / f"{number}.xlsx")]
    code, _, said = await xueji("notice", "draft", "--title", "t", "--text", "x", "--everybody", *named, *ZHANG)
    assert (code, said) == (1, fault)
    assert await office.kept.notices.latest(1) == ()


async def test_a_draft_is_changed_in_what_is_named_and_in_nothing_else(office: Office) -> None:
    number = await office.draft("--class", "class c1", "--level", "answer", "--question", "来吗|来|不来")
    changing = ("notice", "draft", "--number", str(number), "--json")
    code, said, faults = await xueji(*changing, "--text", "周五前。", *LI)
    assert (code, json.loads(said)["number"], json.loads(said)["groups"]) == (0, number, 1), faults
    assert (await xueji(*changing, "--everybody", "--level", "click", *ZHANG))[0] == 0
    notice = await office.kept.notices.get(number)
    assert notice is not None
    assert (notice.title, notice.text, notice.audience) == ("交表", "周五前。", Audience(everybody=True))
    assert (notice.level, notice.questions, notice.changed_by) == (ReadLevel.CLICK, (), "office:zhang")


async def test_what_was_released_is_not_changed_any_more_and_it_is_said_what_to_do(office: Office) -> None:
    number = await office.sent()
    code, _, said = await xueji("notice", "draft", "--number", str(number), "--text", "周五前。", *ZHANG)
    assert code == 1
    assert said.startswith("已经放行，字改不了了。")
    assert [shown["text"][:4] for shown in await office.in_group("c1")] == ["【交表】"]


async def test_what_is_released_is_what_was_seen(office: Office) -> None:
    number = await office.draft()
    _, said, _ = await xueji("notice", "preview", str(number), "--json")
    seen = ("--seen", json.loads(said)["seen"])
    assert (await xueji("notice", "draft", "--number", str(number), "--text", "周五前。", *ZHANG))[0] == 0
    for command in ("approve", "send"):
        code, _, faults = await xueji("notice", command, str(number), *seen, *LI)
        assert (code, faults[:8]) == (1, "和刚才看的不一样")
    _, said, _ = await xueji("notice", "preview", str(number), "--json")
    assert json.loads(said)["seen"] != seen[1]
    assert (await xueji("notice", "approve", str(number), "--seen", json.loads(said)["seen"], *LI))[0] == 0


async def test_a_count_that_is_another_one_by_now_is_said_before_anything_goes(office: Office) -> None:
    number = await office.draft()
    _, said, _ = await xueji("notice", "preview", str(number), "--json")
    await office.kept.bindings.bind_group(Group(address=address(-1004), classes=("c4",)))
    code, _, faults = await xueji("notice", "send", str(number), "--seen", json.loads(said)["seen"], *LI)
    assert (code, faults[:8]) == (1, "和刚才看的不一样")
