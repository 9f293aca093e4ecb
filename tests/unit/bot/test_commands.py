"""Words that are commands, in all their spellings."""

import pytest

from bot.dialogue.commands import Command, Commands
from bot.dialogue.wording import ContentWording
from knowledge.loading import load

COMMANDS = Commands(ContentWording(load().phrases, "你"))


@pytest.mark.parametrize("word", ["收到", "收到！", "好的", "OK", "ok。", "1", "收到谢谢"])
def test_a_word_of_acknowledgement_is_only_that(word: str) -> None:
    called = COMMANDS.read(word)
    assert called is not None
    assert called.command is Command.ACKNOWLEDGE


def test_commands_are_read_without_slash_case_and_marks() -> None:
    for word, command in [("/help", Command.HELP), ("帮助？", Command.HELP), ("我的状态", Command.STATUS)]:
        called = COMMANDS.read(word)
        assert called is not None
        assert called.command is command


def test_only_binding_takes_further_words() -> None:
    bound = COMMANDS.read("绑定 3190801001 王雅婷")
    assert bound is not None
    assert (bound.command, bound.rest) == (Command.BIND, ("3190801001", "王雅婷"))
    assert COMMANDS.read("查不到 学籍怎么办呀") is None


def test_a_question_is_no_command() -> None:
    assert COMMANDS.read("学信网查不到学籍怎么办") is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("绑定班级 计科2601班", ("计科2601班",)),
        ("绑定班级计科2601班", ("计科2601班",)),
        ("绑定班级：计科2601班 计科2602班", ("计科2601班", "计科2602班")),
        ("  绑定班级", ()),
    ],
)
def test_classes_are_named_behind_the_command_with_or_without_a_space(text: str, names: tuple[str, ...]) -> None:
    called = COMMANDS.read(text)
    assert called is not None
    assert (called.command, called.rest) == (Command.BIND_CLASS, names)


def test_binding_oneself_is_not_binding_a_class() -> None:
    bound, unbound = COMMANDS.read("绑定 ABC123"), COMMANDS.read("解绑班级 计科2601班")
    assert bound is not None
    assert unbound is not None
    assert (bound.command, unbound.command) == (Command.BIND, Command.UNBIND_CLASS)
    assert COMMANDS.read("怎么绑定班级") is None
