"""Telling who says that all is right from who asks or tells something else, and reading a nod as a nod."""

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.commands import Called, Command, Commands
from bot.dialogue.statements import Assurances
from bot.dialogue.wording import ContentWording
from knowledge.loading import load

CONTENT = load()
WORDING = ContentWording(CONTENT.phrases, "你")
COMMANDS = Commands(WORDING)

_THUMBS = "👍👌🙏"
_STATES_SOMETHING = {Command.NOT_FOUND, Command.NO_LOGIN, Command.WITHDRAW}


def test_whoever_says_so_and_nothing_else_says_so() -> None:
    assurances = Assurances(WORDING, CONTENT.lexicon)
    assert assurances.given_in("学籍没问题, 都对的")
    assert not assurances.given_in("都对吗")
    assert not assurances.given_in("除了照片都对")
    assert not assurances.given_in("核对完了" + "，我把每一项都和身份证、录取通知书对了一遍，花了好久，老师辛苦了")


@given(st.text(alphabet=f"{_THUMBS} \ufe0f\U0001f3fb", min_size=1).filter(lambda text: set(text) & set(_THUMBS)))
def test_any_row_of_thumbs_is_a_nod(text: str) -> None:
    assert COMMANDS.read(text) == Called(command=Command.ACKNOWLEDGE)


@given(st.data())
def test_nods_and_thanks_in_any_order_never_ask_for_a_change(data: st.DataObject) -> None:
    words = WORDING.words("words.acknowledge") + WORDING.words("words.thanks") + WORDING.words("words.all-right")
    text = "".join(data.draw(st.lists(st.sampled_from((*words, "，", "！", " ", "~")), min_size=1, max_size=4)))
    called = COMMANDS.read(text)
    assert called is None or called.command not in _STATES_SOMETHING
