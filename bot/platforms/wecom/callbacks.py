"""The callbacks of WeCom over HTTP: checked, stored, and only then acknowledged.

`/wecom/robot` takes the 智能机器人's, `/wecom/app` the 自建应用's; each is there only where it is configured. What is
forged, stale, torn or used before is answered with 403 and counted; what cannot be stored now with 503, so that
WeCom comes again. A repeat is dropped by the intake and answered like the first.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from xml.parsers.expat import ExpatError

import structlog
import xmltodict
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from bot.platforms.bodies import PATIENCE, BrokenOff, read_body
from bot.platforms.wecom.envelope import Envelope, Rejected, Sealed, Why
from bot.platforms.wecom.receiver import Source, Unreadable, raw_update
from bot.platforms.wecom.streams import PassiveReplies, Reply
from bot.ports import Intake, RawUpdate, StoreAway, UsedSignatures
from scheduler.ports import Clock

_log = structlog.get_logger(__name__)

Count = Callable[[str, str], None]
"""Counts a callback: by which route it came, and what became of it."""

_SIGNATURES = ("msg_signature", "msgsignature", "signature")
"""What the signature is called in the address; the first is the documented name."""

_IN_XML = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")


class _TooLong(Exception):
    """A body larger than any callback's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """Takes the callbacks of the routes that have an envelope. `patience`: seconds in which a body has to be there."""

    robot: Envelope | None
    app: Envelope | None
    passive: PassiveReplies
    intake: Intake
    signatures: UsedSignatures
    clock: Clock
    count: Count
    patience: float = PATIENCE

    def router(self) -> APIRouter:
        """The pages of the configured routes."""
        router = APIRouter()
        for path, source, envelope in (
            ("/wecom/robot", Source.ROBOT_URL, self.robot),
            ("/wecom/app", Source.APP, self.app),
        ):
            if envelope is not None:
                page = _Page(callbacks=self, source=source, envelope=envelope)
                router.add_api_route(path, page.verify, methods=["GET"])
                router.add_api_route(path, page.receive, methods=["POST"])
        return router


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One route's callback URL."""

    callbacks: Callbacks
    source: Source
    envelope: Envelope

    async def verify(self, request: Request) -> Response:
        """The console's check: the text inside the envelope, and nothing else."""
        try:
            sealed = _sealed(request.query_params, request.query_params.get("echostr"))
            echo = self.envelope.open(sealed, self.callbacks.clock.now())
        except Rejected as error:
            return self._rejected(error.why)
        self.callbacks.count(self.source, "verified")
        return PlainTextResponse(echo)

    async def receive(self, request: Request) -> Response:
        """A callback: in the intake before WeCom hears 200."""
        try:
            answer = await self._received(request)
        except Rejected as error:
            return self._rejected(error.why)
        except _TooLong:
            return self._done("too-long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except BrokenOff:
            return self._done("broken-off", HTTPStatus.BAD_REQUEST)
        except StoreAway:
            return self._done("store-away", HTTPStatus.SERVICE_UNAVAILABLE)
        except Unreadable:  # WeCom's own, and no better the second time
            _log.warning("callback set aside", route=self.source)
            return self._done("unreadable", HTTPStatus.OK)
        self.callbacks.count(self.source, "taken")
        return answer

    async def _received(self, request: Request) -> Response:
        callbacks = self.callbacks
        body = await read_body(request, patience=callbacks.patience)
        if body is None:
            raise _TooLong
        sealed = _sealed(request.query_params, _encrypted(self.source, body))
        message = _message(self.source, self.envelope.open(sealed, callbacks.clock.now()))
        if self.source is Source.ROBOT_URL and message.get("msgtype") == "stream":
            await self._admit(sealed, body)
            return self._answer(await callbacks.passive.refreshed(_stream_id(message)), sealed)
        raw = raw_update(self.source, message, callbacks.clock.now())
        await self._admit(sealed, body, raw)
        if raw is None:
            return Response()
        await callbacks.intake.store([raw])
        return self._answer(await callbacks.passive.first(raw), sealed)

    async def _admit(self, sealed: Sealed, body: bytes, raw: RawUpdate | None = None) -> None:
        """Rejected if the signature was used around another body. Beside that, begin what is said in answer."""
        callbacks = self.callbacks
        fits = callbacks.signatures.fits(sealed.signature, hashlib.sha256(body).hexdigest())
        fitting, *_ = await asyncio.gather(fits, *([callbacks.passive.begin(raw)] if raw is not None else []))
        if not fitting:
            raise Rejected(Why.USED)

    def _answer(self, reply: Reply | None, asked: Sealed) -> Response:
        """Sealed, under the nonce of the question; empty for nothing."""
        if reply is None:
            return Response()
        now = int(self.callbacks.clock.now().timestamp())
        message = json.dumps(reply, ensure_ascii=False)
        sealed = self.envelope.seal(message, timestamp=str(now), nonce=asked.nonce)
        return JSONResponse(
            {
                "encrypt": sealed.encrypt,
                "msgsignature": sealed.signature,
                "timestamp": now,
                "nonce": sealed.nonce,
            }
        )

    def _rejected(self, why: Why) -> Response:
        _log.warning("callback rejected", route=self.source, why=why)
        return self._done(f"rejected-{why}", HTTPStatus.FORBIDDEN)

    def _done(self, outcome: str, status: HTTPStatus) -> Response:
        self.callbacks.count(self.source, outcome)
        return Response(status_code=status)


def _sealed(query: Mapping[str, str], encrypt: object) -> Sealed:
    """The envelope of a request; Rejected if a part of it is missing."""
    signature = next((query[name] for name in _SIGNATURES if name in query), None)
    timestamp, nonce = query.get("timestamp"), query.get("nonce")
    if not isinstance(encrypt, str) or signature is None or timestamp is None or nonce is None:
        raise Rejected(Why.TORN)
    return Sealed(encrypt=encrypt, signature=signature, timestamp=timestamp, nonce=nonce)


def _encrypted(source: Source, body: bytes) -> object:
    """What stands in the envelope; None for no envelope. Nobody has signed it yet, so its XML is not parsed."""
    if source is Source.APP:
        found = _IN_XML.search(body)
        return found[1].decode() if found else None
    try:
        envelope = _message(source, body)
    except Unreadable:
        return None
    return envelope.get("encrypt") or envelope.get("Encrypt")


def _message(source: Source, text: str | bytes) -> Mapping[str, Any]:
    """JSON of the robot or XML of the application; Unreadable for anything else. Entities are not resolved."""
    try:
        message = xmltodict.parse(text)["xml"] if source is Source.APP else json.loads(text)
    except (ExpatError, LookupError, RecursionError, TypeError, ValueError):
        raise Unreadable("no message") from None
    if not isinstance(message, dict):
        raise Unreadable("no message")
    return message


def _stream_id(message: Mapping[str, Any]) -> str:
    stream = message.get("stream")
    reply = stream.get("id") if isinstance(stream, dict) else None
    if not isinstance(reply, str):
        raise Unreadable("no stream")
    return reply
