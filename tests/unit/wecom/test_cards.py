"""What a message looks like on WeCom survives any content, any length and any number of choices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.bootstrap import knowledge_of
from bot.buttons import ButtonSeal
from bot.dialogue.wording import ContentWording
from bot.platforms.wecom.cards import (
    CARD_CHARACTERS,
    MARKDOWN_BYTES,
    MOST_BUTTONS,
    Cards,
    escape_markdown,
    markdown_parts,
    new_task_id,
    sendable,
    text_parts,
    utf8_length,
)
from knowledge.loading import load
from scheduler.messages import Action, Choice, Verb

SEAL = ButtonSeal(b"a secret of the tests")

MARKS = st.text(alphabet="*_`~#>-=+|<>[]()!&\\ \n\tab1.;:@/学，。", max_size=60)
ANY_TEXT = st.one_of(st.text(), MARKS)

_WORDS_AND_LINES = {"inline", "text", "softbreak", "hardbreak", "paragraph_open", "paragraph_close"}


@pytest.fixture(scope="module")
def wording() -> ContentWording:
    return knowledge_of(load()).wording


@pytest.fixture(scope="module")
def cards(wording: ContentWording) -> Cards:
    return Cards(seal=SEAL, wording=wording)


def choices(number: int, label: str = "选{}") -> list[Choice]:
    return [
        Choice(label=label.format(place), action=Action(verb=Verb.ASK, subject=f"t{place}")) for place in range(number)
    ]


def kinds(markdown: str) -> set[str]:
    """What a markdown reader finds in a text, strike-through and tables included."""
    tokens = MarkdownIt("commonmark", {"linkify": False}).enable(["strikethrough", "table"]).parse(markdown)
    return {token.type for token in tokens} | {
        child.type for token in tokens for child in token.children or () if child.content or child.type != "text"
    }


def folded(text: str) -> str:
    """A text without white space and with every full-width twin as its ASCII mark."""
    narrow = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
    return "".join(narrow.get(character, character) for character in text if not character.isspace())


@given(ANY_TEXT)
def test_nothing_in_a_text_takes_effect_as_markdown(text: str) -> None:
    assert kinds(escape_markdown(sendable(text))) <= _WORDS_AND_LINES


@given(ANY_TEXT)
def test_an_escaped_text_still_says_the_same(text: str) -> None:
    said = sendable(text)
    assert folded(escape_markdown(said)) == folded(said)


@given(ANY_TEXT, st.integers(min_value=20, max_value=80))
def test_the_parts_of_a_text_fit_and_say_all_of_it(text: str, limit: int) -> None:
    parts = markdown_parts(text, limit)
    assert all(utf8_length(part) <= limit for part in parts)
    assert all(kinds(part) <= _WORDS_AND_LINES for part in parts)
    assert folded("".join(parts)) == folded(sendable(text))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("https://a.cn/x_y_z?a=1&b=2", "https://a.cn/x_y_z?a=1&b=2"),
        ("3~5个工作日，7~9天", "3～5个工作日，7～9天"),
        ("<@all> 请看[这里](http://e.cn)", "＜@all> 请看[这里］(http://e.cn)"),
        ("xj_office@glut.edu.cn", "xj_office@glut.edu.cn"),
        ("# 不是标题", "＃ 不是标题"),
        ("5*3*2", "5＊3＊2"),
    ],
)
def test_a_mark_is_written_as_its_twin_and_an_address_stays(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


def test_a_long_text_is_cut_by_bytes_at_the_end_of_a_sentence() -> None:
    parts = markdown_parts("学籍信息请在学信网核对。" * 1_200)
    assert len(parts) == 3
    assert all(utf8_length(part) <= MARKDOWN_BYTES and part.endswith("。") for part in parts)


def test_half_a_character_and_control_characters_are_not_sent() -> None:
    assert text_parts("a\ud83d\x00\x1bb\n", 100) == ("a?b",)
    assert markdown_parts(" \n") == ()


def test_few_choices_are_buttons_under_the_text(cards: Cards) -> None:
    text, card = cards.under("问什么？", choices(MOST_BUTTONS))
    assert text == "问什么？"
    assert card is not None
    assert [button["text"] for button in card["button_list"]] == [f"选{place}" for place in range(MOST_BUTTONS)]
    assert [SEAL.open(button["key"]) for button in card["button_list"]] == [
        choice.action for choice in choices(MOST_BUTTONS)
    ]


def test_more_choices_than_buttons_are_asked_for_by_number(cards: Cards) -> None:
    text, card = cards.under("问什么？", choices(MOST_BUTTONS + 1))
    assert card is None
    assert text.splitlines()[2:9] == [f"{place + 1}、选{place}" for place in range(7)]
    assert "回复对应数字" in text


def test_long_labels_stand_in_the_text_and_their_numbers_on_the_buttons(cards: Cards) -> None:
    text, card = cards.under("问什么？", choices(2, "第{}个非常长的问题，按钮上放不下"))
    assert "1、第0个非常长的问题，按钮上放不下" in text
    assert card is not None
    assert [button["text"] for button in card["button_list"]] == ["1 第0个非常长的…", "2 第1个非常长的…"]


@pytest.mark.parametrize(
    "odd",
    [
        [*choices(1), *choices(1)],
        [Choice(label="长", action=Action(verb=Verb.ASK, subject="x" * 60))],
    ],
    ids=["two-that-ask-the-same", "an-id-too-long-for-a-button"],
)
def test_choices_that_cannot_be_buttons_are_asked_for_by_number(cards: Cards, odd: list[Choice]) -> None:
    text, card = cards.under("选哪个？", odd)
    assert card is None
    assert "1、" in text


def test_a_text_without_choices_has_no_card(cards: Cards) -> None:
    assert cards.under("好。", []) == ("好。", None)
    assert cards.numbered("好。", []) == "好。"


def test_a_short_message_is_one_card_and_a_long_one_is_not(cards: Cards) -> None:
    card = cards.whole("已登记。", choices(1), "task")
    assert card is not None
    assert (card["card_type"], card["sub_title_text"], card["task_id"]) == ("button_interaction", "已登记。", "task")
    assert cards.whole("长" * (CARD_CHARACTERS + 1), choices(1)) is None
    assert cards.whole("", choices(1)) is None
    assert cards.whole("已登记。", choices(7)) is None
    assert cards.whole("已登记。", choices(1, "按钮上放不下的很长的字{}")) is None


def test_a_card_without_buttons_leads_to_the_true_address(cards: Cards) -> None:
    for card in (cards.whole("好。", []), cards.taken("task")):
        assert card is not None
        assert card["card_type"] == "text_notice"
        assert card["card_action"] == {"type": 1, "url": "https://www.chsi.com.cn/"}


def test_every_card_has_an_id_of_its_own() -> None:
    assert len({new_task_id() for _ in range(100)}) == 100


RATING = tuple(
    Choice(label=verdict, action=Action(verb=Verb.RATE, subject="t1", detail=verdict))
    for verdict in ("solved", "unsolved")
)


def test_where_wecom_has_thumbs_a_rating_is_no_button_and_changes_no_number(wording: ContentWording) -> None:
    thumbs = Cards(seal=SEAL, wording=wording, thumbs=True)
    assert thumbs.under("好。", RATING) == ("好。", None)
    assert thumbs.numbered("好。", [*choices(2), *RATING]) == thumbs.numbered("好。", choices(2))
    whole = thumbs.whole("好。", [*choices(1), *RATING])
    assert whole is not None
    assert [button["text"] for button in whole["button_list"]] == ["选0"]
    assert SEAL.open(whole["feedback"]["id"]) == Action(verb=Verb.RATE, subject="t1")


def test_where_there_are_no_thumbs_a_rating_is_buttons(cards: Cards) -> None:
    _, card = cards.under("好。", RATING)
    assert card is not None
    assert [button["text"] for button in card["button_list"]] == ["solved", "unsolved"]
    assert cards.thumb(RATING) == ""
