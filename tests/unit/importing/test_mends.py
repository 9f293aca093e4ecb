"""Whatever the checks of the content find is said so that the clerk can mend it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import knowledge
from knowledge.faults import Fault
from knowledge.importing.mends import in_chinese, told

_PACKAGE = Path(knowledge.__file__).parent
_CHECKS = [path for path in sorted(_PACKAGE.glob("*.py")) if "fault" in path.read_text("utf-8").lower()]


def said(node: ast.expr) -> str | None:
    """A message as the code has it, each value in it as a plain word."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in parts)
    return None


def messages(path: Path) -> Iterator[str]:
    """What a module can find: the text given to `fault`, `at` or `Fault`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr="fault" | "at") | ast.Name(id="Fault"), args=arguments):
                texts = [text for text in map(said, arguments) if text and " " in text]
                yield from texts[:1]


_FILLED = {
    "'1' has 1": "'key' has a brace that belongs to no value (x)",
    "1 has 1 characters of 1": "the part has 360 characters of 350",
    "1 is empty": "'key' is empty",
    "1 is no date: '1' (write 2026-11-22)": "'key' is no date: '1' (write 2026-11-22)",
    "1 is not 1": "'key' is not a list",
    "1 is '1', not one of 1": "'key' is '1', not one of a, b",
    "1 is '1', not true or false": "'key' is '1', not true or false",
}
"""Messages that are put together of more than plain words."""

FOUND = sorted({_FILLED.get(message, message) for path in _CHECKS for message in messages(path)})


def test_the_checks_find_many_things() -> None:
    assert len(FOUND) > 50


@pytest.mark.parametrize("message", FOUND)
def test_each_of_them_is_said_in_chinese(message: str) -> None:
    assert any("一" <= char <= "龥" for char in in_chinese(message))


def test_the_place_comes_first_and_stays() -> None:
    fault = Fault("topics/lost.yaml", 7, "the title has 14 characters of 12")
    assert told(fault) == told(str(fault)) == "topics/lost.yaml:7：标题 14 字，最多 12 字"
    assert told("the search artefact was trained on other content; …").endswith("xueji content train")


def test_what_has_no_sentence_is_said_as_it_is() -> None:
    assert told("a.yaml:1: strange: thing") == "a.yaml:1：strange: thing"
    assert told("strange: thing") == "strange: thing"
