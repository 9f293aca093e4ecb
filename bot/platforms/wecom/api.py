"""Calls of WeCom's HTTP API: what came of each as a value, and what its error codes mean for a message.

An address carries a token or a key, so nothing of an address, and nothing of an error's words, is ever logged,
raised or returned; of an answer only its number is.
"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx

from scheduler.messages import Holds, Outcome, Refused, RefusedWhy, RetryLater, Unknown

SECONDS = 15.0
"""How long a call may take altogether; a media upload of 20 MB gets through a slow line in that."""

_CONNECT_SECONDS = 5.0

_AT_ONCE = 5
"""Calls on their way at the same time: more of one application are refused with 45033."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

SOON = timedelta(seconds=5)
"""How long to wait where WeCom is busy or cannot be reached."""

A_MINUTE = timedelta(seconds=60)
"""How long a limit of WeCom's blocks at least."""

UNTIL_MENDED = timedelta(minutes=5)
"""How long to wait where an administrator has to mend something that loses no message meanwhile."""


class Trouble(StrEnum):
    """What somebody has to mend; the phrase `wecom.trouble.<value>` says where."""

    APP_SECRET = "app-secret"  # noqa: S105 - the name of a trouble
    """The application's secret is not accepted."""
    CORP_ID = "corp-id"
    AGENT_ID = "agent-id"
    """No such application, or one that another secret belongs to."""
    TRUSTED_IP = "trusted-ip"
    """This machine's address is not among the application's trusted ones."""
    TRUSTED_DOMAIN = "trusted-domain"
    NO_RIGHT = "no-right"
    """The application may not use that part of the API."""
    HOOK_KEY = "hook-key"
    """The key of a group webhook is wrong, or the webhook was removed."""
    TOO_MUCH = "too-much"
    """WeCom's limit was reached."""
    UNREACHABLE = "unreachable"
    """The server cannot be reached, or does not answer as WeCom does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """WeCom's answer: `code` 0 is a yes, `body` the whole JSON object."""

    code: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """The call did not reach WeCom; nothing was done."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The call went out and no answer came, or none that can be read: it may have been carried out."""

    why: str


Answer = Answered | NotSent | Lost

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""Codes of a token that is wrong or has run out; an expired one may get any of them."""

MEDIA_GONE = 40007

_NOT_PLAIN = re.compile("[^A-Za-z0-9_.-]")

_CREDENTIAL = (*TOKEN_REFUSED, 40013, 40056, 301002, 853000)

_LATER: Mapping[int, timedelta] = {
    **dict.fromkeys((-1, 45033), SOON),
    45009: A_MINUTE,
    **dict.fromkeys((60020, *_CREDENTIAL), UNTIL_MENDED),
}

_HOLDS: Mapping[int, Holds] = {45009: Holds.CHAT, 45033: Holds.LANE}
"""What else waits: the limits a message meets are its conversation's or key's, that of calls at once is everybody's."""

_REFUSED: Mapping[RefusedWhy, tuple[int, ...]] = {
    RefusedWhy.UNREACHABLE: (40003, 46004, 50002, 60011, 60111, 81013, 86001, 86003, 93000, 93006),
    RefusedWhy.NO_RIGHT: (48002, 48009, 80001, 85005, 93001, 93008),
}
"""What each code says of a message; any other code is a fault of the message itself. The codes are those of WeCom's
page 90455; 86001 and 86003 (an appchat that is not there) are from third parties' tables."""

_TROUBLE: Mapping[int, Trouble] = {
    **dict.fromkeys(TOKEN_REFUSED, Trouble.APP_SECRET),
    40013: Trouble.CORP_ID,
    40056: Trouble.AGENT_ID,
    301002: Trouble.AGENT_ID,
    60020: Trouble.TRUSTED_IP,
    80001: Trouble.TRUSTED_DOMAIN,
    85005: Trouble.TRUSTED_DOMAIN,
    48002: Trouble.NO_RIGHT,
    48009: Trouble.NO_RIGHT,
    93000: Trouble.HOOK_KEY,
    45009: Trouble.TOO_MUCH,
}


