"""Rules for the files themselves: tests that test, locks that lock, no address of where packages come from."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from tests.architecture.sources import PACKAGES, ROOT, place, project_files, python_files, tree

_LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
_PIN = re.compile(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==[^\s;]+( ;.+)?", re.IGNORECASE)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_REGISTRY = re.compile(
    r"(?:[\w-]+\.)*(?:pypi|pythonhosted|npmjs|npmmirror|yarnpkg|crates|rubygems|mvnrepository|ghcr|gcr|quay|docker)"
    r"(?:\.[\w-]+)*\.(?:org|com|net|io|cn|dev|edu)\b"
    r"|\bmirrors?\.[\w.-]+\.(?:cn|com|org|net|edu)\b"
    r"|\b(?:deb|security|archive|ports)\.(?:debian|ubuntu)\."
    r"|index-url|[/]simple[/]|registry *= *[\"'{]*http",
    re.IGNORECASE,
)
_BINARY = (".png", ".otf", ".ttf", ".npz", ".npy", ".xlsx", ".xls", ".woff2", ".ico")


def test_nothing_names_the_address_of_a_package_registry() -> None:
    here = Path(__file__)
    assert [
        f"{place(path)}:{number}"
        for path in project_files()
        if path != here and not path.name.endswith(_BINARY)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if _REGISTRY.search(line)
    ] == []


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda path: path.name)
def test_every_locked_package_is_pinned_and_has_hashes(lock: Path) -> None:
    text = re.sub(r"\s*\\\n\s*", " ", lock.read_text("utf-8"))
    requirements = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(requirements) > 10
    assert [line[:80] for line in requirements if not _is_locked(line)] == []


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda path: path.name)
def test_a_lock_leads_to_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text("utf-8")


def test_what_runs_before_a_commit_is_part_of_make_check_and_fetches_nothing() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    check = makefile.partition("\ncheck:")[2].partition("\n\n")[0].replace("$(BIN)", ".venv/bin")
    check = check.replace("$(RUN)", ".venv/bin/xueji")
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"] if f"\t{hook['entry']}" not in check] == []
    assert len(repository["hooks"]) == check.count("\t")


def test_every_file_of_tests_holds_a_test() -> None:
    assert [place(path) for path in python_files("tests") if _is_test_file(path) and not _tests(path)] == []


def test_no_test_stands_where_it_is_not_collected() -> None:
    assert [place(path) for path in python_files("tests") if not _is_test_file(path) and _tests(path)] == []


def test_only_the_settings_read_the_environment() -> None:
    assert [
        place(path, node)
        for path in python_files(*PACKAGES)
        if path != ROOT / "bot/settings.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ] == []


def _is_locked(requirement: str) -> bool:
    pin, *hashes = requirement.split(" --hash=")
    return (
        bool(_PIN.fullmatch(pin.strip()))
        and bool(hashes)
        and all(_HASH.fullmatch(f"--hash={h.strip()}") for h in hashes)
    )


def _is_test_file(path: Path) -> bool:
    return path.name.startswith("test_")


def _tests(path: Path) -> list[str]:
    """The names under which pytest finds tests: functions, and the cases of state machines."""
    names = [node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    names += [
        target.id
        for node in tree(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    return [name for name in names if name.startswith(("test_", "Test"))]
