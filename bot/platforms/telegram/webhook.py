"""Telegram calls with updates: each is stored, masked, before Telegram hears 200. The work comes after.

Whatever holds the right secret is answered 200, even what cannot be read: an update answered with an error
would be repeated for a day and hold up everything behind it. Only while nothing can be stored is the answer 503.
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request, Response

from bot.platforms.bodies import BrokenOff, read_body
from bot.platforms.telegram.arrivals import Hearing, Unstorable, to_raw
from bot.platforms.telegram.refs import PLATFORM
from bot.ports import Intake, StoreAway
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

PATH = "/telegram/updates"
"""Where the web service listens; the public address that Telegram is told ends like this."""

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Takes what Telegram posts for one bot. `refused` counts, by its reason, each post that is turned away."""

    secret: str
    intake: Intake
    clock: Clock
    hearing: Hearing
    refused: Callable[[str], None]

    def router(self) -> APIRouter:
        """The route for the web service."""
        router = APIRouter()
        router.add_api_route(PATH, self.take, methods=["POST"])
        return router

    async def take(self, request: Request) -> Response:
        """Store one update."""
        given = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode()):
            return self._refuse("secret", HTTPStatus.FORBIDDEN)
        try:
            body = await read_body(request)
        except BrokenOff:
            return self._refuse("broken-off", HTTPStatus.BAD_REQUEST)
        if body is None:
            return self._refuse("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.hearing.heard_at = now = self.clock.now()
        try:
            await self.intake.store([to_raw(_read(body), now)])
        except Unstorable as error:
            self.hearing.leave_out(str(error))
        except StoreAway:
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        return Response()

    def _refuse(self, why: str, status: HTTPStatus) -> Response:
        _log.warning("callback refused", platform=PLATFORM, why=why)
        self.refused(why)
        return Response(status_code=status, headers={"connection": "close"})  # what is still being sent is not read


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unstorable("no JSON") from None
