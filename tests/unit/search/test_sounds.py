"""Training writes down how each ideograph sounds; nothing is heard otherwise than by the library that spells."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.loading import Content
from knowledge.search.normalizing import Normalizer
from knowledge.search.sounds import IDEOGRAPHS, Sounds, spell
from knowledge.search.terms import Terms

TABLE = Sounds.spelled()


def test_every_ideograph_sounds_as_the_library_spells_it() -> None:
    assert [TABLE(chr(code)) for code in IDEOGRAPHS] == [spell(chr(code)) for code in IDEOGRAPHS]


@given(text=st.text())
def test_what_is_no_ideograph_is_its_own_sound(text: str) -> None:
    assert [TABLE(char) for char in text] == [spell(char) for char in text]


@given(text=st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.sampled_from("xuewang 。？𠮷〇")))
def test_a_question_has_the_same_features_by_the_table_and_by_the_library(real: Content, text: str) -> None:
    asked = Normalizer(real.lexicon).read(text)
    assert (Terms(real.lexicon, TABLE)(asked) == Terms(real.lexicon, spell)(asked)).all()
