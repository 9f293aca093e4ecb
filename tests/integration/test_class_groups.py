"""`xueji platforms make-group`, over the stand-in of WeCom: a group for a class, and what it is told first."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.bootstrap import Stores
from bot.cli import class_groups
from bot.dialogue.wording import ContentWording
from bot.platforms.wecom import refs
from bot.settings import Settings
from bot.standins.wecom import WecomStandin
from scheduler.messages import Phrase
from scheduler.roster import Binding, BindingStrength
from scheduler.storage.database import Database
from tests.architecture.phrases import phrases
from tests.integration.school import import_students, student

WORDS = ContentWording(phrases(), "你")


@pytest.fixture
async def wecom() -> AsyncIterator[WecomStandin]:
    async with WecomStandin() as standin:
        for user in ("ZhangSan", "LiSi", "WangWu"):
            standin.world.member(user=user)
        yield standin


@pytest.fixture
async def kept(database: Database) -> Stores:
    """A class of three: one proved who they are, one only claims it, one has no account."""
    kept = Stores(database, alone=True)
    await import_students(kept.rosters, *(student(f"s{number}") for number in range(3)))
    for sid, strength in (("s0", BindingStrength.STRONG), ("s1", BindingStrength.PROVISIONAL)):
        to = refs.person({"s0": "ZhangSan", "s1": "WangWu"}[sid])
        await kept.bindings.bind(Binding(account=str(to), sid=sid, strength=strength, private=to))
    return kept


def settings(wecom: WecomStandin, tmp_path: Path) -> Settings:
    app: dict[str, Any] = {f"wecom_{name}": wecom.credentials[name] for name in ("corp_id", "agent_id", "app_secret")}
    return Settings(data=tmp_path, wecom_base_url=wecom.http_url, **app)


async def make(wecom: WecomStandin, kept: Stores, tmp_path: Path, owner: str = "LiSi") -> str:
    return await class_groups.make(settings(wecom, tmp_path), kept, WORDS, "class c1", owner)


async def test_a_class_gets_one_group_of_those_who_proved_who_they_are_and_is_bound_to_it(
    wecom: WecomStandin, kept: Stores, tmp_path: Path
) -> None:
    said = await make(wecom, kept, tmp_path)
    assert await make(wecom, kept, tmp_path) == said
    (group,) = await kept.bindings.groups_of(["c1"])
    assert group.address == refs.group(refs.GroupRoute.APPCHAT, "c1")
    assert list(wecom.app.appchats) == ["c1"]
    assert wecom.app.appchats["c1"].users == ["LiSi", "ZhangSan"]
    assert "群里2人" in said
    assert "还有2人不在群里" in said


async def test_nobody_is_alone_in_a_group(wecom: WecomStandin, kept: Stores, tmp_path: Path) -> None:
    with pytest.raises(typer.Exit):
        await make(wecom, kept, tmp_path, owner="ZhangSan")
    assert wecom.app.appchats == {}


async def test_the_first_words_wait_in_the_outbox_once(wecom: WecomStandin, kept: Stores, tmp_path: Path) -> None:
    for _ in range(2):
        await make(wecom, kept, tmp_path)
    waiting = await kept.database.call("HLEN", f"{kept.database.prefix}:{{core}}:deliveries")
    assert waiting == 1
    assert WORDS.render(Phrase(key="platforms.group.first-words", values={"name": "c1"}))


async def test_without_an_application_nothing_is_made(kept: Stores, tmp_path: Path) -> None:
    with pytest.raises(typer.Exit):
        await class_groups.make(Settings(data=tmp_path), kept, WORDS, "class c1", "WangWu")
