"""Everything is small enough to be read at once."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import PACKAGES, place, python_files, tree

MOST_LINES_OF_A_MODULE = 450
MOST_LINES_OF_A_FUNCTION = 60


def test_no_module_is_longer_than_can_be_overseen() -> None:
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in python_files(*PACKAGES, "tests")}
    assert {where: lines for where, lines in lengths.items() if lines > MOST_LINES_OF_A_MODULE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    assert {where: lines for where, lines in _functions() if lines > MOST_LINES_OF_A_FUNCTION} == {}


def _functions() -> Iterator[tuple[str, int]]:
    for path in python_files(*PACKAGES, "tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{place(path, node)} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1
