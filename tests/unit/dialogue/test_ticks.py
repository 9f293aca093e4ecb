"""How monitors say who has signed."""

import pytest

from bot.dialogue.ticks import TickReader, Ticks
from bot.dialogue.wording import ContentWording
from knowledge.loading import phrases

READER = TickReader(ContentWording(phrases(), ""))


def ticks(*numbers: int, others: bool = False, signed: bool = True) -> Ticks:
    return Ticks(numbers=frozenset(numbers), others=others, signed=signed)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("除 3、17 外都签了", ticks(3, 17, others=True)),
        ("除了3号和17号都签了", ticks(3, 17, others=True)),
        ("除3,17以外全签了。", ticks(3, 17, others=True)),
        ("除了３、１７", ticks(3, 17, others=True)),
        ("全签了", ticks(others=True)),
        ("全部都签了", ticks(others=True)),
        ("3 号签了", ticks(3)),
        ("3号、5号都签了", ticks(3, 5)),
        ("3 17", ticks(3, 17)),
        ("3-6", ticks(3, 4, 5, 6)),
        ("1号、3到5号签了", ticks(1, 3, 4, 5)),
        ("除 3至5、9 外都签了", ticks(3, 4, 5, 9, others=True)),
        ("撤回 3 号", ticks(3, signed=False)),
        ("3 没有签", ticks(3, signed=False)),
        ("3号没签", ticks(3, signed=False)),
    ],
)
def test_what_a_monitor_says_of_signatures_is_read_whole(said: str, meant: Ticks) -> None:
    assert READER.read(said) == meant


@pytest.mark.parametrize(
    "said", ["", "是什么", "除了他都签了", "计科2601班", "3号什么时候签", "签字笔", "没签", "1" * 400]
)
def test_any_other_sentence_is_none(said: str) -> None:
    assert READER.read(said) is None
