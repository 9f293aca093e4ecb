"""A button in a group leads to the private chat and goes on there with what was begun."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import ButtonSeal
from bot.dialogue.turns import carried, to_private
from scheduler.messages import Action, Verb

SEAL = ButtonSeal(b"secret")
ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", max_size=30)
actions = st.builds(
    Action, verb=st.sampled_from(sorted(set(Verb) - {Verb.PRIVATE})), subject=ids, detail=ids.map("{}/1.x".format)
)


@given(actions)
def test_what_was_begun_comes_out_of_the_button_as_it_went_in_or_not_at_all(action: Action) -> None:
    opened = SEAL.open(SEAL.seal(to_private(action)))
    assert opened is not None
    assert opened.verb is Verb.PRIVATE
    assert carried(opened) in {action, replace(action, detail="show"), None}


def test_what_is_short_enough_is_always_carried() -> None:
    for action in (
        Action(verb=Verb.OPEN, subject="glut-check-2019"),
        Action(verb=Verb.STEP, subject="chsi-phone", detail="verify/1"),
        Action(verb=Verb.TROUBLE, subject="glut-check-2019"),
    ):
        assert carried(to_private(action)) == action


def test_a_button_that_carries_nothing_or_itself_leads_only_there() -> None:
    assert to_private(None) == to_private(Action(verb=Verb.PRIVATE)) == Action(verb=Verb.PRIVATE)
    assert carried(Action(verb=Verb.PRIVATE)) is None
    assert carried(Action(verb=Verb.PRIVATE, subject="p", detail="x")) is None
    assert carried(Action(verb=Verb.PRIVATE, subject="?", detail="x")) is None


@pytest.mark.parametrize("verb", [Verb.CONFIRM, Verb.WITHDRAW, Verb.WRONG, Verb.ERASE, Verb.PROXY, Verb.CLAIM])
def test_what_records_something_is_never_carried_where_a_link_may_be_sent_on(verb: Verb) -> None:
    assert to_private(Action(verb=verb, subject="x", detail="yes")) == Action(verb=Verb.PRIVATE)
    assert carried(Action(verb=Verb.PRIVATE, subject=verb.value, detail="x.yes")) is None


def test_a_notice_goes_on_by_being_shown_and_never_by_being_read_or_answered() -> None:
    for detail in ("", "0-1"):
        shown = Action(verb=Verb.READ, subject="1001", detail="show")
        assert carried(to_private(Action(verb=Verb.READ, subject="1001", detail=detail))) == shown
        assert carried(Action(verb=Verb.PRIVATE, subject=Verb.READ, detail=f"1001.{detail}")) == shown
