"""How fast may be sent."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.messages import Address
from scheduler.pacing import (
    Budget,
    Place,
    Rhythm,
    Room,
    WeComLimit,
    Window,
    free_from,
    place,
    stretched,
    telegram_budgets,
    wecom_budgets,
)

BOT = Rhythm(per=30, seconds=1)
STEPS = st.lists(st.floats(0, 5), min_size=1, max_size=200)
WINDOWS = st.lists(st.builds(Window, most=st.integers(1, 30), seconds=st.floats(1, 100)), min_size=1, max_size=3)


def placed_at(steps: list[float], rhythm: Rhythm, ahead: float) -> list[float]:
    """The moments of the places that were given, asked for after each of these steps."""
    now, tat, given_at = 1_700_000_000.0, 0.0, []
    for step in steps:
        now += step
        found = place(tat, now, rhythm.interval, ahead)
        if isinstance(found, Place):
            tat = found.tat
            given_at.append(found.at)
    return given_at


@given(STEPS, st.integers(1, 60), st.sampled_from([1.0, 60.0]), st.sampled_from([0.0, 0.05, 1.0]))
def test_no_span_of_a_rhythm_ever_holds_more_than_the_limit(
    steps: list[float], per: int, seconds: float, ahead: float
) -> None:
    sent = placed_at(steps, Rhythm(per=per, seconds=seconds), ahead)
    assert all(sum(first <= at < first + seconds for at in sent) <= per for first in sent)


@given(st.lists(st.floats(0, 0.03), min_size=60, max_size=60))
def test_a_rhythm_is_kept_although_messages_take_unequally_long_to_arrive(delays: list[float]) -> None:
    sent = placed_at([0.0] + [BOT.interval] * 59, BOT, 0.05)
    arrived = sorted(at + delay for at, delay in zip(sent, delays, strict=True))
    assert all(sum(first <= at < first + 1 for at in arrived) <= 30 for first in arrived)


def test_a_stall_is_not_caught_up() -> None:
    first = place(0.0, 1_000.0, BOT.interval, 0)
    assert isinstance(first, Place)
    after = place(first.tat, 2_000.0, BOT.interval, 0)
    assert isinstance(after, Place)
    assert after.at == 2_000.0
    assert not isinstance(place(after.tat, 2_000.0, BOT.interval, 0), Place)


def test_a_clock_put_back_by_hours_does_not_stop_the_sending() -> None:
    first = place(0.0, 10_000.0, BOT.interval, 0)
    assert isinstance(first, Place)
    assert not isinstance(place(first.tat, 9_990.0, BOT.interval, 0), Place), "another sender's clock may run behind"
    assert isinstance(place(first.tat, 5_000.0, BOT.interval, 0), Place)
    assert free_from([10_000_000], 5_000_000, (Window(most=1, seconds=60),), 1) == 5_000_000


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.floats(0, 1))
def test_who_waits_as_told_finds_a_place(tat_ms: int, now_ms: int, ahead: float) -> None:
    tat, now = tat_ms / 1_000, now_ms / 1_000
    found = place(tat, now, BOT.interval, ahead)
    assert isinstance(found, Place) or isinstance(place(tat, found + 1e-6, BOT.interval, ahead), Place)


def test_at_least_ninety_six_of_a_hundred_allowed_sends_are_used() -> None:
    assert 1 / BOT.interval >= 0.96 * 30
    assert all(seconds / stretched(seconds) >= 0.96 for seconds in (1, 3, 60, 3_600))


@given(STEPS, WINDOWS, st.integers(1, 3))
def test_a_window_never_holds_more_than_the_limit_however_large_a_message_is(
    steps: list[float], windows: list[Window], takes: int
) -> None:
    now = 1_700_000_000_000
    sent: list[int] = []
    for step in steps:
        now += round(step * 1_000)
        if free_from(sent, now, windows, takes) == now:
            sent += [now] * takes
    for window in windows:
        most = max(window.most, takes)  # a message larger than the window has it to itself
        assert all(sum(first <= at < first + window.seconds * 1_000 for at in sent) <= most for first in sent)


@given(st.lists(st.integers(0, 100_000), max_size=60).map(sorted), WINDOWS, st.integers(1, 3))
def test_who_waits_as_told_finds_room(sent: list[int], windows: list[Window], takes: int) -> None:
    free = free_from(sent, 100_000, windows, takes)
    assert free_from(sent, free, windows, takes) == free


def test_a_whole_window_may_be_used_at_once_and_the_next_one_after_it() -> None:
    group = (Window(most=20, seconds=60),)
    sent = [0] * 20
    assert free_from(sent[:19], 0, group, 1) == 0
    assert free_from(sent, 0, group, 1) == 61_000


def test_topics_of_a_telegram_group_share_its_budget_and_a_private_chat_has_none() -> None:
    topic = Address(platform="telegram", chat="-100", thread="7")
    general = Address(platform="telegram", chat="-100")
    assert telegram_budgets(topic, in_group=True) == telegram_budgets(general, in_group=True)
    in_group, alone = telegram_budgets(general, in_group=True), telegram_budgets(general, in_group=False)
    assert in_group[0] == alone[0] == BOT
    assert [window.most for window in room_of(in_group).windows] == [1, 20]
    assert [window.most for window in room_of(alone).windows] == [1]


def test_a_robots_text_and_card_are_two_of_its_thirty_a_minute_and_thousand_an_hour() -> None:
    room = room_of(wecom_budgets(Address(platform="wecom", chat="bot/wr1"), WeComLimit.ROBOT))
    assert [(window.most, window.seconds) for window in room.windows] == [(30, 60), (1_000, 3_600)]
    assert room.card
    assert room.picture


def test_the_groups_of_the_application_share_their_person_times() -> None:
    one, other = (wecom_budgets(Address(platform="wecom", chat=f"app/{name}"), WeComLimit.APPCHAT) for name in "ab")
    rhythm, own, shared = one
    assert isinstance(rhythm, Rhythm)
    assert isinstance(own, Room)
    assert isinstance(shared, Room)
    assert (own in other, rhythm in other, shared in other) == (False, True, True)
    members = 60
    assert rhythm.per * members <= 20_000
    assert [(window.most * members, window.seconds) for window in shared.windows] == [(150_000, 3_600)]


def test_each_route_is_a_lane_of_its_own() -> None:
    named = {chat: Address(platform="wecom", chat=chat).lane for chat in ("zhang3", "bot/wr1", "app/c", "hook/kj19")}
    assert named == {"zhang3": "wecom", "bot/wr1": "wecom-bot", "app/c": "wecom-app", "hook/kj19": "wecom-hook"}
    assert Address(platform="telegram", chat="-100", thread="7").lane == "telegram"


def room_of(budgets: tuple[Budget, ...]) -> Room:
    return next(budget for budget in budgets if isinstance(budget, Room))
