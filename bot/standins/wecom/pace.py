"""WeCom's rates, counted in sliding windows."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

Window = tuple[int, float]
"""How many in how many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often; an empty tuple is no limit."""

    conversation: tuple[Window, ...] = ((30, 60.0), (1000, 3600.0))
    """The robot's messages in one conversation, answers and pushes together; a stream is one message."""
    member: tuple[Window, ...] = ((30, 60.0), (1000, 3600.0))
    """The application's messages to one member; what is more is dropped without an error."""
    appchat_member: tuple[Window, ...] = ((200, 60.0),)
    """Messages of appchats to one member; what is more is dropped without an error."""
    hook: tuple[Window, ...] = ((20, 60.0),)
    """Messages by one webhook's key, failed ones included."""
    upload: tuple[Window, ...] = ((30, 60.0), (1000, 3600.0))
    """Uploads of the robot."""
    api: tuple[Window, ...] = ((10_000, 60.0),)
    """Calls of one API of the application."""


NO_LIMITS = Limits(conversation=(), member=(), appchat_member=(), hook=(), upload=(), api=())


@dataclass(slots=True, kw_only=True)
class Pace:
    """Who took how much of which limit."""

    limits: Limits = field(default_factory=Limits)
    _taken: defaultdict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def take(self, limit: str, key: str, now: float) -> bool:
        """Take one; False when it is one too many, which is then not counted."""
        windows: tuple[Window, ...] = getattr(self.limits, limit)
        taken = self._taken[limit, key]
        while taken and windows and taken[0] <= now - max(seconds for _, seconds in windows):
            taken.popleft()
        if any(sum(at > now - seconds for at in taken) >= most for most, seconds in windows):
            return False
        if windows:
            taken.append(now)
        return True
