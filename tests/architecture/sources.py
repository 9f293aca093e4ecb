"""The project's own files, and its modules as syntax trees."""

import ast
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CODE = re.compile(r"`([^`\n]+)`|^(?:```|~~~)\w*\n(.*?)^(?:```|~~~)", re.MULTILINE | re.DOTALL)
PACKAGES = ("bot", "knowledge", "scheduler")


def project_files(*suffixes: str) -> Iterator[Path]:
    """Every file that belongs to the project, of these endings or of any."""
    ignored = [".git", *(line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines())]
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not any(fnmatch(name, pattern) for pattern in ignored)]
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(suffixes or ("",)))


def python_files(*folders: str) -> Iterator[Path]:
    """The Python files in these folders of the root."""
    return (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text("utf-8"), str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Where something stands, as a person looks it up."""
    line = getattr(node, "lineno", None)
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))


def strings(path: Path) -> Iterator[tuple[ast.Constant, str]]:
    """The string literals of a module and the literal parts of its f-strings, with their text; no docstrings."""
    documentation = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node, node.value


def shown_code() -> Iterator[tuple[str, str]]:
    """What the pages show as something to type: code within a line, and blocks of it."""
    for page in project_files(".md"):
        for inline, block in _CODE.findall(page.read_text("utf-8")):
            yield place(page), inline or block
