"""The pages are true: every setting, decision, link and target they name exists, and none is left out."""

import re

import pytest

from bot.settings import Settings
from tests.architecture.sources import ROOT, place, project_files, shown_code

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_ROW = re.compile(r"\| `(XUEJI_[A-Z_]+)` \| (.+?) \|")
_ROOM = re.compile(r"`((?:bot|knowledge|scheduler|tests)/[\w./-]+)`")
_INDEX = ROOT / "docs/README.md"


def test_the_page_of_settings_lists_each_with_its_default() -> None:
    rows = dict(_ROW.findall((ROOT / "docs/settings.md").read_text("utf-8")))
    assert rows == {f"XUEJI_{name.upper()}": _default(name) for name in Settings.model_fields}


def test_no_page_and_no_part_of_an_installation_names_a_setting_that_is_none() -> None:
    known = {f"XUEJI_{name.upper()}" for name in Settings.model_fields}
    named = [
        f"{place(path)} {name}"
        for path in [*project_files(".md"), *(path for path in (ROOT / "deploy").rglob("*") if path.is_file())]
        for name in re.findall(r"XUEJI_[A-Z][A-Z_]*", path.read_text("utf-8"))
        if name not in known
    ]
    assert named == []


def test_the_index_leads_to_every_page_and_every_decision() -> None:
    linked = {(_INDEX.parent / target).resolve() for target in _LINK.findall(_INDEX.read_text("utf-8"))}
    pages = set((ROOT / "docs").rglob("*.md")) - {_INDEX}
    assert sorted(place(page) for page in pages - linked) == []


def test_every_link_leads_somewhere() -> None:
    assert [
        f"{place(page)} -> {target}"
        for page in project_files(".md")
        for target in _LINK.findall(page.read_text("utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ] == []


def test_every_room_a_page_sends_people_to_is_there() -> None:
    assert [
        f"{place(page)} {room}"
        for page in project_files(".md")
        for room in _ROOM.findall(page.read_text("utf-8"))
        if not (ROOT / room).exists()
    ] == []


def test_every_make_target_a_page_names_is_one() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {(where, target) for where, code in shown_code() for target in re.findall(r"\bmake ([a-z][a-z-]*)", code)}
    assert sorted(f"{where} make {target}" for where, target in named if target not in targets) == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_a_newcomer_finds_the_usual_pages(name: str) -> None:
    assert (ROOT / name).read_text("utf-8").startswith("# ")


def test_the_changelog_speaks_of_the_version_that_is_built() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    return "空" if value is None else f"`{value}`"
