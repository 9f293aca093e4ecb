"""What a claim to be a student comes to, beside those who claimed the same before."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scheduler.claims import Verdict, decide
from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength

STRONG, PROVISIONAL = BindingStrength.STRONG, BindingStrength.PROVISIONAL
MINE = Binding(account="telegram:1", sid="s1", strength=PROVISIONAL, private=Address(platform="telegram", chat="1"))
SURE = replace(MINE, strength=STRONG)
THEIRS = replace(MINE, account="telegram:2", private=Address(platform="telegram", chat="2"))

strengths = st.sampled_from(BindingStrength)
own_bindings = st.lists(
    st.builds(
        lambda sid, strength: replace(MINE, sid=sid, strength=strength), st.sampled_from(["s1", "s2", "s3"]), strengths
    ),
    max_size=3,
    unique_by=lambda one: one.sid,
)
others_bindings = st.lists(
    st.builds(
        lambda n, strength: replace(THEIRS, account=f"wecom:{n}", strength=strength), st.integers(0, 3), strengths
    ),
    max_size=3,
    unique_by=lambda one: one.account,
)


def test_the_first_claim_by_number_and_name_binds_and_the_second_waits_for_staff() -> None:
    assert decide(MINE, (), (), same_person=()).own == (MINE,)
    second = decide(THEIRS, (), (MINE,), same_person=())
    assert (second.verdict, second.own, second.alerted) == (Verdict.CONTESTED, (), (MINE,))


def test_a_proof_displaces_what_was_only_claimed() -> None:
    found = decide(SURE, (), (THEIRS,), same_person=())
    assert (found.verdict, found.own, found.displaced) == (Verdict.BOUND, (SURE,), (THEIRS,))


def test_a_phone_and_a_tablet_that_both_proved_it_stay_side_by_side_and_the_first_hears_of_the_second() -> None:
    tablet = replace(THEIRS, strength=STRONG)
    found = decide(SURE, (), (tablet,), same_person=())
    assert (found.verdict, found.displaced, found.alerted) == (Verdict.BOUND, (), (tablet,))
    assert decide(SURE, found.own, (tablet,), same_person=()).alerted == ()


def test_a_proof_makes_ones_own_claim_sure_and_keeps_what_was_wished() -> None:
    found = decide(SURE, (replace(MINE, last_day_only=True),), (), same_person=())
    assert found.own == (replace(SURE, last_day_only=True),)


def test_two_records_of_one_person_are_held_together_and_two_persons_are_not() -> None:
    bachelor = replace(SURE, sid="s2")
    assert decide(bachelor, (SURE,), (), same_person=("s1",)).own == (SURE, bachelor)
    refused = decide(bachelor, (SURE,), (), same_person=())
    assert (refused.verdict, refused.own) == (Verdict.ANOTHERS, (SURE,))


def test_a_proof_gives_up_what_the_account_only_claimed_of_somebody_else() -> None:
    assert decide(replace(SURE, sid="s2"), (MINE,), (), same_person=()).own == (replace(SURE, sid="s2"),)


@given(strengths, own_bindings, others_bindings, st.sets(st.sampled_from(["s1", "s2", "s3"])))
def test_nobody_loses_a_proof_to_a_claim_and_the_same_claim_again_changes_nothing(
    strength: BindingStrength, own: list[Binding], others: list[Binding], same: set[str]
) -> None:
    claim = replace(MINE, strength=strength)
    found = decide(claim, own, others, same_person=same)
    assert {one for one in own if one.strength is STRONG} <= set(found.own)
    assert all(one.strength is PROVISIONAL for one in found.displaced)
    if strength is PROVISIONAL:
        assert found.displaced == ()
    left = [one for one in others if one not in found.displaced]
    again = decide(claim, found.own, left, same_person=same)
    assert (again.verdict, again.own, again.displaced) == (found.verdict, found.own, ())
