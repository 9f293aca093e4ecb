"""When messages would leave if many were queued at once: the relays' pace, on paper."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from scheduler.messages import Address
from scheduler.pacing import Budget, Place, Rhythm, Room, free_from, place

Budgets = Callable[[Address], Sequence[Budget]]
"""What one message to an address takes from."""


_HOWEVER_FAR = float("inf")


class PaceAhead:
    """Remembers what was sent in a rehearsal. A lane's rhythm spreads its messages, a room puts off those to one chat;
    the others go before them meanwhile."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._next: dict[str, float] = {}
        self._sent: defaultdict[str, list[int]] = defaultdict(list)

    def send(self, to: Sequence[tuple[Address, bool]], at: datetime) -> Iterator[tuple[int, datetime]]:
        """Each message by its place in `to` with the moment at which it leaves, in that order; all are queued `at`.

        With an address comes whether its message has buttons.
        """
        begin = at.timestamp()
        waiting = [(begin, number) for number in range(len(to))]
        while waiting:
            ready, number = heapq.heappop(waiting)
            address, buttons = to[number]
            rooms, rhythms = self._taken_from(address)
            free = max((self._free(room, ready, buttons) for room in rooms), default=ready)
            if free > ready:
                heapq.heappush(waiting, (free, number))
                continue
            leaves = ready
            for rhythm in rhythms:
                leaves = self._placed(address.lane, rhythm, leaves)
            for room in rooms:
                self._sent[room.key] += [round(leaves * 1_000)] * _takes(room, buttons)
            yield number, datetime.fromtimestamp(leaves, UTC)

    def _taken_from(self, to: Address) -> tuple[list[Room], list[Rhythm]]:
        budgets = self._budgets(to)
        rooms = [budget for budget in budgets if isinstance(budget, Room)]
        return rooms, [budget for budget in budgets if isinstance(budget, Rhythm)]

    def _free(self, room: Room, at: float, buttons: bool) -> float:
        now = round(at * 1_000)
        free = free_from(self._sent[room.key], now, room.windows, _takes(room, buttons))
        return free / 1_000 if free > now else at

    def _placed(self, lane: str, rhythm: Rhythm, at: float) -> float:
        found = place(self._next.get(lane, 0.0), at, rhythm.interval, ahead=_HOWEVER_FAR)
        if not isinstance(found, Place):
            return found
        self._next[lane] = found.tat
        return found.at


def _takes(room: Room, buttons: bool) -> int:
    return 2 if room.card and buttons else 1
