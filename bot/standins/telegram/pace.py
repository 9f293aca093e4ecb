"""Telegram's flood limits as its FAQ names them: 30 a second in all, one a second in a chat, 20 a minute in a group."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many calls in how many seconds; None for no limit. A short burst in one chat is tolerated."""

    overall: tuple[int, float] | None = (30, 1.0)
    chat: tuple[int, float] | None = (3, 3.0)
    group: tuple[int, float] | None = (20, 60.0)


NO_LIMITS = Limits(overall=None, chat=None, group=None)


@dataclass(slots=True, kw_only=True)
class Pace:
    """Counts sends and edits, which share their allowance, in sliding windows."""

    limits: Limits = field(default_factory=Limits)
    _taken: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def take(self, chat: int, *, group: bool, now: float) -> int:
        """Take one call; 0, or the seconds to wait when it is one too many (it is then not counted)."""
        windows = [("*", self.limits.overall), (f"chat {chat}", self.limits.chat)]
        if group:
            windows.append((f"group {chat}", self.limits.group))
        limited = [(key, limit) for key, limit in windows if limit is not None]
        wait = max((self._wait(key, *limit, now) for key, limit in limited), default=0)
        if wait == 0:
            for key, _ in limited:
                self._taken[key].append(now)
        return wait

    def _wait(self, key: str, most: int, seconds: float, now: float) -> int:
        taken = self._taken[key]
        while taken and taken[0] <= now - seconds:
            taken.popleft()
        return 0 if len(taken) < most else math.ceil(taken[0] + seconds - now)
