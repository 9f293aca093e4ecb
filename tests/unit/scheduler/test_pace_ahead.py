"""When messages would leave if many were queued at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from scheduler.messages import Address
from scheduler.pace_ahead import PaceAhead
from scheduler.pacing import Budget, Room, WeComLimit, telegram_budgets, wecom_budgets

AT = datetime(2026, 12, 15, 13, 41, 7, tzinfo=UTC)
CHATS = st.sampled_from(["-1", "-2", "3", "4", "5"]).map(lambda chat: Address(platform="telegram", chat=chat))


def telegram(to: Address) -> Sequence[Budget]:
    return telegram_budgets(to, in_group=to.chat.startswith("-"))


def leaving(to: Sequence[Address]) -> list[tuple[int, datetime]]:
    """Messages without buttons, all queued at `AT`."""
    return list(PaceAhead(telegram).send([(one, False) for one in to], AT))


@given(st.lists(CHATS, max_size=120))
def test_every_message_leaves_once_in_the_order_of_time_and_none_before_it_was_queued(to: list[Address]) -> None:
    found = leaving(to)
    assert sorted(number for number, _ in found) == list(range(len(to)))
    moments = [at for _, at in found]
    assert moments == sorted(moments)
    assert all(at >= AT for at in moments)


@given(st.lists(CHATS, max_size=120))
def test_no_limit_of_the_platform_is_passed(to: list[Address]) -> None:
    by_chat = defaultdict(list)
    for number, at in leaving(to):
        by_chat[to[number]].append(at.timestamp())
    for chat, moments in by_chat.items():
        for room in telegram(chat):
            if isinstance(room, Room):
                for window in room.windows:
                    crowded = zip(moments, moments[window.most :], strict=False)
                    assert all(later - earlier >= window.seconds - 0.002 for earlier, later in crowded)


def test_a_lane_sends_thirty_a_second_to_whoever_it_is() -> None:
    everybody = [Address(platform="telegram", chat=f"{number}") for number in range(900)]
    last = leaving(everybody)[-1][1]
    assert 29 < (last - AT).total_seconds() < 33


def test_buttons_of_a_robot_count_as_a_second_message() -> None:
    to = Address(platform="wecom", chat="group/1")
    pace = PaceAhead(lambda to: wecom_budgets(to, WeComLimit.ROBOT))
    found = [at for _, at in pace.send([(to, True)] * 16, AT)]
    assert found[14] == AT
    assert (found[15] - AT).total_seconds() >= 60
