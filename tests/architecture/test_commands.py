"""Every command that a page or an installation names can be typed."""

import re

import typer.main
from typer.core import TyperGroup

from bot.cli import app
from tests.architecture.sources import ROOT, place, shown_code

_COMMAND = re.compile(r"\bxueji((?: [a-z][a-z-]*)+)")


def test_every_command_a_page_or_an_installation_names_is_one() -> None:
    unit = ROOT / "deploy/xueji.service"
    shown = [*shown_code(), (place(unit), unit.read_text("utf-8"))]
    commands = [(where, words) for where, code in shown for words in _COMMAND.findall(code)]
    assert commands
    assert sorted(f"{where} xueji{words}" for where, words in commands if not _is_command(words.split())) == []


def _is_command(words: list[str]) -> bool:
    """Whether the words begin with a command; what follows a whole command are its arguments."""
    command = typer.main.get_command(app)
    for word in words:
        if not isinstance(command, TyperGroup):
            return True
        if word not in command.commands:
            return False
        command = command.commands[word]
    return True
