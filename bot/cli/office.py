"""What the commands of the office share: the stores for the time of one command, and the words for people."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from bot import logs
from bot.bootstrap import Stores, stores
from bot.dialogue.wording import ContentWording
from bot.settings import content_folder, read
from bot.storage.clients import BadAddress
from bot.storage.connection import Unusable
from bot.storage.embedded import CannotStart
from knowledge.loading import Content, load
from knowledge.scopes import NATIONAL
from scheduler.ports import StoreAway

_REFUSED = 2

Result = TypeVar("Result")


def with_stores(work: Callable[[Stores], Awaitable[Result]]) -> Result:
    """What `work` comes to over the configured stores; what cannot be reached is one line, exit 2."""
    settings = read()
    logs.quiet()

    async def attached() -> Result:
        async with stores(settings, serving=False) as (kept, _):
            return await work(kept)

    try:
        return asyncio.run(attached())
    except (CannotStart, Unusable, StoreAway, BadAddress, OSError) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(_REFUSED) from None


def content_and_words() -> tuple[Content, ContentWording]:
    """The content, and its phrases as words."""
    content = load(content_folder())
    return content, ContentWording(content.phrases, content.tree[NATIONAL].address)
