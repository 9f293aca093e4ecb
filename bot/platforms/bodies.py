"""What platforms post to the web service: read only as far as it is small enough, and comes as fast, to be theirs."""

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect

MOST_BYTES = 1 << 20
"""No platform's callback is anywhere near as large."""

PATIENCE = 10.0
"""Seconds a body may take: a platform has given up by then, and who sends byte by byte holds no connection for long."""


class BrokenOff(Exception):
    """A body that did not come to its end, or not in time."""


async def read_body(request: Request, most: int = MOST_BYTES, patience: float = PATIENCE) -> bytes | None:
    """The body; None for one of more than `most` bytes, of which no more than that is read. BrokenOff if it does
    not come whole within `patience` seconds."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > most:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(patience):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    return None
    except (ClientDisconnect, TimeoutError):
        raise BrokenOff from None
    return bytes(body)