def outcome_of(answer: Answer, now: datetime) -> Outcome | None:
    """What an answer means for the message it was asked to carry; None for a yes."""
    match answer:
        case NotSent(why=why):
            return RetryLater(at=now + SOON, why=why)
        case Lost(why=why):
            return Unknown(why=why)
        case Answered(code=0):
            return None
        case Answered(code=code) if code in _LATER:
            return RetryLater(at=now + _LATER[code], why=f"errcode {code}", holds=_HOLDS.get(code, Holds.MESSAGE))
        case Answered(code=code):
            reasons = [why for why, codes in _REFUSED.items() if code in codes]
            return Refused(why=reasons[0] if reasons else RefusedWhy.BAD_CONTENT)


def instead(answer: Answer, now: datetime) -> Outcome:
    """What came of a call whose answer does not hold what was asked for: a no, or a yes that cannot be used."""
    return outcome_of(answer, now) or Unknown(why="unreadable-answer")


def trouble_of(answer: Answer) -> Trouble | None:
    """What an answer says that somebody has to mend; None where it says nothing of the kind."""
    return _TROUBLE.get(answer.code) if isinstance(answer, Answered) else Trouble.UNREACHABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to be uploaded; its name has an ending. `kind` is what WeCom takes it for, `image` or `file`."""

    name: str
    content: bytes
    kind: str = "image"

    @property
    def plain_name(self) -> str:
        """The name in ASCII: WeCom does not read the encoded form of other names."""
        stem, _, ending = self.name.rpartition(".")
        return f"{_NOT_PLAIN.sub('', stem) or 'file'}.{_NOT_PLAIN.sub('', ending)}"


class Caller:
    """Makes calls to one server. Use as `async with`; `base_url` is like `https://qyapi.weixin.qq.com`."""

    def __init__(self, base_url: str, *, seconds: float = SECONDS) -> None:
        for name in ("httpx", "httpcore"):  # their lower levels write addresses, and with them tokens
            logging.getLogger(name).setLevel(logging.WARNING)
        timeouts = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
        self._client = httpx.AsyncClient(base_url=f"{base_url.rstrip('/')}/cgi-bin/", timeout=timeouts)
        self._seconds = seconds
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """The answer to a GET of `/cgi-bin/<path>`."""
        return await self._call(self._client.build_request("GET", path, params=query))

    async def post(self, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
        """The answer to a POST of JSON; characters are written as they are, WeCom refuses some escapes.

        `path` may be a whole address that WeCom gave, with a query of its own.
        """
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return await self._call(
            self._client.build_request("POST", path, params=query or None, content=content, headers=headers)
        )

    async def upload(self, path: str, query: Mapping[str, str], file: File) -> Answer:
        """The answer to a POST of a file as the multipart field `media`."""
        media = {"media": (file.plain_name, file.content, "application/octet-stream")}
        return await self._call(self._client.build_request("POST", path, params=query, files=media))

    async def _call(self, request: httpx.Request) -> Answer:
        async with self._room:
            try:
                async with asyncio.timeout(self._seconds):
                    response = await self._client.send(request)
            except _NEVER_SENT:
                return NotSent(why="not-sent")
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
                return Lost(why="no-answer")
        return read_answer(response.status_code, response.content)


def read_answer(status: int, content: bytes) -> Answer:
    """An HTTP answer as a value: WeCom's own always have status 200 and an `errcode`."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Lost(why="server-error")
    if status >= HTTPStatus.BAD_REQUEST:  # a proxy's or a wrong server's: WeCom never saw the call
        return NotSent(why="http-error")
    try:
        body = json.loads(content, strict=False)
    except (ValueError, RecursionError):
        return Lost(why="unreadable-answer")
    code = body.get("errcode") if isinstance(body, dict) else None
    if type(code) is not int:
        return Lost(why="unreadable-answer")
    return Answered(code=code, body=body)
