"""Waiting for what happens in the background, without a fixed sleep."""

import asyncio
from collections.abc import Awaitable, Callable

_PATIENCE_SECONDS = 10.0


async def wait_until(holds: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Return as soon as it holds; AssertionError naming `what` if it never does."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                held = holds()
                if held if isinstance(held, bool) else await held:
                    return
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"never came true: {what}") from None
