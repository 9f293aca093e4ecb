"""Figures as WeCom wants them: uploaded once, and named by their media id for as long as WeCom keeps them."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from bot.platforms.wecom.api import MEDIA_GONE, Answer, Answered, File
from bot.ports import StoreAway, Uploads

_log = structlog.get_logger(__name__)

_LASTS = timedelta(days=3) - timedelta(hours=1)
"""WeCom keeps a file for three days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The figures of one folder (`<id>.png`), and the media ids that `owner` got for them.

    `upload` gives a file to WeCom: its media id, None where that fails.
    """

    folder: Path
    uploads: Uploads
    owner: str
    upload: Callable[[File], Awaitable[str | None]]

    async def show(self, figure: str, say: Callable[[str], Awaitable[Answer]]) -> None:
        """Say a figure by its media id, and once more by a fresh one where WeCom has forgotten it.

        Nothing comes of a figure that cannot be shown: the words have to do.
        """
        file = await self._load(figure)
        for afresh in (False, True):
            media_id = None if file is None else await self._media_id(file, afresh=afresh)
            if media_id is None:
                return
            answer = await say(media_id)
            if not isinstance(answer, Answered) or answer.code != MEDIA_GONE:
                return

    async def _load(self, figure: str) -> File | None:
        try:
            content = await asyncio.to_thread((self.folder / f"{figure}.png").read_bytes)
        except (OSError, ValueError):
            _log.error("figure missing", figure=figure)
            return None
        return File(name=f"{figure}.png", content=content)

    async def _media_id(self, file: File, *, afresh: bool) -> str | None:
        digest = hashlib.sha256(file.content).hexdigest()
        try:
            known = None if afresh else await self.uploads.find(self.owner, digest)
            if known is None and (known := await self.upload(file)) is not None:
                await self.uploads.keep(self.owner, digest, known, _LASTS)
        except StoreAway:
            return None
        return known
