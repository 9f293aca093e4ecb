"""A record of evidence can be checked without the bot."""

import ast
import sys

from tests.architecture.sources import ROOT, tree


def test_what_checks_the_evidence_needs_nothing_but_the_standard_library() -> None:
    module = tree(ROOT / "scheduler/evidence.py")
    nodes = list(ast.walk(module))
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported
    assert {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names} == set()
