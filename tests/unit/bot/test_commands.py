"""Words that are commands, in all their spellings."""

import pytest

from bot.dialogue.commands import Command, Commands
from bot.dialogue.identifying import said_alone
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


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("名单计科1901班", Command.NAMES, ("计科1901班",)),
        ("进度图计科1901班", Command.CHART, ("计科1901班",)),
        ("进度 计科1901班", Command.PROGRESS, ("计科1901班",)),
        ("已交处计科1901班", Command.HANDED_ON, ("计科1901班",)),
        ("代登记计科1901班 3 17", Command.PROXY, ("计科1901班", "3", "17")),
    ],
)
def test_staff_may_type_a_class_right_behind_the_word(text: str, command: Command, rest: tuple[str, ...]) -> None:
    called = COMMANDS.read(text)
    assert called is not None
    assert (called.command, called.rest) == (command, rest)


@pytest.mark.parametrize(
    "text",
    [
        "名单在哪里看",
        "导出学籍验证报告",
        "已交2019级的表以后" + "发现学信网上有一项不对，" * 3,
    ],
)
def test_a_question_that_begins_with_such_a_word_stays_one(text: str) -> None:
    assert COMMANDS.read(text) is None


def test_binding_oneself_is_not_binding_a_class() -> None:
    bound, unbound = COMMANDS.read("绑定 ABC123"), COMMANDS.read("解绑班级 计科2601班")
    assert bound is not None
    assert unbound is not None
    assert (bound.command, unbound.command) == (Command.BIND, Command.UNBIND_CLASS)
    assert COMMANDS.read("怎么绑定班级") is None


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("绑定6U92V98Z", ("6U92V98Z",)),
        ("绑定：6U92V98Z。", ("6U92V98Z",)),
        ("绑定 【6u92v98z】", ("6u92v98z",)),
        ("绑定ABCDEFGH", ("ABCDEFGH",)),
        ("绑定３１９０８０１００１王雅婷", ("3190801001", "王雅婷")),
        ("绑定 3190801001，王雅婷", ("3190801001", "王雅婷")),
        ("绑定 3190801001+买买提·阿里木", ("3190801001", "买买提·阿里木")),
        ("绑定 王雅婷 3190801001", ("3190801001", "王雅婷")),
    ],
)
def test_who_binds_may_write_code_number_and_name_as_people_do(text: str, who: tuple[str, ...]) -> None:
    called = COMMANDS.read(text)
    assert called is not None
    assert (called.command, called.rest) == (Command.BIND, who)


@pytest.mark.parametrize("text", ["绑定手机13号怎么换", "绑定qq可以吗", "绑定的手机2026年换了怎么办"])
def test_a_question_about_binding_something_else_is_no_command(text: str) -> None:
    assert COMMANDS.read(text) is None


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("6u92v98z", ("6u92v98z",)),
        ("XBEF8MZ5B8", ("XBEF8MZ5B8",)),
        ("3190801001 王雅婷", ("3190801001", "王雅婷")),
        ("3190801001王雅婷", ("3190801001", "王雅婷")),
        ("3190801001", ()),
        ("20260101", ()),
        ("password", ()),
        ("3190801001 王雅婷 登记了吗，我是她家长，想问一下", ()),
    ],
)
def test_a_code_or_a_number_with_a_name_is_known_without_the_word(text: str, who: tuple[str, ...]) -> None:
    assert said_alone(text) == who
