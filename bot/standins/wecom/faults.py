"""WeCom's errors, and faults that a script asks for: the next calls of something go wrong in a named way."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any


class Code(IntEnum):
    """The error codes the stand-in gives by itself; a fault may give any other."""

    BUSY = -1
    BAD_SECRET = 40001
    UNKNOWN_USER = 40003
    BAD_MEDIA_TYPE = 40004
    MEDIA_GONE = 40007
    BAD_TYPE = 40008
    BAD_CORP = 40013
    BAD_TOKEN = 40014
    BAD_ENCODING = 40033
    BAD_PARAMETER = 40035
    BAD_FIELD = 40058
    NO_TOKEN = 41001
    TOKEN_EXPIRED = 42001
    EMPTY = 44004
    TOO_LONG = 45002
    TOO_OFTEN = 45009
    OUT_OF_RANGE = 60011
    NO_ADDRESSEE = 81013
    NO_RECIPIENT = 82001
    UNKNOWN_APPCHAT = 86003
    APPCHAT_EXISTS = 86215
    BAD_HOOK = 93000
    BAD_CHAT = 93006
    NOT_IN_GROUP = 93008
    PICTURE_TOO_LARGE = 93018
    AGENT_WRONG = 301002
    REQUEST_ID_WRONG = 846605
    STREAM_TOO_OLD = 846608
    BAD_ROBOT_SECRET = 853000


_TEXTS: Mapping[int, str] = {
    Code.BUSY: "system busy",
    Code.BAD_SECRET: "invalid credential",
    Code.BAD_TOKEN: "invalid access_token",
    Code.TOKEN_EXPIRED: "access_token expired",
    Code.TOO_OFTEN: "api freq out of limit",
    45033: "api concurrent out of limit",
    48002: "api forbidden for no authority",
    60020: "not allow to access from your ip",
    Code.NO_ADDRESSEE: "user & party & tag all invalid",
    Code.BAD_HOOK: "invalid webhook url",
    Code.BAD_CHAT: "invalid chatid",
    Code.BAD_ROBOT_SECRET: "invalid bot_id or secret",
}


class WecomError(Exception):
    """An error answer of WeCom."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(text or _TEXTS.get(code, "error"))
        self.code = int(code)

    def as_json(self) -> dict[str, Any]:
        """As WeCom answers, its text with the hint that nobody should parse."""
        return {"errcode": self.code, "errmsg": f"{self}, hint: [1700000000_1_stand-in], from ip: 127.0.0.1"}


class FaultKind(StrEnum):
    """How a call goes wrong. The last four come after it was carried out."""

    ERROR = "error"
    """Refused with the fault's `code`."""
    SERVER_ERROR = "server-error"
    """502 with a page of HTML; on the long connection, the connection is cut."""
    SLOW = "slow"
    """Answered after `seconds`, or when the script lets go."""
    HANG = "hang"
    """Never answered."""
    CUT = "cut"
    """The connection is closed instead of an answer."""
    BROKEN_JSON = "broken-json"
    """Answered with half a JSON object."""


AFTERWARDS = frozenset({FaultKind.SLOW, FaultKind.HANG, FaultKind.CUT, FaultKind.BROKEN_JSON})


@dataclass(slots=True, kw_only=True)
class Fault:
    """The next `times` calls go wrong, once `after` more went well; those that name `chat` only where one is given.

    `call` is the path after /cgi-bin/ or the command of a frame; `*` is any.
    """

    call: str
    kind: FaultKind = FaultKind.ERROR
    times: int = 1
    after: int = 0
    code: int = Code.BUSY
    chat: str | None = None
    seconds: float = 10.0

    def __post_init__(self) -> None:
        self.kind = FaultKind(self.kind)


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Faults of one call happen in the order in which they were added."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Nothing goes wrong from now on."""
        self._waiting.clear()

    def next(self, call: str, chats: frozenset[str]) -> Fault | None:
        """The fault that hits this call to these conversations or members, used up once."""
        for fault in self._waiting:
            if fault.call in ("*", call) and (fault.chat is None or fault.chat in chats):
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None
