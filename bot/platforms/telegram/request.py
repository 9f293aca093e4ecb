"""The library's HTTP client, kept from writing messages into logs, and telling more of what went wrong."""

import json
import logging
import ssl
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx
from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest

_TALKATIVE = ("telegram", "httpx", "httpcore")
"""Loggers that write tokens (within addresses) or messages at their lower levels."""

_MOST_SECONDS = 24 * 3600


class Flood(TelegramError):
    """Telegram asks for patience (429): for `pause`, or None where it does not say for how long."""

    def __init__(self, pause: timedelta | None) -> None:
        super().__init__("Too Many Requests")
        self.pause = pause


class ServerTrouble(NetworkError):
    """The server broke down over a call (5xx): whether it was carried out is not known."""


class TooLarge(TelegramError):
    """The request is larger than the server takes (413)."""


class QuietRequest(HTTPXRequest):
    """Raises `Flood`, `ServerTrouble` and `TooLarge` by the status alone, and logs no answer it cannot read."""

    def __init__(self, *, connections: int, read_timeout: float) -> None:
        super().__init__(
            connection_pool_size=connections, read_timeout=read_timeout, httpx_kwargs={"verify": _trusted()}
        )

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The status and body of the answer, where the status is not one that says it all."""
        status, body = await super().do_request(*args, **kwargs)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Flood(_asked_pause(body))
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise TooLarge("Request Entity Too Large")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ServerTrouble(f"status {status}")
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as JSON; TelegramError where it is no JSON object. The library's own would log the whole of it."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer


def silence_libraries() -> None:
    """Keep tokens and messages out of the log whatever level the root logger has."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


@cache
def _trusted() -> ssl.SSLContext:
    """Read once: the certificates take a while to load, and every client would load its own."""
    return httpx.create_ssl_context()


def _asked_pause(body: bytes) -> timedelta | None:
    try:
        seconds = json.loads(body)["parameters"]["retry_after"]
    except (LookupError, RecursionError, TypeError, ValueError):
        return None
    if not isinstance(seconds, int) or seconds < 0:
        return None
    return timedelta(seconds=min(seconds, _MOST_SECONDS))
