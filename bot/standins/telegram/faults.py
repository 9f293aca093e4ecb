"""Faults that a script asks for: the next calls of a method go wrong in a named way."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """How a call goes wrong. The last four come after it was carried out."""

    FLOOD = "flood"
    """429 with `retry_after`."""
    FLOOD_BARE = "flood-bare"
    """429 that does not say for how long."""
    FORBIDDEN = "forbidden"
    """403: the bot was blocked by the user."""
    BAD_REQUEST = "bad-request"
    """400 with the fault's `description`."""
    SERVER_ERROR = "server-error"
    """502 with a page of HTML."""
    UNAUTHORIZED = "unauthorized"
    """401: the token is no longer good."""
    HANG = "hang"
    """Carried out, and never answered."""
    CUT = "cut"
    """Carried out, and the connection closed within the answer."""
    BROKEN_JSON = "broken-json"
    """Carried out, and answered with half a JSON object."""
    NO_RESULT = "no-result"
    """Carried out, and answered with a yes that has no result."""


AFTERWARDS = frozenset({FaultKind.HANG, FaultKind.CUT, FaultKind.BROKEN_JSON, FaultKind.NO_RESULT})


@dataclass(slots=True, kw_only=True)
class Fault:
    """The next `times` calls of `method` (`*`: any) go wrong, in `chat` only where one is named."""

    method: str
    kind: FaultKind
    times: int = 1
    chat: int | None = None
    retry_after: int = 1
    description: str = ""

    def __post_init__(self) -> None:
        self.kind = FaultKind(self.kind)


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Faults of one method happen in the order in which they were added."""
        self._waiting.append(fault)

    def next(self, method: str, chat: str) -> Fault | None:
        """The fault that hits this call, used up once."""
        for fault in self._waiting:
            if fault.method in ("*", method) and (fault.chat is None or str(fault.chat) == chat):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None


class ApiError(Exception):
    """An error answer of the Bot API."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(description: str, **parameters: int) -> ApiError:
    """A 400 with Telegram's wording."""
    return ApiError(400, f"Bad Request: {description}", **parameters)


def error_of(fault: Fault) -> ApiError:
    """The error answer of a fault that comes before the call is carried out."""
    match fault.kind:
        case FaultKind.FLOOD:
            after = fault.retry_after
            return ApiError(429, f"Too Many Requests: retry after {after}", retry_after=after)
        case FaultKind.FLOOD_BARE:
            return ApiError(429, "Too Many Requests")
        case FaultKind.FORBIDDEN:
            return ApiError(403, "Forbidden: bot was blocked by the user")
        case FaultKind.UNAUTHORIZED:
            return ApiError(401, "Unauthorized")
        case FaultKind.BAD_REQUEST:
            return bad_request(fault.description or "something is wrong with it")
        case _:
            return ApiError(502, "Bad Gateway")
