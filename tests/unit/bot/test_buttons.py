"""Button data: what the bot once offered and nobody else can make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import ButtonSeal
from knowledge.loading import load
from scheduler.messages import Action, Verb

SEAL = ButtonSeal(b"a secret of sixteen or more")
IDS = st.from_regex(r"[a-z0-9-]{0,16}", fullmatch=True)


@given(verb=st.sampled_from(Verb), subject=IDS, detail=IDS)
def test_what_was_sealed_is_opened_again(verb: Verb, subject: str, detail: str) -> None:
    action = Action(verb=verb, subject=subject, detail=detail)
    token = SEAL.seal(action)
    assert len(token) <= 64
    assert SEAL.open(token) == action


@given(st.text(max_size=80))
def test_anything_else_opens_to_nothing(token: str) -> None:
    assert SEAL.open(token) is None


@given(verb=st.sampled_from(Verb), place=st.integers(0, 200))
def test_a_changed_token_opens_to_nothing(verb: Verb, place: int) -> None:
    token = SEAL.seal(Action(verb=verb, subject="glut-check-2019"))
    place %= len(token) - 1  # the last character may hold unused bits
    other = "A" if token[place] != "A" else "B"
    assert SEAL.open(token[:place] + other + token[place + 1 :]) is None


def test_a_token_of_another_bot_opens_to_nothing() -> None:
    assert ButtonSeal(b"another secret, also long").open(SEAL.seal(Action(verb=Verb.OPEN, subject="x"))) is None


def test_ids_that_do_not_fit_are_refused_when_the_button_is_made() -> None:
    with pytest.raises(ValueError, match="has 98 characters"):
        SEAL.seal(Action(verb=Verb.STEP, subject="s" * 30, detail="d" * 30))


def test_every_step_of_every_guide_fits_into_a_button() -> None:
    for guide in load().guides.values():
        for step in guide.steps:
            for way in range(len(step.choices)):
                SEAL.seal(Action(verb=Verb.STEP, subject=guide.id, detail=f"{step.id}/{way}"))
