"""What people read is content: Python holds none of it, and every phrase it names is there."""

import re

from tests.architecture.phrases import (
    expected_keys,
    given_values,
    mentions,
    phrases,
    placeholders,
)
from tests.architecture.sources import PACKAGES, ROOT, place, python_files, strings

_IDEOGRAPH = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def test_no_python_file_holds_chinese_text() -> None:
    assert [
        place(path, node)
        for path in python_files(*PACKAGES)
        for lines in [path.read_text("utf-8").splitlines()]
        for node, text in strings(path)
        if _IDEOGRAPH.search(text) and _IDEOGRAPH.search(_source(lines, node.lineno, node.end_lineno))
    ] == []


def test_every_phrase_the_code_asks_for_is_in_the_content() -> None:
    known = phrases()
    missing = {
        f"{where} {asked.pattern}".replace("\\", "")
        for where, asked in expected_keys(known)
        if not any(asked.fullmatch(key) for key in known)
    }
    assert sorted(missing) == []


def test_every_phrase_in_the_content_is_said_somewhere() -> None:
    said = mentions()
    assert [key for key in phrases() if not said.covers(key)] == []


def test_a_phrase_has_a_place_for_each_value_it_is_given_and_no_other() -> None:
    known = phrases()
    assert [
        f"{where} {key}: given {sorted(values)}, has places for {sorted(placeholders(known[key]))}"
        for where, key, values in given_values()
        if key in known and placeholders(known[key]) != values
    ] == []


def test_the_phrases_are_where_these_rules_look_for_them() -> None:
    assert (ROOT / "knowledge/content/phrases.yaml").is_file()
    assert len(list(expected_keys(phrases()))) > len(phrases()) / 2


def _source(lines: list[str], first: int, last: int | None) -> str:
    """The lines a literal stands on: an escaped character is written without being one."""
    return "\n".join(lines[first - 1 : last])
