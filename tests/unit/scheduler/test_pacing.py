"""How fast may be sent."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.messages import Address
from scheduler.pacing import Budget, admit, decide, telegram_budgets

BUDGET = Budget(key="bot", per=30, seconds=1)
STEPS = st.lists(st.floats(0, 5), min_size=1, max_size=200)


def sent_at(steps: list[float], budget: Budget) -> list[float]:
    """The moments at which a message went, asked for after each of these steps."""
    now, tat, sent = 1_700_000_000.0, 0.0, []
    for step in steps:
        now += step
        decision = decide(tat, now, budget)
        tat = decision.tat
        sent += [now] if decision.allowed else []
    return sent


@given(STEPS, st.integers(1, 60), st.sampled_from([1.0, 60.0]))
def test_no_window_ever_holds_more_than_the_limit(steps: list[float], per: int, seconds: float) -> None:
    sent = sent_at(steps, Budget(key="k", per=per, seconds=seconds))
    assert all(sum(first <= at < first + seconds for at in sent) <= per for first in sent)


def test_a_stall_is_not_caught_up() -> None:
    tat = decide(0.0, 1_000.0, BUDGET).tat
    after = decide(tat, 2_000.0, BUDGET)
    assert after.allowed
    assert not decide(after.tat, 2_000.0, BUDGET).allowed


def test_a_clock_put_back_by_hours_does_not_stop_the_sending() -> None:
    tat = decide(0.0, 10_000.0, BUDGET).tat
    assert not decide(tat, 9_990.0, BUDGET).allowed, "another sender's clock may run behind a little"
    assert decide(tat, 5_000.0, BUDGET).allowed


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_who_waits_as_told_is_let_through(tat: float, now: float) -> None:
    decision = decide(tat, now, BUDGET)
    assert decision.allowed or decide(tat, decision.tat, BUDGET).allowed


def test_almost_the_whole_limit_is_used() -> None:
    now, sent = 0.0, 0
    tat = 0.0
    while now < 10:
        tat = decide(tat, now, BUDGET).tat
        sent, now = sent + 1, tat
    assert 290 <= sent <= 300


def test_a_message_takes_from_every_budget_or_from_none() -> None:
    wide, narrow = BUDGET, Budget(key="chat", per=1, seconds=1)
    first = admit({}, 100.0, (wide, narrow))
    assert first.allowed
    assert set(first.tats) == {"bot", "chat"}
    second = admit(first.tats, 100.5, (wide, narrow))
    assert not second.allowed
    assert second.tats == first.tats
    assert admit(second.tats, second.wait_until, (wide, narrow)).allowed


def test_topics_of_a_telegram_group_share_its_budget_and_a_private_chat_has_none() -> None:
    topic = Address(platform="telegram", chat="-100", thread="7")
    general = Address(platform="telegram", chat="-100")
    assert telegram_budgets(topic, in_group=True) == telegram_budgets(general, in_group=True)
    assert len(telegram_budgets(general, in_group=True)) == 3
    assert [budget.per for budget in telegram_budgets(general, in_group=False)] == [30, 1]
